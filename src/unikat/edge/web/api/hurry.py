"""Sooner: a quote that moves others, what it does to them, and what other options would change."""

import msgspec
from starlette.responses import Response

from unikat import flow
from unikat.configure.choice import Choice, complete
from unikat.edge.web.api.quotes import QuoteReply, reply_quote
from unikat.edge.web.call import Call, Web, answer
from unikat.edge.web.choosing import read_picks
from unikat.edge.web.endpoint import JSON, Endpoint, Lane
from unikat.edge.web.problems import InvalidBody
from unikat.edge.web.refusals import choose_picks
from unikat.edge.web.scopes import Scope
from unikat.events import Pick
from unikat.offers import OptionDate, option_dates, plain_pick
from unikat.order.model import Quote
from unikat.promise.model import Delay
from unikat.terms import DAY, HOUR, Cents, FeatureName, QuoteId, Seconds

MOST_FEATURES = 20


class DelayReply(msgspec.Struct, frozen=True):
    """An order that would finish later: when before, when then, and whether it breaks its date."""

    order: str
    before: str
    after: str
    later_s: Seconds
    due: str
    is_broken: bool


class RushReply(msgspec.Struct, frozen=True):
    """A sooner offer and its price in days to others; nothing moves until it is accepted."""

    quote: QuoteReply
    sooner_s: Seconds
    delays: tuple[DelayReply, ...]
    days_to_others: float
    promises_broken: int


class DatesWish(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Picks and measures as for a quote, and the features to ask about (none: each group that
    has a choice).
    """

    picks: dict[str, Pick]
    measurements: dict[str, float]
    features: tuple[str, ...] = ()


class OptionDateReply(msgspec.Struct, frozen=True):
    """What another value would change: its date, how much sooner (negative: later), its price."""

    feature: str
    title: str
    value: Pick
    due: str
    sooner_s: Seconds
    difference_cents: Cents
    text: str


class DatesReply(msgspec.Struct, frozen=True):
    """The date of the choice as it stands, and what other values would change, soonest first."""

    due: str
    options: tuple[OptionDateReply, ...]


def hurry_quote(call: Call) -> Response:
    """Offer a quote again, sooner, with every promised date kept."""
    call.web.limits.check("quote", call.address)
    offer = flow.hurry(call.site, QuoteId(call.path("quote_id")))
    return answer(reply_quote(call.web, offer), 201)


def rush_quote(call: Call) -> Response:
    """Offer a quote again as a rush, and say what it does to others."""
    quote_id = QuoteId(call.path("quote_id"))
    before = call.site.quotes.find(quote_id)
    return answer(
        reply_rush(call.web, before, flow.hurry(call.site, quote_id, may_break=True)), 201
    )


def list_dates(call: Call) -> Response:
    """Return what other values of features would change of the date."""
    call.web.limits.check("quote", call.address)
    wish, family = call.read(DatesWish), call.site.family
    if len(wish.features) > MOST_FEATURES:
        raise InvalidBody(f"{len(wish.features)} features are too many; ask for {MOST_FEATURES}")
    choice = choose_picks(family, read_picks(family, wish.picks, wish.measurements))
    features = wish.features or _open_groups(choice)
    due, dates = option_dates(call.site, choice, features, wish.measurements)
    soonest = sorted(dates, key=lambda each: -each.sooner_s)
    return answer(DatesReply(call.web.iso(due), tuple(_reply_date(call.web, d) for d in soonest)))


def reply_rush(web: Web, before: Quote, offer: Quote) -> RushReply:
    """Return a rush as it is sent."""
    delays = offer.promise.delays
    return RushReply(
        quote=reply_quote(web, offer),
        sooner_s=before.promise.due - offer.promise.due,
        delays=tuple(_reply_delay(web, delay) for delay in delays),
        days_to_others=round(sum(d.after - d.before for d in delays) / DAY, 2),
        promises_broken=sum(delay.is_broken for delay in delays),
    )


def say_sooner(seconds: Seconds) -> str:
    """Say how much sooner a date is.

    >>> [say_sooner(s) for s in (172_800, -86_400, 7_200, 0)]
    ['2 days earlier', '1 day later', '2 hours earlier', 'the same date']
    """
    size, unit = (
        (abs(seconds) / DAY, "day") if abs(seconds) >= DAY else (abs(seconds) / HOUR, "hour")
    )
    number = round(size, 0 if size >= 10 else 1)
    if number == 0:
        return "the same date"
    plural = "" if number == 1 else "s"
    return f"{number:g} {unit}{plural} {'earlier' if seconds > 0 else 'later'}"


def _open_groups(choice: Choice) -> tuple[FeatureName, ...]:
    """Return the member chosen of each alternative group that the shopper did not decide."""
    family, configuration = choice.family, complete(choice)
    decided = {name for name, _ in choice.picks}
    members = [
        feature.name
        for feature in family.features
        if feature.group == "alternative"
        and feature.name in configuration.selected
        and not decided.intersection((feature.name, *feature.siblings))
    ]
    return tuple(members[:MOST_FEATURES])


def _reply_delay(web: Web, delay: Delay) -> DelayReply:
    return DelayReply(
        delay.order,
        web.iso(delay.before),
        web.iso(delay.after),
        delay.after - delay.before,
        web.iso(delay.due),
        delay.is_broken,
    )


def _reply_date(web: Web, date: OptionDate) -> OptionDateReply:
    option = date.option
    title = web.site.family.feature(option.feature).title
    value = plain_pick(option.value)
    name = f"{title} {value}"
    if isinstance(value, bool):
        name = title if value else f"without {title}"
    return OptionDateReply(
        feature=option.feature,
        title=title,
        value=value,
        due=web.iso(date.due),
        sooner_s=date.sooner_s,
        difference_cents=option.difference,
        text=f"{name}: {say_sooner(date.sooner_s)}",
    )


ENDPOINTS = (
    Endpoint(
        "POST",
        "/api/v1/quotes/dates",
        (Scope.PUBLIC,),
        list_dates,
        "What other values of features would change of the promised date, and of the price",
        body=DatesWish,
        reply=DatesReply,
        media=JSON,
        faults=(409, 422, 429),
        lane=Lane.CLERK,
    ),
    Endpoint(
        "POST",
        "/api/v1/quotes/{quote_id}/hurry",
        (Scope.PUBLIC,),
        hurry_quote,
        "The same quote sooner, if orders can move and still keep their promised dates",
        reply=QuoteReply,
        status=201,
        faults=(404, 409, 410, 429),
    ),
    Endpoint(
        "POST",
        "/api/v1/quotes/{quote_id}/rush",
        (Scope.PLANNER,),
        rush_quote,
        "The same quote before all orders that are not frozen, and what it costs them in days",
        reply=RushReply,
        status=201,
        faults=(404, 409, 410),
    ),
)
