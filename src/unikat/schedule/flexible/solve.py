"""Find a short schedule: construct and search, let CP-SAT prove or improve, search on, return the
best.
"""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from time import perf_counter

import numpy as np

from unikat.schedule.flexible.bound import bound_makespan
from unikat.schedule.flexible.elite import Elite
from unikat.schedule.flexible.fjs import build_shop
from unikat.schedule.flexible.hunt import Hunt, Watch
from unikat.schedule.flexible.model import FlexibleSchedule, FlexibleShop
from unikat.schedule.flexible.start import construct, evaluate

SIZE = 5  # of the elite set
THREADS = 2
PROVE_FROM, PROVE_TO = 0.35, 0.7  # of the time
PROVABLE_STEPS_PER_S = 12  # in less time CP-SAT neither proves nor improves anything
PROVABLE_MODES = 3_000


def solve_shop(
    shop: FlexibleShop,
    *,
    seconds: float = 10.0,
    seed: int = 1,
    rounds: int | None = None,
    threads: int = THREADS,
    clock: Callable[[], float] = perf_counter,
    is_cancelled: Callable[[], bool] = lambda: False,
) -> FlexibleSchedule:
    """Return the shortest schedule found, with a lower bound; it ends at once when the two meet.

    Stops after `seconds` of `clock`, or when `is_cancelled` says so, with the best schedule until
    then. With `rounds` the clock is not read and CP-SAT is left out: the same shop, seed and
    rounds give the same schedule on any machine, with any number of threads.
    """
    _warm_up()
    began = clock()
    scaled, factor = _without_zeros(shop)
    bound = bound_makespan(shop)
    elite = Elite(scaled, SIZE, [construct(scaled, seed, 0)])
    hunt = Hunt(scaled, elite, Watch(clock, is_cancelled), seed, threads, _target(bound, factor))
    if rounds is None:
        hunt.watch.extend(began + PROVE_FROM * seconds)
        hunt.run(None)
        if _is_provable(shop, seconds) and not hunt.is_met():
            hunt.watch.extend(began + PROVE_TO * seconds)
            bound = _prove(shop, hunt, bound, seconds)
            hunt.target = _target(bound, factor)
        hunt.watch.extend(began + seconds)
    hunt.run(rounds)
    best = elite.members[0]
    found = evaluate(shop, best.modes, best.sequence)
    return FlexibleSchedule(found.modes, found.starts, found.makespan, bound, hunt.rounds, seed)


def _warm_up() -> None:
    """Compile the kernels, or load them, before a clock is read: seconds, the first time."""
    tiny = build_shop([[[(1, 1)]]], 1)
    watch = Watch(perf_counter, lambda: False)
    start = construct(tiny, 0, 0)
    hunt = Hunt(tiny, Elite(tiny, 1, [start]), watch, 0, 1, bound_makespan(tiny))
    for style in (0, 1):  # the first of STYLES have a kernel each
        hunt.improve(replace(start, style=style), (0, 0, 0))


def _is_provable(shop: FlexibleShop, seconds: float) -> bool:
    """Say whether a part of so many seconds is well spent on CP-SAT."""
    is_small = shop.num_steps <= PROVABLE_STEPS_PER_S * seconds
    return is_small and shop.mode_work.size <= PROVABLE_MODES


def _prove(shop: FlexibleShop, hunt: Hunt, bound: int, seconds: float) -> int:
    """Let CP-SAT work from the best schedule until the watch says stop; return the bound known
    then.
    """
    from unikat.schedule.flexible.prove import Prover

    best = hunt.elite.members[0]
    known = evaluate(shop, best.modes, best.sequence)
    prover = Prover(shop, known.modes, known.starts, bound, hunt.seed)
    with ThreadPoolExecutor(1) as pool:
        task = pool.submit(prover.run, 100.0 * seconds)
        (proof,) = hunt.watch.wait_for([task], prover.stop)
    if proof.modes is not None and proof.starts is not None:
        finishes = proof.starts + shop.mode_work[proof.modes]
        sequence = np.lexsort((finishes, proof.starts))
        hunt.elite.add(evaluate(hunt.shop, proof.modes, sequence))
    return proof.bound


def _target(bound: int, factor: int) -> int:
    """Return the longest scaled makespan that is the bound when scaled back."""
    return (bound + 1) * factor - 1


def _without_zeros(shop: FlexibleShop) -> tuple[FlexibleShop, int]:
    """Return the shop with durations times a factor and 1 for each 0, as the search wants work
    above 0.

    The factor is above the number of steps, so a makespan divided by it, rounded down, is the true
    one.
    """
    if shop.mode_work.all():
        return shop, 1
    factor = shop.num_steps + 1
    return replace(shop, mode_work=np.maximum(shop.mode_work * factor, 1)), factor
