"""The rest of a choice by a goal, and what else could be chosen in one place."""

import msgspec
from starlette.responses import Response

from unikat.configure.alternatives import alternatives
from unikat.edge.web.call import Call, answer
from unikat.edge.web.choosing import read_picks
from unikat.edge.web.completing import CompletionReply, CompletionWish, complete_by
from unikat.edge.web.endpoint import JSON, Endpoint, Lane
from unikat.edge.web.refusals import choose_picks
from unikat.edge.web.scopes import Scope
from unikat.events import Pick
from unikat.offers import plain_pick
from unikat.terms import Cents


class AlternativesWish(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Picks, and the feature in whose place something else is asked for."""

    picks: dict[str, Pick]
    feature: str
    measurements: dict[str, float] | None = None


class AlternativeReply(msgspec.Struct, frozen=True):
    """A value that is possible, and what the total would change by."""

    feature: str
    title: str
    value: Pick
    configuration_key: str
    difference_cents: Cents


class AlternativesReply(msgspec.Struct, frozen=True):
    """What is possible instead."""

    alternatives: tuple[AlternativeReply, ...]


def completions(call: Call) -> Response:
    """Return the cheapest, the fastest or the nearest completion."""
    call.web.limits.check("quote", call.address)
    return answer(complete_by(call.web, call.read(CompletionWish)))


def list_alternatives(call: Call) -> Response:
    """Return every other value that is possible in a feature's place."""
    call.web.limits.check("quote", call.address)
    wish, family = call.read(AlternativesWish), call.site.family
    choice = choose_picks(family, read_picks(family, wish.picks, wish.measurements))
    found = tuple(
        AlternativeReply(
            feature=each.feature,
            title=family.feature(each.feature).title,
            value=plain_pick(each.value),
            configuration_key=each.configuration.key,
            difference_cents=each.difference,
        )
        for each in alternatives(choice, wish.feature)
    )
    return answer(AlternativesReply(found))


ENDPOINTS = (
    Endpoint(
        "POST",
        "/api/v1/completions",
        (Scope.PUBLIC,),
        completions,
        "The cheapest, fastest or nearest valid completion of picks, proven or with a bound",
        body=CompletionWish,
        reply=CompletionReply,
        media=JSON,
        faults=(409, 422, 429),
        lane=Lane.CLERK,
    ),
    Endpoint(
        "POST",
        "/api/v1/alternatives",
        (Scope.PUBLIC,),
        list_alternatives,
        "What else is possible in a feature's place, with its price difference",
        body=AlternativesWish,
        reply=AlternativesReply,
        media=JSON,
        faults=(422, 429),
        lane=Lane.CLERK,
    ),
)
