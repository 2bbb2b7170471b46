"""Wrong statuses: golden sessions, published core and dead options, every option by two SAT calls.

An oracle click is one of several shoppers who click in turn, some of whom take a pick back. Its
oracle proves each status by a SAT solver, a configuration serving many options; `--twice` asks
twice for each option instead.
"""

import hashlib
import json
from random import Random

import numpy as np
from _models import load, parser_of, read_models, report, status_of

from unikat.configure import choose, open_choice, unchoose

LARGE = 5_000
"""Features from which on the oracle takes `--oracle-large` clicks: a click there takes seconds."""


def main() -> None:
    parser = parser_of(__doc__)
    parser.add_argument("--oracle", type=int, default=100, help="clicks a model")
    parser.add_argument("--oracle-large", type=int, default=2, help="clicks a very large model")
    parser.add_argument("--twice", action="store_true", help="two calls an option; much slower")
    options = parser.parse_args()
    facts = {each["model"]: each for each in read_list(options, "facts.json")}
    golden = read_list(options, "golden_sessions.json")
    measures = dict.fromkeys(
        (
            "golden_wrong",
            "facts_wrong",
            "oracle_wrong",
            "golden_clicks",
            "facts",
            "oracle_clicks",
            "oracle_statuses",
        ),
        0,
    )
    for name, text in read_models(options).items():
        family = load(text)
        if name in facts:
            measures["facts"] += 2
            measures["facts_wrong"] += check_facts(family, facts[name])
        for session in [each for each in golden if each["model"] == name]:
            measures["golden_clicks"] += len(session["clicks"])
            measures["golden_wrong"] += replay(family, session["clicks"])
        clicks = options.oracle_large if len(family.features) > LARGE else options.oracle
        wrong = ask_oracle(family, clicks, Random(options.seed), is_twice=options.twice)
        measures["oracle_clicks"] += clicks
        measures["oracle_statuses"] += clicks * len(family.features)
        measures["oracle_wrong"] += wrong
        print(name, measures, flush=True)
    report("configure_exact", options, measures)


def read_list(options, name):
    path = options.data / name if options.data else None
    return json.loads(path.read_text()) if path is not None and path.exists() else []


def check_facts(family, fact):
    status = status_of(family, open_choice(family))[1:]
    core, dead = int((status == 1).sum()), int((status == -1).sum())
    return (core != fact["core"]) + (dead != fact["dead"])


def replay(family, clicks):
    choice, wrong = open_choice(family), 0
    for click in clicks:
        choice = choose(choice, click["feature"], bool(click["value"]))
        wrong += digest(family, choice) != click["sha256"]
    return wrong


def digest(family, choice):
    names = np.array([feature.name for feature in family.features])
    status = status_of(family, choice)[1:]
    forced, forbidden = (sorted(names[status == sign].tolist()) for sign in (1, -1))
    text = "\n".join(forced) + "\n--\n" + "\n".join(forbidden)
    return hashlib.sha256(text.encode()).hexdigest()


def ask_oracle(family, num_clicks, rng, *, is_twice):
    """Let five shoppers click in turn; return how many statuses are wrong."""
    from reference.configure_sat import Naive, Witnesses

    oracle = (Naive if is_twice else Witnesses)(family.clauses, len(family.features))
    wrong, shoppers = 0, [open_choice(family) for _ in range(5)]
    for click in range(num_clicks):
        at = click % len(shoppers)
        choice = shoppers[at] = step(family, shoppers[at], rng)
        picks = [
            family.index[name] + 1 if value else -family.index[name] - 1
            for name, value in choice.picks
        ]
        status = status_of(family, choice)
        if is_twice:
            wrong += int((oracle.status(picks) != status).sum())
        else:
            wrong += oracle.num_wrong(picks, status)
    oracle.close()
    return wrong


def step(family, choice, rng):
    """Pick an open option; in one of six clicks, or when all is decided, take a pick back."""
    left = np.flatnonzero(status_of(family, choice)[1:] == 0)
    if choice.picks and (not left.size or rng.random() < 1 / 6):
        return unchoose(choice, choice.picks[rng.randrange(len(choice.picks))][0])
    if not left.size or len(choice.picks) > 12:
        choice, left = (
            open_choice(family),
            np.flatnonzero(status_of(family, open_choice(family))[1:] == 0),
        )
    name = family.features[int(left[rng.randrange(left.size)])].name
    return choose(choice, name, rng.random() < 0.7)


if __name__ == "__main__":
    main()
