"""Commands to the floor as MQTT messages, and back: what a unit should do, which orders may begin.

Both are kept by the broker (retained) and say all there is to say of their topic, so a machine that
comes late, or hears one twice, knows what the others know.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeVar

import msgspec

from unikat.capacity.model import Booking, Stop
from unikat.configure.model import Step
from unikat.edge.times import PlantTime
from unikat.errors import BadMessage
from unikat.floor.model import Release
from unikat.terms import (
    BuildId,
    Instant,
    OrderId,
    ResourceId,
    SetupFamily,
    StepId,
    UnitId,
)


def command_topic(site: str, unit: str) -> str:
    """Return where a unit is told its work."""
    return f"unikat/{site}/command/{unit}"


def release_topic(site: str, order: str) -> str:
    """Return where it is told that an order may begin."""
    return f"unikat/{site}/release/{order}"


def clock_topic(site: str) -> str:
    """Return where the site's clock is told, for those who play in plant time."""
    return f"unikat/{site}/clock"


def floor_topic(site: str, source: str) -> str:
    """Return where a source says what happened."""
    return f"unikat/{site}/floor/{source}"


Wanted = TypeVar("Wanted")


class _Work(msgspec.Struct, frozen=True, omit_defaults=True):
    """One booking on the wire; times are ISO 8601."""

    order: str
    step: str
    setup_start: str
    start: str
    finish: str
    not_before: str
    family: str | None = None
    build: str | None = None
    resources: tuple[str, ...] = ()


class _UnitWork(msgspec.Struct, frozen=True):
    """All that is booked on a unit, in the published sequence; `closed` are [start, finish)."""

    v: int
    unit: str
    work: tuple[_Work, ...]
    closed: tuple[tuple[str, str], ...] = ()


class _Released(msgspec.Struct, frozen=True):
    """An order that may begin; `done` are the steps that were made already."""

    v: int
    order: str
    steps: tuple[Step, ...]
    done: tuple[str, ...]


class Tick(msgspec.Struct, frozen=True):
    """The site's clock: at `unix` seconds it was `at`, and it runs `speed` times as fast."""

    at: str
    unix: float
    speed: float


@dataclass(frozen=True, slots=True)
class UnitWork:
    """What a unit is told: its bookings, and when it is closed."""

    unit: UnitId
    bookings: tuple[Booking, ...]
    closed: tuple[Stop, ...]


def write_work(
    unit: UnitId, bookings: Iterable[Booking], closed: Iterable[Stop], time: PlantTime
) -> bytes:
    """Write all that is booked on a unit, and when it is closed."""
    write = time.write
    work = tuple(
        _Work(
            each.order,
            each.step,
            write(each.setup_start),
            write(each.start),
            write(each.finish),
            write(each.not_before),
            each.family,
            each.build,
            each.resources,
        )
        for each in sorted(bookings, key=lambda each: (each.start, each.order))
    )
    stops = tuple((write(each.start), write(each.finish)) for each in closed)
    return msgspec.json.encode(_UnitWork(1, unit, work, stops))


def read_work(payload: bytes, time: PlantTime) -> UnitWork:
    """Read what a unit is told.

    Raises
    ------
    BadMessage, InvalidText
        If it says something else, or has a time that is none.
    """
    found = _decode(payload, _UnitWork)
    read, unit = time.read, UnitId(found.unit)
    closed = tuple(Stop(unit, read(start), read(finish)) for start, finish in found.closed)
    bookings = tuple(
        Booking(
            OrderId(each.order),
            StepId(each.step),
            unit,
            read(each.setup_start),
            read(each.start),
            read(each.finish),
            None if each.family is None else SetupFamily(each.family),
            tuple(map(ResourceId, each.resources)),
            None if each.build is None else BuildId(each.build),
            read(each.not_before),
        )
        for each in found.work
    )
    return UnitWork(unit, bookings, closed)


def write_release(release: Release, done: Sequence[StepId]) -> bytes:
    """Write that an order may begin, and which of its steps were made already."""
    return msgspec.json.encode(_Released(1, release.order_id, release.steps, tuple(done)))


def read_release(payload: bytes) -> Release:
    """Read the steps of an order that are still to be made.

    Raises
    ------
    BadMessage
        If it says something else.
    """
    found = _decode(payload, _Released)
    left = tuple(step for step in found.steps if step.step not in found.done)
    return Release(OrderId(found.order), left)


def write_tick(at: Instant, unix: float, speed: float, time: PlantTime) -> bytes:
    """Write what the site's clock shows now."""
    return msgspec.json.encode(Tick(time.write(at), unix, speed))


def read_tick(payload: bytes) -> Tick:
    """Read what the site's clock showed.

    Raises
    ------
    BadMessage
        If it says something else.
    """
    return _decode(payload, Tick)


def by_unit(bookings: Iterable[Booking]) -> Mapping[UnitId, list[Booking]]:
    """Group bookings by their unit."""
    found: dict[UnitId, list[Booking]] = {}
    for each in bookings:
        found.setdefault(each.unit, []).append(each)
    return found


def _decode(payload: bytes, wanted: type[Wanted]) -> Wanted:
    try:
        return msgspec.json.decode(payload, type=wanted)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise BadMessage(
            f"{payload[:60]!r} is no {wanted.__name__.lstrip('_')}: {error}"
        ) from error
