"""Supervisor on nets: counts as expected, what each policy admits, time a test, deadlocks met."""

import argparse
import json
import os
import platform
import random
import time
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from unikat.edge.net_file import read_net
from unikat.floor import _kernels, banker
from unikat.floor.explore import (
    LIMIT,
    Reach,
    admitted_states,
    explore,
    find_bad,
    find_dead,
    find_legal,
    maximal_legal,
    minimal_bad,
    states_of,
    words_of,
)
from unikat.floor.rule import Rule, compile_rule

LOOK_AHEADS = (0, 1, 2)
STOP_PERMILLE = 100
SMALL = {
    "activity_places": {"a1": "R"},
    "idle_places": ["a"],
    "resource_places": ["R"],
    "transitions": {
        "enter": {"in": ["a", "R"], "out": ["a1"]},
        "leave": {"in": ["a1"], "out": ["a", "R"]},
    },
    "m0": {"a": 1, "R": 1},
}


@dataclass
class Row:
    """What was found about one net."""

    name: str
    counts: dict[str, int]
    wrong: list[str]
    exact_percent: float = float("nan")
    banker_percent: tuple[float, ...] = ()
    illegal: int = 0
    build_s: float = 0.0
    test_us: float = 0.0
    moves: int = 0
    stops: int = 0
    deadlocks: int = 0
    unsupervised: int = 0


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, required=True, help="folder with nets as .json")
    parser.add_argument("--seed", type=int, default=1, help="of the random walks")
    parser.add_argument("--moves", type=int, default=10_000_000, help="random moves in all")
    parser.add_argument("--limit", type=int, default=4 * LIMIT, help="most states of a net")
    parser.add_argument("--json", action="store_true", help="last line is one JSON object")
    options = parser.parse_args()
    warm_up()
    files = sorted(options.data.rglob("*.json"))
    texts = {path: path.read_text("utf-8") for path in files}
    files = [path for path in files if '"activity_places"' in texts[path]]
    share = -(-options.moves // max(1, 2 * len(files)))
    rows = [
        measure(path.stem, texts[path], moves=share, seed=options.seed, limit=options.limit)
        for path in files
    ]
    for row in rows:
        show(row)
    measures = sum_up(rows)
    for name, value in measures.items():
        print(f"{name:36} {value:14.3f}")
    if options.json:
        machine = {"cpus": os.cpu_count(), "python": platform.python_version()}
        line = {"bench": "nets", "data": str(options.data), "machine": machine}
        print(json.dumps({**line, "measures": measures, "peers": {}}))


def warm_up() -> None:
    """Compile before the first clock is read."""
    measure("small", json.dumps(SMALL), moves=10, seed=1, limit=10)


def measure(name: str, text: str, *, moves: int, seed: int, limit: int) -> Row:
    expected = json.loads(text).get("expected", {})
    system = read_net(text)
    begin = time.process_time()
    reach = explore(system, limit=limit)
    if not reach.is_complete:
        wrong = ["not explored to the end"] if expected else []
        return measure_beyond(name, reach, wrong, moves=moves, seed=seed)
    rule = compile_rule(reach)
    build_s = time.process_time() - begin
    is_legal = find_legal(reach)
    is_bad = find_bad(reach, is_legal)
    counts = {
        "reachable": reach.num_states,
        "legal": int(is_legal.sum()),
        "dead": int(find_dead(reach).sum()),
        "first_met_bad": int(is_bad.sum()),
        "minimal_first_met_bad": len(minimal_bad(reach, is_bad)),
    }
    if "maximal_legal" in expected:
        counts["maximal_legal"] = len(maximal_legal(reach, is_legal))
    wrong = [key for key, value in expected.items() if counts.get(key) != value]
    row = Row(name, counts, wrong, build_s=build_s)
    exact = admitted_states(reach, allowed_by(rule, reach))
    policies = [exact]
    if not system.has_joins:
        is_safe = banker.find_drained(banker.read_walks(system), reach.states)
        policies += [
            admitted_states(reach, banker.look_ahead(reach, is_safe, k)) for k in LOOK_AHEADS
        ]
    percents = [100.0 * int((p & is_legal).sum()) / counts["legal"] for p in policies]
    row.exact_percent, row.banker_percent = percents[0], tuple(percents[1:])
    row.illegal = sum(int((p & ~is_legal).sum()) for p in policies)
    row.test_us = time_tests(rule, reach, exact, seed)
    for policy in (policies[0], policies[-1]):
        made, stops, deadlocks = walk(reach, policy, moves=moves, seed=seed)
        row.moves, row.stops = row.moves + made, row.stops + stops
        row.deadlocks += deadlocks
    everything = np.ones(reach.num_states, dtype=np.bool_)
    row.unsupervised = walk(reach, everything, moves=moves // 100, seed=seed)[2]
    return row


def measure_beyond(name: str, reach: Reach, wrong: list[str], *, moves: int, seed: int) -> Row:
    """Beyond the limit the banker controls: walk at random, count deadlocks."""
    row = Row(name, {"explored": reach.num_states}, wrong)
    if not reach.system.has_joins:
        row.moves = min(moves, 1_000_000)
        found = banker.stroll(reach.system, num_moves=row.moves, seed=seed)
        row.deadlocks = found.deadlocks
    return row


def allowed_by(rule: Rule, reach: Reach) -> np.ndarray:
    """Return the states the compiled rule lets in, by the vectors alone (or its set)."""
    if rule.legal is not None:
        return np.array([state in rule.legal for state in states_of(reach.states)])
    guards = words_of(rule.system, [rule.system.guards])[0]
    return ~_kernels.find_covered(reach.states, words_of(rule.system, rule.bad), guards)


def time_tests(rule: Rule, reach: Reach, is_met: np.ndarray, seed: int) -> float:
    """Return the microseconds a question to the rule takes, over random met states and moves."""
    system = rule.system
    picks = np.random.default_rng(seed).choice(np.flatnonzero(is_met), 20_000)
    asked = []
    for row, state in zip(picks, states_of(reach.states[picks]), strict=True):
        moves = reach.by[reach.first[row] : reach.first[row + 1]].tolist()
        asked += [(state, move, row) for move in moves]
    random.Random(seed).shuffle(asked)
    begin = time.process_time()
    answers = [rule.admits(state, move) for state, move, _ in asked]
    seconds = time.process_time() - begin
    after = {state: bool(met) for state, met in zip(states_of(reach.states), is_met, strict=True)}
    told = [after[system.fire(state, move)] for state, move, _ in asked]
    if answers != told:
        raise AssertionError("the rule answers otherwise than the legal states it was made of")
    return 1e6 * seconds / len(asked)


def walk(reach: Reach, policy: np.ndarray, *, moves: int, seed: int) -> tuple[int, int, int]:
    """Walk at random with units that stop, free or with the part they hold, and are repaired.

    Returns the moves made, the stops and the deadlocks.
    """
    system = reach.system
    num_inside = len(system.activities) + len(system.idles)
    stopping = [*range(len(system.activities)), *range(num_inside, len(system.places))]
    tokens = words_of(system, [1 << system.fields[place].shift for place in stopping])
    return _kernels.wander_edges(
        reach.states, reach.first, reach.to, reach.by, policy,
        words_of(system, system.takes), words_of(system, [system.guards])[0], tokens,
        moves, STOP_PERMILLE, seed,
    )  # fmt: skip


def show(row: Row) -> None:
    print(f"{row.name}: {', '.join(f'{k} {v:,}' for k, v in row.counts.items())}")
    print(
        f"  not as expected: {', '.join(row.wrong) or 'nothing'}; rule built in {row.build_s:.3f} s"
    )
    banker_percents = " / ".join(f"{p:.1f}" for p in row.banker_percent)
    print(
        f"  admitted of the legal: exact {row.exact_percent:.1f} %, banker k = 0 / 1 / 2:"
        f" {banker_percents} %; illegal {row.illegal}"
    )
    print(
        f"  {row.test_us:.2f} us a test; {row.moves:,} random moves, {row.stops:,} stops,"
        f" {row.deadlocks} deadlocks ({row.unsupervised:,} in a hundredth of them without a rule)"
    )


def sum_up(rows: list[Row]) -> dict[str, float]:
    """Return the measures; shares and times are those of the worst net."""
    explored = [row for row in rows if row.exact_percent == row.exact_percent]
    with_banker = [row for row in explored if row.banker_percent]
    by_look_ahead = {
        f"banker_{k}_admitted_percent": min(row.banker_percent[k] for row in with_banker)
        for k in LOOK_AHEADS
        if with_banker
    }
    if with_banker:
        last = by_look_ahead[f"banker_{LOOK_AHEADS[-1]}_admitted_percent"]
        by_look_ahead["polynomial_admitted_percent"] = last
    return {
        "nets": float(len(rows)),
        "wrong_counts": float(sum(len(row.wrong) for row in rows)),
        "legal_admitted_percent": min((row.exact_percent for row in explored), default=0.0),
        **by_look_ahead,
        "illegal_admitted": float(sum(row.illegal for row in rows)),
        "event_test_us": max((row.test_us for row in explored), default=0.0),
        "build_s": max((row.build_s for row in rows), default=0.0),
        "random_moves": float(sum(row.moves for row in rows)),
        "stops": float(sum(row.stops for row in rows)),
        "deadlocks": float(sum(row.deadlocks for row in rows)),
        "deadlocks_without_rule": float(sum(row.unsupervised for row in rows)),
    }


if __name__ == "__main__":
    main()
