"""Size a plant: the cheapest of given alternatives that serves a demand, shown by simulation.

Every alternative meets the same orders, durations and breakdowns (common random numbers). It is
played 10 times, then 40 and 160 if that leaves a doubt (ranking and selection by looks that share
the error among them), and *meets* the goal if the interval of its service lies above it.

The search begins where every unit and robot is loaded below one, adds what gains most for its cost
until the goal is met, then tries all that costs less, dearest first: a smaller plant than one that
fails is taken to fail as well. What is left at the end is the cheapest.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise, product
from math import ceil, inf, prod, sqrt
from statistics import fmean
from typing import TYPE_CHECKING

from unikat.configure.model import Step
from unikat.errors import InvalidAlternatives
from unikat.plant.model import Plant, WorkUnit
from unikat.terms import DAY, WEEK, Cents, Instant, OrderId, Seconds, UnitId, WorkCenterId

if TYPE_CHECKING:
    from unikat.twin.layout import FloorProblem

Travel = Mapping[WorkCenterId, Mapping[WorkCenterId, Seconds]]
LOOKS = (10, 40, 160)
"""Replications after which one looks."""
MOST_COMBINATIONS = 200_000


@dataclass(frozen=True, slots=True)
class Option:
    """What may be chosen of one thing: so many `units` or places of the `buffer` of a work center,
    so many `robots`, or one `layout` (the number of its travel matrix).

    `costs` in cents belong to `values` one by one; all but layouts rise in size.
    """

    kind: str
    name: str
    values: tuple[int, ...]
    costs: tuple[Cents, ...]


@dataclass(frozen=True, slots=True)
class Arrival:
    """An order of a sample of the demand: when it comes, and what it has to pass."""

    at: Instant
    steps: tuple[Step, ...]


@dataclass(frozen=True, slots=True)
class Goal:
    """At least a share of the orders shall be made `within_s` of coming, at a confidence."""

    within_s: Seconds
    share: float
    confidence: float = 0.95


@dataclass(frozen=True, slots=True)
class Trial:
    """One alternative: `choice` are indices into each option's values; `service` is the share made
    in time, between `low` and `high` at the goal's confidence; `busiest` the work center with the
    highest load, 1 being all of its units' open time.
    """

    choice: tuple[int, ...]
    cost: Cents
    service: float
    low: float
    high: float
    replications: int
    busiest: str
    load: float
    meets: bool


@dataclass(frozen=True, slots=True)
class Sizing:
    """The best alternative and all that were tried; `is_least`: nothing cheaper is left untried."""

    best: Trial
    trials: tuple[Trial, ...]
    is_least: bool

    @property
    def cheaper(self) -> tuple[Trial, ...]:
        """Return what costs less and was found to fail, dearest first."""
        found = (trial for trial in self.trials if trial.cost < self.best.cost)
        return tuple(sorted(found, key=lambda trial: -trial.cost))


def size_plant(
    plant: Plant,
    samples: Sequence[Sequence[Arrival]],
    options: Sequence[Option],
    layouts: Sequence[Travel],
    goal: Goal,
    *,
    warm_up_s: Seconds = WEEK,
    most_trials: int = 300,
    seed: int = 1,
    progress: Callable[[Trial], None] = lambda _: None,
) -> Sizing:
    """Choose among options; each of the samples is one drawn demand, of which orders that come in
    the first `warm_up_s` are not scored. `progress` hears of every trial, and may raise to stop.

    Raises
    ------
    InvalidAlternatives
        If an option names what the plant does not have, or no alternative meets the goal.
    """
    _check(plant, options, layouts)
    search = _Search(plant, samples, options, layouts, goal, warm_up_s, seed, most_trials, progress)
    best = search.grow(search.smallest())
    return search.undercut(best)


def build_plant(
    plant: Plant, options: Sequence[Option], layouts: Sequence[Travel], choice: Sequence[int]
) -> Plant:
    """Return the plant an alternative means: units beyond those there are like the first."""
    units, centers = dict(plant.units), dict(plant.work_centers)
    for option, index in zip(options, choice, strict=True):
        value, name = option.values[index], WorkCenterId(option.name)
        if option.kind == "units":
            center = centers[name]
            like = plant.units[center.units[0]]
            added = (UnitId(f"{name}+{k}") for k in range(1, value - len(center.units) + 1))
            names = (*center.units, *added)[:value]
            units = {u: each for u, each in units.items() if u not in center.units}
            units |= {
                u: plant.units.get(u, WorkUnit(u, name, 1000, like.reliability)) for u in names
            }
            centers[name] = replace(centers[name], units=names)
        elif option.kind == "buffer":
            centers[name] = replace(centers[name], buffer=value)
        elif option.kind == "robots":
            plant = replace(plant, transporters=tuple(f"R{k + 1}" for k in range(value)))
        else:
            plant = replace(plant, travel=layouts[value])
    return replace(plant, units=units, work_centers=centers)


def loads_of(plant: Plant, samples: Sequence[Sequence[Arrival]]) -> Mapping[str, float]:
    """Return the load of each work center, and of the robots: 1 is all of their open time, less
    breakdowns. A build counts as full; a capability of several work centers, setups and empty
    travel are left out: no plant can do with less.
    """
    offers: dict[str, list[WorkCenterId]] = {}
    for center in plant.work_centers.values():
        for capability in center.capabilities:
            offers.setdefault(capability, []).append(center.id)
    work: dict[str, float] = {}
    for arrival in (arrival for sample in samples for arrival in sample):
        places = [offers.get(step.capability, []) for step in arrival.steps]
        for step, at in zip(arrival.steps, places, strict=True):
            if len(at) == 1:
                work[at[0]] = work.get(at[0], 0) + step.work
        for before, then in pairwise(places):
            if len(before) == len(then) == 1:
                way = plant.travel.get(before[0], {}).get(then[0], 0)
                work["robots"] = work.get("robots", 0) + way
    span = sum(max(arrival.at for arrival in sample) for sample in samples)
    found: dict[str, float] = {
        center: work.get(center, 0.0) / span / _power(plant, center)
        for center in plant.work_centers
    }
    robots = len(plant.transporters)
    return {**found, "robots": work.get("robots", 0.0) / span / robots if robots else 0.0}


def _power(plant: Plant, name: WorkCenterId) -> float:
    """Return the nominal seconds a work center can do in a second."""
    center = plant.work_centers[name]
    hours = plant.calendars[center.calendar].open
    share = sum(close - open_ for open_, close in hours) / WEEK
    total = 0.0
    for unit in center.units:
        each = plant.units[unit]
        mtbf, mttr = each.reliability.mtbf_s, each.reliability.mttr_s
        total += each.pace_permille / 1000 * (mtbf / (mtbf + mttr) if mtbf else 1.0)
    return share * total * (center.batch.capacity if center.batch else 1)


def _check(plant: Plant, options: Sequence[Option], layouts: Sequence[Travel]) -> None:
    """Refuse options that name what is not there, or sizes that cannot be."""
    for option in options:
        if option.kind in {"units", "buffer"} and option.name not in plant.work_centers:
            known = ", ".join(sorted(plant.work_centers))
            raise InvalidAlternatives(
                f"no work center is called {option.name[:60]!r}; there are {known}"
            )
        least = 1 if option.kind in {"units", "robots"} else 0
        if not option.values or min(option.values) < least:
            raise InvalidAlternatives(f"{option.kind} {option.name}: give {least} or more")
        if option.kind == "layout" and max(option.values) >= len(layouts):
            raise InvalidAlternatives(f"layout {max(option.values)}: only {len(layouts)} are given")


class _Search:
    """Tries alternatives, each once, and keeps what was found."""

    def __init__(  # noqa: PLR0917
        self,
        plant: Plant,
        samples: Sequence[Sequence[Arrival]],
        options: Sequence[Option],
        layouts: Sequence[Travel],
        goal: Goal,
        warm_up_s: Seconds,
        seed: int,
        most_trials: int,
        progress: Callable[[Trial], None],
    ) -> None:
        self.plant, self.samples, self.options, self.layouts = plant, samples, options, layouts
        self.goal, self.warm_up_s, self.seed = goal, warm_up_s, seed
        self.most_trials, self.progress = most_trials, progress
        self.trials: dict[tuple[int, ...], Trial] = {}
        self._has_layouts = any(option.kind == "layout" for option in options)

    def smallest(self) -> tuple[int, ...]:
        """Return the choice below which some unit or robot is loaded beyond one."""
        choice = [0] * len(self.options)
        for i, option in enumerate(self.options):
            name = "robots" if option.kind == "robots" else option.name
            is_bound = option.kind == "units" or (option.kind == "robots" and not self._has_layouts)
            while is_bound and choice[i] + 1 < len(option.values):
                if loads_of(self._built(choice), self.samples)[name] < 1:
                    break
                choice[i] += 1
        self._check_loads(choice)
        return tuple(choice)

    def _check_loads(self, choice: Sequence[int]) -> None:
        """Refuse a demand that overloads what cannot be made any larger."""
        loads = {**loads_of(self._built(choice), self.samples)}
        if self._has_layouts:  # another one may have shorter ways
            loads["robots"] = 0.0
        name = max(loads, key=lambda each: loads[each])
        if loads[name] >= 1:
            raise InvalidAlternatives(
                f"{name} is loaded {loads[name]:.0%} in the largest of its alternatives: offer"
                " more of it, or ask for less"
            )

    def _built(self, choice: Sequence[int]) -> Plant:
        return build_plant(self.plant, self.options, self.layouts, choice)

    def grow(self, choice: tuple[int, ...]) -> Trial:
        """Add what gains most for its cost until the goal is met."""
        trial = self.judge(choice)
        while not trial.meets:
            larger = [self.judge(each) for each in self._larger(trial.choice)]
            if not larger or len(self.trials) >= self.most_trials:
                best = max(self.trials.values(), key=lambda each: each.service)
                raise InvalidAlternatives(
                    f"of {len(self.trials)} alternatives tried none makes {self.goal.share:.0%} in"
                    f" time; the best makes {best.service:.1%} (its {best.busiest} is loaded"
                    f" {best.load:.0%}): offer more, or ask for less"
                )
            before = trial
            trial = max(
                larger,
                key=lambda each: (
                    (each.service - before.service) / max(each.cost - before.cost, 1),
                    -each.cost,
                ),
            )
        return trial

    def undercut(self, best: Trial) -> Sizing:
        """Try all that costs less, dearest first, but what is smaller than what failed."""
        start = self.smallest()
        sizes = prod(len(option.values) for option in self.options)
        if sizes > MOST_COMBINATIONS:
            return Sizing(best, tuple(self.trials.values()), is_least=False)
        ranges = (
            range(0 if option.kind == "layout" else low, len(option.values))
            for low, option in zip(start, self.options, strict=True)
        )
        cheaper = sorted((self._cost(each), each) for each in product(*ranges))
        while cheaper:
            cost, choice = cheaper.pop()
            if cost >= best.cost or self._is_hopeless(choice):
                continue
            if len(self.trials) >= self.most_trials:
                return Sizing(best, tuple(self.trials.values()), is_least=False)
            trial = self.judge(choice)
            best = trial if trial.meets else best
        return Sizing(best, tuple(self.trials.values()), is_least=True)

    def judge(self, choice: tuple[int, ...]) -> Trial:
        """Play an alternative until it is sure whether it meets the goal."""
        if choice in self.trials:
            return self.trials[choice]
        built = self._built(choice)
        loads = loads_of(built, self.samples)
        busiest = max(loads, key=lambda name: loads[name])
        played = _Played(built, self.samples, self.warm_up_s, self.goal.within_s, self.seed)
        service = low = high = 0.0
        number = 0
        for number in LOOKS:
            service, low, high = interval_of(played.shares(number), self.goal.confidence)
            if low >= self.goal.share or high < self.goal.share:
                break
        trial = Trial(
            choice, self._cost(choice), service, low, high, number, busiest, loads[busiest],
            low >= self.goal.share,
        )  # fmt: skip
        self.trials[choice] = trial
        self.progress(trial)
        return trial

    def _cost(self, choice: Sequence[int]) -> Cents:
        return sum(option.costs[i] for option, i in zip(self.options, choice, strict=True))

    def _larger(self, choice: tuple[int, ...]) -> Iterator[tuple[int, ...]]:
        """Yield what has one thing more, or another layout."""
        for i, option in enumerate(self.options):
            steps = range(len(option.values)) if option.kind == "layout" else (choice[i] + 1,)
            for k in steps:
                other = (*choice[:i], k, *choice[i + 1 :])
                if k < len(option.values) and other != choice and other not in self.trials:
                    yield other

    def _is_hopeless(self, choice: tuple[int, ...]) -> bool:
        """Return whether something that failed is at least as large, in the same layout."""
        return any(
            not trial.meets
            and all(
                mine == its if option.kind == "layout" else mine <= its
                for option, mine, its in zip(self.options, choice, trial.choice, strict=True)
            )
            for trial in self.trials.values()
        )


class _Played:
    """Plays one plant on the samples of the demand; more replications go on from those played."""

    def __init__(
        self,
        plant: Plant,
        samples: Sequence[Sequence[Arrival]],
        warm_up_s: Seconds,
        within_s: Seconds,
        seed: int,
    ) -> None:
        from unikat.twin.floor_problem import lay_out
        from unikat.twin.layout import compile_layout

        self._problems: list[tuple[FloorProblem, list[Instant]]] = []
        for number, sample in enumerate(samples):
            orders = {OrderId(f"{number}/{k:05}"): each.steps for k, each in enumerate(sample)}
            comes = {name: each.at for name, each in zip(orders, sample, strict=True)}
            layout = lay_out(plant, orders, comes)
            self._problems.append((compile_layout(layout), list(comes.values())))
        self._warm_up_s, self._within_s, self._seed = warm_up_s, within_s, seed
        self._shares: list[float] = []

    def shares(self, number: int) -> Sequence[float]:
        """Return the share in time of each of so many replications (or a few more)."""
        import numpy as np

        from unikat.twin.simulate import simulate

        while len(self._shares) < number:
            first = len(self._shares) // len(self._problems)
            for problem, comes in self._problems:
                at = np.array(comes)
                found = simulate(problem, replications=1, seed=self._seed, first=first)
                ends = found.finishes[0]
                is_kept = (ends >= 0) & (ends - at <= self._within_s)
                self._shares.append(float(is_kept[at >= self._warm_up_s].mean()))
        return self._shares


def interval_of(shares: Sequence[float], confidence: float) -> tuple[float, float, float]:
    """Return the mean, and between what it lies at a confidence however often one looks (Student's
    t; the error is shared among the looks).
    """
    from scipy.special import stdtrit

    number, mean = len(shares), fmean(shares)
    spread = sum((share - mean) ** 2 for share in shares) / max(1, number - 1)
    level = 1 - (1 - confidence) / 2 / len(LOOKS)
    half = float(stdtrit(number - 1, level)) * sqrt(spread / number) if number > 1 else inf
    return mean, mean - half, mean + half


def weeks_for(orders_per_day: float) -> int:
    """Return how many weeks a sample should last: a first one to fill up, and some 300 orders."""
    return 1 + max(1, min(4, ceil(300 / orders_per_day / (WEEK / DAY))))
