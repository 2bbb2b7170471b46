"""Milliseconds of a completion by the defaults, and whether shuffled picks have the same key."""

import gc
import time
from random import Random

import numpy as np
from _models import load, parser_of, read_models, report, shop, warm_up

from unikat.configure import choose_all, complete
from unikat.configure.workspace import workspace_of

MOST_SHUFFLED = 40


def main() -> None:
    options = parser_of(__doc__).parse_args()
    warm_up()
    measures, different = {}, 0
    for name, text in read_models(options).items():
        family = load(text)
        gc.collect()
        gc.freeze()  # a family stays: the collector need not look through it during a click
        times, wrong = run(family, options)
        different += wrong
        measures[f"{name}_completions"] = float(times.size)
        measures[f"{name}_complete_p50_ms"] = float(np.quantile(times, 0.5))
        measures[f"{name}_complete_p99_ms"] = float(np.quantile(times, 0.99))
        print(*(f"{key}={value:.4g}" for key, value in measures.items() if name in key), flush=True)
    found = [value for each, value in measures.items() if each.endswith("_complete_p99_ms")]
    measures["complete_p99_ms"] = max(found)
    measures["keys_different"] = different
    report("configure_complete", options, measures)


def run(family, options):
    """Complete after every click of random shoppers; some again with their picks shuffled."""
    rng = Random(options.seed)
    until = time.perf_counter() + options.seconds
    times, kept = [], []
    while len(times) < 200 or time.perf_counter() < until:
        for _, choice, _ in shop(family, rng):
            start = time.thread_time_ns()
            key = complete(choice).key
            times.append((time.thread_time_ns() - start) / 1e6)
        if len(kept) < MOST_SHUFFLED:
            kept.append((choice.picks, key))
    different = 0
    for picks, key in kept:
        shuffled = list(picks)
        rng.shuffle(shuffled)
        workspace_of(family)._answers.clear()  # what is remembered would be no test
        again = complete(choose_all(family, {str(name): value for name, value in shuffled}))
        different += again.key != key
    return np.array(times), different


if __name__ == "__main__":
    main()
