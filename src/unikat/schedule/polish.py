"""Solve a small shop with CP-SAT: the exact peer of our search, in tests and benches.

Per load its start and finish, per mode a presence, per pair of loads that may meet on a unit one
Boolean, who goes first, for all units they share. Measured at 60 jobs, a circuit a unit with a
literal for each pair of neighbours has 110,000 Booleans and found nothing in the time in which this
form (20,000) found most of what there is. Setups count by what they delay: as a price of their own
they would need the circuit, and are about a hundredth of the objective. Where no unit closes and
nothing is counted the model is exact if setups obey the triangle inequality; else it is refused.
"""

from concurrent.futures import ThreadPoolExecutor, wait
from itertools import combinations
from time import process_time
from typing import TYPE_CHECKING

import numpy as np

from unikat.schedule.columns import Columns, Ints
from unikat.schedule.construct import decode_placed
from unikat.schedule.cost import Prices
from unikat.schedule.value import ends_of, link, value_of

if TYPE_CHECKING:
    from ortools.sat.python.cp_model import CpModel, IntVar, LiteralT

WORKERS = 8
"""CP-SAT needs its portfolio, also on two cores."""
PROVABLE = 2_000
"""Pairs above which all workers search neighbourhoods (60 jobs: 54 % of gain against 24 %)."""
MOST_PAIRS = 40_000
"""Pairs that may meet in a first model at most: beyond, a load stays nearer to where it was."""
NARROWER = 0.8
LOOK_S = 0.02


def is_plain(columns: Columns) -> bool:
    """Tell whether every calendar is always open and nothing counted is needed."""
    calendars = columns.shop.calendars
    return bool(
        columns.loads.need.size == 0
        and (calendars[:, 2] == 0).all()
        and (calendars[:, 1] == calendars[:, 0] + 1).all()
    )


def polish(columns: Columns, placed: Ints, *, prices: Prices, cpu_seconds: float) -> Ints:
    """Return the schedule or a better one found in `cpu_seconds` of 8 workers, model included.

    All loads are free but those of the frozen horizon. Up to about 60 jobs nothing is left out of
    the model; in larger ones each load stays in a span around its start, and once that is solved
    the spans move along, or widen if nothing was gained.
    """
    if not is_plain(columns) or placed[0].min() < 0:
        return placed
    until, pairs = process_time() + cpu_seconds, MOST_PAIRS
    best, least, is_solved = placed, value_of(columns, placed, prices), False
    while not is_solved and process_time() < until:
        model = _Model(columns, best, prices, pairs)
        found = model.solve(until)
        if found is None:
            break
        found = decode_placed(columns, found)
        value = value_of(columns, found, prices)
        is_solved = model.is_whole
        if value < least:
            best, least = found, value
        else:
            pairs *= 2
    return best


class _Model:
    """The model, with the schedule as its hint and as the limit of how tardy a job may be."""

    def __init__(self, columns: Columns, placed: Ints, prices: Prices, pairs: int) -> None:
        from ortools.sat.python import cp_model

        self.columns, self.placed, self.prices = columns, placed, prices
        self.model: CpModel = cp_model.CpModel()
        spans = _spans(columns, placed, prices)
        self.low, self.high = _near(columns, placed, *spans, pairs)
        self.is_whole = self.low is spans[0]
        self.start = [self._time(k, placed[3]) for k in range(placed[0].size)]
        self.finish = [self._time(k, placed[4]) for k in range(placed[0].size)]
        self.here: list[IntVar] = []
        self.first: dict[tuple[int, int], IntVar] = {}
        self.objective: list[tuple[int, IntVar]] = []
        self._modes()
        self._precedence()
        for unit in range(columns.shop.lanes.shape[0]):
            self._lane(unit)
        self._ends()
        for load in columns.loads.frozen.tolist():
            if placed[3, load] == columns.loads.old_start[load]:
                self.model.add(self.start[load] == int(placed[3, load]))
                self.model.add(self.here[int(placed[0, load])] == 1)

    def _time(self, load: int, hint: Ints) -> "IntVar":
        return self._hinted(int(self.low[load]), int(self.high[load]), int(hint[load]))

    def _hinted(self, low: int, high: int, hint: int) -> "IntVar":
        """Return a new variable; a hint makes the schedule the first solution."""
        new = self.model.new_int_var(low, high, "")
        self.model.add_hint(new, hint)
        return new

    def _modes(self) -> None:
        """A load is done in one of its modes, and takes as long as that."""
        modes = self.columns.modes
        for load, start in enumerate(self.start):
            mine = range(modes.ptr[load], modes.ptr[load + 1])
            self.here += [self._hinted(0, 1, int(self.placed[0, load] == mode)) for mode in mine]
            self.model.add_exactly_one(self.here[mode] for mode in mine)
            seconds = sum(int(modes.seconds[mode]) * self.here[mode] for mode in mine)
            self.model.add(self.finish[load] == start + seconds)

    def _precedence(self) -> None:
        """A load starts when what it waits for has arrived."""
        loads, modes, travel = self.columns.loads, self.columns.modes, self.columns.shop.travel
        for load in range(len(self.start)):
            for before, origin, finish in loads.source[
                loads.source_ptr[load] : loads.source_ptr[load + 1]
            ].tolist():
                if before >= 0:
                    self.model.add(self.start[load] >= self.finish[before])
                for mode in range(modes.ptr[load], modes.ptr[load + 1]):
                    unit = modes.unit[mode]
                    if before < 0:
                        arrival = finish + int(travel[origin, unit])
                        self.model.add(self.start[load] >= arrival).only_enforce_if(self.here[mode])
                        continue
                    for other in range(modes.ptr[before], modes.ptr[before + 1]):
                        ride = int(travel[modes.unit[other], unit])
                        if ride > 0:
                            late = self.start[load] >= self.finish[before] + ride
                            both = [self.here[mode], self.here[other]]
                            self.model.add(late).only_enforce_if(both)

    def _lane(self, unit: int) -> None:
        """Of two loads on a unit one goes first, and the other waits for it and its own setup."""
        columns, model = self.columns, self.model
        modes = np.flatnonzero(columns.modes.unit == unit).tolist()
        free, family = columns.shop.lanes[unit].tolist()
        stays = []
        for mode in modes:
            load, here = int(columns.modes.load[mode]), self.here[mode]
            ready = free + self._setup(unit, family, load)
            model.add(self.start[load] >= ready).only_enforce_if(here)
            stay = (self.start[load], int(columns.modes.seconds[mode]), here, "")
            stays.append(model.new_optional_fixed_size_interval_var(*stay))
        model.add_no_overlap(stays)
        for mode, other in combinations(modes, 2):
            pair = int(columns.modes.load[mode]), int(columns.modes.load[other])
            if pair[0] != pair[1]:
                self._pair(unit, pair, [self.here[mode], self.here[other]])

    def _pair(self, unit: int, pair: tuple[int, int], both: list["IntVar"]) -> None:
        """Say who goes first, unless the spans of both say it already."""
        one, two = pair
        family = self.columns.loads.family
        gaps = (
            self._setup(unit, int(family[one]), two),
            self._setup(unit, int(family[two]), one),
        )
        if self.high[one] + gaps[0] <= self.low[two] or self.high[two] + gaps[1] <= self.low[one]:
            return
        if pair not in self.first:
            starts = self.placed[3]
            self.first[pair] = self._hinted(0, 1, int(starts[one] <= starts[two]))
        goes: LiteralT = self.first[pair]
        behind = self.start[two] >= self.finish[one] + gaps[0]
        before = self.start[one] >= self.finish[two] + gaps[1]
        self.model.add(behind).only_enforce_if([goes, *both])
        self.model.add(before).only_enforce_if([~goes, *both])

    def _setup(self, unit: int, before: int, load: int) -> int:
        shop, family = self.columns.shop, int(self.columns.loads.family[load])
        if shop.setup[unit] < 0 or family < 0 or before == family:
            return 0
        return int(shop.change[shop.setup[unit], before if before >= 0 else -1, family])

    def _ends(self) -> None:
        """Tardiness of each job; a broken promise is a literal."""
        columns, links, ends = self.columns, link(self.columns), ends_of(self.columns, self.placed)
        for job, hint in enumerate(ends.tolist()):
            loads = links.load[links.load_ptr[job] : links.load_ptr[job + 1]].tolist()
            aim, due = int(columns.jobs.finish[job]), int(columns.jobs.due[job])
            latest = max(hint, *(int(self.high[load]) for load in loads))
            late = self._hinted(0, max(0, latest - aim), max(0, hint - aim))
            self.model.add(late >= int(columns.jobs.end[job]) - aim)
            for load in loads:
                self.model.add(late >= self.finish[load] - aim)
            self.objective.append((self.prices.tardiness * int(columns.jobs.weight[job]), late))
            if self.prices.broken:
                is_broken = self._hinted(0, 1, int(hint > due))
                for load in loads:
                    self.model.add(self.finish[load] <= due).only_enforce_if(~is_broken)
                self.objective.append((self.prices.broken, is_broken))

    def solve(self, until: float) -> Ints | None:
        """Return what CP-SAT found, loads in modes from start to finish; setups are left open."""
        from ortools.sat.python import cp_model

        scale = max(self.prices.tardiness, 1)
        terms = [(price // scale, term) for price, term in self.objective if price >= scale]
        self.model.minimize(sum(price * term for price, term in terms))
        solver = cp_model.CpSolver()
        solver.parameters.num_workers = WORKERS
        if len(self.first) > PROVABLE:
            solver.parameters.use_lns_only = True
            solver.parameters.cp_model_probing_level = 0
            solver.parameters.symmetry_level = 0
        with ThreadPoolExecutor(1) as pool:
            running = pool.submit(solver.solve, self.model)
            while not wait((running,), timeout=LOOK_S).done:
                if process_time() >= until:
                    solver.stop_search()
        if running.result() not in {cp_model.OPTIMAL, cp_model.FEASIBLE}:
            return None
        found = self.placed.copy()
        found[0] = [mode for mode, here in enumerate(self.here) if solver.value(here)]
        found[3] = [solver.value(start) for start in self.start]
        found[4] = [solver.value(finish) for finish in self.finish]
        return found


def _spans(columns: Columns, placed: Ints, prices: Prices) -> tuple[Ints, Ints]:
    """Return from when and until when each load can be at work in a schedule that is better.

    No job may be so tardy that it alone costs more than the whole schedule does.
    """
    jobs, loads, modes = columns.jobs, columns.loads, columns.modes
    horizon = int(placed[4].max()) + int(modes.seconds.max())
    price = prices.tardiness * jobs.weight
    most = value_of(columns, placed, prices) // np.maximum(price, 1)
    latest = np.where(price > 0, np.minimum(jobs.finish + most + 1, horizon), horizon)
    latest = np.maximum(latest, ends_of(columns, placed))
    shortest = np.minimum.reduceat(modes.seconds, modes.ptr[:-1])
    low, high = loads.ready.copy(), np.full(loads.ready.size, horizon)
    np.minimum.at(high, columns.steps.load, latest[columns.steps.job])
    after = np.repeat(np.arange(low.size), np.diff(loads.source_ptr))
    pairs = [(b, a) for b, a in zip(loads.source[:, 0].tolist(), after.tolist(), strict=True)]
    for before, load in pairs:
        if before >= 0:
            low[load] = max(low[load], low[before] + shortest[before])
    for before, load in reversed(pairs):
        if before >= 0:
            high[before] = min(high[before], high[load] - shortest[load])
    return low, high


def _near(columns: Columns, placed: Ints, low: Ints, high: Ints, pairs: int) -> tuple[Ints, Ints]:
    """Return the spans, or narrower ones where more than so many pairs could meet."""
    reach = float(high.max() - low.min())
    first, last = low, high
    while reach >= 1 and _pairs(columns, first, last) > pairs:
        reach *= NARROWER
        first = np.maximum(low, placed[3] - int(reach))
        last = np.minimum(high, placed[4] + int(reach))
    return first, last


def _pairs(columns: Columns, low: Ints, high: Ints) -> int:
    """Return how many pairs of modes could meet on a unit."""
    total = 0
    for unit in np.unique(columns.modes.unit):
        loads = columns.modes.load[columns.modes.unit == unit]
        loads = loads[np.argsort(low[loads], kind="stable")]
        meet = np.searchsorted(low[loads], high[loads], side="left") - np.arange(loads.size) - 1
        total += int(np.maximum(meet, 0).sum())
    return total
