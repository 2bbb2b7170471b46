"""Occurrences a CPU second of the twin's kernel on a line that blocks and breaks, against peers.

The line is played as every such layout is: `simulate` sees that no part may overtake, and computes
instants without an agenda. The `agenda_` measures are the same line by the kernel that plays all
else, held to the same bits; jobs and occurrences of a job are the same in every tool, so that the
ratios are those of jobs a second as well.

`--against simpy,cimba`; Cimba is no dependency: `--cimba PYTHON` names an interpreter that has it.
`--verify` holds the kernel to exact values, schedules, its own forks and threads instead.
"""

import argparse
import json
import os
import platform
import random
import subprocess
import sys
from math import sqrt
from pathlib import Path
from time import process_time

import numpy as np

from unikat.twin.layout import CapRow, CenterRow, JobRow, Layout, StepRow, UnitRow, compile_layout
from unikat.twin.quantiles import exponential_row
from unikat.twin.simulate import open_state, run_until, simulate

MEAN = 10_000
MTBF, MTTR = 10 * MEAN, MEAN
UNITS, BUFFER, JOBS, WARM_UP = 10, 5, 4_000, 400


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument(
        "--against", default="simpy", help="simpy, cimba, both with a comma, or none"
    )
    parser.add_argument("--cimba", default=sys.executable, help="an interpreter that has cimba")
    parser.add_argument("--verify", action="store_true", help="exact values instead of speed")
    parser.add_argument("--forks", type=int, default=1_000, help="of --verify")
    parser.add_argument("--replications", type=int, default=50)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--json", action="store_true", help="last line is one JSON object")
    options = parser.parse_args()
    if options.verify:
        from _exact import verify

        measures, peers = verify(options.seed, options.forks), {}
    else:
        measures, peers = race(options)
    for name, value in measures.items():
        print(f"{name:32} {value:14.3f}")
    if options.json:
        machine = {"cpus": os.cpu_count(), "python": platform.python_version()}
        head = {"bench": "des", "data": None, "machine": machine}
        print(json.dumps({**head, "measures": measures, "peers": peers}))


def race(options):
    """Return the measures of speed and those of the peers; all must have the same throughput."""
    line, queue = compile_layout(line_of_units()), compile_layout(one_queue(options.seed))
    simulate(line, replications=1, seed=0)  # compiles before the clock runs
    speed, found = play(line, options.replications, options.seed)
    agenda = play_by_agenda(line, found, options.seed)
    rates = (JOBS - 1 - WARM_UP) * MEAN / (found.finishes[:, -1] - found.finishes[:, WARM_UP])
    measures = {
        "events_per_cpu_s": speed,
        "agenda_events_per_cpu_s": agenda,
        "mm1_occurrences_per_cpu_s": play(queue, options.replications, options.seed)[0],
        "line_throughput": float(rates.mean()),
        "throughput_sigma": 0.0,
    }
    peers = {}
    rivals = {"simpy": play_simpy, "cimba": lambda seed: play_cimba(options.cimba, seed)}
    for peer in (name for name in rivals if name in options.against.split(",")):
        rival, rival_rates = rivals[peer](options.seed)
        spread = rates.var(ddof=1) / len(rates) + np.var(rival_rates, ddof=1) / len(rival_rates)
        sigma = abs(rates.mean() - np.mean(rival_rates)) / sqrt(spread)
        assert sigma < 4, f"{peer}'s line has another throughput"
        measures[f"{peer}_ratio"] = speed / rival
        measures[f"agenda_{peer}_ratio"] = agenda / rival
        measures["throughput_sigma"] = max(measures["throughput_sigma"], sigma)
        peers[peer] = {
            "events_per_cpu_s": rival,
            "line_throughput": float(np.mean(rival_rates)),
        }
    return measures, peers


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


def play_by_agenda(problem, found, seed, *, replications=10):
    """Return the agenda's occurrences a CPU second; finishes must be those found, bit for bit."""
    from unikat.twin import _kernels as k

    run_until(problem, open_state(problem, seed=seed), 0)  # compiles before the clock runs
    spent = 0.0
    for i in range(replications):
        began = process_time()
        end = run_until(problem, open_state(problem, seed=seed, replication=i), k.NEVER - 1)
        spent += process_time() - began
        assert np.array_equal(end[problem.jobs + k.FINISH], found.finishes[i]), "other bits"
        assert end[k.OCCURRENCES] == found.occurrences[i]
    return found.occurrences[:replications].sum() / spent


def play_simpy(seed, *, jobs=4_000, replications=5):
    """Return SimPy's occurrences a CPU second on the same line, and its throughputs."""
    occurrences, seconds, rates = 0, 0.0, []
    for k in range(replications):
        count, ends, spent = simpy_line(random.Random(seed * 1_000 + k), jobs)
        occurrences, seconds = occurrences + count, seconds + spent
        rates.append((jobs - 1 - jobs // 10) * MEAN / (ends[-1] - ends[jobs // 10]))
    return occurrences / seconds, rates


def play_cimba(python, seed, *, replications=20):
    """Return Cimba's occurrences a CPU second and throughputs, played in a process of its own: its
    models compile only there.
    """
    sizes = (UNITS, BUFFER, MEAN, MTBF, MTTR, JOBS, WARM_UP, replications, seed)
    file = Path(__file__).with_name("_cimba_line.py")
    done = subprocess.run(
        [python, file, *map(str, sizes)], capture_output=True, text=True, check=False
    )
    if done.returncode:
        raise SystemExit(f"{python} cannot play Cimba's line: {done.stderr.strip()[-300:]}")
    found = json.loads(done.stdout.splitlines()[-1])
    return found["events_per_cpu_s"], found["rates"]


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
