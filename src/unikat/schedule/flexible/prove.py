"""CP-SAT as a member of the portfolio: it closes small shops, and raises the bound of others."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from unikat.schedule.flexible.model import FlexibleShop, Ints

if TYPE_CHECKING:
    from ortools.sat.python.cp_model import CpModel, IntervalVar, IntVar

WORKERS = 8  # CP-SAT needs its portfolio, however few cores there are


@dataclass(frozen=True, slots=True, eq=False)
class Proof:
    """What CP-SAT found: a bound, and modes and starts if it found a shorter schedule."""

    bound: int
    modes: Ints | None = None
    starts: Ints | None = None


class Prover:
    """A model of the shop that starts from a known schedule; `run` may be stopped from another
    thread.
    """

    def __init__(
        self, shop: FlexibleShop, modes: Ints, starts: Ints, bound: int, seed: int
    ) -> None:
        from ortools.sat.python import cp_model

        self.shop = shop
        self.bound = bound
        self.upper = int((starts + shop.mode_work[modes]).max())
        self.model = cp_model.CpModel()
        self.solver = cp_model.CpSolver()
        self.solver.parameters.num_workers = WORKERS
        self.solver.parameters.random_seed = seed
        self.solver.parameters.max_memory_in_mb = 4_000
        self.starts, self.chosen = _build(self.model, shop, bound, self.upper)
        for s in range(shop.num_steps):
            self.model.add_hint(self.starts[s], int(starts[s]))
            for m in range(int(shop.mode_ptr[s]), int(shop.mode_ptr[s + 1])):
                self.model.add_hint(self.chosen[m], m == modes[s])

    def run(self, seconds: float) -> Proof:
        """Solve for at most `seconds` of real time, or until stopped."""
        from ortools.sat.python import cp_model

        self.solver.parameters.max_time_in_seconds = seconds
        status = self.solver.solve(self.model)
        if status not in {cp_model.OPTIMAL, cp_model.FEASIBLE}:
            return Proof(self.bound)
        bound = max(self.bound, round(self.solver.best_objective_bound))
        if round(self.solver.objective_value) >= self.upper:
            return Proof(bound)
        taken = [m for m in range(len(self.chosen)) if self.solver.value(self.chosen[m])]
        starts = [self.solver.value(start) for start in self.starts]
        return Proof(bound, np.array(taken, np.int64), np.array(starts, np.int64))

    def stop(self) -> None:
        """Make `run` return what it has."""
        self.solver.stop_search()


def _build(
    model: "CpModel", shop: FlexibleShop, bound: int, upper: int
) -> tuple[list["IntVar"], list["IntVar"]]:
    """Add the shop to a model; return the start of each step and the presence of each mode."""
    makespan = model.new_int_var(bound, upper, "makespan")
    model.minimize(makespan)
    starts: list[IntVar] = []
    ends: list[IntVar] = []
    chosen: list[IntVar] = []
    on_unit: dict[int, list[IntervalVar]] = {}
    for s in range(shop.num_steps):
        head, tail = int(shop.heads[s]), int(shop.tails[s])
        start = model.new_int_var(head, upper, f"start{s}")
        end = model.new_int_var(head, upper - tail, f"end{s}")
        if not shop.first[s]:
            model.add(start >= ends[-1])
        if shop.last[s]:
            model.add(makespan >= end)
        modes = range(int(shop.mode_ptr[s]), int(shop.mode_ptr[s + 1]))
        present = [model.new_bool_var(f"mode{m}") for m in modes]
        model.add_exactly_one(present)
        for m, is_here in zip(modes, present, strict=True):
            stay = model.new_optional_interval_var(
                start, int(shop.mode_work[m]), end, is_here, f"stay{m}"
            )
            on_unit.setdefault(int(shop.mode_unit[m]), []).append(stay)
        starts.append(start)
        ends.append(end)
        chosen += present
    for stays in on_unit.values():
        model.add_no_overlap(stays)
    return starts, chosen
