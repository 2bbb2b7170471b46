"""Damaged real texts are read or refused with faults; the bench `family_fuzz` tries many more."""

from contextlib import suppress
from random import Random

import pytest

from family_mutations import PART, WHOLE, damaged
from reference.configure_golden import UVL
from unikat.errors import InvalidFamily
from unikat.family.lexis import Faults, TooManyFaults
from unikat.family.link import read_linked
from unikat.family.load import load_family
from unikat.family.write import write_uvl

SHEET = 'family = { id = "f", version = 1 }'


@pytest.mark.parametrize("first", range(0, 300, 50))
def test_damaged_texts_are_read_or_refused(first):
    for seed in range(first, first + 50):
        _try(seed)


def _try(seed):
    rng = Random(seed)
    uvl = damaged(rng.choice((UVL, WHOLE)), rng)
    part = damaged(PART, rng) if seed % 3 == 0 else PART
    if seed % 10 == 0:
        _load(uvl, part)
        return
    faults = Faults("family.uvl")
    try:
        tree = read_linked(uvl, faults, {"part": part})
    except TooManyFaults:
        return
    if not faults.found:
        write_uvl(tree)
    num_lines = uvl.count("\n") + 1
    assert all(
        1 <= fault.line <= num_lines and fault.column >= 1
        for fault in faults.found
        if fault.file == "family.uvl"
    )


def _load(uvl, part):
    with suppress(InvalidFamily):
        load_family(uvl, SHEET, imported={"part": part})


def test_the_texts_are_whole():
    assert load_family(WHOLE, SHEET, imported={"part": PART})
