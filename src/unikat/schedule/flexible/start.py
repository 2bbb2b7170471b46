"""First schedules: forward dispatch by a few rules, and the makespan of what others propose."""

from dataclasses import dataclass

import numpy as np

from unikat.schedule.flexible.model import Draws, FlexibleShop, Ints

RULES = ((0, 0), (100, 0), (0, 10), (300, 0), (100, 20), (300, 50))  # noise ‰, slack % of a mean


@dataclass(frozen=True, slots=True, eq=False)
class Candidate:
    """A mode of each step and a sequence of all steps, with the starts and makespan they give.

    `style` is the row of `hunt.STYLES` this schedule was improved with: children inherit it.
    """

    modes: Ints
    sequence: Ints
    starts: Ints
    makespan: int
    style: int = 0


def evaluate(shop: FlexibleShop, modes: Ints, sequence: Ints, style: int = 0) -> Candidate:
    """Decode modes and a sequence into earliest starts."""
    from unikat.schedule.flexible._kernels import decode

    starts = decode(shop.last, shop.mode_unit, shop.mode_work, modes, sequence, shop.num_units)
    makespan = int((starts + shop.mode_work[modes]).max())
    return Candidate(modes, sequence, starts, makespan, style)


def generator_state(*keys: int) -> Draws:
    """Return the state of a kernel's generator for these keys; never 0."""
    return np.random.SeedSequence(keys).generate_state(1, np.uint64) | np.uint64(1)


def construct(shop: FlexibleShop, seed: int, number: int) -> Candidate:
    """Return the best of six dispatches; `number` tells the constructions of a seed apart."""
    from unikat.schedule.flexible._kernels import dispatch

    num_modes = np.diff(shop.mode_ptr)
    share = shop.mode_work // np.repeat(num_modes, num_modes)
    load = np.zeros(shop.num_units, np.int64)
    np.add.at(load, shop.mode_unit, share)
    mean = int(shop.shortest.mean())
    found = []
    for rule, (noise, slack) in enumerate(RULES):
        modes, sequence = dispatch(
            shop.job_ptr, shop.mode_ptr, shop.mode_unit, shop.mode_work, shop.tails + shop.shortest,
            load, shop.num_units, noise + 50 * (number > 0), mean * slack // 100,
            generator_state(seed, number, rule),
        )  # fmt: skip
        found.append(evaluate(shop, modes, sequence, number))
    return min(found, key=lambda candidate: candidate.makespan)
