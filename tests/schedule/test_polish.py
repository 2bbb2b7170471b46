"""CP-SAT finds the best schedule of a small shop, and leaves what it can't model alone."""

from itertools import permutations, product

import numpy as np
import pytest

from shop_strategies import COLOURS, NOTHING, center, make_order, make_plant
from unikat.schedule import polish as polished
from unikat.schedule.check import check
from unikat.schedule.construct import decode_keys
from unikat.schedule.cost import PRICES, Prices
from unikat.schedule.polish import polish
from unikat.schedule.problem import build_problem
from unikat.schedule.value import measure, value_of
from unikat.schedule.write import write_schedule

JOBS = ((900, "black", 2_000), (300, "white", 900), (700, "black", 1_500), (500, "red", 2_600))
PACES = {"S1": 1_000, "S2": 700, "P1": 1_000}
TARDINESS = Prices(broken=0, overdue=0)
RIDE = {"S1": 200, "S2": 20}


def shop(saws=("S1",), calendar="always", *, packs=()):
    """Saw each job; then bring it to P1 and pack it, where `packs` says for how long."""
    centers = [center(f"saw of {s}", "cut", (s,), calendar, setup="colour") for s in saws]
    travel = {}
    if packs:
        centers.append(center("pack", "pack", ("P1",)))
        travel = {f"saw of {saw}": {"pack": RIDE[saw]} for saw in saws}
    plant = make_plant(centers, travel=travel, paces={unit: PACES[unit] for unit in saws})
    placed = []
    for k, (work, family, due) in enumerate(JOBS):
        steps = [("cut", "cut", work, family, ())]
        steps += [("pack", "pack", packs[k], None, ("cut",))] if packs else []
        placed.append(make_order(f"o{k}", steps, finish=due))
    problem = build_problem(plant, placed, NOTHING, 0)
    none = np.zeros(len(problem.loads), dtype=np.int64)
    return problem, decode_keys(problem.columns, none, none - 1, none)


def sawn(unit, sequence):
    """Return when each job is sawn, by job."""
    t, before, ends = 0, None, {}
    for job in sequence:
        work, family, _ = JOBS[job]
        column = COLOURS.families.index(family)
        row = COLOURS.first if before is None else COLOURS.change[before]
        t, before = t + row[column] + -(-work * 1_000 // PACES[unit]), column
        ends[job] = t
    return ends


def least_tardiness(saws, packs):
    """Try every unit of every job and every sequence of every unit."""
    best = None
    for units in product(saws, repeat=len(JOBS)):
        on = {saw: [job for job, unit in enumerate(units) if unit == saw] for saw in saws}
        for sequences in product(*(permutations(on[saw]) for saw in saws)):
            ends = {}
            for saw, sequence in zip(saws, sequences, strict=True):
                ends |= sawn(saw, sequence)
            for packing in permutations(range(len(JOBS))) if packs else [()]:
                t, done = 0, dict(ends)
                for job in packing:
                    t = max(t, ends[job] + RIDE[units[job]]) + packs[job]
                    done[job] = t
                late = sum(max(0, done[job] - due) for job, (*_, due) in enumerate(JOBS))
                best = late if best is None else min(best, late)
    return best


@pytest.mark.parametrize("packs", [(), (400, 300, 500, 200)])
@pytest.mark.parametrize("saws", [("S1",), ("S1", "S2")])
def test_its_optimum_is_that_of_all_units_and_sequences(saws, packs):
    problem, start = shop(saws, packs=packs)
    columns = problem.columns
    found = polish(columns, start, prices=TARDINESS, cpu_seconds=20)
    assert value_of(columns, found, TARDINESS) <= value_of(columns, start, TARDINESS)
    assert measure(columns, found, TARDINESS).tardiness == least_tardiness(saws, packs)
    assert check(problem, write_schedule(problem, found, rounds=0, seed=0)) == ()


def test_where_too_many_pairs_meet_loads_stay_near_and_the_schedule_never_gets_worse(monkeypatch):
    monkeypatch.setattr(polished, "MOST_PAIRS", 3)
    problem, start = shop(("S1", "S2"), packs=(400, 300, 500, 200))
    found = polish(problem.columns, start, prices=PRICES, cpu_seconds=20)
    assert value_of(problem.columns, found, PRICES) <= value_of(problem.columns, start, PRICES)
    assert check(problem, write_schedule(problem, found, rounds=0, seed=0)) == ()


def test_a_unit_that_closes_is_left_alone():
    problem, start = shop(calendar="early")
    assert polish(problem.columns, start, prices=PRICES, cpu_seconds=1) is start
