"""What every store promises of saved choices: durable at once, found by their id, for a year."""

from dataclasses import replace
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from store_fixtures import STORES, opened
from unikat.configure.saved import Saved
from unikat.edge.store.choices import (
    SavedChoice,
    UnknownChoice,
    decode_choice,
    encode_choice,
)
from unikat.edge.store.limits import CHOICE_KEPT, PAGE
from unikat.errors import StoreFailure
from unikat.rehearse import VirtualClock

PICKS = (("Foam", True), ("Cup", False), ("Length", Fraction(531, 2)), ("Text", "Ä 'x'"))
CHOICE = SavedChoice("C-1", Saved("insole", 3, PICKS, "abc", 8_440), {"foot_length": 265.25}, 0)
DECIMALS = st.decimals(-1_000_000, 1_000_000, places=6).map(Fraction)
NAMES = st.text(st.characters(exclude_categories=["Cs"]), max_size=8)


@pytest.fixture
def clock():
    return VirtualClock()


@pytest.fixture(params=STORES)
def choices(request, tmp_path, clock):
    with opened(request.param, tmp_path, clock) as store:
        yield store.choices


def test_a_saved_choice_is_found_as_it_was(choices):
    choices.save(CHOICE)
    assert choices.find("C-1") == CHOICE


def test_an_unknown_choice_says_what_to_do(choices):
    with pytest.raises(UnknownChoice, match="choose anew"):
        choices.find("C-2")


def test_all_are_read_oldest_first_however_many(choices):
    for number in range(7):
        choices.save(replace(CHOICE, id=f"C-{9 - number}"))
    assert [each.id for each in choices.read()] == [f"C-{9 - number}" for number in range(7)]


def test_more_than_a_page_is_read_whole(tmp_path, clock, monkeypatch):
    monkeypatch.setattr("unikat.edge.store.choices.PAGE", 3)
    assert PAGE > 3
    with opened("sqlite", tmp_path, clock) as store:
        for number in range(7):
            store.choices.save(replace(CHOICE, id=f"C-{number}"))
        assert len(list(store.choices.read())) == 7


def test_a_year_later_it_is_forgotten_and_younger_ones_stay(choices, clock):
    choices.save(CHOICE)
    clock.instant = CHOICE_KEPT // 2
    choices.save(replace(CHOICE, id="C-2", saved_at=clock.now()))
    clock.instant = CHOICE_KEPT + 3_600
    choices.save(replace(CHOICE, id="C-3", saved_at=clock.now()))
    assert [each.id for each in choices.read()] == ["C-2", "C-3"]


@given(
    st.lists(st.tuples(NAMES, st.booleans() | DECIMALS | NAMES), max_size=4),
    st.dictionaries(NAMES, st.floats(allow_nan=False, allow_infinity=False), max_size=3),
)
def test_every_choice_reads_back_as_it_was_written(picks, measurements):
    saved = replace(CHOICE.saved, picks=tuple(picks))
    choice = replace(CHOICE, saved=saved, measurements=measurements)
    again = decode_choice(encode_choice(choice))
    assert again == choice
    assert [type(value) for _, value in again.saved.picks] == [type(value) for _, value in picks]


def test_a_damaged_choice_is_told(tmp_path):
    with pytest.raises(StoreFailure, match="damaged"):
        decode_choice("{}")
