"""Milliseconds of a click with exact options and bounds of fine numbers, and how many are wrong.

A shoe family of 52 options and 8 whole numbers up to 26,000, with sums and a product; and random
families of the same kinds of rules. A click ends with the status of every option and both bounds of
every number. A sample is asked again of CP-SAT, by a model of its own.
"""

import argparse
import json
import os
import platform
import time
from random import Random

import numpy as np
from ortools.sat.python import cp_model

from unikat.configure import choose, open_choice
from unikat.errors import InvalidChoice
from unikat.family.load import load_family

SHEET = 'family = { id = "shoe", version = 1 }\n'
NUMBERS = {
    "foot": (2200, 3100), "width": (800, 1250), "arch": (0, 400), "heel": (0, 900),
    "last": (30, 52), "sole": (20, 450), "w": (0, 26_000), "price": (0, 14_000),
}  # fmt: skip
GROUPS = {"m": 12, "s": 10}
NUM_OPTIONAL = 30
NUM_CLICKS = 6


class Rules:
    """Rules told twice: as UVL, and as CP-SAT constraints over the same names."""

    def __init__(self, numbers, groups, num_optional):
        self.model = cp_model.CpModel()
        self.numbers, self.groups, self.num_optional = numbers, groups, num_optional
        self.x = {name: self.model.new_int_var(*ends, name) for name, ends in numbers.items()}
        for group, size in groups.items():
            members = [self.option(f"{group}{i}") for i in range(size)]
            self.model.add_exactly_one(members)
        for i in range(num_optional):
            self.option(f"o{i}")
        self.lines = []

    def option(self, name):
        self.x[name] = self.model.new_bool_var(name)
        return self.x[name]

    def linear(self, terms, bound, when=None):
        """Tell: the sum of factor x name is at most bound, if `when` (a name, or None) holds."""
        total = sum(factor * self.x[name] for name, factor in terms.items())
        rule = self.model.add(total <= bound)
        if when is not None:
            rule.only_enforce_if(self.x[when])
        parts = [f"{factor} * {self.written(name)}" for name, factor in terms.items() if factor > 0]
        least = [
            f"{-factor} * {self.written(name)}" for name, factor in terms.items() if factor < 0
        ]
        left = " + ".join(parts) or "0"
        right = " + ".join([*least, str(bound)]) if bound >= 0 else " + ".join(least) or "0"
        left = left if bound >= 0 else f"{left} + {-bound}"
        self.lines.append((f"{when} => " if when else "") + f"{left} <= {right}")

    def written(self, name):
        return name if name in self.numbers else f"{name}.one"

    def product(self, left, right, factor, name, *, is_least):
        """Tell: factor x name >= left x right, or <=."""
        high = self.numbers[left][1] * self.numbers[right][1]
        z = self.model.new_int_var(0, high, "")
        self.model.add_multiplication_equality(z, [self.x[left], self.x[right]])
        scaled = factor * self.x[name]
        self.model.add(scaled >= z if is_least else scaled <= z)
        self.lines.append(f"{factor} * {name} {'>=' if is_least else '<='} {left} * {right}")

    def excludes(self, one, other):
        self.model.add_bool_or([~self.x[one], ~self.x[other]])
        self.lines.append(f"!({one} & {other})")

    def uvl(self):
        """Write the family; `one` lets an option count in sums."""
        lines = ["features", "    Shoe", "        mandatory"]
        for name, (low, high) in self.numbers.items():
            lines.append(f"            Integer {name} {{min {low}, max {high}}}")
        for group, size in self.groups.items():
            lines += [f"            Group{group}", "                alternative"]
            lines += [f"                    {group}{i} {{one 1}}" for i in range(size)]
        lines.append("        optional")
        lines += [f"            o{i} {{one 1}}" for i in range(self.num_optional)]
        return "\n".join([*lines, "constraints", *(f"    {each}" for each in self.lines), ""])


def shoe():
    """The family of the guide."""
    rules = Rules(NUMBERS, GROUPS, NUM_OPTIONAL)
    rules.linear({"last": 60, "foot": -1}, -300)
    rules.linear({"foot": 1, "last": -60}, 900)
    rules.linear({"foot": 3, "width": -10}, 0)
    rules.linear({"width": 10, "foot": -5}, 0)
    for i in range(GROUPS["s"]):
        rules.linear({"sole": -1}, -30 - 30 * i, f"s{i}")
        rules.linear({"sole": 1}, 150 + 30 * i, f"s{i}")
    rules.linear({"heel": 1, "sole": -2}, 200)
    rules.linear({"arch": 1, "heel": 1}, 1000)
    rules.product("foot", "sole", 50, "w", is_least=True)
    heavy = {f"m{i}": 1000 * (5 + i) for i in range(GROUPS["m"])}
    heavy |= {f"o{i}": 300 for i in range(NUM_OPTIONAL)}
    rules.linear({**heavy, "w": -100}, 0)
    for i in range(NUM_OPTIONAL):
        if i % 3 == 0:
            rules.excludes(f"o{i}", f"m{i % 12}")
        if i % 4 == 1:
            rules.linear({"heel": -1}, -100 - 10 * i, f"o{i}")
        if i % 5 == 2:
            rules.linear({"sole": 1}, 400 - 8 * i, f"o{i}")
    dear = {f"m{i}": 300 + 150 * i for i in range(GROUPS["m"])}
    dear |= {f"o{i}": 50 + 13 * i for i in range(NUM_OPTIONAL)} | {"foot": 1, "sole": 2}
    rules.linear({**dear, "price": -1}, -2000)
    rules.linear({name: -by for name, by in dear.items()} | {"price": 1}, 2000)
    return rules


def made_up(rng):
    """A random family: sums, sums under an option, a product, exclusions."""
    numbers = {}
    for i in range(rng.randint(3, 7)):
        low = rng.choice((0, 0, rng.randrange(500)))
        numbers[f"n{i}"] = (low, low + rng.choice((40, 900, 30_000)))
    rules = Rules(numbers, {"m": rng.randint(2, 8)}, rng.randint(4, 25))
    options = [name for name in rules.x if name not in numbers]
    for _ in range(rng.randint(4, 10)):
        names = rng.sample(list(numbers), 2) + rng.sample(options, rng.randint(0, 6))
        terms = {name: rng.choice((-1, 1)) * rng.randint(1, 60) for name in names}
        ends = [sorted(by * end for end in numbers.get(name, (0, 1))) for name, by in terms.items()]
        low, high = sum(low for low, _ in ends), sum(high for _, high in ends)
        bound = low + int((high - low) * rng.uniform(0.3, 0.9))
        rules.linear(terms, bound, rng.choice((None, *rng.sample(options, 2))))
    left, right, name = rng.sample(list(numbers), 3)
    rules.product(left, right, rng.randint(1, 2000), name, is_least=rng.random() < 0.5)
    for _ in range(rng.randint(0, 8)):
        rules.excludes(*rng.sample(options, 2))
    return rules


def shop(family, rules, rng):
    """Yield the choice after each click and its seconds of this thread; options 3 times of 4."""
    choice = open_choice(family)
    look(choice, rules)
    for _ in range(NUM_CLICKS):
        left = [name for name, status in choice.statuses().items() if status == "open"]
        if left and rng.random() < 0.75:
            name, value = rng.choice(left), True
        else:
            name = rng.choice(list(rules.numbers))
            value = rng.randint(*map(int, choice.bounds(name)))
        start = time.thread_time_ns()
        try:
            choice = choose(choice, name, value)
        except InvalidChoice:
            continue
        look(choice, rules)
        yield choice, (time.thread_time_ns() - start) / 1e6


def look(choice, rules):
    """Return all statuses and all bounds."""
    return choice.statuses(), {name: choice.bounds(name) for name in rules.numbers}


class Oracle:
    """CP-SAT, asked anew for every value."""

    def __init__(self, rules, picks):
        self.rules = rules
        self.model = rules.model.clone()
        for name, value in picks:
            self.model.add(self.of(self.model, name) == int(value))

    def of(self, model, name):
        return model.get_int_var_from_proto_index(self.rules.x[name].index)

    def solve(self, model):
        solver = cp_model.CpSolver()
        solver.parameters.num_workers = 1
        status = solver.solve(model)
        assert status in (cp_model.OPTIMAL, cp_model.FEASIBLE, cp_model.INFEASIBLE), status
        return None if status == cp_model.INFEASIBLE else solver

    def status(self, name):
        can = []
        for value in (1, 0):
            model = self.model.clone()
            model.add(self.of(model, name) == value)
            can.append(self.solve(model) is not None)
        return "open" if all(can) else "forced" if can[0] else "forbidden"

    def bound(self, name, sign):
        model = self.model.clone()
        model.minimize(sign * self.of(model, name))
        return round(sign * self.solve(model).objective_value)


def count_wrong(choice, rules, rng, num):
    """Compare some statuses and bounds of a choice with CP-SAT."""
    oracle = Oracle(rules, choice.picks)
    statuses, bounds = look(choice, rules)
    options = [name for name in rules.x if name not in rules.numbers]
    wrong = 0
    for name in rng.sample(options, min(num, len(options))):
        mine = "forced" if statuses[name] == "picked" else statuses[name]
        wrong += mine != oracle.status(name)
    for name in rng.sample(list(rules.numbers), min(num, len(rules.numbers))):
        for side, sign in enumerate((1, -1)):
            wrong += int(bounds[name][side]) != oracle.bound(name, sign)
    return wrong, min(num, len(options)) + 2 * min(num, len(rules.numbers))


def measure(rules, family, options, rng, until):
    """Let shoppers click; return milliseconds, what was compared and what was wrong."""
    times, wrong, compared = [], 0, 0
    while time.perf_counter() < until or not times:
        for choice, milliseconds in shop(family, rules, rng):
            times.append(milliseconds)
            if rng.random() < options.sampled:
                found = count_wrong(choice, rules, rng, 4)
                wrong, compared = wrong + found[0], compared + found[1]
    return times, wrong, compared


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", help="not used: the families are made here")
    parser.add_argument("--seconds", type=float, default=30.0, help="for each of the two kinds")
    parser.add_argument("--sampled", type=float, default=0.2, help="share of clicks asked again")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--json", action="store_true", help="last line is one JSON object")
    options = parser.parse_args()
    rng = Random(options.seed)
    rules = shoe()
    family = load_family(rules.uvl(), SHEET)
    assert family.fine is not None
    for _ in shop(family, rules, Random(0)):
        pass  # compiled code is loaded before anything is timed
    until = time.perf_counter() + options.seconds
    times, wrong, compared = measure(rules, family, options, rng, until)
    measures = {
        "clicks": len(times),
        "numeric_p50_ms": float(np.quantile(times, 0.5)),
        "numeric_p99_ms": float(np.quantile(times, 0.99)),
        "numeric_max_ms": max(times),
        "numeric_compared": compared,
        "numeric_wrong": wrong,
    }
    measures |= random_measures(options, rng)
    for key, value in measures.items():
        print(f"{key:30} {value:12.4f}")
    if options.json:
        machine = {"cpus": os.cpu_count(), "python": platform.python_version()}
        line = {"bench": "configure_numeric", "data": None, "machine": machine}
        print(json.dumps({**line, "measures": measures, "peers": {}}))


def random_measures(options, rng):
    """Return the measures of random families; void ones are skipped."""
    times, wrong, compared, families = [], 0, 0, 0
    until = time.perf_counter() + options.seconds
    while time.perf_counter() < until or not families:
        rules = made_up(rng)
        solver = cp_model.CpSolver()
        if solver.solve(rules.model) == cp_model.INFEASIBLE:
            continue
        family = load_family(rules.uvl(), SHEET, most_pairs=0)
        families += 1
        found = measure(rules, family, options, rng, time.perf_counter())
        times += found[0]
        wrong, compared = wrong + found[1], compared + found[2]
    return {
        "random_families": families,
        "random_clicks": len(times),
        "random_p50_ms": float(np.quantile(times, 0.5)),
        "random_p99_ms": float(np.quantile(times, 0.99)),
        "random_compared": compared,
        "random_wrong": wrong,
    }


if __name__ == "__main__":
    main()
