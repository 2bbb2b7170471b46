"""Milliseconds of a click with the exact status of every option, against SAT alone and a pool."""

import gc
import time
from random import Random

import numpy as np
from _models import load, parser_of, read_models, report, shop, status_of, warm_up

KEPT = 100
"""Shoppers whose choices are kept for the peers: at 18,616 features a choice holds 37 kB."""


def main() -> None:
    parser = parser_of(__doc__)
    parser.add_argument("--against", default="naive,pool", help="peers, joined by commas; or none")
    options = parser.parse_args()
    wanted = set(options.against.split(","))
    warm_up()
    measures, peers = {}, {}
    for name, text in read_models(options).items():
        family = load(text)
        gc.collect()
        gc.freeze()  # a family stays: the collector need not look through it during a click
        sessions, mine = draw(family, options)
        for key, value in (
            ("clicks", mine.size),
            ("click_mean_ms", mine.mean()),
            ("click_p50_ms", np.quantile(mine, 0.5)),
            ("click_p99_ms", np.quantile(mine, 0.99)),
            ("click_max_ms", mine.max()),
        ):
            measures[f"{name}_{key}"] = float(value)
        for peer in [each for each in ("naive", "pool") if each in wanted]:
            ratio, mean = compare(peer, family, sessions, options.seconds)
            measures[f"{name}_{peer}_ratio"] = ratio
            peers.setdefault(peer, {})[f"{name}_click_mean_ms"] = mean
        print(*(f"{key}={value:.4g}" for key, value in measures.items() if name in key), flush=True)
    for key in ("click_p50_ms", "click_p99_ms", "click_max_ms"):
        measures[key] = max(value for each, value in measures.items() if each.endswith("_" + key))
    for key in ("naive_ratio", "pool_ratio"):
        found = [value for each, value in measures.items() if each.endswith("_" + key)]
        measures.update({key: min(found)} if found else {})
    report("configure_click", options, measures, peers)


def draw(family, options):
    """Let shoppers click until the time is over; at least 20 of them."""
    rng = Random(options.seed)
    until = time.perf_counter() + options.seconds
    kept, times = [], []
    while len(kept) < 20 or time.perf_counter() < until:
        session = list(shop(family, rng))
        times += [seconds for _, _, seconds in session]
        if len(kept) < KEPT:
            kept.append(session)
    return kept, 1e3 * np.array(times)


def compare(peer, family, sessions, budget):
    """Return how many times longer a peer takes for the same clicks, and its mean."""
    from reference.configure_sat import Naive, Pool

    other = (Naive if peer == "naive" else Pool)(family.clauses, len(family.features))
    theirs, mine, until = [], [], time.perf_counter() + 2 * budget
    for picks, choice, seconds in (click for session in sessions for click in session):
        start = time.thread_time_ns()
        found = other.status(picks)
        theirs.append((time.thread_time_ns() - start) / 1e9)
        mine.append(seconds)
        assert np.array_equal(found, status_of(family, choice)), (peer, picks)
        if time.perf_counter() > until:
            break
    other.close()
    return float(np.mean(theirs) / np.mean(mine)), float(1e3 * np.mean(theirs))


if __name__ == "__main__":
    main()
