"""Read floor messages as events and write events as messages: the only place that knows the wire's
field names.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, fields, replace
from types import MappingProxyType
from typing import TypeAlias

from unikat.errors import BadMessage
from unikat.events import (
    Event,
    LoadMoved,
    MaterialUsed,
    Message,
    PartMeasured,
    PartScrapped,
    ReworkOrdered,
    SetupStarted,
    StepFinished,
    StepStarted,
    WorkUnitRestarted,
    WorkUnitStopped,
)
from unikat.terms import (
    DAY,
    BuildId,
    Instant,
    ItemId,
    OrderId,
    Seconds,
    SetupFamily,
    StepId,
    UnitId,
)

Scalar: TypeAlias = str | int | float | bool | None

LATEST: Instant = 36_525 * DAY
"""A century after the site epoch: an instant beyond it is a wrong unit (milliseconds) or a broken
clock.
"""
LONGEST_TEXT = 200
LARGEST = 1e12
"""A measure beyond it, or below its negative, is a wrong unit or a broken gauge."""


def read_event(message: Message) -> Event:
    """Read a message as the event it reports; fields the type does not have are ignored.

    Raises
    ------
    BadMessage
        If the type is unknown, a field is missing or of the wrong kind, or a time is no instant of
        the plant.
    """
    kind = message.body.get("type")
    if not isinstance(kind, str) or kind not in _READERS:
        raise BadMessage(f"type={_show(kind)} is unknown; send one of: {', '.join(_READERS)}")
    _text("source", message.source)
    _count("epoch", message.epoch)
    _count("seq", message.seq)
    at = _instant("at", message.at)
    return _READERS[kind](_Fields(at, kind, message.body))


def write_message(event: Event, *, source: str, epoch: int, seq: int) -> Message:
    """Write a floor event as the message a machine would send: `read_event` gives it back.

    Raises
    ------
    BadMessage
        If the event is none of the floor's.
    """
    kind = _KINDS.get(type(event))
    if kind is None:
        raise BadMessage(
            f"{type(event).__name__} is no floor event; only machines' events are sent"
        )
    body: dict[str, Scalar] = {"type": kind}
    for field in fields(event):
        if field.name != "at":
            value = getattr(event, field.name)
            name = _WIRE_NAMES.get(field.name, field.name)
            body[name] = ",".join(value) if isinstance(value, tuple) else value
    return Message(source, epoch, seq, event.at, body)


def shift_message(message: Message, by: Seconds) -> Message:
    """Return a message with all its times later by so much: said by a clock that is right."""
    until = message.body.get("until")
    body = message.body
    if isinstance(until, int) and not isinstance(until, bool):
        body = {**body, "until": until + by}
    return replace(message, at=message.at + by, body=body)


@dataclass(frozen=True, slots=True)
class _Fields:
    """A message's fields, each read as what it must be."""

    at: Instant
    kind: str
    body: Mapping[str, Scalar]

    def text(self, name: str) -> str:
        return _text(name, self._get(name))

    def note(self, name: str) -> str:
        return _note(name, self._get(name))

    def count(self, name: str) -> int:
        return _count(name, self._get(name))

    def number(self, name: str) -> float:
        value = self._get(name)
        if isinstance(value, bool) or not isinstance(value, int | float):
            raise BadMessage(f"{name}={_show(value)} must be a number")
        if not -LARGEST <= value <= LARGEST:
            raise BadMessage(f"{name}={_show(value)} must be a number within {LARGEST:g}")
        return float(value)

    def until(self) -> Instant:
        until = _instant("until", self._get("until"))
        if until < self.at:
            raise BadMessage(
                f"until={until} lies before at={self.at}; send an instant not before it"
            )
        return until

    def work(self) -> tuple[Instant, UnitId, OrderId, StepId, int, BuildId | None]:
        build = None if self._get("build") is None else BuildId(self.text("build"))
        return (*self.step(), self.count("attempt"), build)

    def step(self) -> tuple[Instant, UnitId, OrderId, StepId]:
        unit, order = UnitId(self.text("unit")), OrderId(self.text("order"))
        return self.at, unit, order, StepId(self.text("step"))

    def yield_of(self) -> tuple[int, int]:
        """Read good and scrap parts; a machine that counts none makes one good part."""
        good = self.count("good") if "good" in self.body else 1
        return good, self.count("scrap") if "scrap" in self.body else 0

    def part(self) -> tuple[Instant, UnitId, OrderId, StepId, int, str]:
        return (*self.step(), self.count("attempt"), self.text("serial"))

    def steps(self, name: str) -> tuple[StepId, ...]:
        return tuple(StepId(_text(name, each)) for each in self.text(name).split(","))

    def _get(self, name: str) -> Scalar:
        if name not in self.body:
            raise BadMessage(f"{self.kind} lacks the field {name}; add it")
        return self.body[name]


def _text(name: str, value: Scalar) -> str:
    text = _note(name, value)
    if not text:
        raise BadMessage(f"{name} is empty; send an id")
    return text


def _note(name: str, value: Scalar) -> str:
    if not isinstance(value, str) or len(value) > LONGEST_TEXT or not value.isprintable():
        raise BadMessage(f"{name}={_show(value)} must be a printable text of <= {LONGEST_TEXT}")
    return value


def _count(name: str, value: Scalar) -> int:
    if isinstance(value, bool) or not isinstance(value, int) or not 0 <= value < 1 << 62:
        raise BadMessage(f"{name}={_show(value)} must be a whole number >= 0")
    return value


def _instant(name: str, value: Scalar) -> Instant:
    instant = _count(name, value)
    if instant > LATEST:
        raise BadMessage(f"{name}={instant} is absurd; send seconds since the site epoch")
    return instant


def _show(value: Scalar) -> str:
    return ascii(value)[:60]


def _read_move(read: _Fields) -> Event:
    robot, order = read.note("transporter"), OrderId(read.text("order"))
    return LoadMoved(read.at, robot, order, read.text("from"), read.text("to"))


def _read_setup(read: _Fields) -> Event:
    return SetupStarted(*read.step(), SetupFamily(read.text("family")))


def _read_stop(read: _Fields) -> Event:
    return WorkUnitStopped(read.at, UnitId(read.text("unit")), read.note("reason"), read.until())


def _read_measure(read: _Fields) -> Event:
    names = ("ordered", "measured", "tolerance")
    ordered, measured, tolerance = (read.number(name) for name in names)
    if tolerance < 0:
        raise BadMessage(f"tolerance={tolerance:g} must be >= 0")
    what, measure = read.text("characteristic"), read.text("measure")
    return PartMeasured(*read.part(), what, ordered, measured, tolerance, measure)


def _read_material(read: _Fields) -> Event:
    quantity = read.number("quantity") if "quantity" in read.body else 0.0
    if quantity < 0:
        raise BadMessage(f"quantity={quantity:g} must be >= 0")
    measure = read.note("measure") if "measure" in read.body else ""
    used = (ItemId(read.text("item")), read.text("lot"), quantity, measure)
    return MaterialUsed(*read.step(), read.count("attempt"), *used)


def _read_rework(read: _Fields) -> Event:
    return ReworkOrdered(*read.part(), read.steps("again"), read.note("reason"))


_READERS: Mapping[str, Callable[[_Fields], Event]] = MappingProxyType(
    {
        "setup_started": _read_setup,
        "step_started": lambda read: StepStarted(*read.work(), read.until()),
        "step_finished": lambda read: StepFinished(*read.work(), *read.yield_of()),
        "part_measured": _read_measure,
        "material_used": _read_material,
        "part_scrapped": lambda read: PartScrapped(*read.part(), read.note("reason")),
        "rework_ordered": _read_rework,
        "load_moved": _read_move,
        "unit_stopped": _read_stop,
        "unit_restarted": lambda read: WorkUnitRestarted(read.at, UnitId(read.text("unit"))),
    }
)
_KINDS: Mapping[type, str] = MappingProxyType(
    {
        SetupStarted: "setup_started",
        StepStarted: "step_started",
        StepFinished: "step_finished",
        PartMeasured: "part_measured",
        MaterialUsed: "material_used",
        PartScrapped: "part_scrapped",
        ReworkOrdered: "rework_ordered",
        LoadMoved: "load_moved",
        WorkUnitStopped: "unit_stopped",
        WorkUnitRestarted: "unit_restarted",
    }
)
_WIRE_NAMES: Mapping[str, str] = MappingProxyType(
    {"order_id": "order", "source": "from", "target": "to"}
)
"""The event's attribute -> its name on the wire, where they differ: `source` is whose message."""
