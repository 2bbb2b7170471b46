"""A small set of good, different schedules, and children on the way from one to another."""

from dataclasses import dataclass, field

import numpy as np

from unikat.schedule.flexible.model import FlexibleShop, Ints
from unikat.schedule.flexible.start import Candidate, evaluate

NUM_CHILDREN = 8
LOW, HIGH = 0.3, 0.7  # share taken from the second schedule
ALIKE = 0.03  # share of steps


@dataclass(slots=True)
class Elite:
    """The best schedules met, at most `size` and no two almost alike; the best comes first."""

    shop: FlexibleShop
    size: int
    members: list[Candidate] = field(default_factory=list)

    def add(self, found: Candidate) -> None:
        """Keep a candidate unless one that is no longer resembles it, or all places are taken by
        better ones.
        """
        near = [m for m in self.members if distance(self.shop, m, found) < ALIKE * found.modes.size]
        if any(m.makespan < found.makespan for m in near):
            return
        far = [m for m in self.members if all(m is not other for other in near)]
        self.members = sorted([found, *far], key=lambda m: m.makespan)[: self.size]


def distance(shop: FlexibleShop, one: Candidate, other: Candidate) -> int:
    """Count the steps that follow another step, or are done on another unit."""
    return int((_followed(shop, one) != _followed(shop, other)).sum())


def _followed(shop: FlexibleShop, candidate: Candidate) -> Ints:
    """Return the step before each on its unit; -1 - unit for the first."""
    units = shop.mode_unit[candidate.modes]
    sequence = np.lexsort((candidate.starts, units))
    before = np.empty_like(units)
    before[sequence[1:]] = sequence[:-1]
    firsts = sequence[np.r_[True, np.diff(units[sequence]) != 0]]
    before[firsts] = -1 - units[firsts]
    return before


def link(
    shop: FlexibleShop, one: Candidate, other: Candidate, draw: np.random.Generator
) -> Candidate:
    """Return the best of some schedules between two: each step takes its mode from either of them.

    Its turn is that of the mean of both starts, weighted. Starts grow strictly along a job in both,
    so they do in every mean: whatever is drawn is feasible.
    """
    children = []
    for _ in range(NUM_CHILDREN):
        share = draw.uniform(LOW, HIGH)
        modes = np.where(draw.random(one.modes.size) < share, other.modes, one.modes)
        turns = (1.0 - share) * one.starts + share * other.starts
        style = (one, other)[draw.integers(2)].style
        children.append(evaluate(shop, modes, np.argsort(turns, kind="stable"), style))
    return min(children, key=lambda child: child.makespan)
