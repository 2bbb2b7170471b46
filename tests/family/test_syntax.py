"""The UVL subset, both dialects: indentation, groups, attributes, comments, rules."""

import string

from hypothesis import given
from hypothesis import strategies as st

from family_strategies import specs
from reference import configure_brute as brute
from unikat.family.lexis import Faults
from unikat.family.syntax import parse_tree


def parse(text):
    """Parse a text that has no faults."""
    faults = Faults("family.uvl")
    tree = parse_tree(text, faults)
    assert faults.found == []
    return tree


def shape(node):
    """Return names, kinds and groups as nested tuples."""
    groups = [
        (group.kind, group.least, group.most, tuple(shape(each) for each in group.members))
        for group in node.groups
    ]
    return node.name, node.kind, tuple(groups)


OLD = """namespace "Shop 1"

features
\t"Shop 1" {abstract true, featureDescription__ "Old, style; {text}"}
\t\tmandatory
\t\t\tPay {abstract}
\t\t\t\tor
\t\t\t\t\tcard
\t\t\t\t\t"500 W" {watt 500}
\t\tmandatory
\t\t\tLog
\t\t[1..2]
\t\t\tx
\t\t\ty
\t\t[0..*]
\t\t\tz
\t\t[2]
\t\t\tp
\t\t\tq
constraints
\tcard => "500 W" & (x | y)
\t!Log <=> z
"""


def test_the_old_dialect_is_read():
    tree = parse(OLD)
    assert shape(tree.root) == (
        '"Shop 1"',
        "Boolean",
        (
            (
                "mandatory",
                1,
                None,
                (
                    (
                        "Pay",
                        "Boolean",
                        (("or", 1, None, (("card", "Boolean", ()), ('"500 W"', "Boolean", ()))),),
                    ),
                ),
            ),
            ("mandatory", 1, None, (("Log", "Boolean", ()),)),
            ("cardinality", 1, 2, (("x", "Boolean", ()), ("y", "Boolean", ()))),
            ("cardinality", 0, None, (("z", "Boolean", ()),)),
            ("cardinality", 2, 2, (("p", "Boolean", ()), ("q", "Boolean", ()))),
        ),
    )
    assert tree.root.attributes["featureDescription__"][0] == "Old, style; {text}"
    assert tree.root.attributes["abstract"][0] is True
    assert len(tree.rules) == 2


def test_tabs_and_spaces_mean_the_same():
    assert shape(parse(OLD).root) == shape(parse(OLD.replace("\t", "    ")).root)


COMMENTED = """// head
features /* a
 long one */
    A {x 1, // one
  y -2.5,
  z [1, 'a', {k}]}
        optional // group

            B
constraints
    A & (B |
 A) // R7: because
    A // just words
    B => A
"""


def test_comments_vanish_and_name_rules_and_brackets_join_lines():
    tree = parse(COMMENTED)
    assert {name: value for name, (value, _) in tree.root.attributes.items()} == {
        "x": 1,
        "y": -2.5,
        "z": (1, "a", {"k": True}),
    }
    assert [(rule.id, rule.text) for rule in tree.rules] == [
        ("R7", "because"),
        ("line 13", "just words"),
        ("line 14", ""),
    ]


def test_rules_as_attributes_are_rules():
    tree = parse(
        "features\n    A {constraint B => C}\n        optional\n"
        "            B {constraints [!C | A, A], x 3}\n            C\n"
    )
    assert [rule.id for rule in tree.rules] == ["line 2", "line 4", "line 4.2"]


def test_features_may_be_called_like_groups_of_types():
    tree = parse("features\n    Integer\n        optional\n            Real Real {min 0}\n")
    assert shape(tree.root)[0] == "Integer"
    assert tree.root.groups[0].members[0].name == "Real"


@given(specs())
def test_a_printed_family_is_read_back(spec):
    tree = parse(brute.print_uvl(spec))
    names = []
    waiting = [tree.root]
    while waiting:
        node = waiting.pop()
        names.append((node.name, node.kind))
        waiting += [each for group in node.groups for each in group.members]
    assert sorted(names) == sorted((option.name, option.kind) for option in spec.options)
    assert len(tree.rules) == len(spec.rules)


@given(st.text(alphabet=string.printable + "äß€\u2028", max_size=200))
def test_any_text_is_read_or_has_faults_with_places_inside_it(text):
    faults = Faults("family.uvl")
    parse_tree("features\n    A\n        optional\n" + text, faults)
    num_lines = ("features\n    A\n        optional\n" + text).count("\n") + 1
    assert all(1 <= fault.line <= num_lines and fault.column >= 1 for fault in faults.found)
