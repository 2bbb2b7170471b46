"""Every fault of a family.uvl is told with line and column, and all of them at once."""

import pytest

from unikat.errors import InvalidFamily
from unikat.family.load import load_family

SHEET = 'family = { id = "f", version = 1 }'
HEAD = """features
    Root {w 1, t 'text', yes, deep {x 2, name 'n'}}
        mandatory
            Integer N {min 0, max 50}
            Real M {min -1, max 1, step 0.5}
            String S {max_length 3}
        optional
            A
            B {N 3}
            C
"""

FEATURES = {
    # one feature line of an optional group -> column of the fault, what is said
    "X $": (15, "unreadable character '$'"),
    "X {t 'abc}": (18, 'unreadable character "\'"'),
    "X )": (15, "')' closes nothing"),
    "X {w (1}": (20, "'}' closes nothing"),
    "X-1": (14, "'-' is not expected here"),
    "3 x": (13, "a name is expected, found '3'"),
    "X.": (15, "a name is expected, found the end of the line"),
    "X cardinality [1..2]": (15, "feature cardinalities are not supported"),
    "optional": (13, "'optional' stands where a feature is expected"),
    "A": (13, "a second feature 'A', the first is in line 8"),
    "X {3}": (16, "an attribute name is expected, found '3'"),
    "X {w 1, w 2}": (21, "a second attribute 'w'"),
    "X {w -}": (19, "'}' is no attribute value"),
    "X {w x}": (18, "'x' is no attribute value"),
    "X {d {constraint A}}": (19, "a rule inside an inner attribute"),
    "X {w " + "[" * 130 + "]" * 130 + "}": (138, "more than 120 brackets"),
    "X {w " + "9" * 40 + "}": (18, "a number of more than 30 digits"),
    "X {constraint A & }": (31, "a name is expected, found '}'"),
    "X {price 'a'}": (16, "price is no number"),
    "X {price 1.5}": (16, "price 1.5 is no whole number"),
    "X {min 1}": (16, "min on a Boolean feature"),
    "X {step 1}": (16, "step on a Boolean feature"),
    "String X {unit 'mm', max_length 2}": (23, "unit on a String feature"),
    "Integer X": (21, "Integer without min, max"),
    "Real X {min 0, max 1}": (18, "Real without step"),
    "Integer X {min 'a', max 3}": (24, "min is no number"),
    "Integer X {min 0, max 3, step 0}": (38, "step must be above 0"),
    "Integer X {min 3, max 0}": (31, "max 0 is below min 3"),
    "Integer X {min 0, max 3, step 2}": (38, "max - min is no multiple of step 2"),
    "Integer X {min 0.5, max 3.5}": (21, "an Integer with a fraction"),
    "Integer X {min 0, max 3, unit 'cm'}": (38, "unit 'cm' is no house unit"),
    "Integer X {min 0, max 3, default 4}": (38, "default 4 is not on the grid"),
    "Integer X {min 0, max 3, default}": (38, "default of a Integer feature has the wrong type"),
    "String X": (20, "String without max_length"),
    "String X {max_length -1}": (23, "max_length is no whole number >= 0"),
    "String X {max_length 1, default 'ab'}": (37, "default 'ab' is too long"),
    "X {max_length 3}": (16, "max_length on a Boolean feature"),
    "X {default 3}": (16, "default of a Boolean feature has the wrong type"),
    "X {abstract 3}": (16, "abstract is neither true nor false"),
}
GROUPS = {
    # one group line below the root -> column of the fault, what is said
    "X": (9, "'X' stands where a group is expected"),
    "or": (9, "'or' holds no feature"),
    "or X": (12, "'X' is not expected here"),
    "[3..2]": (9, "[3..2] holds no number"),
    "[*]": (10, "a whole number expected, found '*'"),
    "[1.5]": (10, "a whole number expected, found '1.5'"),
    "[1..x]": (13, "a whole number expected, found 'x'"),
    "[1 2]": (12, "']' expected, found '2'"),
    "[7]\n            Z": (9, "7 of 1 features cannot be selected"),
    "or\n            Z\n          Y": (11, "indentation differs from the lines beside it"),
}
RULES = {
    # one rule -> column of the fault, what is said
    "A => B => C": (12, "a chain of '=>' has no agreed meaning"),
    "1 < N < 3": (11, "two comparisons in a row"),
    "A |": (8, "a name is expected, found the end of the line"),
    "A B": (7, "'B' is not expected here"),
    "!(A & B": (6, "'(' is never closed"),
    "A & 'x": (9, 'unreadable character "\'"'),
    "N + 1": (7, "a number where a condition is expected"),
    "floor(N)": (5, "a number or text where a condition is expected"),
    "'x'": (5, "a number or text where a condition is expected"),
    "(A & B) > 1": (8, "a condition or text where a number is expected"),
    "A + 1 > 2": (5, "Boolean feature 'A' in arithmetic"),
    "S + 1 > 2": (5, "String feature 'S' in arithmetic"),
    "Root.v > 2": (5, "feature 'Root' has no attribute 'v'"),
    "Root.deep.y > 2": (5, "feature 'Root' has no attribute 'deep.y'"),
    "Root.t > 2": (5, "attribute 'Root.t' is no number"),
    "Root.w": (5, "attribute 'Root.w' is no condition"),
    "min(N, 3) > 1": (5, "unknown function 'min'"),
    "floor(N, 3) > 1": (5, "floor takes 1 arguments"),
    "len(N) > 1": (5, "len needs a String feature"),
    "sum(1) > 1": (5, "sum takes names only"),
    "sum(w, w) > 1": (5, "sum needs one attribute, and at most one feature"),
    "sum(v) > 1": (5, "no feature has a number 'v'"),
    "sum(C, w) > 1": (5, "no feature below 'C' has a number 'w'"),
    "sum(N) > 1": (5, "'N' is a feature and an attribute"),
    "S < 'x'": (7, "a text can only be compared by == or !="),
    "S == A": (7, "a text can only be compared by == or !="),
    "N / 0 > 1": (9, "division by 0"),
    "(" * 130 + "A" + ")" * 130: (125, "more than 120 brackets and signs inside each other"),
    "A <=> (" * 50 + "A" + " <=> A" * 50 + ")" * 50: (5, "more than 150 levels of signs"),
    "A" + " <=> A" * 70: (7, "more than 60 in one chain of '<=>'"),
}
BEFORE = {
    # lines before the features -> line and column of the fault, what is said
    "namespace": (1, 10, "a name is expected"),
    "namespace a b": (1, 13, "'b' is not expected here"),
    "namespace a\n    b": (2, 5, "'b' below 'namespace'"),
    "namespace a\nnamespace b": (2, 1, "a second 'namespace'"),
    "nonsense": (1, 1, "'nonsense' stands outside of every section"),
    "include Boolean": (1, 9, "'Boolean' stands behind 'include'"),
    "include\n    Warp": (2, 5, "unknown language level 'Warp'"),
    "include\n    Boolean.aggregate-function": (2, 5, "unknown language level 'Boolean.aggr"),
    "include\n    Arithmetic.feature-cardinality": (2, 5, "is not supported"),
    "include\n    Boolean.": (2, 5, "unknown language level 'Boolean.'"),
    "imports\n    a\n    b as": (3, 9, "a name is expected"),
}


def faults_of(text):
    """Return line, column and message of each fault."""
    with pytest.raises(InvalidFamily) as caught:
        load_family(text, SHEET)
    assert all(fault.file == "family.uvl" and fault.remedy for fault in caught.value.faults)
    return [(fault.line, fault.column, fault.message) for fault in caught.value.faults]


def is_told(found, line, column, message):
    """Whether one fault has this place and message."""
    return any(each[:2] == (line, column) and message in each[2] for each in found)


def text_of(features=(), groups=(), rules=(), before=()):
    """Return a family with planted lines, and the line number of each."""
    lines = [*(line for each in before for line in each.split("\n")), *HEAD.split("\n")[:-1]]
    places = []
    for indent, planted in ((12, features), (8, groups), (0, ["constraints"]), (4, rules)):
        for each in planted:
            places.append(len(lines) + 1)
            lines += (" " * indent + each).split("\n")
    places.remove(next(i for i, line in enumerate(lines, 1) if line == "constraints"))
    return "\n".join(lines) + "\n", places


def test_the_text_without_planted_faults_loads():
    assert load_family(text_of(rules=["A | B"])[0], SHEET)


PLANTED = [("features", FEATURES), ("groups", GROUPS), ("rules", RULES)]


@pytest.mark.parametrize(
    ("kind", "line"), [(kind, line) for kind, table in PLANTED for line in table]
)
def test_a_fault_has_its_line_and_column(kind, line):
    column, message = dict(PLANTED)[kind][line]
    text, (number,) = text_of(**{kind: [line]})
    number += message.startswith("indentation") * 2
    assert is_told(faults_of(text), number, column, message)


@pytest.mark.parametrize("lines", BEFORE)
def test_a_fault_before_the_features_has_its_line_and_column(lines):
    text, _ = text_of(before=[lines])
    assert is_told(faults_of(text), *BEFORE[lines])


def test_all_planted_faults_come_back_at_once():
    text, places = text_of(FEATURES, GROUPS, RULES)
    found = faults_of(text)
    expected = [*FEATURES.values(), *GROUPS.values(), *RULES.values()]
    missing = [
        (place, each)
        for place, each in zip(places, expected, strict=True)
        if not is_told(found, place + each[1].startswith("indentation") * 2, *each)
    ]
    assert missing == []
    assert found == sorted(found)


@pytest.mark.parametrize(
    ("text", "line", "column", "message"),
    [
        ("features\n", 1, 1, "no root feature"),
        ("namespace x\n", 1, 1, "no features"),
        ("features\n    A\n    B\n", 3, 5, "a second root feature"),
        ("features\n    A\n/* x\nconstraints\n    A\n", 3, 1, "'/*' is never closed"),
        ("features A\n    A\n", 1, 10, "'A' stands behind 'features'"),
        (HEAD + "constraints\n    A // R1: x\n    B // R1: y\n", 13, 5, "a second rule 'R1'"),
        (
            HEAD + "constraints\n    A | C // R0: x\n    B\n    A & B => !B // R7: x\n    A\n",
            13,
            5,
            "the family is void: no configuration satisfies line 13, R7, line 15 together",
        ),
        (HEAD + "constraints\n    A & Bee\n", 12, 9, "unknown name 'Bee'"),
        (HEAD + "constraints\n    A & B.c.d\n", 12, 9, "unknown name 'B.c.d'"),
    ],
)
def test_faults_of_whole_texts(text, line, column, message):
    assert is_told(faults_of(text), line, column, message)
