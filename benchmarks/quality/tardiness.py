"""Weighted tardiness and setups against the best dispatch and CP-SAT; the first plan's seconds.

Jobs are drawn as in `_shops.py` (load 0.80, setups, weights 1-10). Value: 1 a weighted second of
tardiness, 0.01 a second of setup, 0.000001 a second of flow. ATC: the best of its grid of 20 pairs
of scales; EDD, one dispatch by due date alone, is printed beside it. We get `--seconds` of two
cores in CPU time; CP-SAT (8 workers, one model of the whole, from the same ATC plan, see
`schedule/polish.py`) the same, the making of its model included. The bound is what no plan can cost
less than, in percent of ours: each order alone, and with prices of units. The first plan's seconds
begin with plant and orders. Every plan passes the independent check, however large.
"""

import argparse
import json
import os
import platform
import resource
import sys
import time
from pathlib import Path
from time import process_time

import numpy as np

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from _shops import NOTHING, draw_problem, draw_shop

from unikat.schedule.bound import bound_alone, bound_by_prices
from unikat.schedule.check import check
from unikat.schedule.columns import Columns, Ints
from unikat.schedule.construct import dispatch_grid
from unikat.schedule.cost import Prices, weigh
from unikat.schedule.improve import Budget, improve_by_rounds
from unikat.schedule.problem import ShopProblem, build_problem
from unikat.schedule.value import ends_of, value_of
from unikat.schedule.write import write_schedule

PRICES = Prices(broken=0, overdue=0, moved=0)
BOUND_ROUNDS = 60
FIRST_JOBS = (5_000, 16_667)
"""Six steps each: 30,000 and 100,000 steps."""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, help="not used: the shops are drawn")
    parser.add_argument("--jobs", type=int, default=200)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--load", type=float, default=0.80)
    parser.add_argument("--slack", type=float, default=1.0, help="1: due dates of the claim")
    parser.add_argument("--seconds", type=float, default=60.0, help="of two cores")
    parser.add_argument("--against", default="", help="cpsat")
    parser.add_argument("--first", action=argparse.BooleanOptionalAction, default=True)
    parser.add_argument("--json", action="store_true", help="last line is one JSON object")
    options = parser.parse_args()
    peers = [name for name in options.against.split(",") if name]
    if unknown := set(peers) - {"cpsat"}:
        parser.error(f"there is no peer {', '.join(unknown)}; there is: cpsat")
    warm_up()
    problem = draw_problem(options.jobs, options.seed, load=options.load, slack=options.slack)
    measures, rivals = measure(problem, options.seconds, options.seed, peers)
    if options.first:
        measures |= first_plans(options.seed)
    for name, value in measures.items():
        print(f"{name:28} {value:16.3f}")
    for rival, found in rivals.items():
        for name, value in found.items():
            print(f"{rival + ' ' + name:28} {value:16.3f}")
    if options.json:
        machine = {"cpus": os.cpu_count(), "python": platform.python_version()}
        line = {"bench": "tardiness", "data": None, "machine": machine}
        print(json.dumps({**line, "measures": measures, "peers": rivals}))


def warm_up() -> None:
    """Compile before any clock is read."""
    columns = draw_problem(60, 0).columns
    start = best_dispatch(columns)
    improve_by_rounds(columns, start, prices=PRICES, seed=0, budget=Budget(1))


def best_dispatch(columns: Columns) -> Ints:
    return min(dispatch_grid(columns), key=lambda placed: value_of(columns, placed, PRICES))


def measure(
    problem: ShopProblem, seconds: float, seed: int, peers: list[str]
) -> tuple[dict[str, float], dict[str, dict[str, float]]]:
    columns = problem.columns
    start = best_dispatch(columns)
    [by_due] = dispatch_grid(columns, ((1e-4, 1e9),))
    began, wall = process_time(), time.perf_counter()
    budget = Budget(seconds=seconds, clock=two_core_seconds)
    found, rounds = improve_by_rounds(columns, start, prices=PRICES, seed=seed, budget=budget)
    spent, wall = process_time() - began, time.perf_counter() - wall
    invalid = sum(
        bool(check(problem, write_schedule(problem, each, rounds=0, seed=seed)))
        for each in (start, found)
    )
    atc, ours = value_of(columns, start, PRICES), value_of(columns, found, PRICES)
    measures = {
        "steps": len(problem.steps),
        "edd_over_atc_ratio": value_of(columns, by_due, PRICES) / atc,
        "atc_weighted_tardiness_s": tardiness(columns, start),
        "weighted_tardiness_s": tardiness(columns, found),
        "atc_setup_s": int(start[1].sum()),
        "setup_s": int(found[1].sum()),
        "gain_over_atc_percent": 100 * (1 - ours / atc),
        **bounds(columns, found, ours),
        "rounds": rounds,
        "cpu_s": spent,
        "wall_s": wall,
        "peak_mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024,
        "invalid": invalid,
    }
    rivals = {}
    if "cpsat" in peers:
        rival, rival_cpu, rival_invalid = cpsat(problem, start, spent)
        value = weigh(rival.cost, PRICES)
        measures["gain_over_cpsat_percent"] = 100 * (1 - ours / value)
        rivals["cpsat"] = {
            "gain_over_atc_percent": 100 * (1 - value / atc),
            "cpu_s": rival_cpu,
            "invalid": rival_invalid,
        }
    return measures, rivals


def two_core_seconds() -> float:
    """Return what a clock on the wall would show if both cores were ours alone."""
    return process_time() / 2


def bounds(columns: Columns, found: Ints, known: int) -> dict[str, float]:
    """Return the lower bounds, in parts of what our schedule costs."""
    began = process_time()
    priced = bound_by_prices(columns, found, PRICES, known=known, rounds=BOUND_ROUNDS)
    best = max(priced, bound_alone(columns, PRICES))
    return {
        "bound_alone_percent": 100 * bound_alone(columns, PRICES) / known,
        "bound_percent": 100 * best / known,
        "bound_cpu_s": process_time() - began,
        "gap_to_bound_percent": 100 * (1 - best / known),
    }


def tardiness(columns: Columns, placed: Ints) -> int:
    late = np.maximum(ends_of(columns, placed) - columns.jobs.finish, 0)
    return int((columns.jobs.weight * late).sum())


def cpsat(problem: ShopProblem, start: Ints, seconds: float):
    """Return CP-SAT's schedule from the same start in the same CPU time, as found by the check."""
    from unikat.schedule.polish import polish

    began = process_time()
    placed = polish(problem.columns, start, prices=PRICES, cpu_seconds=seconds)
    spent = process_time() - began
    schedule = write_schedule(problem, placed, rounds=0, seed=0, prices=PRICES)
    return schedule, spent, int(bool(check(problem, schedule)))


def first_plans(seed: int) -> dict[str, float]:
    """Return the CPU seconds from plant and orders to the first plan, and the build's part."""
    measures = {}
    for jobs, name in zip(FIRST_JOBS, ("30000", "100000"), strict=True):
        plant, orders, weights = draw_shop(jobs, seed)
        began = process_time()
        problem = build_problem(plant, orders, NOTHING, 0, weights=weights)
        built = process_time()
        next(dispatch_grid(problem.columns))
        measures[f"first_plan_{name}_s"] = process_time() - began
        measures[f"build_{name}_s"] = built - began
    measures["first_plan_s"] = measures["first_plan_30000_s"]
    return measures


if __name__ == "__main__":
    main()
