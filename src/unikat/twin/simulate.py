"""Simulate a compiled floor many times, on all cores: the same numbers whatever their count."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import numpy as np

from unikat.terms import Instant
from unikat.twin.layout import FloorProblem, Ints
from unikat.twin.line import Line, find_line

TASK = 50
"""Replications of one task of a thread."""


@dataclass(frozen=True, slots=True, eq=False)
class FinishTimes:
    """What replications found: `finishes` int64 (R, J), when each job left, -1 if it never did;
    `occurrences` int64 (R,), arrivals, ends of steps and setups, failures and repairs, deliveries;
    `stuck` int64 (R,), the jobs that waited for each other for ever; `ends` int64 (R,), the last
    instant; `nudges` int64 (R,), moves begun only because nothing would have happened otherwise.
    """

    finishes: Ints
    occurrences: Ints
    stuck: Ints
    ends: Ints
    nudges: Ints


def simulate(
    problem: FloorProblem,
    state: Ints | None = None,
    *,
    replications: int,
    seed: int,
    first: int = 0,
    threads: int = 1,
) -> FinishTimes:
    """Play `replications` from a state (None: from the start), counted from `first` on.

    Each draw depends on (seed, replication, step or failure of a unit) alone, so neither threads
    nor how the replications are split change a number.
    """
    from unikat.twin import _kernels as k

    origin = problem.origin if state is None else state
    line = find_line(problem, origin)
    play_on = _by_agenda(problem) if line is None else _along(problem, line)
    finishes = np.empty((replications, len(problem.jobs)), dtype=np.int64)
    totals = np.empty((replications, 5), dtype=np.int64)

    def play(start: int) -> None:
        played = np.empty_like(origin)
        for i in range(start, min(start + TASK, replications)):
            played[:] = origin
            k.begin_replication(problem.p, problem.q, played, fold(seed), first + i)
            play_on(played)
            finishes[i] = played[problem.jobs + k.FINISH]
            totals[i] = played[[k.OCCURRENCES, k.STUCK, k.NOW, k.NUDGES, k.IS_FULL]]

    tasks = range(0, replications, TASK)
    if threads == 1 or len(tasks) == 1:
        for start in tasks:
            play(start)
    else:
        with ThreadPoolExecutor(threads) as pool:
            list(pool.map(play, tasks))
    if totals[:, 4].any():
        raise AssertionError("the agenda of the simulation was laid out too small")
    return FinishTimes(finishes, totals[:, 0], totals[:, 1], totals[:, 2], totals[:, 3])


def _by_agenda(problem: FloorProblem) -> Callable[[Ints], None]:
    """Return what plays a state to its end, one occurrence after the other."""
    from unikat.twin import _kernels as k

    return lambda state: k.advance(problem.p, problem.q, state, k.NEVER - 1)


def _along(problem: FloorProblem, line: Line) -> Callable[[Ints], None]:
    """Return what plays a line's state to its end, one part after the other."""
    from unikat.twin._kernels_line import advance_line

    size = (len(line.jobs) + 2) * len(line.units)
    entries = line.entries.ravel()
    return lambda state: advance_line(
        problem.p, problem.q, state, line.jobs, entries, line.units, np.empty(size, dtype=np.int64)
    )


def fold(seed: int) -> int:
    """Return a seed of any size as 63 bits: the kernel knows one type of integer."""
    return (seed ^ seed >> 63) & 0x7FFF_FFFF_FFFF_FFFF


def open_state(problem: FloorProblem, *, seed: int, replication: int = 0) -> Ints:
    """Return a state ready to be moved on by `run_until`: what it begins with is drawn."""
    from unikat.twin import _kernels

    state = problem.origin.copy()
    _kernels.begin_replication(problem.p, problem.q, state, fold(seed), replication)
    return state


def run_until(problem: FloorProblem, state: Ints, until: Instant) -> Ints:
    """Return the state at an instant; the one given stays as it is, so that it can be forked."""
    from unikat.twin import _kernels

    after = state.copy()
    _kernels.advance(problem.p, problem.q, after, until)
    return after
