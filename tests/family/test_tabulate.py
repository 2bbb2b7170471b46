"""Families of few configurations: what is looked up is what a solver finds."""

import itertools
from dataclasses import replace

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from family_strategies import specs
from reference import configure_brute as brute
from unikat.configure.choice import choose, complete, open_choice, unchoose
from unikat.configure.workspace import Workspace
from unikat.errors import InvalidChoice, InvalidFamily
from unikat.family.load import load_family
from unikat.family.model import Start
from unikat.family.reach import reach_of, rules_of
from unikat.family.tabulate import MOST, tabulate

SHEET = brute.SHEET


def tabulated(family):
    """Return a small family with a table, as if it were large; None: too many configurations."""
    rules = rules_of(family.clauses)
    reach = reach_of(rules, len(family.features), Workspace(family.clauses).near)
    assert reach.first() is not None
    table = tabulate(reach, family.clauses)
    return table and replace(family, start=Start(rules, table.first(), table))


@given(specs(), st.data())
def test_a_table_says_what_a_solver_says(spec, data):
    try:
        small = load_family(brute.print_uvl(spec), SHEET)
    except InvalidFamily:
        assume(False)
    large = tabulated(small)
    assume(large is not None)
    slow, fast = open_choice(small), open_choice(large)
    for _ in range(4):
        assert fast.statuses() == slow.statuses()
        assert complete(fast) == complete(slow)
        if slow.picks and data.draw(st.booleans()):
            name = data.draw(st.sampled_from(slow.picks))[0]
            slow, fast = unchoose(slow, name), unchoose(fast, name)
            continue
        option = data.draw(st.sampled_from(spec.options))
        value = data.draw(st.sampled_from([*brute.values_of(option), True, False]))
        try:
            slow = choose(slow, option.name, value)
        except InvalidChoice:
            with pytest.raises(InvalidChoice):
                choose(fast, option.name, value)
        else:
            fast = choose(fast, option.name, value)


def family_of(num_options, rule):
    names = [f"F{i}" for i in range(num_options)]
    options = "".join(f"\t\t\t{name}\n" for name in names)
    rules = "".join(f"\t{rule(a, b)}\n" for a, b in itertools.pairwise(names))
    return load_family(f"features\n\tRoot\n\t\toptional\n{options}constraints\n{rules}", SHEET)


def test_up_to_a_thousand_configurations_are_listed_at_load():
    family = family_of(MOST - 1, lambda a, b: f"{b} => {a}")
    assert family.start.table.rows.shape == (MOST, 17)
    choice = choose(open_choice(family), "F500", value=True)
    assert choice.statuses()["F499"] == "forced"
    choice = choose(choice, "F600", value=False)
    assert [choice.status(name) for name in ("F501", "F599", "F601")] == ["open"] * 2 + [
        "forbidden"
    ]


def test_more_configurations_are_not_listed():
    assert family_of(MOST, lambda a, b: f"{b} => {a}").start.table is None
    assert family_of(120, lambda a, b: f"{a} | {b}").start.table is None
