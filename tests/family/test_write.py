"""What is written and read again is equal, for every tree and every family."""

import doctest
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from family_strategies import specs
from family_trees import AT, Trees
from reference import configure_brute as brute
from reference.configure_golden import SHEET, UVL
from unikat.errors import InvalidFamily
from unikat.family.load import load_dimacs, load_family
from unikat.family.read import read_dimacs, read_uvl
from unikat.family.spell import spell
from unikat.family.tree import FeatureNode, Tree
from unikat.family.write import write_uvl


@given(st.integers(0, 2**64))
def test_a_tree_is_written_and_read_back(seed):
    tree = Trees(seed).tree()
    assert read_uvl(write_uvl(tree)) == tree


@settings(max_examples=20)
@given(specs())
def test_a_family_is_written_and_read_back(spec):
    try:
        family = load_family(brute.print_uvl(spec), brute.SHEET)
    except InvalidFamily:
        return
    again = load_family(write_uvl(family), brute.SHEET)
    assert [replace(each, line=0) for each in again.features] == [
        replace(each, line=0) for each in family.features
    ]
    assert again.clauses == family.clauses
    assert write_uvl(again) == write_uvl(family)


def test_the_normal_form():
    text = write_uvl(load_family(UVL, SHEET))
    assert text.startswith("features\n\tInsole {price 3900}\n\t\tmandatory\n\t\t\tInteger Length {")
    assert text.endswith("\tFoam => Length <= 300 // R4: foam blanks end at 300 mm\n")
    old = 'features\n  A {abstract true, x "it\'s", y -1.50}\n    [ 1 .. * ] /* c */\n      "B"\n'
    assert write_uvl(read_uvl(old + "constraints\n  ((A) & (B | A)) // why\n")) == (
        'features\n\tA {abstract, x "it\'s", y -1.5}\n\t\t[1..*]\n\t\t\t"B"\n'
        "constraints\n\tA & (B | A) // why\n"
    )


def test_imports_stay_or_are_joined():
    text = 'imports\n\t"a-b".c as d\n\te.f\nfeatures\n\tA\n\t\tor\n\t\t\td.R\n\t\t\te.f.R\n'
    assert write_uvl(read_uvl(text)) == text
    part = "features\n\tR\n\t\toptional\n\t\t\tS\nconstraints\n\t!S // R1: no\n"
    joined = write_uvl(read_uvl(text, imported={"a-b.c": part, "e.f": part}))
    assert "imports" not in joined
    assert "\t!e.f.S // e.f.R1: no\n" in joined
    again = read_uvl(joined)
    assert again == read_uvl(joined, imported={})
    assert len(again.rules) == 2


CNF = 'c 1 or\nc 2 a.b\nc 3 say "hi"\nc 4 Model\np cnf 5 3\n1 -2 0\n3 0 -4 -5\n0\n'


def test_a_dimacs_text_becomes_the_uvl_that_means_the_same():
    tree = read_dimacs(CNF)
    text = write_uvl(tree)
    assert 'Model_\n\t\toptional\n\t\t\t"or"\n\t\t\ta.b\n\t\t\t"say \'hi\'"\n\t\t\tModel\n' in text
    assert text.endswith('\t"or" | !a.b\n\t"say \'hi\'"\n\t!Model | !x5\n')
    assert read_uvl(text).root == tree.root
    family, again = load_dimacs(CNF, brute.SHEET), load_family(text, brute.SHEET)
    assert family.clauses.hard == again.clauses.hard
    assert [part.clauses for part in family.clauses.parts] == [
        part.clauses for part in again.clauses.parts
    ]
    assert family.index == again.index


def test_what_no_text_can_hold_is_refused():
    root = FeatureNode("A", "Boolean", {"x": ("a'b\"c", AT)}, AT)
    with pytest.raises(InvalidFamily, match="cannot be written"):
        write_uvl(Tree(root))


def test_the_guides_example_runs_as_shown():
    guide = Path(__file__).parents[2] / "docs" / "guides" / "family.md"
    assert doctest.testfile(str(guide), module_relative=False, encoding="utf-8").failed == 0


def test_only_needed_brackets_are_written():
    text = "((A => B) => (!(A) | (B & C))) <=> ((a - (b - c)) * -(d) > 1)"
    (rule,) = read_uvl(f"features\n\tA\nconstraints\n\t{text}\n").rules
    assert spell(rule.node) == "(A => B) => !A | B & C <=> (a - (b - c)) * -d > 1"
    assert rule.source.startswith("((A => B)")
