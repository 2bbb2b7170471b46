"""How much less a difference varies where both worlds meet the same luck (common random numbers).

The plant of `whatif` (`_floors.py`) with 5 robots and with 6, as more orders come than it can make
(load 1.2): the variance of the difference in mean finish between independent worlds, over that
between paired ones. Beside it the same at lower loads, where worlds differ less, and for a unit
more instead of a robot, which changes who makes what.
"""

import argparse
import json
import os
import platform

from _floors import draw_layout

from unikat.twin.layout import compile_layout
from unikat.twin.simulate import simulate


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--steps", type=int, default=10_000)
    parser.add_argument("--replications", type=int, default=200)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--json", action="store_true", help="last line is one JSON object")
    options = parser.parse_args()
    measures = run(options.steps, options.replications, options.seed)
    for name, value in measures.items():
        print(f"{name:28} {value:14.3f}")
    if options.json:
        machine = {"cpus": os.cpu_count(), "python": platform.python_version()}
        head = {"bench": "crn", "data": None, "machine": machine}
        print(json.dumps({**head, "measures": measures, "peers": {}}))


def run(steps: int, replications: int, seed: int) -> dict[str, float]:
    return {
        "paired_variance_ratio": ratio(steps, replications, seed, 1.2, {"robots": 6}),
        "load80_variance_ratio": ratio(steps, replications, seed, 0.8, {"robots": 6}),
        "load100_variance_ratio": ratio(steps, replications, seed, 1.0, {"robots": 6}),
        "unit_variance_ratio": ratio(steps, replications, seed, 1.2, {"extra": 1}),
    }


def ratio(steps, replications, seed, load, changes):
    """Return the variance of independent differences over that of paired ones."""

    def mean_finish(salt, **what):
        problem = compile_layout(draw_layout(steps, seed, load=load, **what))
        found = simulate(problem, replications=replications, seed=seed + salt)
        return found.finishes.mean(axis=1)

    before = mean_finish(0)
    paired = (mean_finish(0, **changes) - before).var(ddof=1)
    return float((mean_finish(1, **changes) - before).var(ddof=1) / paired)


if __name__ == "__main__":
    main()
