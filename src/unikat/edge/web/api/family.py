"""What can be offered: the family as a form, and what a set of picks leaves possible."""

import msgspec
from starlette.responses import Response

from unikat.edge.web.call import Call, answer
from unikat.edge.web.choosing import ChoiceReply, read_picks, reply_choice
from unikat.edge.web.endpoint import JSON, Endpoint, Lane
from unikat.edge.web.form import Measure, Option
from unikat.edge.web.scopes import Scope
from unikat.events import Pick


class RuleReply(msgspec.Struct, frozen=True):
    """One rule in words and as written."""

    id: str
    text: str
    source: str


class FamilyReply(msgspec.Struct, frozen=True):
    """The family as a form: options in declared sequence, measures, rules."""

    id: str
    version: int
    name: str
    currency: str
    options: tuple[Option, ...]
    measures: tuple[Measure, ...]
    rules: tuple[RuleReply, ...]


class ChoiceWish(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Picks in the sequence they were made: true or false for an option, a number or a text.

    With measurements, the numbers filled from them are picks too, made first.
    """

    picks: dict[str, Pick]
    measurements: dict[str, float] | None = None


def family(call: Call) -> Response:
    """Return the form model of the family."""
    model = call.site.family
    return answer(
        FamilyReply(
            id=model.id,
            version=model.version,
            name=model.name,
            currency=call.site.policy.currency,
            options=tuple(call.web.form.options.values()),
            measures=call.web.form.measures,
            rules=tuple(RuleReply(rule.id, rule.text, rule.source) for rule in model.rules),
        )
    )


def choices(call: Call) -> Response:
    """Return what the picks leave possible."""
    call.web.limits.check("quote", call.address)
    wish = call.read(ChoiceWish)
    model = call.site.family
    picks = read_picks(model, wish.picks, wish.measurements)
    return answer(reply_choice(model, call.web.form, picks, call.site.policy.currency))


ENDPOINTS = (
    Endpoint(
        "GET",
        "/api/v1/family",
        (Scope.PUBLIC,),
        family,
        "The product family as a form: options, measures, rules",
        reply=FamilyReply,
        lane=Lane.LOOP,
    ),
    Endpoint(
        "POST",
        "/api/v1/choices",
        (Scope.PUBLIC,),
        choices,
        "What a set of picks leaves possible, exactly; a refused pick names picks and rules",
        body=ChoiceWish,
        reply=ChoiceReply,
        media=JSON,
        faults=(422,),
        lane=Lane.CLERK,
    ),
)
