"""Commands to the floor as MQTT messages, and back: what a unit should do, which orders may begin.

Both are kept by the broker (retained) and say all there is to say of their topic, so a machine that
comes late, or hears one twice, knows what the others know.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import TypeVar

import msgspec

from unikat.capacity.model import Booking
from unikat.configure.model import Step
from unikat.edge.times import PlantTime
from unikat.errors import BadMessage
from unikat.floor.model import Release
from unikat.terms import (
    BuildId,
    Capability,
    Instant,
    ItemId,
    OrderId,
    ResourceId,
    Seconds,
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
    """All that is booked on a unit, in the published sequence."""

    v: int
    unit: str
    work: tuple[_Work, ...]


class _Step(msgspec.Struct, frozen=True, omit_defaults=True):
    """One step of an order's route; `work_s` are seconds on a unit of usual pace."""

    step: str
    capability: str
    work_s: int
    setup: str | None = None
    after: tuple[str, ...] = ()
    items: tuple[str, ...] = ()
    recipe: str | None = None


class _Released(msgspec.Struct, frozen=True):
    """An order that may begin; `done` are the steps that were made already."""

    v: int
    order: str
    steps: tuple[_Step, ...]
    done: tuple[str, ...]


class Tick(msgspec.Struct, frozen=True):
    """The site's clock: at `unix` seconds it was `at`, and it runs `speed` times as fast."""

    at: str
    unix: float
    speed: float


def write_work(unit: UnitId, bookings: Iterable[Booking], time: PlantTime) -> bytes:
    """Write all that is booked on a unit."""
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
    return msgspec.json.encode(_UnitWork(1, unit, work))


def read_work(payload: bytes, time: PlantTime) -> tuple[Booking, ...]:
    """Read the bookings of a unit.

    Raises
    ------
    BadMessage, InvalidText
        If it says something else, or has a time that is none.
    """
    found = _decode(payload, _UnitWork)
    read = time.read
    return tuple(
        Booking(
            OrderId(each.order),
            StepId(each.step),
            UnitId(found.unit),
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


def write_release(release: Release, done: Sequence[StepId]) -> bytes:
    """Write that an order may begin, and which of its steps were made already."""
    steps = tuple(
        _Step(s.step, s.capability, s.work, s.setup, s.after, s.items, s.recipe)
        for s in release.steps
    )
    return msgspec.json.encode(_Released(1, release.order_id, steps, tuple(done)))


def read_release(payload: bytes) -> Release:
    """Read the steps of an order that are still to be made.

    Raises
    ------
    BadMessage
        If it says something else.
    """
    found = _decode(payload, _Released)
    steps = (
        Step(
            StepId(each.step),
            Capability(each.capability),
            Seconds(each.work_s),
            None if each.setup is None else SetupFamily(each.setup),
            tuple(map(StepId, each.after)),
            tuple(map(ItemId, each.items)),
            each.recipe,
        )
        for each in found.steps
    )
    left = tuple(step for step in steps if step.step not in found.done)
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
