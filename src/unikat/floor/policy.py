"""Which rule a running floor is controlled by: the exact one where its states can be counted.

Resources that may wait for each other form circles (see `circles`), and a state is legal if it is
legal in each. A circle of up to about a million states is explored once and its minimal bad
vectors are compared with every wanted move; the banker needs no exploration. What is legal depends
on the parts inside alone, so a new route may be added at any time. A build's members may have
different ways ahead, which one token cannot tell: a circle through a batch work center is left to
the banker, and so is one too large.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from math import comb
from typing import TypeAlias

from unikat.floor.circles import find_circles
from unikat.floor.explore import LIMIT, explore, find_bad, find_legal
from unikat.floor.model import Marking, Place, Route
from unikat.floor.plant_net import place_name, plant_system
from unikat.floor.ras import System
from unikat.floor.rule import Comparison, compile_rule, put_side_by_side
from unikat.plant.model import Plant
from unikat.terms import Capability, UnitId, WorkCenterId

MOST_BAD = 200_000
"""Of more bad states the minimal ones would take too long to find."""
MOST_VECTORS = 10_000
"""More are slower to compare than the banker is."""
MOST_SPARSE = 10
"""A circle is not explored if parts can stand in it in more ways than this times the limit: nearly
all of them are reached (at least 87 % in random shops)."""
MOST_KNOWN = 8
"""Of so many sets of routes a plant's rule is remembered: the twin asks at every forecast."""

_Shape: TypeAlias = tuple[tuple[WorkCenterId, tuple[Capability, ...], int, int, bool], ...]


@dataclass(frozen=True, slots=True)
class Guard:
    """One circle: the lowest bit of each place's count, and what its counts must not cover, side by
    side in `bad` and one by one, by place, in `vectors`.
    """

    bits: Mapping[str, int]
    bad: Comparison
    num_states: int
    vectors: tuple[Mapping[str, int], ...]

    def admits(self, places: Iterable[str]) -> bool:
        """Return whether parts in these places (one each) can all leave."""
        bits = self.bits
        return not self.bad.is_covered(sum(bits[each] for each in places if each in bits))


@dataclass(frozen=True, slots=True)
class ExactRule:
    """The exact rule of a plant for some routes; without circles (`guards`) all is admitted."""

    plant: Plant
    routes: frozenset[Route]
    guards: tuple[Guard, ...]

    def admits(self, marking: Marking) -> bool:
        """Return whether a marking, one move from an admitted one, is legal."""
        if not self.guards:
            return True
        places = [
            self._place(token.place, token.route[token.entered :])
            for token in marking.parts.values()
        ]
        return all(guard.admits(places) for guard in self.guards)

    def _place(self, place: Place, rest: Route) -> str:
        unit = self.plant.units.get(UnitId(place))
        return place_name(place if unit is None else unit.work_center, rest)


def compile_exact(plant: Plant, routes: Iterable[Route], *, limit: int = LIMIT) -> ExactRule | None:
    """Compile the exact rule; None where the banker has to do. Floor and twin both ask here.

    Parameters
    ----------
    limit
        Most states explored of a circle: a million take about two seconds.
    """
    known = frozenset(route for route in routes if route)
    shape = tuple(
        (center.id, center.capabilities, len(center.units), center.buffer, center.batch is None)
        for center in plant.work_centers.values()
    )
    memory = _memory(shape, limit)
    for before, guards in tuple(memory):
        if guards is None and before <= known:  # too large, and with more routes no smaller
            return None
        if guards is not None and known <= before:  # more routes refuse nothing else
            return ExactRule(plant, known, guards)
    guards = _guards(plant, known, limit)
    memory.append((known, guards))
    del memory[:-MOST_KNOWN]
    return None if guards is None else ExactRule(plant, known, guards)


@lru_cache(maxsize=4)
def _memory(shape: _Shape, limit: int) -> list[tuple[frozenset[Route], tuple[Guard, ...] | None]]:
    """Return what is known of plants that differ in nothing the guards depend on."""
    return []


def _guards(plant: Plant, routes: frozenset[Route], limit: int) -> tuple[Guard, ...] | None:
    batches = {center.id for center in plant.work_centers.values() if center.batch}
    guards: list[Guard] = []
    for circle in find_circles(plant_system(plant, sorted(routes))) if routes else ():
        guard = None if batches & set(circle.resources) else _explored(circle, limit)
        if guard is None:
            return None
        guards.append(guard)
    return tuple(guards)


def _explored(circle: System, limit: int) -> Guard | None:
    if count_markings(circle) > MOST_SPARSE * limit:
        return None
    reach = explore(circle, limit=limit)
    if not reach.is_complete or find_bad(reach, find_legal(reach)).sum() > MOST_BAD:
        return None
    rule = compile_rule(reach)
    if rule.legal is not None or len(rule.bad) > MOST_VECTORS:
        return None
    fields = tuple(zip(circle.activities, circle.fields, strict=False))
    vectors = tuple(
        {name: count for name, at in fields if (count := vector >> at.shift & at.mask)}
        for vector in rule.bad
    )
    return Guard(
        {name: 1 << at.shift for name, at in fields},
        put_side_by_side(circle, rule.bad),
        reach.num_states,
        vectors,
    )


def count_markings(circle: System) -> int:
    """Return in how many ways parts can hold the resources, whether these are reached or not."""
    first, num = len(circle.activities) + len(circle.idles), 1
    for r, _ in enumerate(circle.resources):
        num_users = sum(bool(uses[r]) for uses in circle.uses)
        num *= comb(num_users + circle.start[first + r], num_users)
    return num
