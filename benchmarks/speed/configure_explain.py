"""Milliseconds to say which picks and rules forbid a value, and how many reasons are not minimal.

Shoppers pick at random; then an option that their picks fixed is asked for the other way. Another
solver proves that the reasons forbid it, and that without any one of them they do not. The first
explanation in a thread loads a solver; a server does that before anybody asks.
"""

import time
from collections import Counter
from random import Random

import numpy as np
from _models import load, parser_of, read_models, report, shop, status_of, warm_up

from unikat.configure import explain, open_choice
from unikat.configure.explain import blocking_picks

LARGE = 5_000
MOST_PICKS = 6


def main() -> None:
    parser = parser_of(__doc__)
    parser.add_argument("--refusals", type=int, default=200, help="a model")
    parser.add_argument("--refusals-large", type=int, default=40, help="a very large model")
    options = parser.parse_args()
    warm_up()
    measures = {"refusals": 0, "not_minimal": 0}
    for name, text in read_models(options).items():
        family = load(text)
        is_large = len(family.features) > LARGE
        number = options.refusals_large if is_large else options.refusals
        for each in refusals(family, 1, Random(options.seed + 1)):
            measures[f"{name}_first_explain_ms"] = measure(family, *each)[1]
        found = [measure(family, *each) for each in refusals(family, number, Random(options.seed))]
        if not found:
            continue
        picks_ms, rules_ms, num_picks, num_rules, wrong = np.array(found).T
        measures["refusals"] += len(found)
        measures["not_minimal"] += int(wrong.sum())
        for key, value in (
            ("refusals", len(found)),
            ("picks_p50_ms", np.quantile(picks_ms, 0.5)),
            ("picks_p99_ms", np.quantile(picks_ms, 0.99)),
            ("rules_p50_ms", np.quantile(rules_ms, 0.5)),
            ("rules_p99_ms", np.quantile(rules_ms, 0.99)),
            ("picks_median", np.median(num_picks)),
            ("rules_median", np.median(num_rules)),
            ("rules_max", num_rules.max()),
            ("not_minimal", wrong.sum()),
        ):
            measures[f"{name}_{key}"] = float(value)
        print(*(f"{key}={value:.4g}" for key, value in measures.items() if name in key), flush=True)
    for key in ("picks_p99_ms", "rules_p99_ms", "rules_median", "first_explain_ms"):
        found = [value for each, value in measures.items() if each.endswith("_" + key)]
        measures[key] = max(found, default=0.0)
    report("configure_explain", options, measures)


def refusals(family, number, rng):
    """Yield choices, and a value that their picks forbid; shoppers until there are enough."""
    first, seen = status_of(family, open_choice(family)), 0
    for _ in range(20 * number):
        *_, (picks, choice, _) = shop(family, rng, rng.randint(1, MOST_PICKS))
        now = status_of(family, choice)
        changed = set(np.flatnonzero(now != first).tolist()) - set(map(abs, picks))
        if changed:
            var = rng.choice(sorted(changed))
            yield choice, family.features[var - 1].name, bool(now[var] < 0)
            seen += 1
        if seen == number:
            return


def measure(family, choice, name, value):
    """Return both times, how many picks and rules are named, and whether they are not minimal."""
    start = time.thread_time_ns()
    picks = blocking_picks(choice, name, value)
    middle = time.thread_time_ns()
    conflict = explain(choice, name, value)
    end = time.thread_time_ns()
    assert picks == conflict.picks, (picks, conflict)
    wrong = not is_minimal(family, choice, conflict)
    num_reasons = len(conflict.rules) + len(conflict.relations)
    return (middle - start) / 1e6, (end - middle) / 1e6, len(picks), num_reasons, wrong


def is_minimal(family, choice, conflict):
    """Whether the reasons forbid the value, and no part of them does."""
    from pysat.solvers import Solver

    picked = dict(choice.picks)
    values = [(name, picked[name]) for name in conflict.picks]
    values.append((conflict.feature, conflict.value))
    fixed = [(family.index[name] + 1) * (1 if value else -1) for name, value in values]
    reasons = parts_of(family, conflict)
    with Solver(name="minisat22", bootstrap_with=without_edges(family)) as solver:
        selectors = []
        for i, clauses in enumerate(reasons, start=family.clauses.num_vars + 1):
            solver.append_formula([(-i, *clause) for clause in clauses], no_return=True)
            selectors.append(i)
        if solver.solve(assumptions=fixed + selectors):
            return False
        for each in selectors:
            if not solver.solve(assumptions=fixed + [i for i in selectors if i != each]):
                return False
    with Solver(name="minisat22", bootstrap_with=family.clauses.hard) as solver:
        for part in family.clauses.parts:
            solver.append_formula(part.clauses, no_return=True)
        return all(
            solver.solve(assumptions=[other for other in fixed if other != each])
            for each in fixed[:-1]
        )


def without_edges(family):
    """Return the clauses that no reason names: all but "a child has its parent"."""
    edges = {
        (-family.index[feature.name] - 1, family.index[feature.parent] + 1)
        for feature in family.features
        if feature.parent is not None
    }
    return [clause for clause in family.clauses.hard if tuple(clause) not in edges]


def parts_of(family, conflict):
    """Return the clauses of each reason, looked up by what it is called."""
    named = Counter((*conflict.rules, *conflict.relations))
    found = []
    for part in family.clauses.parts:
        if named[part.id if part.is_rule else part.text] > 0:
            named[part.id if part.is_rule else part.text] -= 1
            found.append(part.clauses)
    for text in named.elements():
        if " always has " in text:
            parent, _, child = text.partition(" always has ")
            found.append([(-top, at) for at, top in path(family, child, parent)])
        else:
            child, belongs, parent = text.partition(" belongs to ")
            assert belongs, text
            found.append([(-at, top) for at, top in path(family, child, parent)])
    return found


def path(family, child, parent):
    """Return the variables of each option and its parent, from one up to one above it."""
    titles = {feature.name.strip('"'): feature for feature in family.features}
    at, edges = titles[child], []
    while at.name.strip('"') != parent:
        edges.append((family.index[at.name] + 1, family.index[at.parent] + 1))
        at = family.features[family.index[at.parent]]
    return edges


if __name__ == "__main__":
    main()
