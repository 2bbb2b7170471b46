"""The slack promises learn, on simulated shops: dates kept by lead and after a drift, its size.

Orders come at random to 8 units; each passes 6 of them in line, whoever came first going first.
Durations vary (cv .25), units fail. A date is the finish as it would be from the floor's state with
mean durations, plus the slack learnt from what was delivered until then, anew every 10 orders, as
the shop does it. Two thirds through, two units begin to take 20 % longer, and nobody is told.
Beside it one constant slack: the same rank of the last 1,000 delays, whatever the lead.
"""

import argparse
import json
import os
import platform
from collections import defaultdict
from dataclasses import dataclass, field
from itertools import pairwise
from math import exp, log1p, sqrt
from pathlib import Path
from random import Random
from statistics import fmean
from time import process_time

from unikat.learn import NEW_SCORES
from unikat.promise.model import Slack
from unikat.promise.promise import slack_for
from unikat.terms import HOUR, OrderId
from unikat.twin.slack import WINDOW, PromiseScore, learn_slack

UNITS, STEPS, CV = 8, 6, 0.25
LEARNING = 1_000  # orders before any is scored
FIRST = 300  # orders after the drift


@dataclass(frozen=True, slots=True)
class Told:
    """One order's date: its lead and slacks in seconds, whether it was kept, and what counts."""

    lead: int
    slack: int
    constant: int
    is_kept: bool
    is_constant_kept: bool


@dataclass(slots=True)
class Shop:
    """Units in line; an order's steps are (unit, nominal, start, finish), all known at once, since
    nobody overtakes: max-plus.
    """

    rng: Random
    factor: list[float] = field(default_factory=lambda: [1.0] * UNITS)
    free: list[float] = field(default_factory=lambda: [0.0] * UNITS)
    failure: list[float] = field(default_factory=list)
    open: list[list[tuple[int, float, float, float]]] = field(default_factory=list)

    def plan(self, now: float, steps: list[tuple[int, float]]) -> float:
        """Return when an order would finish if all took as long as nominal from now on."""
        free = [now] * UNITS
        for order in self.open:
            at = now
            for unit, nominal, start, finish in order:
                if finish > now:
                    begin = start if start <= now else max(at, free[unit])
                    at = free[unit] = max(now, begin + nominal)
        at = now
        for unit, nominal in steps:
            at = max(at, free[unit]) + nominal
        return at

    def make(self, now: float, steps: list[tuple[int, float]], mtbf: float, mttr: float) -> float:
        """Return when it does finish: durations drawn, units failing as they work."""
        self.open = [order for order in self.open if order[-1][3] > now]
        sigma, at, done = sqrt(log1p(CV**2)), now, []
        for unit, nominal in steps:
            start = max(at, self.free[unit])
            work = nominal * self.factor[unit] * exp(self.rng.gauss(-sigma * sigma / 2, sigma))
            at = start + work
            self.failure[unit] -= work
            while self.failure[unit] < 0:
                at += self.rng.expovariate(1 / mttr)
                self.failure[unit] += self.rng.expovariate(1 / mtbf)
            self.free[unit] = at
            done.append((unit, nominal, start, at))
        self.open.append(done)
        return at


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, help="not used: the shops are drawn")
    parser.add_argument("--plants", type=int, default=12)
    parser.add_argument("--orders", type=int, default=6_000, help="of each")
    parser.add_argument("--confidence", type=float, default=0.95)
    parser.add_argument("--load", type=float, default=0.75, help="of the busiest unit")
    parser.add_argument("--seed", type=int, default=1, help="of the first shop")
    parser.add_argument("--json", action="store_true", help="last line is one JSON object")
    options = parser.parse_args()
    began = process_time()
    calm, first, later = [], [], []
    quarters: dict[int, list[bool]] = defaultdict(list)
    earlier = 0
    for seed in range(options.seed, options.seed + options.plants):
        told, drift_at, wrong = run_shop(seed, options)
        earlier += wrong
        here = sorted(told[LEARNING:drift_at], key=lambda each: each.lead)
        for k in range(4):
            part = here[k * len(here) // 4 : (k + 1) * len(here) // 4]
            quarters[k] += [each.is_kept for each in part]
        calm += here
        first += told[drift_at : drift_at + FIRST]
        later += told[drift_at + FIRST :]
    measures = {
        "kept_percent": percent(each.is_kept for each in calm),
        "worst_quarter_percent": min(percent(each) for each in quarters.values()),
        "after_drift_percent": percent(each.is_kept for each in first),
        "later_percent": percent(each.is_kept for each in later),
        "slack_ratio": fmean(each.slack for each in calm) / fmean(each.constant for each in calm),
        "mean_lead_s": fmean(each.lead for each in calm),
        "mean_slack_s": fmean(each.slack for each in calm),
        "constant_kept_percent": percent(each.is_constant_kept for each in calm),
        "constant_after_drift_percent": percent(each.is_constant_kept for each in first),
        "earlier_dates": earlier,
        "cpu_s": process_time() - began,
    }
    for name, value in measures.items():
        print(f"{name:28} {value:14.3f}")
    if options.json:
        machine = {"cpus": os.cpu_count(), "python": platform.python_version()}
        line = {"bench": "slack", "data": None, "machine": machine}
        print(json.dumps({**line, "measures": measures, "peers": {}}))


def run_shop(seed: int, options: argparse.Namespace) -> tuple[list[Told], int, int]:
    """Return each order's date, the index of the first after the drift, and how many dates came
    out earlier because an order more was ahead.
    """
    rng = Random(seed)
    means = [rng.uniform(0.7, 1.3) * HOUR for _ in range(UNITS)]
    mtbf, mttr = rng.uniform(20, 60) * HOUR, rng.uniform(1, 3) * HOUR
    between = max(means) * STEPS / UNITS / options.load
    shop = Shop(Random(seed + 10**6))
    shop.failure = [rng.expovariate(1 / mtbf) for _ in range(UNITS)]
    fallback = Slack((0,), (8 * HOUR,), options.confidence, 0, "configured")
    slack, constant, learnt_from = fallback, fallback, 0
    told: list[Told] = []
    waiting: list[tuple[float, PromiseScore]] = []
    scores: list[PromiseScore] = []
    now, wrong, drift_at = 0.0, 0, options.orders * 2 // 3
    for number in range(options.orders):
        now += rng.expovariate(1 / between)
        if number == drift_at:
            for unit in rng.sample(range(UNITS), 2):
                shop.factor[unit] = 1.2
        ended = sorted((each for each in waiting if each[0] <= now), key=lambda each: each[0])
        waiting = [each for each in waiting if each[0] > now]
        scores += [each[1] for each in ended]
        if len(scores) >= learnt_from + NEW_SCORES:
            learnt_from = len(scores)
            slack = learn_slack(scores, confidence=options.confidence, fallback=fallback)
            constant = learn_constant(scores, options.confidence, fallback)
        units = sorted(rng.sample(range(UNITS), STEPS))
        steps = [(unit, rng.uniform(0.7, 1.3) * means[unit]) for unit in units]
        finish = shop.plan(now, steps)
        reserve, flat = (slack_for(each, round(finish - now)) for each in (slack, constant))
        wrong += is_earlier_with_more(slack, finish - now, seed)
        ended_at = shop.make(now, steps, mtbf, mttr)
        delay = round(ended_at - finish)
        told.append(Told(round(finish - now), reserve, flat, delay <= reserve, delay <= flat))
        score = PromiseScore(
            OrderId(f"O-{number:05}"), round(now), round(finish), delay, delay > reserve
        )
        waiting.append((ended_at, score))
    return told, drift_at, wrong


def learn_constant(scores: list[PromiseScore], confidence: float, fallback: Slack) -> Slack:
    """Return one slack for all leads: the k-th smallest delay, k = ceil((n + 1) c)."""
    last = [
        PromiseScore(each.order, each.finish, each.finish, each.delay) for each in scores[-WINDOW:]
    ]
    return learn_slack(last, confidence=confidence, fallback=fallback, num_buckets=1)


def is_earlier_with_more(slack: Slack, lead: float, seed: int) -> bool:
    """Tell whether a later finish, for more load, is promised earlier at some lead beyond."""
    leads = [round(lead) + step * (60 + seed) for step in range(20)]
    return any(a + slack_for(slack, a) > b + slack_for(slack, b) for a, b in pairwise(leads))


def percent(kept) -> float:
    return 100 * fmean(kept)


if __name__ == "__main__":
    main()
