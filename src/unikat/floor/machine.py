"""The things of a virtual floor that have a state: parts and machines."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from unikat.capacity.model import Booking, Stop
from unikat.configure.model import Step
from unikat.floor.hours import Hours, hours_of
from unikat.floor.model import STORE, Place, Route
from unikat.plant.model import Plant
from unikat.schedule.model import StepKey
from unikat.terms import (
    BuildId,
    Capability,
    Instant,
    OrderId,
    ResourceId,
    Seconds,
    SetupFamily,
    StepId,
    UnitId,
)

NEVER: Seconds = 1 << 60


@dataclass(slots=True)
class Part:
    """One order's part: where it is, how many of its steps are done, which it has entered, and
    what it still has to pass, seen from the store.

    `attempts` counts how often each step was spoilt; reworks are those since the last scrap.
    """

    order: OrderId
    steps: tuple[Step, ...]
    route: Route
    next: int = 0
    place: Place = STORE
    entered: set[StepId] = field(default_factory=set)
    attempts: dict[StepId, int] = field(default_factory=dict)
    num_scraps: int = 0
    num_reworks: int = 0

    @property
    def serial(self) -> str:
        """Return the name of the part itself; what replaces a scrapped one is another part."""
        return f"{self.order}/{self.num_scraps + 1}"

    def go_back(self, again: tuple[StepId, ...]) -> None:
        """Pass some steps again from the store; without any the part is scrap, and begins anew."""
        if again:
            self.num_reworks += 1
        else:
            self.num_scraps, self.num_reworks = self.num_scraps + 1, 0
            again = tuple(step.step for step in self.steps[: self.next + 1])
        for step in again:
            self.entered.discard(step)
            self.attempts[step] = self.attempts.get(step, 0) + 1
        self.next = next(k for k, step in enumerate(self.steps) if step.step in again)
        self.route = tuple(step.capability for step in self.steps[self.next :])
        self.place = STORE


@dataclass(frozen=True, slots=True)
class Spell:
    """Working time a machine spends on a step from `start` on, and what follows it."""

    start: Instant
    length: Seconds
    capability: Capability
    then: Callable[[], None]


class Machine:
    """A work unit with what is inside.

    `inside` are the parts that claimed it or have not been fetched yet; `claimed` those it is to
    work on, of which `arrived` are there. `upcoming` are the bookings it may have to be set up for.
    `left` is the work left after the present spell, `until_failure` the work until it fails, `busy`
    the work done so far. `spell` is what it spends its time on; while it is down `resume` is how it
    goes on, `num_stops` tells one stop from the next.
    """

    def __init__(self, plant: Plant, unit: UnitId) -> None:
        self.unit = unit
        self.center = plant.center_of(unit)
        self._hours = {c: hours_of(plant, self.center.id, c) for c in self.center.capabilities}
        self.family: SetupFamily | None = None
        self.is_down = False
        self.inside: dict[OrderId, Part] = {}
        self.upcoming: dict[StepKey, Booking] = {}
        self.until_failure = NEVER
        self.num_failures = 0
        self.num_stops = 0
        self.spell: Spell | None = None
        self.resume: Callable[[], None] | None = None
        self.busy: Seconds = 0
        self.release()

    def release(self) -> None:
        """Forget the work that is done; its parts stay inside until they are fetched."""
        self.phase = "idle"
        self.build: BuildId | None = None
        self.claimed: set[OrderId] = set()
        self.arrived: set[OrderId] = set()
        self.held: tuple[ResourceId, ...] = ()
        self.left: Seconds = 0

    @property
    def is_free(self) -> bool:
        """Return whether a part may claim it."""
        return not self.inside and self.phase == "idle" and not self.is_down

    @property
    def is_loaded(self) -> bool:
        """Return whether all it is to work on is there, and the work has not begun."""
        is_complete = bool(self.claimed) and self.arrived == self.claimed
        return is_complete and self.phase == "idle" and not self.is_down

    def close(self, stops: Sequence[Stop]) -> bool:
        """Take over its planned stops, in which it begins nothing; tell whether they are others."""
        spans = [(stop.start, stop.finish) for stop in stops if stop.unit == self.unit]
        hours = {c: hours.without(spans) for c, hours in self._hours.items()}
        is_new = hours != self._hours
        self._hours = hours
        return is_new

    def hours(self, capability: Capability) -> Hours:
        """Return when it can work with a capability."""
        return self._hours[capability]

    def opening(self, capability: Capability, at: Instant, length: Seconds) -> Instant:
        """Return the earliest start of `length` seconds; interruptible work needs an open instant
        only.
        """
        is_pausing = self.center.is_interruptible
        return self._hours[capability].fit(at, 1 if is_pausing else max(1, length))

    def worked(self, spell: Spell, now: Instant) -> Seconds:
        """Return how much of a spell is over."""
        if self.center.is_interruptible:
            hours = self._hours[spell.capability]
            return hours.worked(now) - hours.worked(spell.start)
        return now - spell.start

    def after(self, capability: Capability, at: Instant, work: Seconds) -> Instant:
        """Return when `work` from `at` on is done; only interruptible work pauses over closed
        time.
        """
        if self.center.is_interruptible:
            return self._hours[capability].add(at, work)
        return at + work
