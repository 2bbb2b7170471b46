"""The floor: as it is now, what happened, what it says, and what could not be read."""

from collections.abc import Mapping, Sequence

import msgspec
from starlette.responses import Response

from unikat.edge.bus.intake import take_in
from unikat.edge.bus.ndjson import Scalar, read_lines
from unikat.edge.times import PlantTime
from unikat.edge.web.call import Call, Web, answer
from unikat.edge.web.endpoint import NDJSON, Endpoint
from unikat.edge.web.floor_view import FloorReply, view_floor
from unikat.edge.web.limits import unpack_body
from unikat.edge.web.scopes import Scope
from unikat.edge.web.wording import EventReply, reply_event
from unikat.terms import Instant

EVENTS_BODY = 8_000_000
EVENTS_UNPACKED = 64_000_000
"""Bytes of a gzipped body once it is unpacked."""


class EventsReply(msgspec.Struct, frozen=True):
    """Events in sequence; `next` is the `after` of the following page, `head` the newest seq there
    is.
    """

    events: tuple[EventReply, ...]
    next: int
    head: int


class LineReply(msgspec.Struct, frozen=True):
    """What became of one line: recorded, duplicate, or quarantined with its fault."""

    line: int
    result: str


class RecordedReply(msgspec.Struct, frozen=True):
    """What became of each line, after all is durable; and the numbers of the lines by result."""

    lines: tuple[LineReply, ...]
    accepted: tuple[int, ...]
    duplicate: tuple[int, ...]
    quarantined: tuple[int, ...]


class QuarantinedReply(msgspec.Struct, frozen=True):
    """A message that could not be read, and why."""

    source: str
    epoch: int
    seq: int
    at: Scalar
    body: Mapping[str, Scalar]
    fault: str


class QuarantineReply(msgspec.Struct, frozen=True):
    """All kept messages, oldest first."""

    messages: tuple[QuarantinedReply, ...]


def find_floor(call: Call) -> Response:
    """Return the floor as it is now."""
    return answer(view_floor(call.web))


def list_events(call: Call) -> Response:
    """Return a page of the event log."""
    after = call.number("after", 0, least=0, most=1 << 62)
    limit = call.number("limit", 200, least=1, most=2000)
    events = tuple(
        reply_event(call.web, record) for record in call.site.log.read(after=after, limit=limit)
    )
    following = events[-1].seq if events else after
    return answer(EventsReply(events, following, call.site.log.head()))


def record_events(call: Call) -> Response:
    """Record what the floor says, a message a line; answered when all is durable."""
    encoding = call.request.headers.get("content-encoding", "")
    body = unpack_body(call.body, encoding, EVENTS_UNPACKED)
    time = PlantTime(call.web.settings.epoch, call.web.settings.zone)
    lines = read_lines(body, time, call.site.clock.now())
    results = take_in(call.site, tuple(reading for _, reading in lines))
    replies = tuple(
        LineReply(number, result) for (number, _), result in zip(lines, results, strict=True)
    )
    return answer(
        RecordedReply(
            lines=replies,
            accepted=_lines(replies, "recorded"),
            duplicate=_lines(replies, "duplicate"),
            quarantined=_lines(replies, "quarantined"),
        )
    )


def _lines(replies: Sequence[LineReply], word: str) -> tuple[int, ...]:
    return tuple(each.line for each in replies if each.result.startswith(word))


def list_quarantine(call: Call) -> Response:
    """Return the messages that could not be read."""
    return answer(
        QuarantineReply(
            tuple(
                QuarantinedReply(
                    source=message.source,
                    epoch=message.epoch,
                    seq=message.seq,
                    at=_shown(call.web, message.at),
                    body=message.body,
                    fault=fault,
                )
                for message, fault in call.site.quarantine.list()
            )
        )
    )


def _shown(web: Web, at: Instant) -> Scalar:
    try:
        return web.iso(at)
    except OverflowError:
        return at


ENDPOINTS = (
    Endpoint(
        "GET",
        "/api/v1/floor",
        (Scope.FLOOR, Scope.PLANNER),
        find_floor,
        "The floor as it is now: work centers, units, queues, transporters, latest events",
        reply=FloorReply,
    ),
    Endpoint(
        "GET",
        "/api/v1/events",
        (Scope.FLOOR, Scope.PLANNER),
        list_events,
        "The event log after a seq, a page at a time: replay after a disconnect",
        reply=EventsReply,
        query=("after", "limit"),
        faults=(400,),
    ),
    Endpoint(
        "POST",
        "/api/v1/events",
        (Scope.FLOOR,),
        record_events,
        "What the floor says, a JSON message a line (gzip allowed); answered when all is durable",
        reply=RecordedReply,
        media=NDJSON,
        limit=EVENTS_BODY,
        faults=(400, 413, 415),
    ),
    Endpoint(
        "GET",
        "/api/v1/quarantine",
        (Scope.FLOOR,),
        list_quarantine,
        "Messages that could not be read, kept until they can be",
        reply=QuarantineReply,
    ),
)
