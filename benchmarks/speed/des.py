"""Occurrences a CPU second of the twin's kernel on a line that blocks and breaks, against SimPy."""

import argparse
import json
import os
import platform
import random
from math import sqrt
from time import process_time

import numpy as np

from unikat.twin.layout import CapRow, CenterRow, JobRow, Layout, StepRow, UnitRow, compile_layout
from unikat.twin.quantiles import exponential_row
from unikat.twin.simulate import simulate

MEAN = 10_000
MTBF, MTTR = 10 * MEAN, MEAN
UNITS, BUFFER, JOBS, WARM_UP = 10, 5, 20_000, 2_000


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--against", default="simpy", help="simpy, or none")
    parser.add_argument("--replications", type=int, default=10)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--json", action="store_true", help="last line is one JSON object")
    options = parser.parse_args()
    line = compile_layout(line_of_units())
    simulate(line, replications=1, seed=0)  # compiles before the clock runs
    speed, found = play(line, options.replications, options.seed)
    rates = (JOBS - 1 - WARM_UP) * MEAN / (found.finishes[:, -1] - found.finishes[:, WARM_UP])
    measures = {
        "line_occurrences_per_cpu_s": speed,
        "mm1_occurrences_per_cpu_s": play(
            compile_layout(one_queue(options.seed)), options.replications, options.seed
        )[0],
        "line_throughput": float(rates.mean()),
    }
    peers = {}
    if options.against == "simpy":
        rival, rival_rates = play_simpy(options.seed)
        spread = rates.var(ddof=1) / len(rates) + np.var(rival_rates, ddof=1) / len(rival_rates)
        measures["simpy_ratio"] = speed / rival
        measures["throughput_sigma"] = abs(rates.mean() - np.mean(rival_rates)) / sqrt(spread)
        peers["simpy"] = {
            "line_occurrences_per_cpu_s": rival,
            "line_throughput": float(np.mean(rival_rates)),
        }
        assert measures["throughput_sigma"] < 4, "SimPy's line has another throughput"
    for name, value in measures.items():
        print(f"{name:32} {value:14.3f}")
    if options.json:
        machine = {"cpus": os.cpu_count(), "python": platform.python_version()}
        head = {"bench": "des", "data": None, "machine": machine}
        print(json.dumps({**head, "measures": measures, "peers": peers}))


def line_of_units():
    """Exponential units in line, buffers between, failures as they work, an endless supply."""
    centers = tuple(
        CenterRow((UnitRow(mtbf=MTBF, mttr=MTTR, key=1_000 * i),), BUFFER) for i in range(UNITS)
    )
    jobs = tuple(
        JobRow(0, tuple(StepRow(c, MEAN, hash=j * 64 + c + 1) for c in range(UNITS)))
        for j in range(JOBS)
    )
    rows = {(c, c): 0 for c in range(UNITS)}
    caps = tuple(CapRow((c,)) for c in range(UNITS))
    return Layout(centers, caps, jobs, rows=rows, quantiles=(exponential_row(),))


def one_queue(seed):
    """M/M/1 at a load of .9."""
    gaps = np.random.default_rng(seed).exponential(MEAN / 0.9, JOBS)
    jobs = tuple(
        JobRow(int(at), (StepRow(0, MEAN, hash=j + 1),)) for j, at in enumerate(np.cumsum(gaps))
    )
    return Layout(
        (CenterRow((UnitRow(),), JOBS),), (CapRow((0,)),), jobs, rows={(0, 0): 0},
        quantiles=(exponential_row(),),
    )  # fmt: skip


def play(problem, replications, seed):
    """Return occurrences a CPU second of one thread, and what was found."""
    began = process_time()
    found = simulate(problem, replications=replications, seed=seed)
    return found.occurrences.sum() / (process_time() - began), found


def play_simpy(seed, *, jobs=4_000, replications=5):
    """Return SimPy's occurrences a CPU second on the same line, and its throughputs."""
    occurrences, seconds, rates = 0, 0.0, []
    for k in range(replications):
        count, ends, spent = simpy_line(random.Random(seed * 1_000 + k), jobs)
        occurrences, seconds = occurrences + count, seconds + spent
        rates.append((jobs - 1 - jobs // 10) * MEAN / (ends[-1] - ends[jobs // 10]))
    return occurrences / seconds, rates


def simpy_line(rng, num_jobs):
    import simpy

    env = simpy.Environment()
    stores = [simpy.Store(env, num_jobs if i == 0 else BUFFER) for i in range(UNITS)]
    ends, count = [], [num_jobs]

    def unit(i):
        until_fail = rng.expovariate(1 / MTBF)
        while True:
            part = yield stores[i].get()
            left = rng.expovariate(1 / MEAN)
            while True:
                spell = min(left, until_fail)
                yield env.timeout(spell)
                count[0] += 1
                left -= spell
                until_fail -= spell
                if left <= 0:
                    break
                yield env.timeout(rng.expovariate(1 / MTTR))
                count[0] += 1
                until_fail = rng.expovariate(1 / MTBF)
            if i + 1 < UNITS:
                yield stores[i + 1].put(part)
            else:
                ends.append(env.now)

    for j in range(num_jobs):
        stores[0].put(j)
    for i in range(UNITS):
        env.process(unit(i))
    began = process_time()
    env.run()
    return count[0], ends, process_time() - began


if __name__ == "__main__":
    main()
