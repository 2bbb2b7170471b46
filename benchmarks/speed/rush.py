"""Time to say what a rush order costs the others, and whether it is what then happens.

The shop is that of `promise`: N steps booked at load .80. `rush_*`: every order that is not frozen
may be delayed; `within_slack_*`: none beyond its promised date. `wrong_consequences` counts orders
whose last finish, in the capacity opened anew from the bookings after the rush, is not the one that
was shown (or later, if none was shown), and every overlap, early start, missing setup or broken
precedence found pair by pair (the check shares no code with the kernels).
"""

import argparse
import json
import os
import platform
import sys
from itertools import pairwise
from pathlib import Path
from time import perf_counter, process_time

import numpy as np

from unikat.capacity import Capacity, open_capacity
from unikat.promise import Slack, promise_due_date, promise_within_slack, rush

sys.path.insert(0, str(Path(__file__).parent))
from promise import draw_plant, draw_variant, fill_with

SLACK = Slack((0,), (14_400,), 0.95, 0, "configured")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--steps", type=int, default=10_000, help="steps that are booked")
    parser.add_argument("--orders", type=int, default=30, help="rush orders asked for")
    parser.add_argument("--data", help="not used: shops are drawn")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--json", action="store_true", help="last line is one JSON object")
    options = parser.parse_args()
    draw = np.random.default_rng(options.seed)
    plant = draw_plant(30 if options.steps <= 20_000 else 42, draw)
    capacity, orders, dues = fill_with(plant, options.steps, draw, SLACK)
    routings = {order: variant.steps for order, variant in orders.items()}
    wishes = [draw_variant(plant, draw) for _ in range(options.orders + 1)]
    measures: dict[str, float] = {"steps": float(sum(len(b) for b in capacity.orders.values()))}
    for name, ask in (("rush", rush), ("within_slack", promise_within_slack)):
        asked = {"slack": SLACK, "order": "R", "routings": routings, "dues": dues}
        ask(wishes[0], capacity, **asked)
        walls, cpus, made = [], [], []
        for wish in wishes[1:]:
            wall, cpu = perf_counter(), process_time()
            made.append(ask(wish, capacity, **asked))
            walls.append(perf_counter() - wall)
            cpus.append(process_time() - cpu)
        first = [promise_due_date(wish, capacity, slack=SLACK, order="R") for wish in wishes[1:]]
        measures |= {
            f"{name}_p50_ms": float(np.percentile(walls, 50)) * 1e3,
            f"{name}_p99_ms": float(np.percentile(walls, 99)) * 1e3,
            f"{name}_cpu_p50_ms": float(np.percentile(cpus, 50)) * 1e3,
            f"{name}_cpu_p99_ms": float(np.percentile(cpus, 99)) * 1e3,
            f"{name}_hours_earlier": float(
                np.mean([a.finish - b.finish for a, b in zip(first, made, strict=True)]) / 3_600
            ),
            f"{name}_orders_delayed": float(np.mean([len(m.delays) for m in made])),
            f"{name}_promises_broken": float(
                np.mean([sum(d.after > d.due for d in m.delays) for m in made])
            ),
            f"{name}_wrong_consequences": float(
                sum(
                    count_faults(capacity, orders, m, w)
                    for m, w in zip(made, wishes[1:], strict=True)
                )
            ),
        }
    measures["rush_ms"] = measures["rush_p99_ms"]
    for name, value in measures.items():
        print(f"{name:34} {value:12.2f}")
    if options.json:
        machine = {"cpus": os.cpu_count(), "python": platform.python_version()}
        line = {"bench": "rush", "data": None, "machine": machine}
        print(json.dumps({**line, "measures": measures, "peers": {}}))


def count_faults(capacity: Capacity, orders, made, wish) -> int:
    """Return what is wrong with the schedule after a rush, looked at pair by pair."""
    plant = capacity.plant
    moved = {(b.order, b.step): b for b in made.moves}
    after = [moved.get((b.order, b.step), b) for booked in capacity.orders.values() for b in booked]
    after += made.bookings
    opened = open_capacity(plant, after, now=capacity.now)
    shown = {delay.order: delay.after for delay in made.delays}
    faults = 0
    for order, booked in capacity.orders.items():
        finish = max(b.finish for b in opened.orders[order])
        before = max(b.finish for b in booked)
        faults += finish != shown[order] if order in shown else finish > before
    faults += count_overlaps(plant, after)
    times = {(b.order, b.step): b for b in after}
    for order, variant in ({**orders, "R": wish}).items():
        for step in variant.steps:
            own = times[order, step.step]
            for before in step.after:
                other = times[order, before]
                lag = plant.travel_s(other.unit, own.unit)
                faults += own.start < other.finish + lag
    return faults + sum(b.setup_start < capacity.now for b in after)


def count_overlaps(plant, after) -> int:
    """Count overlaps, missing setups, closed time, and resources held too often."""
    faults, by_unit = 0, {}
    for booking in after:
        by_unit.setdefault(booking.unit, []).append(booking)
    for unit, booked in by_unit.items():
        family = None
        for one, two in pairwise(sorted(booked, key=lambda b: b.start)):
            faults += two.setup_start < one.finish
            family = one.family or family
            center = plant.center_of(unit)
            if not center.is_interruptible:
                faults += two.start - one.finish < plant.setup_s(unit, family, two.family)
    for name, resource in plant.resources.items():
        held = [b for b in after if name in b.resources]
        steps = sorted([(b.start, 1) for b in held] + [(b.finish, -1) for b in held])
        used = 0
        for _, by in steps:
            used += by
            faults += used > resource.count
    return faults


if __name__ == "__main__":
    main()
