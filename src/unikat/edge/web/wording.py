"""Events in words, for the ticker of the floor page, and their times as ISO 8601."""

from collections.abc import Callable, Mapping
from typing import Any

import msgspec

from unikat.edge.web.call import Web
from unikat.edge.web.json import Json
from unikat.events import (
    CapacityHeld,
    ClockJudged,
    DriftDetected,
    Event,
    ForecastMade,
    ForecastScored,
    HoldDropped,
    LoadMoved,
    MaterialUsed,
    ModelAccepted,
    ModelProposed,
    OrderCancelled,
    OrderDelivered,
    OrderPlaced,
    OrderReleased,
    PartMeasured,
    PartScrapped,
    Recorded,
    ReworkOrdered,
    SchedulePublished,
    SetupStarted,
    SlackLearnt,
    StepFinished,
    StepStarted,
    StopPlanned,
    StopWithdrawn,
    VisibilityCaptured,
    WorkUnitRestarted,
    WorkUnitStopped,
)

_BOOKED = ("setup_start", "start", "finish", "not_before")
_FORESEEN = ("p10", "p50", "p90", "quantiles", "played", "made_at", "since", "changed_at")
INSTANTS = frozenset(("at", "until", "recorded_at", "due", "asked_at", *_BOOKED, *_FORESEEN))
"""Fields of events that hold an instant."""


class EventReply(msgspec.Struct, frozen=True):
    """An event as the log keeps it; `event` holds its fields (any JSON), instants as ISO 8601."""

    seq: int
    id: str
    stream: str
    version: int
    recorded_at: str
    type: str
    event: Mapping[str, Any]


class TickerReply(msgspec.Struct, frozen=True):
    """An event in words."""

    seq: int
    at: str
    type: str
    text: str


def reply_event(web: Web, record: Recorded) -> EventReply:
    """Return a recorded event as it is sent."""
    plain = msgspec.to_builtins(record.event, enc_hook=str)
    return EventReply(
        seq=record.seq,
        id=record.id,
        stream=record.stream,
        version=record.version,
        recorded_at=web.iso(record.recorded_at),
        type=type(record.event).__name__,
        event={key: _with_time(key, each, web.iso) for key, each in plain.items()},
    )


def reply_ticker(web: Web, record: Recorded) -> TickerReply:
    """Return a recorded event in words."""
    event = record.event
    return TickerReply(record.seq, web.iso(event.at), type(event).__name__, describe(event))


def describe(event: Event) -> str:
    """Say in words what happened."""
    return _WORDS[type(event)](event)


def place_name(place: str) -> str:
    """Return a place of the floor in words."""
    kind, _, center = place.partition("/")
    return f"the queue of {center}" if kind == "buffer" else place


def _with_time(key: str, value: Json, iso: Callable[[int], str]) -> Json:
    """Return a plain value with each instant in it as ISO 8601."""
    if isinstance(value, Mapping):
        return {name: _with_time(name, each, iso) for name, each in value.items()}
    if isinstance(value, list | tuple):
        return [_with_time(key, each, iso) for each in value]
    return iso(value) if key in INSTANTS and isinstance(value, int) else value


def _words(name: str) -> str:
    return name.replace("_", " ")


def _moved(event: LoadMoved) -> str:
    way = f"{event.order_id} from {place_name(event.source)} to {place_name(event.target)}"
    return f"{event.transporter} moved {way}" if event.transporter else way


# Any: each row takes its own event type, which its key guarantees.
_WORDS: Mapping[type[Event], Callable[[Any], str]] = {
    CapacityHeld: lambda e: f"Capacity held for quote {e.quote_id}",
    HoldDropped: lambda e: f"Hold {e.hold_id} ended: {e.reason}",
    OrderPlaced: lambda e: f"Order {e.order_id} placed",
    OrderReleased: lambda e: f"Order {e.order_id} released to the shop",
    OrderDelivered: lambda e: f"Order {e.order_id} shipped{'' if e.on_time else ', late'}",
    OrderCancelled: lambda e: f"Order {e.order_id} cancelled: {e.reason}",
    SchedulePublished: lambda e: f"New schedule of {len(e.bookings)} steps: {e.cause}",
    StopPlanned: lambda e: f"{', '.join(e.units)} will be closed: {e.reason or 'no reason given'}",
    StopWithdrawn: lambda e: f"Planned stop {e.stop_id} withdrawn",
    SlackLearnt: lambda e: f"Promise reserve learnt from {e.num_scores} promises",
    ForecastMade: lambda e: f"Forecast of {len(e.orders)} orders",
    ClockJudged: lambda e: (
        f"The clock of {e.source} is {abs(e.offset)} s {'fast' if e.offset > 0 else 'slow'}"
        if e.offset
        else f"The clock of {e.source} is right again"
    ),
    ForecastScored: lambda e: f"Forecasts of {e.order_id} scored",
    DriftDetected: lambda e: (
        f"{_words(e.capability)} on {e.unit} takes {100 * (e.factor - 1):+.0f} %"
    ),
    ModelProposed: lambda e: f"Version {e.version} of the twin's model proposed",
    ModelAccepted: lambda e: f"Version {e.version} of the twin's model accepted by {e.accepted_by}",
    WorkUnitStopped: lambda e: f"{e.unit} stopped: {e.reason or 'no reason given'}",
    WorkUnitRestarted: lambda e: f"{e.unit} is back",
    SetupStarted: lambda e: f"{e.unit} is set up for {_words(e.family)}",
    StepStarted: lambda e: f"{e.unit} started {_words(e.step)} of {e.order_id}",
    StepFinished: lambda e: f"{e.unit} finished {_words(e.step)} of {e.order_id}",
    PartMeasured: lambda e: (
        f"{_words(e.characteristic)} of {e.serial}: {e.measured:g} {e.measure},"
        f" ordered {e.ordered:g} within {e.tolerance:g}"
    ),
    MaterialUsed: lambda e: f"{e.order_id} took {e.item} of lot {e.lot} for {_words(e.step)}",
    PartScrapped: lambda e: f"{e.serial} is scrap after {_words(e.step)}: {e.reason}",
    ReworkOrdered: lambda e: (
        f"{e.serial} failed {_words(e.step)}, again: {', '.join(map(_words, e.again))}"
    ),
    LoadMoved: _moved,
    VisibilityCaptured: lambda e: f"{e.kind} captured from another system",
}
