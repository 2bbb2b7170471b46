"""The floor: as it is now, what happened, what it says, and what could not be read."""

from collections.abc import Mapping
from typing import TypeAlias

import msgspec
from starlette.responses import Response

from unikat import flow
from unikat.edge.times import from_iso
from unikat.edge.web.call import Call, Web, answer
from unikat.edge.web.endpoint import NDJSON, Endpoint
from unikat.edge.web.floor_view import FloorReply, view_floor
from unikat.edge.web.scopes import Scope
from unikat.edge.web.wording import EventReply, reply_event
from unikat.errors import UnikatError
from unikat.events import Message
from unikat.terms import Instant

Scalar: TypeAlias = str | int | float | bool | None
EVENTS_BODY = 8_000_000
TIMES = ("until",)


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
    """What became of each line, after all is durable."""

    lines: tuple[LineReply, ...]


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
    lines = [
        (number, line)
        for number, line in enumerate(call.body.splitlines(), start=1)
        if line.strip()
    ]
    messages = [read_line(call.web, line) for _, line in lines]
    results = flow.record(call.site, messages)
    return answer(
        RecordedReply(
            tuple(
                LineReply(number, result)
                for (number, _), result in zip(lines, results, strict=True)
            )
        )
    )


def read_line(web: Web, line: bytes) -> Message:
    """Return the message of a line; what cannot be read comes as a message without type, to be
    quarantined.

    A line is an object with `source`, `epoch`, `seq`, `at`, `type` and the fields of its type;
    times are ISO 8601.
    """
    try:
        fields = msgspec.json.decode(line, type=dict[str, str | int | float | bool | None])
        return Message(
            source=_text(fields.pop("source")),
            epoch=_count(fields.pop("epoch")),
            seq=_count(fields.pop("seq")),
            at=_instant(web, fields.pop("at")),
            body={
                name: _instant(web, value) if name in TIMES else value
                for name, value in fields.items()
            },
        )
    except (msgspec.DecodeError, UnicodeDecodeError, KeyError, TypeError, UnikatError) as error:
        body = {"line": line[:4000].decode(errors="replace"), "fault": repr(error)[:200]}
        return Message("unreadable", 0, 0, web.site.clock.now(), body)


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


def _instant(web: Web, value: Scalar) -> Instant:
    if isinstance(value, str):
        return from_iso(value, web.settings.epoch, web.settings.zone)
    return _count(value)


def _count(value: Scalar) -> int:
    if isinstance(value, int) and not isinstance(value, bool):
        return value
    raise TypeError(f"{value!r} is no whole number")


def _text(value: Scalar) -> str:
    if isinstance(value, str):
        return value
    raise TypeError(f"{value!r} is no text")


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
        "What the floor says, one JSON message a line; answered for each line when it is durable",
        reply=RecordedReply,
        media=NDJSON,
        limit=EVENTS_BODY,
        faults=(413, 415),
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
