"""The share of valid configurations that have each option: exact, or from near-uniform samples.

Samples: a valid configuration in which, again and again, a random part (an option and those near
to it by the rules) is drawn anew, uniformly among all that fit to the rest: Gibbs sampling by
blocks, each drawn from an exact diagram.
"""

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain
from random import Random
from typing import Final

from unikat.configure.count import NUM_CLAUSES, Prepared, find_diagram, list_configurations, prepare
from unikat.configure.diagram import Diagram
from unikat.configure.splitting import Clause, TooLong, fixed
from unikat.family.model import Family
from unikat.terms import FeatureName

NUM_SAMPLES: Final = 400
_CHAINS: Final = 10
_T_95: Final = 2.262
"""Two-sided 95 % of Student's t with a degree of freedom less than there are chains."""
_BLOCK_CLAUSES: Final = 20_000
_WARM_UP: Final = 0.2
_LARGEST: Final = 0.9


@dataclass(frozen=True, slots=True)
class Share:
    """A share of the valid configurations, and a 95 % interval; both ends equal it when exact."""

    value: float
    low: float
    high: float


@dataclass(frozen=True, slots=True)
class Commonality:
    """Of each option the share of the valid sets of options that have it.

    `num_samples` is None when the shares are exact, `num_configurations` when they are not.
    """

    shares: Mapping[FeatureName, Share]
    num_samples: int | None
    num_configurations: int | None


def find_commonality(
    family: Family,
    *,
    num_samples: int = NUM_SAMPLES,
    seed: int = 1,
    num_clauses: int = NUM_CLAUSES,
    is_cancelled: Callable[[], bool] = lambda: False,
) -> Commonality | None:
    """Find the share of every option, or None when it was cancelled before a sample a chain.

    None, too, for a family with numbers too fine for clauses and many sets of options.
    """
    if family.fine is not None:
        return _listed(family, is_cancelled)
    found = find_diagram(family, num_clauses=num_clauses, is_cancelled=is_cancelled)
    if found is not None:
        return Commonality(_exact(family, *found), None, found[1].count)
    prepared = prepare(family)
    sampler = _Sampler(prepared, Random(seed), is_cancelled)
    chains = sampler.chains(math.ceil(num_samples / _CHAINS))
    if not chains[-1]:
        return None
    return Commonality(_sampled(family, prepared, chains), sum(map(len, chains)), None)


def _exact(family: Family, prepared: Prepared, diagram: Diagram) -> Mapping[FeatureName, Share]:
    shares = diagram.shares()
    found: dict[FeatureName, Share] = {}
    for i, feature in enumerate(family.features, start=1):
        share = 1.0 if i in prepared.true else float(shares.get(i, 0))
        found[feature.name] = Share(share, share, share)
    return found


def _listed(family: Family, is_cancelled: Callable[[], bool]) -> Commonality | None:
    """Return the shares of a family of which all sets of options can be listed."""
    listed, is_whole = list_configurations(family, is_cancelled=is_cancelled)
    if not is_whole:
        return None
    found: dict[FeatureName, Share] = {}
    for i, feature in enumerate(family.features, start=1):
        share = sum(i in each for each in listed) / len(listed)
        found[feature.name] = Share(share, share, share)
    return Commonality(found, None, len(listed))


class _Sampler:
    """Draws valid sets of options, each near to uniform and a little like the one before."""

    def __init__(
        self, prepared: Prepared, random: Random, is_cancelled: Callable[[], bool]
    ) -> None:
        self.prepared = prepared
        self.random = random
        self.is_cancelled = is_cancelled
        self.variables = sorted(prepared.open)
        self.block = 0.5
        self._near: dict[int, list[Clause]] = {}
        for clause in prepared.formula:
            for literal in clause:
                self._near.setdefault(abs(literal), []).append(clause)

    def chains(self, length: int) -> Sequence[Sequence[frozenset[int]]]:
        """Return the samples of chains with different starts, behind a warm-up."""
        chains = [[start] for start in self._starts()]
        while len(chains[-1]) <= length * (1 + _WARM_UP) and not self.is_cancelled():
            for each in chains:
                each.append(self._next(each[-1]))
        num_first = 1 + int((len(chains[-1]) - 1) * _WARM_UP / (1 + _WARM_UP))
        return [each[num_first:] for each in chains]

    def _starts(self) -> list[frozenset[int]]:
        """Return valid configurations near to random ones; a solver of its own repeats itself."""
        from pysat.solvers import Solver

        clauses = sorted(map(sorted, self.prepared.formula))
        with Solver(name="glucose4", bootstrap_with=clauses) as solver:
            found = []
            for _ in range(_CHAINS):
                solver.set_phases([self.random.choice((each, -each)) for each in self.variables])
                solver.solve()
                found.append(self.prepared.open.intersection(solver.get_model()))
        return found

    def _next(self, true: frozenset[int]) -> frozenset[int]:
        """Draw a random part anew; where it is too large, smaller ones from now on."""
        while True:
            free = self._part(math.ceil(self.block * len(self.variables)))
            drawn = self._drawn(true, free)
            if drawn is not None:
                self.block = min(_LARGEST, 1.02 * self.block)
                return (true - free) | (drawn & self.prepared.open)
            self.block *= 0.7

    def _drawn(self, true: frozenset[int], free: set[int]) -> set[int] | None:
        kept = (each if each in true else -each for each in self.variables if each not in free)
        left = fixed(self.prepared.formula, kept)
        if left is None:
            raise AssertionError("the values kept belong to a valid configuration")
        known, rest = left
        try:
            diagram = self.prepared.splitter(_BLOCK_CLAUSES).diagram(
                rest, free - {abs(literal) for literal in known}, {}
            )
        except TooLong:
            return None
        if diagram is None:
            raise AssertionError("the values kept belong to a valid configuration")
        return diagram.draw(self.random) | {each for each in known if each > 0}

    def _part(self, size: int) -> set[int]:
        """Return a random variable and those that clauses join to it, the nearest first."""
        found: set[int] = set()
        waiting: list[int] = []
        while len(found) < size:
            waiting = waiting or [self.random.choice(self.variables)]
            near = set(waiting[: size - len(found)]) - found
            found |= near
            clauses = chain.from_iterable(self._near.get(each, ()) for each in near)
            waiting = sorted({abs(each) for clause in clauses for each in clause} - found)
            self.random.shuffle(waiting)
        return found


def _sampled(
    family: Family, prepared: Prepared, chains: Sequence[Sequence[frozenset[int]]]
) -> Mapping[FeatureName, Share]:
    found: dict[FeatureName, Share] = {}
    for i, feature in enumerate(family.features, start=1):
        if i in prepared.open:
            found[feature.name] = _interval(
                [sum(i in true for true in each) / len(each) for each in chains]
            )
        else:
            share = float(i in prepared.true)
            found[feature.name] = Share(share, share, share)
    return found


def _interval(means: Sequence[float]) -> Share:
    """Return the mean of the chains, and its interval by how much they differ."""
    mean = sum(means) / len(means)
    variance = sum((each - mean) ** 2 for each in means) / (len(means) - 1)
    half = _T_95 * math.sqrt(variance / len(means))
    return Share(mean, max(0.0, mean - half), min(1.0, mean + half))
