"""A unit stops for a shift: how fast is right-shift, and what does match-up in a second save?

A drawn shop (`_shops.py`) of 30,000 steps is dispatched; as it starts, a unit stops for 28,800 s.
`right_shift_ms`: CPU time from columns to columns (median of 20), the sequence of the last schedule
being known; building the problem from orders is given beside it. Match-up has `--seconds` from the
same columns.
Added tardiness: weighted, over the schedule before the stop. Frozen steps are counted where they
moved though they could stay, and every schedule passes the independent check.
"""

import argparse
import json
import os
import platform
import sys
import time
from dataclasses import replace
from pathlib import Path
from statistics import median
from time import process_time

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from _shops import NOTHING, draw_problem

from unikat.capacity.model import Stop
from unikat.schedule.check import check
from unikat.schedule.construct import dispatch_grid
from unikat.schedule.cost import PRICES
from unikat.schedule.model import Schedule
from unikat.schedule.problem import ShopProblem, build_problem
from unikat.schedule.repair import match_up, old_sequence, right_shift, shift_right
from unikat.schedule.value import value_of
from unikat.schedule.write import write_schedule

STOP_S = 28_800
FROZEN_S = 3_600


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, help="not used: the shop is drawn")
    parser.add_argument("--jobs", type=int, default=5_000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--seconds", type=float, default=1.0, help="of the match-up")
    parser.add_argument("--json", action="store_true", help="last line is one JSON object")
    options = parser.parse_args()
    run(60, 0, 0.1)  # compiles before any clock is read
    measures = run(options.jobs, options.seed, options.seconds)
    for name, value in measures.items():
        print(f"{name:28} {value:14.3f}")
    if options.json:
        machine = {"cpus": os.cpu_count(), "python": platform.python_version()}
        line = {"bench": "disrupt", "data": None, "machine": machine}
        print(json.dumps({**line, "measures": measures, "peers": {}}))


def run(jobs: int, seed: int, seconds: float) -> dict[str, float]:
    fresh = draw_problem(jobs, seed, frozen_s=FROZEN_S)
    before = best_plan(fresh)
    began = process_time()
    problem = stopped(fresh, before)
    built = process_time() - began
    columns = problem.columns
    sequence = old_sequence(columns)
    times = []
    for _ in range(20):
        began = process_time()
        shift_right(columns, sequence)
        times.append(process_time() - began)
    shifted = right_shift(problem)
    wall = time.perf_counter()
    matched = match_up(problem, seconds=seconds, seed=seed)
    wall = time.perf_counter() - wall
    old = {(b.order, b.step): b for b in before.bookings}
    added = shifted.cost.tardiness - before.cost.tardiness
    saved = shifted.cost.tardiness - matched.cost.tardiness
    violations = [check(problem, each) for each in (shifted, matched)]
    return {
        "steps": len(problem.steps),
        "right_shift_ms": 1e3 * median(times),
        "build_problem_ms": 1e3 * built,
        "tardiness_removed_percent": 100 * saved / added,
        "moved_percent": 100 * num_moved(old, matched) / num_moved(old, shifted),
        "right_shift_moved": num_moved(old, shifted),
        "match_up_moved": num_moved(old, matched),
        "added_tardiness_s": added,
        "match_up_wall_s": wall,
        "frozen_moved": sum(v.law == "frozen" for found in violations for v in found),
        "invalid": sum(map(bool, violations)),
    }


def best_plan(problem: ShopProblem) -> Schedule:
    placed = min(
        dispatch_grid(problem.columns), key=lambda each: value_of(problem.columns, each, PRICES)
    )
    return write_schedule(problem, placed, rounds=0, seed=0)


def stopped(fresh: ShopProblem, before: Schedule) -> ShopProblem:
    """Return the problem as the unit with most to do stops for a shift, now."""
    units = [b.unit for b in before.bookings if b.start < STOP_S]
    unit = max(sorted(set(units)), key=units.count)
    bookings = {(b.order, b.step): b for b in before.bookings}
    done = replace(NOTHING, bookings=bookings, stops=(Stop(unit, 0, STOP_S),))
    return build_problem(fresh.plant, fresh.orders, done, 0, weights=fresh.weights)


def num_moved(old, schedule: Schedule) -> int:
    return sum(
        (old[b.order, b.step].unit, old[b.order, b.step].start) != (b.unit, b.start)
        for b in schedule.bookings
    )


if __name__ == "__main__":
    main()
