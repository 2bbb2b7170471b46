"""Polish a schedule with CP-SAT: exact on small windows, a prover, and the peer of our benches.

It sees what the columns say of units that never close and need nothing counted: modes, setups
between neighbours (a circuit a unit), travel, releases, weights. Everything else is refused, so
that its answer is never an illegal schedule.
"""

from collections import defaultdict
from concurrent.futures import ThreadPoolExecutor, wait
from time import process_time
from typing import TYPE_CHECKING

import numpy as np

from unikat.schedule.columns import Columns, Ints
from unikat.schedule.construct import decode_placed
from unikat.schedule.cost import Prices
from unikat.schedule.value import link, value_of

if TYPE_CHECKING:
    from ortools.sat.python.cp_model import CpModel, IntVar, LiteralT

WORKERS = 8
"""CP-SAT needs its portfolio, also on two cores."""
SCALE = 10_000
"""Prices are divided by it: the objective of a solver must stay far from overflow."""
MOST_ARCS = 400_000
"""Pairs of neighbours in the model at most; beyond, only loads that start near each other pair."""
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
    """Return the schedule or a better one found in `cpu_seconds` of 8 workers.

    All loads are free but those of the frozen horizon. The model grows with the square of the
    loads a unit could do: meant for up to about a hundred.
    """
    if not is_plain(columns) or placed[0].min() < 0:
        return placed
    found = _Model(columns, placed, prices).solve(cpu_seconds)
    if found is None:
        return placed
    found = decode_placed(columns, found)
    return min((placed, found), key=lambda each: value_of(columns, each, prices))


class _Model:
    """The model: per load its times, per mode a presence, per unit a circuit of neighbours."""

    def __init__(self, columns: Columns, placed: Ints, prices: Prices) -> None:
        from ortools.sat.python import cp_model

        self.columns, self.placed, self.prices = columns, placed, prices
        self.model: CpModel = cp_model.CpModel()
        self.end = int(placed[4].max()) + int(columns.modes.seconds.max())
        num = placed[0].size
        new = self.model.new_int_var
        low = columns.loads.ready.tolist()
        self.start = [new(low[k], self.end, "") for k in range(num)]
        self.finish = [new(low[k], self.end, "") for k in range(num)]
        self.here: list[IntVar] = [self.model.new_bool_var("") for _ in columns.modes.load]
        self.objective: list[tuple[int, LiteralT]] = []
        self._modes()
        self._precedence()
        counts = np.bincount(columns.modes.unit).astype(np.int64)
        reach = int(counts.max())
        while reach > 4 and (counts * np.minimum(counts, 2 * reach)).sum() > MOST_ARCS:
            reach = reach * 3 // 4
        for unit in range(columns.shop.lanes.shape[0]):
            self._lane(unit, reach)
        self._ends()
        for load in columns.loads.frozen.tolist():
            if placed[3, load] == columns.loads.old_start[load]:
                self.model.add(self.start[load] == int(placed[3, load]))
                self.model.add(self.here[int(placed[0, load])] == 1)
        for load in range(num):
            self.model.add_hint(self.start[load], int(placed[3, load]))
            self.model.add_hint(self.finish[load], int(placed[4, load]))

    def _modes(self) -> None:
        """A load is done in one of its modes."""
        columns = self.columns
        for load in range(len(self.start)):
            modes = range(columns.modes.ptr[load], columns.modes.ptr[load + 1])
            self.model.add_exactly_one(self.here[mode] for mode in modes)
            for mode in modes:
                seconds = int(columns.modes.seconds[mode])
                same = self.finish[load] == self.start[load] + seconds
                self.model.add(same).only_enforce_if(self.here[mode])
                self.model.add_hint(self.here[mode], int(self.placed[0, load] == mode))

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

    def _lane(self, unit: int, reach: int) -> None:
        """The loads of a unit form a circuit through node 0; who follows whom decides the setup."""
        columns = self.columns
        modes = np.flatnonzero(columns.modes.unit == unit)
        order = np.argsort(self.placed[3, columns.modes.load[modes]], kind="stable")
        modes = modes[order].tolist()
        free, family = columns.shop.lanes[unit].tolist()
        mine = [m for m in modes if self.placed[0, columns.modes.load[m]] == m]
        sequence = sorted(mine, key=lambda m: self.placed[3, columns.modes.load[m]])
        after = dict(zip([-1, *sequence], [*sequence, -1], strict=True))
        model, arcs = self.model, []
        node = {mode: k + 1 for k, mode in enumerate(modes)}

        def arc(first: int, second: int) -> "IntVar":
            literal = model.new_bool_var("")
            arcs.append((node.get(first, 0), node.get(second, 0), literal))
            model.add_hint(literal, int(after.get(first, first) == second))
            return literal

        arc(-1, -1)
        stays = []
        for position, mode in enumerate(modes):
            load = int(columns.modes.load[mode])
            seconds = int(columns.modes.seconds[mode])
            stay = (self.start[load], seconds, self.finish[load], self.here[mode])
            stays.append(model.new_optional_interval_var(*stay, ""))
            arcs.append((node[mode], node[mode], ~self.here[mode]))
            arc(mode, -1)
            setup = self._setup(unit, family, load)
            literal = arc(-1, mode)
            model.add(self.start[load] >= free + setup).only_enforce_if(literal)
            self.objective.append((setup * self.prices.setup, literal))
            near = set(modes[max(0, position - reach) : position + reach + 1])
            near |= {first for first, second in after.items() if second == mode and first >= 0}
            for other in near:
                before = int(columns.modes.load[other])
                if before == load:
                    continue
                setup = self._setup(unit, int(columns.loads.family[before]), load)
                literal = arc(other, mode)
                gap = self.start[load] >= self.finish[before] + setup
                model.add(gap).only_enforce_if(literal)
                self.objective.append((setup * self.prices.setup, literal))
        model.add_circuit(arcs)
        model.add_no_overlap(stays)

    def _setup(self, unit: int, before: int, load: int) -> int:
        shop, family = self.columns.shop, int(self.columns.loads.family[load])
        if shop.setup[unit] < 0 or family < 0 or before == family:
            return 0
        return int(shop.change[shop.setup[unit], before if before >= 0 else -1, family])

    def _ends(self) -> None:
        """Tardiness and flow of each job; a broken promise is a literal."""
        columns, links = self.columns, link(self.columns)
        by_job = defaultdict(list)
        for job in range(columns.jobs.end.size):
            by_job[job] = links.load[links.load_ptr[job] : links.load_ptr[job + 1]].tolist()
        for job, loads in by_job.items():
            begin = int(columns.jobs.end[job])
            end = self.model.new_int_var(begin, self.end, "")
            late = self.model.new_int_var(0, self.end, "")
            hint = max(begin, *(int(self.placed[4, load]) for load in loads))
            for load in loads:
                self.model.add(end >= self.finish[load])
            self.model.add(late >= end - int(columns.jobs.finish[job]))
            self.model.add_hint(end, hint)
            self.model.add_hint(late, max(0, hint - int(columns.jobs.finish[job])))
            weight = int(columns.jobs.weight[job])
            self.objective.append((self.prices.tardiness * weight, late))
            self.objective.append((self.prices.flow, end))
            if self.prices.broken:
                is_broken = self.model.new_bool_var("")
                kept = end <= int(columns.jobs.due[job])
                self.model.add(kept).only_enforce_if(~is_broken)
                self.model.add_hint(is_broken, int(hint > columns.jobs.due[job]))
                self.objective.append((self.prices.broken, is_broken))

    def solve(self, cpu_seconds: float) -> Ints | None:
        """Return what CP-SAT found, loads in modes from start to finish; setups are left open."""
        from ortools.sat.python import cp_model

        terms = [(price // SCALE, term) for price, term in self.objective if price >= SCALE]
        self.model.minimize(sum(price * term for price, term in terms))
        solver = cp_model.CpSolver()
        solver.parameters.num_workers = WORKERS
        end = process_time() + cpu_seconds
        with ThreadPoolExecutor(1) as pool:
            running = pool.submit(solver.solve, self.model)
            while not wait((running,), timeout=LOOK_S).done:
                if process_time() >= end:
                    solver.stop_search()
        if running.result() not in {cp_model.OPTIMAL, cp_model.FEASIBLE}:
            return None
        found = self.placed.copy()
        found[0] = [mode for mode, here in enumerate(self.here) if solver.value(here)]
        found[3] = [solver.value(start) for start in self.start]
        found[4] = [solver.value(finish) for finish in self.finish]
        return found
