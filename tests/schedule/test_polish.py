"""CP-SAT finds the best sequence of a small shop, and leaves what it can't model alone."""

from itertools import permutations

import numpy as np

from shop_strategies import COLOURS, NOTHING, center, make_order, make_plant
from unikat.schedule.check import check
from unikat.schedule.construct import decode_keys
from unikat.schedule.cost import PRICES
from unikat.schedule.polish import polish
from unikat.schedule.problem import build_problem
from unikat.schedule.value import measure, value_of
from unikat.schedule.write import write_schedule

JOBS = ((900, "black", 2_000), (300, "white", 900), (700, "black", 1_500), (500, "red", 2_600))


def shop(calendar="always"):
    plant = make_plant([center("saw", "cut", ("S1",), calendar, setup="colour")])
    placed = [
        make_order(f"o{k}", [("cut", "cut", work, family, ())], finish=due)
        for k, (work, family, due) in enumerate(JOBS)
    ]
    problem = build_problem(plant, placed, NOTHING, 0)
    none = np.zeros(len(JOBS), dtype=np.int64)
    return problem, decode_keys(problem.columns, none, none - 1, none)


def tardiness(sequence):
    t, before, late = 0, None, 0
    for work, family, due in sequence:
        column = COLOURS.families.index(family)
        row = COLOURS.first if before is None else COLOURS.change[before]
        t, before = t + row[column] + work, column
        late += max(0, t - due)
    return late


def test_one_machine_with_setups_is_solved_to_the_optimum():
    problem, start = shop()
    found = polish(problem.columns, start, prices=PRICES, cpu_seconds=20)
    assert value_of(problem.columns, found, PRICES) < value_of(problem.columns, start, PRICES)
    best = min(tardiness(sequence) for sequence in permutations(JOBS))
    assert measure(problem.columns, found, PRICES).tardiness == best
    assert check(problem, write_schedule(problem, found, rounds=0, seed=0)) == ()


def test_a_unit_that_closes_is_left_alone():
    problem, start = shop("early")
    assert polish(problem.columns, start, prices=PRICES, cpu_seconds=1) is start
