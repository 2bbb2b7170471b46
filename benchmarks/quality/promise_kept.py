"""Dates promised at 95 % on drawn sites: how many are kept, and how much shorter than fixed leads.

Each site runs as it would live, on a virtual floor that shares no code with the promise: orders
come, dates are promised from real capacity, schedules renewed, units fail, the slack is learnt. The
yardstick is an ERP with one fixed lead time for all that the site makes, in working time of its
last work center, the shortest that keeps the same share of the very same orders: tuned with
hindsight, given our planner and our floor. Beside it, as `routing_`, one fixed lead a routing.
The curve: shares kept and the fixed lead each needs, against ours.
"""

import argparse
import json
import os
import platform
import sys
from dataclasses import replace
from pathlib import Path
from statistics import fmean
from time import process_time

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from _sites import LAST, draw_site

from unikat.floor.model import World
from unikat.insight.fixed_lead import tune_fixed_lead
from unikat.order.model import Order, OrderState
from unikat.rehearse import Scenario, rehearse
from unikat.terms import Capability


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, help="not used: the sites are drawn")
    parser.add_argument("--plants", type=int, default=30)
    parser.add_argument("--orders", type=int, default=500, help="of each site")
    parser.add_argument("--load", type=float, default=0.7, help="of the bottleneck")
    parser.add_argument("--seed", type=int, default=1, help="of the first site")
    parser.add_argument("--json", action="store_true", help="last line is one JSON object")
    options = parser.parse_args()
    began = process_time()
    rows = [
        run_site(seed, options.orders, options.load)
        for seed in range(options.seed, options.seed + options.plants)
    ]
    for row in rows:
        print("  ".join(f"{name} {value:.3g}" for name, value in row.items()))
    count = sum(row["orders"] for row in rows)
    mean = {
        name: sum(row[name] * row["orders"] for row in rows) / count
        for name in rows[0]
        if name not in ("seed", "orders")
    }
    measures = {
        "plants": options.plants,
        "orders": count,
        "kept_percent": mean["kept_percent"],
        "worst_kept_percent": min(row["kept_percent"] for row in rows),
        "lead_ratio": mean["promised_s"] / mean["fixed_s"],
        "one_lead_ratio": mean["promised_s"] / mean["one_fixed_s"],
        "knowing_lead_ratio": mean["actual_s"] / mean["fixed_s"],
        "best_lead_ratio": min(row["promised_s"] / row["fixed_s"] for row in rows),
        "mean_promised_lead_s": mean["promised_s"],
        "fixed_lead_s": mean["fixed_s"],
        "one_fixed_lead_s": mean["one_fixed_s"],
        "mean_actual_lead_s": mean["actual_s"],
        "mean_slack_s": mean["slack_s"],
        "cpu_s": process_time() - began,
    }
    for share in (80, 90, 95, 99):
        measures[f"fixed_{share}_percent_lead_s"] = mean[f"fixed_{share}_s"]
    for name, value in measures.items():
        print(f"{name:28} {value:14.3f}")
    if options.json:
        machine = {"cpus": os.cpu_count(), "python": platform.python_version()}
        line = {"bench": "promise_kept", "data": None, "machine": machine}
        print(json.dumps({**line, "measures": measures, "peers": {}}))


def run_site(seed: int, num_orders: int, load: float) -> dict[str, float]:
    """Run a site to its last order and return its figures, in seconds of the clock."""
    drawn = draw_site(seed, orders=num_orders, load=load)
    plant = drawn.site.plant
    rehearse(drawn.site, Scenario(drawn.shoppers, seed, until=LAST), World(), drawn.clock)
    every = drawn.site.state().ended.values()
    orders = [order for order in every if order.state is OrderState.DELIVERED]
    late = len(drawn.site.state().orders)  # not delivered by the end: late, if at all
    kept = sum((order.ended_at or 0) <= order.due for order in orders) / (len(orders) + late)
    routed = [by_routing(order) for order in orders]
    alike = [
        replace(each, variant=replace(each.variant, steps=each.variant.steps[-1:]))
        for each in orders
    ]
    fixed = {
        share: tune_fixed_lead(plant, routed, kept=share / 100).mean_lead_s
        for share in (80, 90, 95, 99)
    }
    print(f"site {seed}: {100 * kept:.1f} % kept", file=sys.stderr)
    return {
        "seed": seed,
        "orders": len(orders),
        "kept_percent": 100 * kept,
        "promised_s": fmean(order.due - order.asked_at for order in orders),
        "fixed_s": tune_fixed_lead(plant, routed, kept=kept).mean_lead_s,
        "one_fixed_s": tune_fixed_lead(plant, alike, kept=kept).mean_lead_s,
        "actual_s": fmean((order.ended_at or 0) - order.asked_at for order in orders),
        "slack_s": fmean(order.due - order.finish for order in orders),
        **{f"fixed_{share}_s": value for share, value in fixed.items()},
    }


def by_routing(order: Order) -> Order:
    """Return an order whose first step names its whole routing: that is what an ERP plans by."""
    steps = order.variant.steps
    name = Capability("/".join(step.capability for step in steps))
    routing = (replace(steps[0], capability=name), *steps[1:])
    return replace(order, variant=replace(order.variant, steps=routing))


if __name__ == "__main__":
    main()
