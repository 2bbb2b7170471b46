"""Forecasts of drawn sites against what the virtual floor did, and after an unannounced drift.

Each site runs as it would live: orders come, dates are promised, schedules renewed, units fail; the
twin forecasts all open orders every 4 hours, its forecasts are scored and corrected. The floor
shares no code with the twin. Covered: the share between P5 and P95, each order once. The rule of
total work (remaining time = factor x remaining work) has its factor fitted to the answers, by
absolute percentage error. With --drift the steps that load a site most take 20 % longer from the
middle on: nobody is told, the policy accepts what forecasts played again do not speak against.
"""

import argparse
import json
import os
import platform
import sys
from bisect import bisect_right
from collections import defaultdict
from dataclasses import dataclass, field
from pathlib import Path
from statistics import fmean, median
from time import process_time

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from _sites import LAST, draw_site

from unikat.events import (
    DriftDetected,
    ForecastMade,
    ModelAccepted,
    OrderDelivered,
    StepFinished,
)
from unikat.floor.model import World
from unikat.rehearse import Scenario, rehearse
from unikat.twin.score import P5, P50, P95

POLICY = "forecast_s = {every}\nreplications = 100\n[twin]\naccept_models = 'unless_worse'"
BIN = 25
LEAST_BIN = 30


@dataclass
class Found:
    """What all sites together showed; a forecast is (site and order, steps since the drift)."""

    before: dict[str, list[bool]] = field(default_factory=lambda: defaultdict(list))
    played: dict[str, list[bool]] = field(default_factory=lambda: defaultdict(list))
    after: dict[int, dict[str, list[bool]]] = field(
        default_factory=lambda: defaultdict(lambda: defaultdict(list))
    )
    errors: list[tuple[float, float, float]] = field(default_factory=list)  # left, P50, work
    false_alarms: int = 0
    calm_steps: int = 0
    delays: list[int] = field(default_factory=list)
    undetected: int = 0


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, help="not used: the sites are drawn")
    parser.add_argument("--plants", type=int, default=30)
    parser.add_argument("--orders", type=int, default=400, help="of each site")
    parser.add_argument("--load", type=float, default=0.7, help="of the bottleneck")
    parser.add_argument("--every", type=int, default=14_400, help="seconds between forecasts")
    parser.add_argument("--drift", action="store_true", help="20 % more from the middle on")
    parser.add_argument("--seed", type=int, default=1, help="of the first site")
    parser.add_argument("--json", action="store_true", help="last line is one JSON object")
    options = parser.parse_args()
    began, found = process_time(), Found()
    for seed in range(options.seed, options.seed + options.plants):
        run_site(found, seed, options)
    measures = measure(found, options) | {"cpu_s": process_time() - began}
    for name, value in measures.items():
        print(f"{name:28} {value:14.3f}")
    if options.json:
        machine = {"cpus": os.cpu_count(), "python": platform.python_version()}
        line = {"bench": "forecast", "data": None, "machine": machine}
        print(json.dumps({**line, "measures": measures, "peers": {}}))


def run_site(found: Found, seed: int, options: argparse.Namespace) -> None:
    drawn = draw_site(
        seed, orders=options.orders, load=options.load, policy=POLICY.format(every=options.every)
    )
    capability = drawn.capabilities[0]
    middle = drawn.shoppers[options.orders // 2].at if options.drift else LAST
    world = World(drift={capability: 1.2}, drift_at=middle)
    done = rehearse(drawn.site, Scenario(drawn.shoppers, seed, until=LAST), world, drawn.clock)
    events = [record.event for record in done.log.read()]
    orders = drawn.site.state().ended
    work = {
        (order.id, step.step): step for order in orders.values() for step in order.variant.steps
    }
    finish = {e.order_id: e.at for e in events if isinstance(e, OrderDelivered)}
    steps = [e for e in events if isinstance(e, StepFinished)]
    drifted = [
        e.at for e in steps if work[e.order_id, e.step].capability == capability and e.at >= middle
    ]
    ended = defaultdict(list)
    for event in steps:
        ended[event.order_id].append((event.at, work[event.order_id, event.step].work))
    for made in events:
        if not isinstance(made, ForecastMade):
            continue
        for each in made.orders:
            at = finish.get(each.order_id, 0)
            if at <= made.at:
                continue
            key = f"{seed}/{each.order_id}"
            is_covered = each.quantiles[P5] <= at <= each.quantiles[P95]
            if made.at >= middle:
                since = bisect_right(drifted, made.at)
                found.after[since // BIN][key].append(is_covered)
            elif at < middle:
                found.before[key].append(is_covered)
                found.played[key].append(each.played[P5] <= at <= each.played[P95])
                left = sum(s for end, s in ended[each.order_id] if end > made.at)
                found.errors.append((at - made.at, each.quantiles[P50] - made.at, left))
    watch_alarms(found, events, steps, work, capability, middle, is_drifting=options.drift)


def watch_alarms(found, events, steps, work, capability, middle, *, is_drifting) -> None:
    """Count false alarms a step before the drift, and the steps from it to the first alarm of
    each unit that has done 30 of them.
    """
    units = sorted({e.unit for e in steps if work[e.order_id, e.step].capability == capability})
    alarms: dict[tuple[str, str, int], int] = {}
    for event in events:
        if isinstance(event, DriftDetected):
            alarms.setdefault((event.capability, event.unit, event.since), event.at)
    found.false_alarms += sum(at < middle for at in alarms.values())
    found.calm_steps += sum(e.at < middle for e in steps)
    if not is_drifting:
        return
    for unit in units:
        later = [e.at for e in steps if e.unit == unit and e.at >= middle]
        told = [a for (c, u, _), a in alarms.items() if (c, u) == (capability, unit) and a > middle]
        if told:
            found.delays.append(bisect_right(later, min(told)))
        elif len(later) >= 60:
            found.undetected += 1
    versions = sum(isinstance(e, ModelAccepted) for e in events)
    print(f"{capability} of {len(units)}: {versions} models accepted", file=sys.stderr)


def measure(found: Found, options: argparse.Namespace) -> dict[str, float]:
    ours = fmean(abs(said - left) / left for left, said, _ in found.errors)
    rule = best_rule([(left, work) for left, _, work in found.errors if work])
    measures = {
        "plants": options.plants,
        "orders": options.orders,
        "scored_orders": len(found.before),
        "coverage_percent": 100 * pooled(found.before),
        "played_percent": 100 * pooled(found.played),
        "mape_percent": 100 * ours,
        "rule_mape_percent": 100 * rule,
        "mape_ratio": ours / rule,
        "false_alarm_steps": found.calm_steps / max(1, found.false_alarms),
    }
    if not options.drift:
        return measures
    bins = {k: each for k, each in sorted(found.after.items()) if len(each) >= LEAST_BIN}
    for k, each in bins.items():
        print(f"{k * BIN:4}-{k * BIN + BIN:4} steps after: {100 * pooled(each):5.1f} % covered")
    low = [k for k, each in bins.items() if pooled(each) < 0.85]
    later = [pooled(each) for k, each in bins.items() if k * BIN >= 150]
    return measures | {
        "drift_coverage_percent": 100 * pooled(bins[0]),
        "later_coverage_percent": 100 * fmean(later) if later else 0.0,
        "recovery_steps": BIN * (max(low) + 1) if low else 0,
        "delay_20_steps": median(found.delays),
        "undetected_units": found.undetected,
    }


def pooled(covered: dict[str, list[bool]]) -> float:
    return fmean(fmean(each) for each in covered.values())


def best_rule(pairs: list[tuple[float, float]]) -> float:
    """Return the least mean absolute percentage error any factor has: a weighted median."""
    ratios = sorted((left / work, work / left) for left, work in pairs)
    half, sum_ = sum(weight for _, weight in ratios) / 2, 0.0
    for ratio, weight in ratios:
        sum_ += weight
        if sum_ >= half:
            return fmean(abs(ratio * work - left) / left for left, work in pairs)
    raise AssertionError("no pairs")


if __name__ == "__main__":
    main()
