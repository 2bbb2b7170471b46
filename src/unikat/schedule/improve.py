"""Improve a schedule in rounds: its windows, or copies, are searched on all cores, then joined."""

from collections.abc import Callable, Sequence
from concurrent.futures import Executor, ThreadPoolExecutor
from dataclasses import dataclass
from itertools import pairwise
from os import cpu_count
from time import perf_counter
from typing import TYPE_CHECKING

import numpy as np

from unikat.schedule.columns import Columns, Ints, ints
from unikat.schedule.construct import decode_placed, empty_placed
from unikat.schedule.cost import Prices
from unikat.schedule.value import NEVER, Links, link, price_table, value_of

if TYPE_CHECKING:
    from unikat.schedule._kernels_push import Lines
    from unikat.schedule._kernels_shelf import Shelf

ROUND = 20
"""Trials of a window in a round, and as many pushes."""
BATCH = 200
"""Rounds between two looks at the clock at most: about 0.1 s, and no time is lost in between."""
SMALL = 300
"""Loads below which one copy is searched: threads would cost more than they bring."""
COPIES = 2
"""How often a schedule too small for windows is searched at once, from different draws."""
PER_LANE = 60
"""Loads a unit does in a window, about; a job longer than its window stays where it is."""
MOST_JOBS = 6
"""Jobs taken out at once at most."""
HOT, COLD = 0.3, 0.002
"""The annealing begins and ends with so many times the mean cost of a job."""
FAR = 1 << 61
Span = tuple[int, int]


@dataclass(frozen=True, slots=True)
class Budget:
    """When to stop: after so many rounds, by `clock` if `seconds` > 0, or when told to.

    Without `rounds` the clock alone decides. `threads` 0: one a core.
    """

    rounds: int | None = None
    seconds: float = 0.0
    is_cancelled: Callable[[], bool] = lambda: False
    threads: int = 0
    clock: Callable[[], float] = perf_counter

    def part(self, done: int, passed: float) -> float:
        """Return which part of the budget is used up."""
        if self.seconds > 0 and passed >= self.seconds:
            return 1.0
        if self.rounds is None:
            return passed / self.seconds
        return done / self.rounds if self.rounds else 1.0

    def batch(self, done: int, passed: float) -> int:
        """Return how many rounds are done before the next look: an eighth of them, or `BATCH`; by
        the clock no more than fit into what is left, and few at first.
        """
        if self.rounds is None:
            left = self.seconds - passed
            fitting = int(done * left / passed) if passed > 0 and done else BATCH // 8
            return max(1, min(BATCH, fitting))
        return min(BATCH, self.rounds - done, max(1, self.rounds // 8))


@dataclass(slots=True)
class Search:
    """A search under way: what it reads, the schedule it stands at, the best, and their values."""

    columns: Columns
    links: Links
    prices: Prices
    fixed: Ints
    seed: int
    is_drawn: bool
    now: Ints
    best: Ints
    value: int
    least: int
    done: int = 0

    def advance(self, pool: Executor, rounds: int, warmth: float) -> None:
        """Do rounds of trials in all windows, join them, and draw the schedule together."""
        spans = cut(self.columns, self.now, self.seed, self.done)
        num_copies = len(spans)
        if len(spans) == 1 and self.now[0].size >= SMALL:
            num_copies = COPIES
        lanes = lanes_of(self.columns, self.now)

        def run(k: int) -> Ints:
            return self.explore(lanes, spans[k % len(spans)], k, rounds * ROUND, warmth)

        tasks = range(num_copies)
        found = list(pool.map(run, tasks) if num_copies > 1 else map(run, tasks))
        if len(spans) > 1:
            found = [join(self.now, found)]
        trials = [decode_placed(self.columns, each) for each in found] if self.is_drawn else found
        values = [value_of(self.columns, each, self.prices) for each in trials]
        self.value = min(values)
        self.now = trials[values.index(self.value)]
        if self.value < self.least:
            self.best, self.least = self.now, self.value
        self.done += rounds

    def explore(
        self, lanes: tuple[Ints, Ints], span: Span, copy: int, trials: int, warmth: float
    ) -> Ints:
        """Return the schedule after trials in one window."""
        from unikat._kernels import by_address
        from unikat.schedule._kernels_push import push
        from unikat.schedule._kernels_reinsert import search
        from unikat.schedule._kernels_window import open_shelf

        columns, links = by_address(self.columns), by_address(self.links)
        shelf = by_address(open_shelf(columns, *lanes, self.fixed, ints(span), self.now))
        keys = (self.seed, self.done, copy)
        draws = np.random.SeedSequence(keys).generate_state(1, np.uint64).astype(np.uint64)
        table = price_table(self.prices)
        search(columns, links, shelf, table, MOST_JOBS, warmth, trials, draws)
        if self.is_drawn:
            lines = by_address(open_lines(shelf, self.columns.jobs.end.size))
            push(columns, links, shelf, lines, table, warmth, trials, draws)
        return shelf.placed


def open_lines(shelf: "Shelf", num_jobs: int) -> "Lines":
    """Return the sequences of a window, topological by start."""
    from unikat.schedule._kernels_push import Lines

    num_loads = shelf.own.size
    units, places = np.nonzero(np.arange(shelf.lane.shape[1]) < shelf.size[:, None])
    inside = shelf.lane[units, places]
    order = inside[np.lexsort((inside, shelf.placed[4, inside], shelf.placed[3, inside]))]
    where, rank, marks, beyond = np.full((4, num_loads), -1)
    where[inside], rank[order] = places, np.arange(order.size)
    return Lines(
        order=order,
        spare=np.empty_like(order),
        rank=rank,
        where=where,
        marks=marks,
        beyond=beyond,
        touched=np.empty_like(order),
        old=np.empty((4, order.size), dtype=np.int64),
        costs=np.zeros(num_jobs, dtype=np.int64),
        seen=np.full(num_jobs, -1),
        jobs=np.empty(num_jobs, dtype=np.int64),
        tally=np.zeros(6, dtype=np.int64),
    )


def improve_by_rounds(
    columns: Columns,
    placed: Ints,
    *,
    prices: Prices,
    seed: int,
    budget: Budget,
    fixed: Ints | None = None,
    is_drawn: bool = True,
    hot: float = HOT,
) -> tuple[Ints, int]:
    """Return the best schedule found from `placed`, and how many rounds were done.

    Draws depend on seed, round and window alone, so the same rounds give the same schedule whatever
    the number of threads. `fixed` (L,) says what stays (see the kernels); by default it is what the
    frozen horizon kept. `is_drawn`: loads may push others, and after each batch the schedule is
    drawn together, which may move anything; `hot` is how far the annealing may climb at first.
    """
    value = value_of(columns, placed, prices)
    if value >= NEVER or columns.loads.ready.size == 0:
        return placed, 0
    fixed = frozen_loads(columns) if fixed is None else fixed
    search = Search(
        columns, link(columns), prices, fixed, seed, is_drawn, placed, placed, value, value
    )
    began = budget.clock()
    with ThreadPoolExecutor(budget.threads or cpu_count() or 1) as pool:
        while not budget.is_cancelled():
            passed = budget.clock() - began
            part = budget.part(search.done, passed)
            if part >= 1:
                break
            mean = search.value / columns.jobs.end.size
            warmth = hot * (COLD / HOT) ** part * mean
            search.advance(pool, budget.batch(search.done, passed), warmth)
    return search.best, search.done


def frozen_loads(columns: Columns) -> Ints:
    """Return 1 for each load that the frozen horizon holds where it was, shape (L,)."""
    from unikat._kernels import by_address
    from unikat.schedule._kernels import decode

    placed, none = empty_placed(columns), np.zeros(columns.loads.ready.size, dtype=np.int64)
    decode(by_address(columns), none[:0], none, none, placed)
    return np.where(placed[0] >= 0, 1, 0)


def lanes_of(columns: Columns, placed: Ints) -> tuple[Ints, Ints]:
    """Return where the loads of each unit begin, and the loads in sequence, unit by unit.

    Of loads of no length at one instant only the first can have a setup.
    """
    is_placed = np.flatnonzero(placed[0] >= 0)
    units = columns.modes.unit[placed[0, is_placed]]
    setups, starts, ends = placed[2:5, is_placed]
    order = np.lexsort((is_placed, setups, ends, starts, units))
    counts = np.bincount(units, minlength=columns.shop.lanes.shape[0])
    return np.concatenate((ints([0]), np.cumsum(counts))), is_placed[order]


def cut(columns: Columns, placed: Ints, seed: int, done: int) -> Sequence[Span]:
    """Return the windows of a round: equal numbers of loads, their borders drawn anew each time."""
    num_units = np.unique(columns.modes.unit[placed[0]]).size
    num = placed[0].size // (PER_LANE * num_units)
    if num < 2:
        return ((0, FAR),)
    shift = np.random.default_rng((seed, done)).random()
    starts = np.sort(placed[3])
    borders = [int(starts[int((k + shift) * starts.size / num)]) for k in range(num)]
    ends = [0, *sorted(set(borders)), FAR]
    return tuple(pairwise(ends))


def join(before: Ints, found: Sequence[Ints]) -> Ints:
    """Return what all windows changed, in one schedule."""
    joined = before.copy()
    for each in found:
        changed = (each != before).any(axis=0)
        joined[:, changed] = each[:, changed]
    return joined
