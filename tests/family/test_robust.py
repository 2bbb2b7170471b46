"""Damaged texts are refused with faults, never by a crash."""

from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pysat.solvers import Solver

from reference.configure_golden import SHEET, UVL
from unikat.configure.choice import choose, open_choice
from unikat.errors import InvalidFamily
from unikat.family import lexis, load, proof, solving
from unikat.family.load import load_family

PIECES = (
    *"(){}[]=,.&|!<>'\"\\\n\t +-*/",
    "=>",
    "true",
    "-1",
    "1e9",
    "9" * 5000,
    "inf",
    "nan",
    "[[",
    "or",
    "Foam",
    "min",
    "//",
    "/*",
    '"""',
    "id",
)


@st.composite
def damaged(draw, text):
    """Draw a text with a few pieces cut out, put in or doubled."""
    for _ in range(draw(st.integers(1, 3))):
        start = draw(st.integers(0, len(text)))
        end = draw(st.integers(start, min(start + 12, len(text))))
        piece = draw(st.sampled_from(PIECES) | st.just(text[start:end] * 2) | st.just(""))
        text = text[:start] + piece + text[end:]
    return text


@given(damaged(UVL), damaged(SHEET), st.sampled_from((1, 2, 3)))
def test_damaged_texts_load_or_have_faults(uvl, sheet, which):
    faults = faults_of(uvl if which & 1 else UVL, sheet if which & 2 else SHEET)
    assert all(fault.message and fault.remedy for fault in faults)


def faults_of(uvl, sheet):
    """Return the faults of two texts; none if they load."""
    try:
        load_family(uvl, sheet)
    except InvalidFamily as invalid:
        return invalid.faults
    return ()


@pytest.mark.parametrize(
    "sheet",
    [
        'family = 3\nbom = 3\nrouting = [3]\nrenamed = []\nmodule = "x"',
        '[family]\nid = ["a"]\nversion = true\nstandard = 3\nname = 4',
        '[[bom]]\nid = ["a"]\nitem = 1\nquantity = true\nunit = []\nslot = {}\nwhen = 3',
        "[[bom]]\nid = {}\nquantity = inf\n[[bom]]\nquantity = nan\n[[bom]]\nquantity = 1e-7",
        '[[recipe]]\nid = "r"\nversion = 1.5\nparameters = [{ low = inf, high = "x", value = 3 }]',
        "x = " + "[" * 5000,
        "# " + "x" * 3_000_000,
        "x = " + "9" * 5000,
        "[[recipe]]\nparameters = [{ low = 1" + "0" * 400 + " }]",
    ],
)
def test_wrong_types_in_the_sheet_are_faults(sheet):
    with pytest.raises(InvalidFamily) as caught:
        load_family(UVL, sheet)
    assert all(fault.file == "family.toml" for fault in caught.value.faults)


@pytest.mark.parametrize(
    "line",
    ["A {" + "x {" * 500, "A {x " + "[" * 500, "A {x " + "9" * 5000 + "}", "A {x -}", "A {3 x}"],
)
def test_deep_and_long_attributes_are_faults(line):
    with pytest.raises(InvalidFamily):
        load_family(f"features\n    {line}\n", SHEET)


EMPTY = 'family = { id = "m", version = 1 }'
HEAD = "features\n\tRoot\n\t\toptional\n" + "".join(f"\t\t\tF{i}\n" for i in range(400))


def stairs(num_levels):
    """Return a text whose every line is one deeper than the one before."""
    steps = (" " * (i + 1) + (f"A{i}\n" if i % 2 == 0 else "or\n") for i in range(num_levels))
    return "features\n" + "".join(steps)


@pytest.mark.parametrize(
    ("uvl", "word"),
    [
        ("x" * 100_000_000, "letters; at most"),
        ("features\n\tRoot\n" + "\x01" * 1_000_000, "unreadable character"),
        ("features\n\tRoot {a [\n" * 20_000, "is never closed"),
        (HEAD + "constraints\n\t" + "(" * 50_000 + "F1" + ")" * 50_000, "inside each other"),
        (HEAD + "constraints\n\t" + " <=> ".join(f"F{i}" for i in range(400)), "one chain"),
        (HEAD + "constraints\n\t1 < " + " * ".join("2" for _ in range(4_000)), "one chain"),
        (HEAD.replace("optional", "[200..9999]") * 2, "a second"),
        (stairs(10_000), "letters; at most"),
        (stairs(4_000), "holds no feature"),
        (HEAD + "constraints\n" + "\tB" + "b" * 5_000_000, "unknown name"),
    ],
    ids=[
        *("large", "unreadable", "unclosed", "deep", "equivalences", "factors", "twice"),
        *("stairs", "fewer stairs", "long name"),
    ],
)
def test_hostile_texts_have_few_clear_faults(uvl, word):
    faults = faults_of(uvl, SHEET)
    assert 0 < len(faults) <= 1_000
    assert any(word in fault.message for fault in faults)
    assert all(len(str(fault)) < 1_500 for fault in faults)


def test_more_names_and_signs_than_are_read_are_a_fault(monkeypatch):
    monkeypatch.setattr(lexis, "MAX_TOKENS", 5_000)
    (fault,) = faults_of(HEAD + "constraints\n\t" + "F1 & " * 5_000 + "F1\n", SHEET)
    assert (fault.line, fault.message) == (405, "more than 5000 names, numbers and signs")


def test_a_contradiction_that_is_hard_to_prove_is_called_undecided(monkeypatch):
    """Pigeonholes: 9 into 8, each in a hole of its own, which no resolution proves shortly."""
    monkeypatch.setattr(proof, "MAX_CONFLICTS", 1_000)
    size = 8
    head = "features\n\tR\n\t\toptional\n"
    head += "".join(f"\t\t\tP{p}H{h}\n" for p in range(size + 1) for h in range(size))
    rules = [" | ".join(f"P{p}H{h}" for h in range(size)) for p in range(size + 1)]
    rules += [
        f"!P{p}H{h} | !P{q}H{h}" for h in range(size) for p in range(size + 1) for q in range(p)
    ]
    faults = faults_of(head + "constraints\n\t" + "\n\t".join(rules) + "\n", EMPTY)
    assert [fault.message for fault in faults] == [load.UNDECIDED]


def random_rules(num, ratio, seed):
    """Rules of three options each, all kept by one planted configuration."""
    rng = Random(seed)
    planted = [rng.random() < 0.5 for _ in range(num)]
    rules = []
    while len(rules) < ratio * num:
        signs = {place: rng.random() < 0.5 for place in rng.sample(range(num), 3)}
        if any(planted[place] is sign for place, sign in signs.items()):
            rules.append(" | ".join("!" * (not sign) + f"X{k}" for k, sign in signs.items()))
    head = "features\n\tR\n\t\toptional\n" + "".join(f"\t\t\tX{k}\n" for k in range(num))
    return head + "constraints\n\t" + "\n\t".join(rules) + "\n", planted


@pytest.mark.parametrize("easy", [solving.EASY, 1])
def test_a_family_that_is_hard_but_possible_is_read_and_clicks_stay_exact(monkeypatch, easy):
    """Also where all is left to the solvers for hard questions."""
    uvl, planted = random_rules(150, 3.9, 1)
    monkeypatch.setattr(solving, "EASY", easy)
    choice = open_choice(load_family(uvl, EMPTY))
    for place in (3, 5, 8, 13):
        choice = choose(choice, f"X{place}", planted[place])
    found = choice.statuses()
    with Solver(bootstrap_with=choice.family.clauses.hard) as solver:
        for part in choice.family.clauses.parts:
            solver.append_formula(part.clauses)
        picks = [choice.family.index[name] + 1 for name, _ in choice.picks]
        picks = [each if choice.picks[i][1] else -each for i, each in enumerate(picks)]
        for name, i in choice.family.index.items():
            can = [solver.solve(assumptions=[*picks, sign * (i + 1)]) for sign in (1, -1)]
            assert found[name] in WORDS[can[0], can[1]], name


WORDS = {
    (True, True): ("open",),
    (True, False): ("forced", "picked"),
    (False, True): ("forbidden",),
}


def test_what_was_not_decided_is_not_called_a_contradiction(monkeypatch):
    monkeypatch.setattr(solving, "EASY", 1)
    monkeypatch.setattr(proof, "MAX_CONFLICTS", 1)
    uvl, _ = random_rules(300, 4.1, 1)
    assert [fault.message for fault in faults_of(uvl, EMPTY)] == [load.UNDECIDED]


def test_a_hostile_formula_has_few_clear_faults():
    sheet = SHEET.replace("0.018", "\\u0001" * 3_000)
    faults = faults_of(UVL, sheet)
    assert 0 < len(faults) <= 1_000
    assert any("unreadable character" in fault.message for fault in faults)


def test_deep_trees_long_groups_and_long_disjunctions_load():
    deep = "features\n" + "".join(
        "\t" * (2 * i + 1) + f"F{i}\n" + "\t" * (2 * i + 2) + "optional\n" for i in range(300)
    )
    group = HEAD.replace("optional", "alternative").replace(
        "F399\n", "F399\n" + "".join(f"\t\t\tG{i}\n" for i in range(1_200))
    )
    rule = HEAD + "constraints\n\t" + " | ".join(f"(F{i} & F{i + 1})" for i in range(0, 400, 2))
    for text in (deep + "\t" * 601 + "Z\n", group, rule):
        assert not load_family(text, EMPTY).remarks
