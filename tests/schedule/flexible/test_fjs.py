"""Texts of flexible job shops are read as they are, or refused with every fault."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from flexible_strategies import fjs_text, shops
from unikat.errors import InvalidText
from unikat.schedule.flexible.fjs import read_fjs

FOLDER = Path(__file__).parent / "data"


def read(name):
    return read_fjs((FOLDER / f"{name}.fjs").read_text(), name=name)


def faults_of(text):
    with pytest.raises(InvalidText) as caught:
        read_fjs(text, name="bad.fjs")
    return [(f.line, f.column, f.message) for f in caught.value.faults]


@given(shops(shortest=0))
def test_what_is_written_is_read(shop):
    again = read_fjs(fjs_text(shop))
    for column in ("job_ptr", "mode_ptr", "mode_unit", "mode_work"):
        assert getattr(again, column).tolist() == getattr(shop, column).tolist()
    assert again.num_units == shop.num_units


@pytest.mark.parametrize(
    ("name", "size"), [("fattahi1", (2, 4)), ("kacem1", (4, 12)), ("mk01", (10, 55))]
)
def test_public_instances_have_their_size(name, size):
    assert (read(name).num_jobs, read(name).num_steps) == size


def test_a_header_may_name_machines_nobody_uses_and_a_step_may_take_no_time():
    shop = read_fjs("1 9 1\n1 1 2 0\n")
    assert (shop.num_units, shop.mode_work.tolist()) == (9, [0])


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("", (1, 1, "the text is empty")),
        ("two 2\n", (1, 1, "the header 'two 2' does not give two numbers above 0")),
        ("1\n1 1 1 5\n", (1, 1, "the header '1' does not give two numbers above 0")),
        ("2 1\n1 1 1 5\n", (1, 1, "the header promises 2 jobs, 1 lines follow")),
        ("1 1\n1 1 1 5\n1 1 1 5\n", (1, 1, "the header promises 1 jobs, 2 lines follow")),
        ("1 2\n1 1 3 5\n", (2, 5, "there is no machine 3")),
        ("1 2\n1 1 0 5\n", (2, 5, "there is no machine 0")),
        ("1 2\n1 1 1 -5\n", (2, 7, "a duration of -5")),
        ("1 2\n1 1 1 5.5\n", (2, 7, "'5.5' is no whole number")),
        ("1 2\n1 1 1\n", (2, 6, "the line ends before its last step does")),
        ("1 2\n1 1 1 5 7\n", (2, 9, "1 numbers are left behind step 1")),
        ("1 2\n1 0\n", (2, 3, "step 1 has 0 modes")),
        ("1 2\n0\n", (2, 1, "a job of 0 steps")),
        ("1 2\n1 1 1 9223372036854775807\n", (1, 1, None)),
    ],
)
def test_a_fault_is_told_with_its_place(text, fault):
    (found,) = faults_of(text)
    assert found[:2] == fault[:2]
    assert found[2] == fault[2] or (fault[2] is None and "add up to" in found[2])


def test_a_text_of_another_kind_gives_one_fault_a_line():
    assert len(faults_of("1 2\nname = 'unikat'\n")) == 1


def test_all_faults_are_told_at_once():
    text = "3 2\n1 1 9 5\n1 1 1 -4\nx\n"
    assert [line for line, _, _ in faults_of(text)] == [2, 3, 4]


@given(st.text(alphabet="0123456789 -.\nx\t", max_size=60))
def test_any_text_gives_a_shop_or_faults(text):
    try:
        shop = read_fjs(text)
    except InvalidText:
        return
    assert shop.num_steps > 0
