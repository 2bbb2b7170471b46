"""The floor at a past time, as the site knew it then: what the slider of the floor page asks."""

import msgspec
from starlette.responses import Response

from unikat.edge.times import from_iso
from unikat.edge.web.call import Call, answer
from unikat.edge.web.endpoint import Endpoint
from unikat.edge.web.floor_view import FloorReply, show_floor
from unikat.edge.web.problems import BadRequest
from unikat.edge.web.scopes import Scope
from unikat.edge.web.wording import reply_ticker


class SpanReply(msgspec.Struct, frozen=True):
    """From when to when there is a past; both None while nothing has happened."""

    first: str | None
    last: str | None


def find_past(call: Call) -> Response:
    """Return the floor as it was known at `at`."""
    web, text = call.web, call.request.query_params.get("at", "")
    if not text:
        raise BadRequest("at is missing; write it like at=2026-11-22T14:30:00Z")
    instant = min(from_iso(text, web.settings.epoch, web.settings.zone), web.site.clock.now())
    moment = web.replay.at(instant)
    return answer(
        show_floor(
            web,
            moment.floor,
            now=instant,
            seq=moment.seq,
            counts={"in_shop": len(moment.floor.orders), "shipped": moment.num_shipped},
            events=tuple(reply_ticker(web, record) for record in moment.latest),
        )
    )


def find_span(call: Call) -> Response:
    """Return from when to when the floor can be looked at."""
    span = call.web.replay.span()
    first, last = (None, None) if span is None else map(call.web.iso, span)
    return answer(SpanReply(first, last))


ENDPOINTS = (
    Endpoint(
        "GET",
        "/api/v1/floor/past",
        (Scope.FLOOR, Scope.PLANNER),
        find_past,
        "The floor as the site knew it at a past time",
        reply=FloorReply,
        query=("at",),
        faults=(400, 422),
    ),
    Endpoint(
        "GET",
        "/api/v1/floor/span",
        (Scope.FLOOR, Scope.PLANNER),
        find_span,
        "From when to when the floor can be looked at",
        reply=SpanReply,
    ),
)
