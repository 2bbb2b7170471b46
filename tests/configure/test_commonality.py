"""Shares of options: samples lie near the exact shares; fine numbers are listed, or left out."""

from reference.configure_golden import SHEET, UVL
from unikat.configure.analysis import analyse, find_bindings
from unikat.configure.commonality import find_commonality
from unikat.configure.count import count_configurations
from unikat.configure.diff import diff
from unikat.family.load import load_family

FINE = """\
features
    Box
        mandatory
            Integer Width {min 1, max 100000, default 300}
            Integer Height {min 1, max 100000, default 400}
        optional
            A
            B
            C
constraints
    A => 3 * Width + 7 * Height <= 400000      // R1: small
    B => Width * Height >= 1000                // R2: large
    A & C => 3 * Width + 7 * Height <= 500000  // R3: follows
    B => C                                     // R4: together
"""
EMPTY = 'family = { id = "box", version = 1 }'


def test_samples_are_near_the_exact_shares_and_say_that_they_are_samples():
    family = load_family(UVL, SHEET)
    exact = find_commonality(family)
    assert (exact.num_samples, exact.num_configurations) == (None, 14)
    sampled = find_commonality(family, num_clauses=0, num_samples=300)
    assert (sampled.num_samples, sampled.num_configurations) == (300, None)
    for name, share in sampled.shares.items():
        assert share.low <= share.value <= share.high
        assert abs(share.value - exact.shares[name].value) < 0.15
    again = find_commonality(family, num_clauses=0, num_samples=300)
    assert again.shares == sampled.shares


def test_without_time_there_are_no_shares():
    family = load_family(UVL, SHEET)
    assert find_commonality(family, num_clauses=0, is_cancelled=lambda: True) is None


def test_options_of_families_with_fine_numbers_are_listed():
    family = load_family(FINE, EMPTY)
    assert family.fine is not None
    assert str(count_configurations(family)) == "6"
    assert not count_configurations(family, has_values=True).is_exact
    assert find_commonality(family).shares["B"].value == 1 / 3


def test_rules_about_fine_numbers_are_analysed_like_others():
    family = load_family(FINE, EMPTY)
    found = analyse(family)
    assert found.redundant == {"R3": ("R1",)}
    touched = {rule.id: set(names) for rule, names in found.touched}
    assert touched["R3"] == {"Width", "Height", "A", "C"}
    assert touched["R2"] == {"Width", "Height", "B"}
    assert find_bindings(family, num_refused=5).num_refused <= 5


def test_a_difference_of_fine_rules_is_found_or_called_undecided():
    old = load_family(FINE, EMPTY)
    found = diff(old, load_family(FINE.replace(">= 1000", "<= 1000"), EMPTY))
    assert found.comparison.only_old.rules == ("R2",)
    same = diff(old, load_family(FINE, EMPTY))
    assert same.comparison.relation == "refactoring"
    tighter = diff(old, load_family(FINE.replace("<= 400000", "<= 399000"), EMPTY))
    assert tighter.comparison.relation in ("not decided", "specialisation")
