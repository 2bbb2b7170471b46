"""The CUSUM of step durations: steps to a false alarm, and to the alarm after a change of 20 %.

Each run draws log-normal durations of a cv; the watch of the twin sees ln(work / nominal) one by
one, as it does on the floor. Both sides are watched, by the bound that stands in the code.
"""

import argparse
import json
import os
import platform
from math import log, log1p, sqrt
from pathlib import Path
from random import Random
from statistics import fmean, median
from time import process_time

from unikat.events import ModelRow
from unikat.twin.drift import Watch, watch_step


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, help="not used: durations are drawn")
    parser.add_argument("--cv", type=float, default=0.25)
    parser.add_argument("--calm-runs", type=int, default=300, help="runs to a false alarm")
    parser.add_argument("--runs", type=int, default=2_000, help="runs to the alarm of a change")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--json", action="store_true", help="last line is one JSON object")
    options = parser.parse_args()
    began, rng = process_time(), Random(options.seed)
    sigma = sqrt(log1p(options.cv**2))
    row = ModelRow("step", "unit", 0, -sigma * sigma / 2, sigma)
    calm = [steps_to_alarm(row, 1.0, rng) for _ in range(options.calm_runs)]
    measures = {
        "cv_percent": 100 * options.cv,
        "false_alarm_steps": fmean(calm),
        "false_alarm_error_steps": fmean(calm) / sqrt(len(calm)),  # geometric but for the start
    }
    for percent in (10, 20, 50, -20):
        name = f"delay_{percent}" if percent > 0 else "delay_less_20"
        delays = [steps_to_alarm(row, 1 + percent / 100, rng) for _ in range(options.runs)]
        measures |= {f"{name}_steps": median(delays), f"{name}_mean_steps": fmean(delays)}
    measures["cpu_s"] = process_time() - began
    for name, value in measures.items():
        print(f"{name:28} {value:14.2f}")
    if options.json:
        machine = {"cpus": os.cpu_count(), "python": platform.python_version()}
        line = {"bench": "drift", "data": None, "machine": machine}
        print(json.dumps({**line, "measures": measures, "peers": {}}))


def steps_to_alarm(row: ModelRow, factor: float, rng: Random) -> int:
    """Return after how many steps of a factor the watch is alarmed."""
    watch, mean = Watch(), row.mu + log(factor)
    while not watch.is_alarmed:
        watch = watch_step(watch, row, watch.num, rng.gauss(mean, row.sigma))
    return watch.num


if __name__ == "__main__":
    main()
