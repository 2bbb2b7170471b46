"""The things of a virtual floor that have a state: parts, machines and robots."""

from dataclasses import dataclass, field

from unikat.capacity.model import Booking
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
    WorkCenterId,
)

NEVER: Seconds = 1 << 60


@dataclass(slots=True)
class Part:
    """One order's part: where it is, and how many of its steps are done."""

    order: OrderId
    steps: tuple[Step, ...]
    route: Route
    next: int = 0
    place: Place = STORE
    entered: set[StepId] = field(default_factory=set)


class Machine:
    """A work unit with what is inside.

    `inside` are the parts that claimed it or have not been fetched yet; `claimed` those it is to work on, of which
    `arrived` are there. `left` is the work left after the present spell, `until_failure` the work until it fails.
    """

    def __init__(self, plant: Plant, unit: UnitId) -> None:
        self.unit = unit
        self.center = plant.center_of(unit)
        self._hours = {c: hours_of(plant, self.center.id, c) for c in self.center.capabilities}
        self.family: SetupFamily | None = None
        self.phase = "idle"
        self.is_down = False
        self.inside: dict[OrderId, Part] = {}
        self.upcoming: dict[StepKey, Booking] = {}
        self.until_failure = NEVER
        self.num_failures = 0
        self.busy: Seconds = 0
        self.capability: Capability | None = None
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
    def is_claimed(self) -> bool:
        """Return whether it has parts to work on."""
        return bool(self.claimed)

    @property
    def is_loaded(self) -> bool:
        """Return whether all it is to work on is there, and the work has not begun."""
        is_complete = bool(self.claimed) and self.arrived == self.claimed
        return is_complete and self.phase == "idle" and not self.is_down

    def hours(self, capability: Capability) -> Hours:
        """Return when it can work with a capability."""
        return self._hours[capability]

    def after(self, at: Instant, work: Seconds) -> Instant:
        """Return when `work` from `at` on is done; only interruptible work pauses over closed time."""
        if self.center.is_interruptible and self.capability is not None:
            return self._hours[self.capability].add(at, work)
        return at + work


class Robots:
    """Transporters: where each is, which are free, and the loads that wait for one."""

    def __init__(self, plant: Plant) -> None:
        self.names = plant.transporters
        self.free = set(plant.transporters)
        self.waiting: list[tuple[Part, Place]] = []
        self._at: dict[str, WorkCenterId] = {}
        self._travel = plant.travel

    def take(self, source: WorkCenterId) -> tuple[str, Seconds]:
        """Take the free robot that is nearest to a work center; return it and how long it travels there empty."""
        empty = {name: self._empty(name, source) for name in sorted(self.free)}
        name = min(empty, key=lambda name: empty[name], default="")
        self.free.discard(name)
        return name, empty.get(name, 0)

    def release(self, name: str, place: WorkCenterId) -> None:
        """Free a robot where it has put down its load."""
        if name:
            self._at[name] = place
            self.free.add(name)

    def _empty(self, name: str, source: WorkCenterId) -> Seconds:
        at = self._at.get(name, source)
        return 0 if at == source else self._travel.get(at, {}).get(source, 0)
