"""Saved choices: kept under an id nobody can guess, opened again in the family's present version.

A choice in progress is nowhere kept: its picks travel with each request. Saving is the shopper's
own wish, and durable when it is answered.
"""

import secrets
from collections.abc import Mapping

import msgspec
from starlette.responses import RedirectResponse, Response

from unikat.configure.saved import save_choice
from unikat.edge.ids import ALPHABET
from unikat.edge.store.choices import SavedChoice
from unikat.edge.store.limits import CHOICE_KEPT
from unikat.edge.web.api.family import ChoiceWish
from unikat.edge.web.call import Call, Web, answer
from unikat.edge.web.choosing import read_picks
from unikat.edge.web.endpoint import JSON, Endpoint, Lane
from unikat.edge.web.refusals import choose_picks
from unikat.edge.web.reopening import ReopenedReply, reply_reopened
from unikat.edge.web.scopes import Scope
from unikat.errors import InvalidMeasurements
from unikat.terms import Cents

LENGTH = 26
"""Characters of an id: 130 random bits, as it opens the measures of a person."""
API = "/api/v1/choices/saved"


class SavedReply(msgspec.Struct, frozen=True):
    """A choice that was saved. `page_url` is the page that opens it again, to keep or to share."""

    id: str
    page_url: str
    family_version: int
    configuration_key: str
    price_cents: Cents
    saved_at: str
    kept_until: str


def save(call: Call) -> Response:
    """Save a choice, and return where it is opened again."""
    call.web.limits.check("quote", call.address)
    wish, web = call.read(ChoiceWish), call.web
    _check_measures(web, wish.measurements or {})
    picks = read_picks(call.site.family, wish.picks, wish.measurements)
    kept = SavedChoice(
        id="C-" + "".join(secrets.choice(ALPHABET) for _ in range(LENGTH)),
        saved=save_choice(choose_picks(call.site.family, picks)),
        measurements=wish.measurements or {},
        saved_at=call.site.clock.now(),
    )
    web.store.choices.save(kept)
    reply = SavedReply(
        id=kept.id,
        page_url=f"{web.settings.root_path}/choices/{kept.id}",
        family_version=kept.saved.version,
        configuration_key=kept.saved.key,
        price_cents=kept.saved.cents,
        saved_at=web.iso(kept.saved_at),
        kept_until=web.iso(kept.saved_at + CHOICE_KEPT),
    )
    return answer(reply, 201, {"Location": f"{web.settings.root_path}{API}/{kept.id}"})


def _check_measures(web: Web, measurements: Mapping[str, float]) -> None:
    known = [measure.name for measure in web.form.measures]
    strange = [name[:60] for name in measurements if name not in known]
    if strange:
        raise InvalidMeasurements(
            f"{', '.join(strange[:5])}: not asked for; the measures are: {', '.join(known)}"
        )


def open_saved(call: Call) -> Response:
    """Return a saved choice in the present version of the family."""
    return answer(_reopened(call))


def saved_page(call: Call) -> Response:
    """Open a saved choice in the shop; where anything is not as it was saved, say so first."""
    reply = _reopened(call)
    if reply.lost or reply.changed or reply.price_difference_cents:
        return call.web.templates.page("saved", saved=reply)
    return RedirectResponse(reply.page_url, 303, {"Cache-Control": "no-store"})


def _reopened(call: Call) -> ReopenedReply:
    return reply_reopened(call.web, call.web.store.choices.find(call.path("choice_id")))


ENDPOINTS = (
    Endpoint(
        "POST",
        API,
        (Scope.PUBLIC,),
        save,
        "Save a choice for a year, under an id nobody can guess",
        body=ChoiceWish,
        reply=SavedReply,
        media=JSON,
        status=201,
        faults=(422,),
        lane=Lane.CLERK,
    ),
    Endpoint(
        "GET",
        API + "/{choice_id}",
        (Scope.PUBLIC,),
        open_saved,
        "A saved choice in the family's present version: what is kept, lost and why, or changed",
        reply=ReopenedReply,
        faults=(404, 409),
    ),
    Endpoint(
        "GET",
        "/choices/{choice_id}",
        (Scope.PUBLIC,),
        saved_page,
        "The page that opens a saved choice",
        produces="text/html",
        faults=(404, 409),
        is_page=True,
    ),
)
