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
    """Return the best of six dispatches; `number` tells the constructions of a seed apart.

    Every second one has balanced units: to take what is free first is to take slow units too.
    """
    chosen = balance(shop) if number % 2 else None
    best = _dispatch(shop if chosen is None else _with_modes(shop, chosen), seed, number)
    modes = best.modes if chosen is None else chosen
    return evaluate(shop, modes, best.sequence, number // 2)


def balance(shop: FlexibleShop) -> Ints:
    """Return a mode of each step such that the largest load of a unit is small.

    Starts from the shortest modes; while a step of the fullest unit finds one that stays less full,
    the step whose work grows least moves there.
    """
    steps = np.repeat(np.arange(shop.num_steps), np.diff(shop.mode_ptr))
    sequence = np.lexsort((shop.mode_work, steps))
    modes = sequence[shop.mode_ptr[:-1]]
    load = np.zeros(shop.num_units, np.int64)
    np.add.at(load, shop.mode_unit[modes], shop.mode_work[modes])
    for _ in range(20 * shop.num_steps):
        fullest = int(load.argmax())
        is_there = shop.mode_unit[modes[steps]] == fullest
        fits = load[shop.mode_unit] + shop.mode_work < load[fullest]
        movable = np.flatnonzero(is_there & fits & (shop.mode_unit != fullest))
        if not movable.size:
            break
        growth = shop.mode_work[movable] - shop.mode_work[modes[steps[movable]]]
        taken = movable[np.lexsort((load[shop.mode_unit[movable]], growth))[0]]
        step = steps[taken]
        load[fullest] -= shop.mode_work[modes[step]]
        load[shop.mode_unit[taken]] += shop.mode_work[taken]
        modes[step] = taken
    return modes


def _with_modes(shop: FlexibleShop, modes: Ints) -> FlexibleShop:
    """Return the shop with one mode a step."""
    return FlexibleShop(
        shop.job_ptr,
        np.arange(shop.num_steps + 1),
        shop.mode_unit[modes],
        shop.mode_work[modes],
        shop.num_units,
    )


def _dispatch(shop: FlexibleShop, seed: int, number: int) -> Candidate:
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
