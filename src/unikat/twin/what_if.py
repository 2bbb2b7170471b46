"""Compare what-if scenarios with going on as now: reschedule, play on, and take paired differences.

Every alternative meets the same draws (common random numbers), so what differs is the scenario's
doing. What is compared with is a new schedule of the unchanged plant from the same seed: comparing
with the published one would count what any new schedule gains as the scenario's.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from math import sqrt
from typing import TYPE_CHECKING

from unikat.capacity.model import Booking, Stop
from unikat.errors import InfeasibleSchedule
from unikat.events import OrderForecast
from unikat.order.model import Order
from unikat.plant.model import Plant
from unikat.schedule.check import check
from unikat.schedule.model import Schedule, StepKey
from unikat.schedule.problem import build_problem
from unikat.schedule.solve import solve
from unikat.terms import Instant, OrderId, Seconds
from unikat.twin.forecast import play_on, sum_up
from unikat.twin.scenario import (
    Scenario,
    check_scenario,
    patch_orders,
    patch_plant,
    patch_progress,
)
from unikat.twin.state import FloorState, progress_of

if TYPE_CHECKING:
    from unikat.twin.forecast import Instants
    from unikat.twin.layout import Floats

LOOKS = (50, 200, 1_000)
"""Replications after which one looks: few looks, so that each may be believed at 99.7 %."""
SIGMAS = 3.0
"""Half the width of an interval in standard errors: 99.7 %, since one looks at many orders."""


@dataclass(frozen=True, slots=True)
class Situation:
    """What is the case: the plant, its floor, what is open, and the published bookings.

    `held` are quotes that reserve capacity: scheduled as orders, but not forecast; `planned` are
    the stops to come.
    """

    plant: Plant
    floor: FloorState
    orders: tuple[Order, ...]
    held: tuple[Order, ...]
    bookings: Mapping[StepKey, Booking]
    now: Instant
    planned: tuple[Stop, ...] = ()


@dataclass(frozen=True, slots=True)
class Interval:
    """The mean of paired differences, and between what it lies with 99.7 % (normal theory)."""

    mean: float
    low: float
    high: float

    @property
    def is_sure(self) -> bool:
        """Return whether the sign is beyond doubt."""
        return self.low > 0 or self.high < 0


@dataclass(frozen=True, slots=True)
class Difference:
    """One order in both worlds: later by `delay` seconds, on time with `on_time` more probability.

    An order counts as late if it is on time less often than not.
    """

    order_id: OrderId
    due: Instant
    before: OrderForecast
    after: OrderForecast
    delay: Interval
    on_time: Interval

    @property
    def p50_delay(self) -> Seconds:
        """Return by how much the median finish moves."""
        return self.after.p50 - self.before.p50

    @property
    def was_late(self) -> bool:
        """Return whether it is late anyway."""
        return self.before.p_on_time < 0.5

    @property
    def is_late(self) -> bool:
        """Return whether the scenario has it late."""
        return self.after.p_on_time < 0.5


@dataclass(frozen=True, slots=True)
class Measure:
    """A figure of both worlds, the mean over all orders and replications, and how it differs."""

    before: float
    after: float
    difference: Interval


@dataclass(frozen=True, slots=True)
class Comparison:
    """A scenario against going on as now, order by order and over all orders.

    `before` and `after` are the schedules both worlds were played with; neither is published.
    `kept` is the share of orders on time; `lead` runs from asking to the finish, `tardiness` from
    the promised date to a later finish, both in seconds.
    """

    scenario: Scenario
    now: Instant
    replications: int
    seed: int
    before: Schedule
    after: Schedule
    orders: tuple[Difference, ...]
    kept: Measure
    lead: Measure
    tardiness: Measure

    @property
    def delay(self) -> Interval:
        """Return by how much later the orders finish, the mean over all of them."""
        return self.lead.difference

    @property
    def newly_late(self) -> tuple[OrderId, ...]:
        """Return the orders the scenario makes late."""
        return tuple(each.order_id for each in self.orders if each.is_late and not each.was_late)

    @property
    def no_longer_late(self) -> tuple[OrderId, ...]:
        """Return the orders the scenario saves."""
        return tuple(each.order_id for each in self.orders if each.was_late and not each.is_late)


def compare_scenarios(
    situation: Situation,
    scenarios: Sequence[Scenario],
    *,
    rounds: int,
    replications: int,
    seed: int,
) -> tuple[Comparison, ...]:
    """Compare each scenario with going on as now; the same seed gives the same answer.

    Raises
    ------
    InvalidScenario
        A scenario names what is not there.
    NoCapacity, InfeasibleSchedule
        A scenario leaves some step no window, or has no schedule that keeps every law.
    """
    names = {order.id for order in situation.orders}
    for scenario in scenarios:
        check_scenario(situation.plant, names, scenario, situation.now)

    base = _World(situation, Scenario("as now"), rounds, seed)
    base.play(replications)
    found = []
    for scenario in scenarios:
        other = _World(situation, scenario, rounds, seed)
        other.play(replications)
        found.append(_compare(situation, scenario, base, other, seed))
    return tuple(found)


def watch_scenario(
    situation: Situation, scenario: Scenario, *, rounds: int, replications: int, seed: int
) -> Iterator[Comparison]:
    """Yield the comparison after 50, 200, 1,000 and at last all replications, of which the last is
    what `compare_scenarios` says; stop to iterate where it is sure enough.

    Raises
    ------
    InvalidScenario, NoCapacity, InfeasibleSchedule
        As `compare_scenarios` does.
    """
    names = {order.id for order in situation.orders}
    check_scenario(situation.plant, names, scenario, situation.now)
    base = _World(situation, Scenario("as now"), rounds, seed)
    other = _World(situation, scenario, rounds, seed)
    for number in (*(look for look in LOOKS if look < replications), replications):
        base.play(number)
        other.play(number)
        yield _compare(situation, scenario, base, other, seed)


class _World:
    """A scenario's plant, scheduled once and played on as often as one wants."""

    def __init__(self, situation: Situation, scenario: Scenario, rounds: int, seed: int) -> None:
        now, stops = situation.now, scenario.stops
        self._plant = patch_plant(situation.plant, scenario)
        self._orders = patch_orders(situation.orders, scenario, now)
        done = progress_of(situation.floor, situation.bookings, now, situation.planned)
        done = patch_progress(done, stops, now)
        problem = build_problem(self._plant, (*self._orders, *situation.held), done, now)
        self.schedule = solve(problem, seconds=0, seed=seed, rounds=rounds)
        if violations := check(problem, self.schedule):
            told = "; ".join(f"{v.law}: {v.subject} {v.detail}" for v in violations[:5])
            raise InfeasibleSchedule(f"no schedule for {scenario.name!r}: {told}")
        running = {key: b for key, b in situation.bookings.items() if key in done.running}
        self._bookings = (*running.values(), *self.schedule.bookings)
        self._situation, self._stops, self._seed = situation, (*situation.planned, *stops), seed
        self.finishes: Mapping[OrderId, Instants] = {}
        self.replications = 0

    def play(self, number: int) -> None:
        """Play on until there are so many replications."""
        import numpy as np

        found = play_on(
            self._plant,
            self._bookings,
            self._situation.floor,
            self._orders,
            self._situation.now,
            replications=number - self.replications,
            seed=self._seed,
            stops=self._stops,
            first=self.replications,
        )
        if self.replications:
            found = {o: np.concatenate([self.finishes[o], more]) for o, more in found.items()}
        self.finishes, self.replications = found, number


def _compare(
    situation: Situation,
    scenario: Scenario,
    base: _World,
    other: _World,
    seed: int,
) -> Comparison:
    before, after = base.finishes, other.finishes
    orders = tuple(
        Difference(
            order.id,
            order.due,
            sum_up(order, before[order.id]),
            sum_up(order, after[order.id]),
            interval_of((after[order.id] - before[order.id]).astype(float)),
            interval_of(_kept(order, after[order.id]) - _kept(order, before[order.id])),
        )
        for order in situation.orders
    )
    return Comparison(
        scenario,
        situation.now,
        base.replications,
        seed,
        base.schedule,
        other.schedule,
        orders,
        _measure(_kept, situation.orders, base, other),
        _measure(_lead, situation.orders, base, other),
        _measure(_tardiness, situation.orders, base, other),
    )


def _measure(
    figure: "Callable[[Order, Instants], Floats]",
    orders: Sequence[Order],
    base: _World,
    other: _World,
) -> Measure:
    """Return a figure of both worlds; without orders there is none, and no difference."""
    if not orders:
        return Measure(0, 0, Interval(0, 0, 0))
    import numpy as np

    before, after = (
        np.mean([figure(order, world.finishes[order.id]) for order in orders], axis=0)
        for world in (base, other)
    )
    return Measure(float(before.mean()), float(after.mean()), interval_of(after - before))


def _kept(order: Order, finish: "Instants") -> "Floats":
    """Return 1 for each replication in which an order is on time, else 0."""
    return (finish <= order.due).astype(float)


def _lead(order: Order, finish: "Instants") -> "Floats":
    return (finish - order.asked_at).astype(float)


def _tardiness(order: Order, finish: "Instants") -> "Floats":
    return (finish - order.due).clip(0).astype(float)


def interval_of(differences: "Floats") -> Interval:
    """Return the mean of paired differences and its interval; one replication knows no interval."""
    mean = float(differences.mean())
    if len(differences) < 2:
        return Interval(mean, float("-inf"), float("inf"))
    half = SIGMAS * float(differences.std(ddof=1)) / sqrt(len(differences))
    return Interval(mean, mean - half, mean + half)
