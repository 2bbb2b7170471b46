"""Damaged texts are refused with faults, never by a crash."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reference.configure_golden import SHEET, UVL
from unikat.errors import InvalidFamily
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
