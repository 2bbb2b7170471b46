"""How safe a plant's floor is: states, deadlocks, what the policies admit, which buffer to enlarge.

A plant is looked at as a resource allocation system (see `plant_net`).
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from math import hypot, prod, sqrt
from statistics import fmean, stdev

from unikat.floor.banker import find_drained, look_ahead, read_walks, stroll
from unikat.floor.circles import find_circles
from unikat.floor.explore import (
    LIMIT,
    Reach,
    admitted_states,
    explore,
    find_bad,
    find_dead,
    find_legal,
    minimal_bad,
)
from unikat.floor.model import Route, buffer_of
from unikat.floor.plant_net import plant_system
from unikat.floor.ras import System
from unikat.plant.model import Plant, WorkCenter

LOOK_AHEADS = (0, 1, 2)
WALKS, STEPS = 10, 1_000
"""Random walks of a sampled estimate, and the moves of each."""


@dataclass(frozen=True, slots=True)
class Exact:
    """All about a circle whose states were explored to the end.

    `vectors` is the number of minimal bad vectors the exact rule compares; `banker` holds the
    percent of the legal states the banker admits with look-ahead 0, 1 and 2.
    """

    states: int
    legal: int
    dead: int
    bad: int
    vectors: int
    banker: tuple[float, ...]

    @property
    def share(self) -> float:
        """The legal share of what the parts could reach without a supervisor."""
        return self.legal / self.states

    @property
    def error(self) -> float:
        """It is exact."""
        return 0.0


@dataclass(frozen=True, slots=True)
class Sampled:
    """What random walks say of a circle too large to explore.

    `share` is the share of the `asked` moves that the banker (look-ahead 1) admits, `error` its
    standard error from walk to walk.
    """

    explored: int
    asked: int
    share: float
    error: float


@dataclass(frozen=True, slots=True)
class Circle:
    """Resources that can wait for each other, and what was found about them."""

    resources: tuple[str, ...]
    num_places: int
    found: Exact | Sampled


@dataclass(frozen=True, slots=True)
class Gain:
    """What one more token of a resource changes: the admitted share before and after.

    `error` is the standard error of the difference, 0 if both are exact.
    """

    resource: str
    before: float
    after: float
    error: float

    @property
    def is_certain(self) -> bool:
        """Whether it raises the share by more than chance may."""
        return self.after - self.before > 2 * self.error


@dataclass(frozen=True, slots=True)
class Analysis:
    """What was found about a floor; no circles: nothing can ever stand still.

    `gains` are by their share after, best first.
    """

    num_places: int
    num_transitions: int
    circles: tuple[Circle, ...]
    gains: tuple[Gain, ...]


def analyse_plant(
    plant: Plant, routes: Iterable[Route], *, limit: int = LIMIT, seed: int = 1
) -> Analysis:
    """Analyse a plant, and each buffer with one more place."""
    routes = tuple(routes)
    larger = {
        buffer_of(center.id): plant_system(_enlarge(plant, center), routes)
        for center in plant.work_centers.values()
    }
    return analyse(plant_system(plant, routes), larger, limit=limit, seed=seed)


def analyse(
    system: System, larger: Mapping[str, System], *, limit: int = LIMIT, seed: int = 1
) -> Analysis:
    """Analyse a system, and what each of the larger ones would gain.

    Every circle is explored to the end or, beyond `limit` states, sampled; then the larger systems
    are sampled as well.
    """
    circles = tuple(_look_at(circle, limit, seed) for circle in find_circles(system))
    gains: list[Gain] = []
    if circles:
        limit = limit if all(isinstance(circle.found, Exact) for circle in circles) else 0
        gains = [_gain(name, system, circles, other, limit, seed) for name, other in larger.items()]
    gains.sort(key=lambda gain: (gain.before - gain.after, gain.resource))
    return Analysis(len(system.places), len(system.transitions), circles, tuple(gains))


def _gain(
    name: str, system: System, circles: tuple[Circle, ...], other: System, limit: int, seed: int
) -> Gain:
    """Compare a system with a larger one, both measured the same way.

    Nothing changes if what was enlarged lies on no circle.
    """
    before = [circle.found for circle in circles]
    grown = find_circles(other)
    if all(name not in circle.resources for circle in grown):
        share = prod(found.share for found in before)
        return Gain(name, share, share, 0.0)
    after = [_measure(circle, limit, seed) for circle in grown]
    if limit and not all(isinstance(found, Exact) for found in after):
        after = [_measure(circle, 0, seed) for circle in grown]
        before = [_measure(circle, 0, seed) for circle in find_circles(system)]
    error = hypot(*(found.error for found in (*before, *after)))
    return Gain(name, prod(f.share for f in before), prod(f.share for f in after), error)


def _look_at(circle: System, limit: int, seed: int) -> Circle:
    return Circle(circle.resources, len(circle.places), _measure(circle, limit, seed))


def _measure(circle: System, limit: int, seed: int) -> Exact | Sampled:
    if not limit:
        return _sample(circle, 0, seed)
    reach = explore(circle, limit=limit)
    return _count(reach) if reach.is_complete else _sample(circle, reach.num_states, seed)


def _count(reach: Reach) -> Exact:
    is_legal = find_legal(reach)
    is_bad = find_bad(reach, is_legal)
    num_legal = int(is_legal.sum())
    banker: list[float] = []
    if not reach.system.has_joins:
        is_safe = find_drained(read_walks(reach.system), reach.states)
        admitted = (admitted_states(reach, look_ahead(reach, is_safe, k)) for k in LOOK_AHEADS)
        banker = [100.0 * int(each.sum()) / num_legal for each in admitted]
    return Exact(
        states=reach.num_states,
        legal=num_legal,
        dead=int(find_dead(reach).sum()),
        bad=int(is_bad.sum()),
        vectors=len(minimal_bad(reach, is_bad)),
        banker=tuple(banker),
    )


def _sample(circle: System, explored: int, seed: int) -> Sampled:
    walks = [stroll(circle, num_moves=STEPS, seed=seed * WALKS + idx) for idx in range(WALKS)]
    shares = [1 - walk.refused / max(1, walk.asked) for walk in walks]
    asked = sum(walk.asked for walk in walks)
    return Sampled(explored, asked, fmean(shares), stdev(shares) / sqrt(WALKS))


def _enlarge(plant: Plant, center: WorkCenter) -> Plant:
    larger = replace(center, buffer=center.buffer + 1)
    return replace(plant, work_centers={**plant.work_centers, center.id: larger})
