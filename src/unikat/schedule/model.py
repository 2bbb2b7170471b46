"""What a schedule is made of and judged by, plain values."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from unikat.capacity.model import Booking, Stop
from unikat.terms import Instant, OrderId, Seconds, SetupFamily, StepId, UnitId

StepKey = tuple[OrderId, StepId]


@dataclass(frozen=True, slots=True)
class Running:
    """A step at work: where, since when, and when it is expected to finish."""

    unit: UnitId
    start: Instant
    finish: Instant


@dataclass(frozen=True, slots=True)
class Progress:
    """What the floor has done so far, as the scheduler needs it.

    `finished` maps a step to (unit, finish); `running` steps are never moved; `families` is what
    each unit is set up for; `stops` are units down now with their expected return, and maintenance
    to come; `bookings` is the last published schedule of the open steps (for stability and for the
    composition of builds). `reopened` steps were spoilt at an instant and are to be made again: one
    without a booking needs its material again from then on.
    """

    finished: Mapping[StepKey, tuple[UnitId, Instant]]
    running: Mapping[StepKey, Running]
    families: Mapping[UnitId, SetupFamily]
    stops: tuple[Stop, ...]
    bookings: Mapping[StepKey, Booking]
    reopened: Mapping[StepKey, Instant] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Cost:
    """What a schedule costs; compared in this sequence after weighting (see `schedule/cost.py`)."""

    broken: int
    tardiness: Seconds
    overdue: Seconds
    setup: Seconds
    moved: Seconds
    flow: Seconds


@dataclass(frozen=True, slots=True)
class Violation:
    """A law of the plant that is broken: which law, which steps or units, by how much."""

    law: str
    subject: str
    detail: str


@dataclass(frozen=True, slots=True)
class Schedule:
    """Bookings of all open, not running steps, with their cost and a lower bound on it."""

    bookings: tuple[Booking, ...]
    cost: Cost
    lower_bound: int
    rounds: int
    seed: int
