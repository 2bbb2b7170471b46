"""Quotes: price and promised date for one person, hold, drop, and the part to look at."""

import hashlib
from collections.abc import Mapping
from functools import lru_cache

import msgspec
from starlette.responses import Response

from unikat import flow, offers
from unikat.configure import complete, recipe_calls
from unikat.configure.model import RecipeCall
from unikat.configure.variant import facts_of
from unikat.design.glb import write_glb
from unikat.design.pair import preview_pair
from unikat.design.recipes import find_recipe
from unikat.edge.families import family_of
from unikat.edge.times import from_iso
from unikat.edge.web.call import Call, Web, answer
from unikat.edge.web.choosing import PriceReply, read_picks, reply_price
from unikat.edge.web.endpoint import JSON, Endpoint, Lane
from unikat.edge.web.problems import InvalidBody, NotFound
from unikat.edge.web.refusals import choose_picks
from unikat.edge.web.scopes import Scope
from unikat.errors import InvalidMeasurements
from unikat.events import Pick
from unikat.family.model import Family
from unikat.order.model import Quote
from unikat.promise.model import Promise, Reason
from unikat.terms import DAY, Instant, QuoteId, Seconds

COLOUR = "#3f8f87"
MOST_HOLD = 86_400
REASONS = {
    "work": "work on {}",
    "setup": "setup of {}",
    "calendar": "closed hours of {}",
    "booked": "other orders on {}",
    "held": "others need {}",
    "build": "the build {}",
    "gather": "others may join the build on {}",
    "travel": "transport {}",
    "material": "material {} comes",
    "slack": "reserve for surprises",
    "wish": "begun no sooner than you need it",
}


class QuoteWish(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What a shopper wants: her picks in sequence, her measures in mm and kg, and when.

    `wished` is a time, or a day, which means by its end; without it the date is the earliest.
    """

    picks: dict[str, Pick]
    measurements: dict[str, float]
    wished: str | None = None


class HoldWish(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """For how many seconds to reserve the quote's capacity."""

    seconds: Seconds = 600


class ReasonReply(msgspec.Struct, frozen=True):
    """One link of the chain that binds the date; the seconds of all links sum to it."""

    kind: str
    resource: str
    seconds: Seconds
    text: str


class PromiseReply(msgspec.Struct, frozen=True):
    """The promised date, the finish without reserve, the confidence, and what binds the date."""

    due: str
    finish: str
    confidence: float
    reasons: tuple[ReasonReply, ...]


class MakingReply(msgspec.Struct, frozen=True):
    """How it is made: the steps with their nominal seconds; those with `recipe` come from its own
    geometry.
    """

    step: str
    capability: str
    work_s: Seconds
    recipe: str | None


class QuoteReply(msgspec.Struct, frozen=True):
    """An offer. `part_url` is its 3D preview (None where nothing is printed)."""

    id: str
    configuration_key: str
    price: PriceReply
    promise: PromiseReply
    asked_at: str
    valid_until: str
    is_held: bool
    making: tuple[MakingReply, ...]
    part_url: str | None


def create_quote(call: Call) -> Response:
    """Return a price and a promised date for picks and measures."""
    call.web.limits.check("quote", call.address)
    wish = call.read(QuoteWish)
    wished = None if wish.wished is None else read_wished(call.web, wish.wished)
    offer = make_quote(call.web, wish.picks, wish.measurements, wished)
    return answer(reply_quote(call.web, offer), 201)


def read_wished(web: Web, text: str) -> Instant:
    """Return the instant by which a shopper wishes to have it; of a day, its end.

    Raises
    ------
    InvalidText, InvalidBody
        It is no time, past, or beyond the horizon.
    """
    wished = from_iso(text, web.settings.epoch, web.settings.zone)
    if len(text) == len("2026-01-01"):
        wished += DAY - 1  # the last second that is still this day
    now, horizon_s = web.site.clock.now(), web.site.plant.horizon_s
    if not now < wished <= now + horizon_s:
        raise InvalidBody(
            f"wished = {text[:40]!r} must lie ahead, at most {horizon_s // DAY} days from now"
        )
    return wished


def make_quote(
    web: Web,
    picks: Mapping[str, Pick],
    measurements: Mapping[str, float],
    wished: Instant | None = None,
) -> Quote:
    """Choose, complete, and quote.

    Raises
    ------
    UnknownFeature, InvalidChoice, InvalidMeasurements, Unprintable, NoCapacity
        As the rooms say.
    """
    family = web.site.family
    known = [measure.name for measure in web.form.measures]
    strange = [name[:60] for name in measurements if name not in known]
    if strange:
        raise InvalidMeasurements(
            f"{', '.join(strange)}: not asked for; the measures are: {', '.join(known)}"
        )
    choice = choose_picks(family, read_picks(family, picks, measurements))
    return flow.quote(web.site, complete(choice), measurements, picks=picks, wished=wished)


def find_quote(call: Call) -> Response:
    """Return a quote again."""
    return answer(reply_quote(call.web, _quote(call)))


def hold_quote(call: Call) -> Response:
    """Reserve a quote's capacity for a while."""
    wish = call.read(HoldWish)
    if not 1 <= wish.seconds <= MOST_HOLD:
        raise InvalidBody(f"seconds = {wish.seconds} must be 1 to {MOST_HOLD}")
    held = flow.hold(call.site, QuoteId(call.path("quote_id")), seconds=wish.seconds)
    return answer(reply_quote(call.web, held))


def drop_hold(call: Call) -> Response:
    """Give the reserved capacity back."""
    flow.drop(call.site, _quote(call).id)
    return Response(status_code=204)


def show_part(call: Call) -> Response:
    """Return the pair of parts of a quote as GLB, cached by what shapes it."""
    calls = _recipe_calls(call.web, _quote(call))
    if not calls:
        raise NotFound(
            "nothing of this quote has a shape of its own; choose what is shaped by a recipe"
        )
    first = calls[0]
    parameters = tuple(sorted(first.parameters.items()))
    content, tag = _glb(first.recipe, first.version, parameters)
    headers = {"ETag": tag, "Cache-Control": "public, max-age=86400"}
    if call.request.headers.get("if-none-match") == tag:
        return Response(status_code=304, headers=headers)
    return Response(content, headers=headers, media_type="model/gltf-binary")


def reply_quote(web: Web, offer: Quote) -> QuoteReply:
    """Return a quote as it is sent."""
    facts = facts_of(offer.configuration)
    has_shape = any(recipe.when.holds(facts) for recipe in _family(web, offer).recipes)
    return QuoteReply(
        id=offer.id,
        configuration_key=offer.configuration.key,
        price=reply_price(offer.price, web.site.policy.currency),
        promise=reply_promise(web, offer.promise),
        asked_at=web.iso(offer.asked_at),
        valid_until=web.iso(offer.valid_until),
        is_held=offer.hold is not None,
        making=tuple(
            MakingReply(step.step, step.capability, step.work, step.recipe)
            for step in offer.variant.steps
        ),
        part_url=(
            f"{web.settings.root_path}/api/v1/quotes/{offer.id}/part.glb" if has_shape else None
        ),
    )


def reply_promise(web: Web, promise: Promise) -> PromiseReply:
    """Return a promise as it is sent."""
    return PromiseReply(
        due=web.iso(promise.due),
        finish=web.iso(promise.finish),
        confidence=promise.confidence,
        reasons=tuple(_reason(reason) for reason in promise.reasons if reason.seconds),
    )


def _reason(reason: Reason) -> ReasonReply:
    pattern = REASONS.get(reason.kind, reason.kind + " {}")
    text = pattern.format(reason.resource.replace("_", " ")).strip()
    return ReasonReply(reason.kind, reason.resource, reason.seconds, text)


def _quote(call: Call) -> Quote:
    return offers.find_quote(call.site, call.site.state(), QuoteId(call.path("quote_id")))


def _recipe_calls(web: Web, offer: Quote) -> tuple[RecipeCall, ...]:
    return recipe_calls(_family(web, offer), offer.configuration, offer.measurements)


def _family(web: Web, offer: Quote) -> Family:
    """Return the version of the family a quote was made of; it keeps it until it expires."""
    return family_of(web.site.family, web.store.versions, offer.configuration.family_version)


@lru_cache(maxsize=128)
def _glb(recipe: str, version: int, parameters: tuple[tuple[str, float], ...]) -> tuple[bytes, str]:
    content = write_glb(preview_pair(find_recipe(recipe, version), dict(parameters)), COLOUR)
    return content, f'"{hashlib.sha256(content).hexdigest()[:32]}"'


ENDPOINTS = (
    Endpoint(
        "POST",
        "/api/v1/quotes",
        (Scope.PUBLIC,),
        create_quote,
        "A price and a promised date for picks and measures; reserves nothing",
        body=QuoteWish,
        reply=QuoteReply,
        media=JSON,
        status=201,
        faults=(409, 422, 429),
        lane=Lane.LOOP,
    ),
    Endpoint(
        "GET",
        "/api/v1/quotes/{quote_id}",
        (Scope.PUBLIC,),
        find_quote,
        "A quote again, by its unguessable id",
        reply=QuoteReply,
        faults=(404,),
    ),
    Endpoint(
        "POST",
        "/api/v1/quotes/{quote_id}/hold",
        (Scope.PUBLIC,),
        hold_quote,
        "Reserve a quote's capacity for a while",
        body=HoldWish,
        reply=QuoteReply,
        media=JSON,
        faults=(404, 409, 410),
    ),
    Endpoint(
        "DELETE",
        "/api/v1/quotes/{quote_id}/hold",
        (Scope.PUBLIC,),
        drop_hold,
        "Give the reserved capacity back",
        status=204,
        faults=(404,),
    ),
    Endpoint(
        "GET",
        "/api/v1/quotes/{quote_id}/part.glb",
        (Scope.PUBLIC,),
        show_part,
        "The pair of parts to look at: glTF binary",
        produces="model/gltf-binary",
        faults=(404,),
    ),
)
