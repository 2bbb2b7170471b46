"""A lower bound on the makespan from what the jobs take and what sets of units must carry."""

from collections.abc import Iterable, Iterator

import numpy as np
import numpy.typing as npt

from unikat.schedule.flexible.model import FlexibleShop, Ints

Flags = npt.NDArray[np.bool_]


def bound_makespan(shop: FlexibleShop) -> int:
    """Return the largest of: the longest job, and the load bound of every set of units looked at.

    Looked at are the eligible units of each step, unions of these in the sequence of their load per
    unit, and all units. A step counts for a set when all its modes lie inside; heads and tails are
    those of its job.
    """
    from unikat.schedule.flexible._kernels import bound_subset

    falling = np.argsort(-shop.heads, kind="stable")
    heads, works, tails = (column[falling] for column in (shop.heads, shop.shortest, shop.tails))
    eligible = eligible_units(shop)[falling]
    best = int((shop.heads + shop.shortest + shop.tails).max())
    for units in unit_sets(shop, eligible, works):
        inside = ~(eligible & ~units).any(axis=1)
        size = int(units.sum())
        best = max(best, int(bound_subset(heads[inside], works[inside], tails[inside], size)))
    return best


def eligible_units(shop: FlexibleShop) -> Flags:
    """Return which units each step may use; bool, shape (N, units)."""
    eligible = np.zeros((shop.num_steps, shop.num_units), np.bool_)
    steps = np.repeat(np.arange(shop.num_steps), np.diff(shop.mode_ptr))
    eligible[steps, shop.mode_unit] = True
    return eligible


def unit_sets(shop: FlexibleShop, eligible: Flags, works: Ints) -> Iterable[Flags]:
    """Yield the sets of units worth a bound, each once."""
    seen: set[bytes] = set()
    for units in _candidates(eligible, works):
        if units.tobytes() not in seen:
            seen.add(units.tobytes())
            yield units


def _candidates(eligible: Flags, works: Ints) -> Iterator[Flags]:
    sets, kind = np.unique(eligible, axis=0, return_inverse=True)
    load = np.bincount(kind.ravel(), works, len(sets)).astype(np.float64)
    yield eligible.sum(axis=0) > 0
    yield from sets
    for start in np.argsort(-load / sets.sum(axis=1), kind="stable")[:32]:
        yield from _unions(sets, load, sets[start])


def _unions(
    sets: Flags,
    load: npt.NDArray[np.float64],
    units: Flags,
) -> Iterator[Flags]:
    """Grow a set by the eligible set that leaves the most load per unit, until it holds all."""
    while True:
        inside = ~(sets & ~units).any(axis=1)
        if inside.all():
            return
        grown = sets[~inside] | units
        carried = [load[~(sets & ~wide).any(axis=1)].sum() for wide in grown]
        units = grown[int(np.argmax(np.array(carried) / grown.sum(axis=1)))]
        yield units
