"""A thousand replications of a plant of 10,000 steps: CPU time, and when the first answer is there.

50 units in 10 work centers of different pace, 5 robots that travel empty too, setups of 5 families,
breakdowns, shifts, durations of cv .25 (`_floors.py`). The question: a unit more in the first work
center. `first_answer_s`: CPU time of both worlds' first 50 replications, kernels being warm and the
world as it is being compiled. `cpu_s`: all replications of one world; `guarded_cpu_s` the same with
20 places before each work center, so that the supervisor must refuse what could end in a deadlock
(a tenth of the replications, scaled up).
"""

import argparse
import json
import os
import platform
from time import process_time

from _floors import draw_layout

from unikat.twin.layout import compile_layout
from unikat.twin.simulate import simulate
from unikat.twin.what_if import interval_of

FIRST, TIGHT = 50, 20


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--steps", type=int, default=10_000)
    parser.add_argument("--replications", type=int, default=1_000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--json", action="store_true", help="last line is one JSON object")
    options = parser.parse_args()
    measures = run(options.steps, options.replications, options.seed)
    for name, value in measures.items():
        print(f"{name:28} {value:14.3f}")
    if options.json:
        machine = {"cpus": os.cpu_count(), "python": platform.python_version()}
        head = {"bench": "whatif", "data": None, "machine": machine}
        print(json.dumps({**head, "measures": measures, "peers": {}}))


def run(steps: int, replications: int, seed: int) -> dict[str, float]:
    as_now = compile_layout(draw_layout(steps, seed))
    other = draw_layout(steps, seed, extra=1)
    tight = compile_layout(draw_layout(steps, seed, buffer=TIGHT))
    simulate(as_now, replications=1, seed=0)  # compiles before the clock runs
    began = process_time()
    then = compile_layout(other)
    first = [simulate(each, replications=FIRST, seed=seed) for each in (as_now, then)]
    found = interval_of((first[1].finishes - first[0].finishes).mean(axis=1))
    first_answer = process_time() - began
    began = process_time()
    played = simulate(as_now, replications=replications, seed=seed)
    spent = process_time() - began
    few = max(1, replications // 10)
    began = process_time()
    guarded = simulate(tight, replications=few, seed=seed)
    guarded_s = (process_time() - began) * replications / few
    assert not played.stuck.any(), "parts are stuck"
    assert not guarded.stuck.any(), "parts are stuck under the supervisor"
    return {
        "cpu_s": spent,
        "first_answer_s": first_answer,
        "guarded_cpu_s": guarded_s,
        "occurrences_per_cpu_s": played.occurrences.sum() / spent,
        "gain_min": -found.mean / 60,
        "gain_half_width_min": (found.high - found.low) / 120,
    }


if __name__ == "__main__":
    main()
