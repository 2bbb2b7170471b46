"""Seconds for the cheapest and the nearest configuration, proven, and equal to brute force."""

import time
from dataclasses import replace
from fractions import Fraction
from random import Random

from _models import load, made_up, parser_of, read_models, report, shop, warm_up

from unikat.configure import choose_all, price
from unikat.configure.optimise import Wish, cheapest, load_solver, nearest

NUM_PICKS = 10
NUM_WISHES = 30
MAX_CENTS = 500
SMALL_OPTIONS = (8, 14, 20, 26)
MOST_LISTED = 100_000


def main() -> None:
    parser = parser_of(__doc__)
    parser.add_argument("--questions", type=int, default=5, help="of each kind and model")
    parser.add_argument("--small", type=int, default=12, help="small families held to brute force")
    options = parser.parse_args()
    load_solver()
    warm_up()
    rng = Random(options.seed)
    measures, wrong = {}, 0
    for name, text in read_models(options).items():
        family = priced(load(text), rng)
        found = {"cheapest_s": [], "nearest_s": [], "cheapest_wall_s": [], "nearest_wall_s": []}
        for _ in range(options.questions):
            for kind, question in (("cheapest", ask_cheapest), ("nearest", ask_nearest)):
                seconds, wall, is_proven = question(family, rng)
                found[f"{kind}_s"].append(seconds)
                found[f"{kind}_wall_s"].append(wall)
                wrong += not is_proven
        measures.update({f"{name}_{key}": max(each) for key, each in found.items()})
        print(*(f"{key}={value:.3f}" for key, value in measures.items() if name in key), flush=True)
    for key in ("cheapest_s", "nearest_s"):
        measures[key] = max(value for each, value in measures.items() if each.endswith("_" + key))
    different, listed = brute_force(options.small, rng)
    measures["not_optimal"] = wrong + different
    measures["listed_configurations"] = listed
    report("configure_optimise", options, measures)


def priced(family, rng):
    """Give every feature a random price."""
    features = tuple(
        replace(
            each,
            attributes={**each.attributes, "price": Fraction(rng.randint(0, MAX_CENTS))},
        )
        for each in family.features
    )
    return replace(family, features=features)


def ask_cheapest(family, rng):
    for _, last, _ in shop(family, rng, NUM_PICKS):
        choice = last
    best, seconds, wall = timed(lambda: cheapest(choice))
    total = price(family, best.configuration).total
    return seconds, wall, best.is_optimal and best.objective == best.bound == total


def ask_nearest(family, rng):
    names = rng.sample(list(family.index), min(NUM_WISHES, len(family.index)))
    wishes = [Wish(name, rng.random() < 0.7) for name in names]
    best, seconds, wall = timed(lambda: nearest(family, wishes))
    missed = sum((each.feature in best.configuration.selected) != each.value for each in wishes)
    return seconds, wall, best.is_optimal and best.objective == best.bound == missed


def timed(question):
    wall, start = time.perf_counter(), time.process_time()
    best = question()
    return best, time.process_time() - start, time.perf_counter() - wall


def brute_force(num, rng):
    """Count answers unlike those of listing every configuration of small made-up families."""
    different = num_listed = 0
    for k in range(num):
        text = made_up(rng.randrange(1 << 30), SMALL_OPTIONS[k % len(SMALL_OPTIONS)])
        family = priced(load(text), rng)
        listed = configurations(family)
        if len(listed) > MOST_LISTED:
            continue
        num_listed += len(listed)
        cents = [int(each.attributes["price"]) for each in family.features]
        for _, choice, _ in shop(family, rng, 3):
            left = [each for each in listed if agrees(family, each, choice.picks)]
            least = min(
                sum(c for c, sign in zip(cents, each, strict=True) if sign > 0) for each in left
            )
            different += cheapest(choice).objective != least
        wishes = {name: rng.random() < 0.5 for name in rng.sample(list(family.index), 6)}
        least = min(
            sum((each[family.index[name]] > 0) != value for name, value in wishes.items())
            for each in listed
        )
        best = nearest(family, [Wish(name, value) for name, value in wishes.items()])
        choose_all(
            family,
            {each.name: each.name in best.configuration.selected for each in family.features},
        )
        different += best.objective != least
    return different, num_listed


def configurations(family):
    """List every valid configuration, up to one too many."""
    from pysat.solvers import Solver

    listed, size = [], len(family.features)
    with Solver(name="glucose4", bootstrap_with=family.clauses.hard) as solver:
        for part in family.clauses.parts:
            solver.append_formula(part.clauses)
        while len(listed) <= MOST_LISTED and solver.solve():
            listed.append(tuple(solver.get_model()[:size]))
            solver.add_clause([-literal for literal in listed[-1]])
    return listed


def agrees(family, model, picks):
    return all((model[family.index[name]] > 0) == value for name, value in picks)


if __name__ == "__main__":
    main()
