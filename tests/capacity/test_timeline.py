"""The laws of capacity: add and remove are inverse, nothing is taken twice, values stay."""

from copy import deepcopy

import pytest
from hypothesis import given
from hypothesis import strategies as st

from capacity_strategies import center_of, chains, loads, plants, shop_of
from reference.capacity_naive import NaiveShop, overlaps
from unikat.capacity import (
    Booking,
    add_bookings,
    fits,
    move_now,
    open_capacity,
    remove_orders,
)
from unikat.capacity.row import BEGIN, BLOCK, GAP, REACH
from unikat.capacity.timeline import put_bookings
from unikat.configure.model import Variant
from unikat.errors import CapacityTaken, NoCapacity
from unikat.plant import Batch, Resource, SetupMatrix
from unikat.promise import Slack, compile_routings, finish_times, promise_due_date

MATRIX = SetupMatrix("m", ("a", "b"), (2, 3), ((0, 1), (1, 0)))
NO_SLACK = Slack((), (), 0.95, 0, "configured")


def contents(capacity):
    rows = {
        unit: (
            row.family,
            *(row.columns[column].tolist() for column in range(10)),
            row.columns[BLOCK, : -(-len(row.entries) // 32)].tolist(),
            list(row.entries),
        )
        for unit, row in capacity.rows.items()
    }
    uses = {name: use.steps.tolist() for name, use in capacity.uses.items()}
    return rows, uses, dict(capacity.orders)


def one(order, unit, start, finish, *, resources=(), family=None, build=None):
    return Booking(order, "s", unit, start, start, finish, family, resources, build, 0)


@given(st.data())
def test_adding_load_one_by_one_equals_opening_with_it(data):
    plant = data.draw(plants())
    load = data.draw(loads(plant))
    capacity = open_capacity(plant, (), now=0)
    for booking in data.draw(st.permutations(load)):
        capacity = put_bookings(capacity, (booking,))
    assert contents(capacity) == contents(open_capacity(plant, load, now=0))


@given(st.data())
def test_adding_and_removing_are_inverse_and_leave_the_old_value_alone(data):
    plant = data.draw(plants())
    before = open_capacity(plant, data.draw(loads(plant)), now=0)
    copy = deepcopy(contents(before))
    steps = data.draw(chains(plant))
    try:
        made = promise_due_date(Variant("k", (), steps), before, slack=NO_SLACK, order="O-1")
    except NoCapacity:
        return
    assert fits(before, made.bookings)
    after = add_bookings(before, made.bookings)
    assert after.revision == before.revision + 1
    assert not fits(after, made.bookings)
    assert contents(remove_orders(after, ["O-1", "unknown"])) == copy
    assert contents(before) == copy


@given(st.data())
def test_a_booking_fits_exactly_where_looking_at_every_second_says_so(data):
    plant = data.draw(plants())
    load = data.draw(loads(plant))
    capacity = open_capacity(plant, load, now=0)
    unit = data.draw(st.sampled_from(sorted(plant.units)))
    center = plant.center_of(unit)
    family = data.draw(st.sampled_from("ab")) if center.setup else None
    needs = plant.needs_of(center.capabilities[0])
    shop = NaiveShop(plant, load, (), 0, 90)
    spots = list(shop.spots(unit, needs, data.draw(st.integers(1, 6)), family, 0))
    for begin, start, finish in spots[:40]:
        booking = Booking("O", "s", unit, begin, start, finish, family, needs, None, 0)
        assert fits(capacity, (booking,))
    start = data.draw(st.integers(0, 60))
    finish = start + data.draw(st.integers(1, 6))
    booking = Booking("O", "s", unit, start, start, finish, family, needs, None, 0)
    if fits(capacity, (booking,)):
        assert overlaps(plant, (*load, booking)) == []
        assert plant.setup_s(unit, shop.family_before(unit, start), family) == 0


@given(st.data(), st.integers(0, 60))
def test_moving_on_equals_opening_later(data, now):
    plant = data.draw(plants())
    load = data.draw(loads(plant))
    moved = move_now(open_capacity(plant, load, now=0), now)
    opened = open_capacity(plant, load, now=now)
    steps = data.draw(chains(plant))
    finishes = [
        finish_times(compile_routings((steps,), capacity), capacity) for capacity in (moved, opened)
    ]
    assert finishes[0] == finishes[1]
    assert moved.now == opened.now


def test_moving_on_beyond_the_compiled_calendars_keeps_the_setups():
    plant = shop_of([center_of("c", ("u",), setup="m")], setups={"m": MATRIX}, horizon=1_000)
    capacity = open_capacity(plant, [one("A", "u", 0, 5, family="b")], now=0)
    later = move_now(capacity, capacity.until + 10)
    assert later.until > capacity.until
    before = later.rows["u"].family_before(len(later.rows["u"].entries))
    assert later.lanes["u"].setup(before, later.lanes["u"].family("b")) == 0
    assert move_now(later, 0) is later


@pytest.mark.parametrize(
    ("booking", "words"),
    [
        (one("O", "u", 12, 14), "u is not free from 12 to 14 for step s of O: A is booked there"),
        (one("O", "w", 2, 9), "w is not free from 2 to 9 for step s of O: it is already 5"),
        (one("O", "w", 12, 16), "it is closed or stopped then"),
        (one("O", "v", 22, 25, resources=("jig",)), "jig is not free from 22 to 25"),
        (one("O", "x", 22, 25), "unit x is no longer in the plant"),
        (one("O", "o", 20, 30, build="B"), "build B is full with 2"),
        (one("O", "o", 20, 29, build="B"), "build B has changed"),
        (one("O", "w", 33, 36, family="a"), "its setup now takes 2 s instead of 0 s"),
        (one("O", "m", 33, 36, family="a"), "no time is left to set up A"),
    ],
)
def test_capacity_taken_names_the_unit_and_the_time(booking, words):
    plant = shop_of(
        [
            center_of("c", ("u", "v")),
            center_of("w", ("w",), calendar="shifts", setup="m"),
            center_of("m", ("m",), setup="m"),
            center_of("o", ("o",), batch=Batch(2, 0)),
        ],
        setups={"m": MATRIX},
        resources={"jig": Resource("jig", "fixture", 1, "always", ("c",))},
    )
    load = [
        one("A", "u", 10, 20),
        one("A", "v", 30, 40, resources=("jig",)),
        one("B", "u", 20, 25, resources=("jig",)),
        one("A", "o", 20, 30, build="B"),
        one("C", "o", 20, 30, build="B"),
        one("A", "m", 36, 40, family="b"),
        one("D", "m", 3, 6, family="a"),
    ]
    capacity = open_capacity(plant, load, now=5)
    with pytest.raises(CapacityTaken) as caught:
        add_bookings(capacity, (booking,))
    assert words in str(caught.value)


def test_a_build_frees_its_unit_and_fixture_when_its_last_member_leaves():
    plant = shop_of(
        [center_of("o", ("o",), batch=Batch(3, 0))],
        resources={"jig": Resource("jig", "fixture", 1, "always", ("o",))},
    )
    members = [one(name, "o", 20, 30, build="B", resources=("jig",)) for name in "XYZ"]
    empty = open_capacity(plant, (), now=0)
    capacity = add_bookings(empty, members)
    assert len(capacity.rows["o"].entries) == 1
    assert capacity.uses["jig"].steps[1].tolist() == [1, 0]
    assert len(remove_orders(capacity, ["X", "Y"]).rows["o"].entries[0]) == 1
    assert contents(remove_orders(capacity, "XYZ")) == contents(empty)


@given(st.lists(st.tuples(st.integers(0, 20), st.integers(1, 9)), max_size=6), st.data())
def test_facts_may_overlap_and_come_in_any_sequence(spans, data):
    plant = shop_of([center_of("c", ("u",))])
    facts = [one(f"A{i}", "u", start, start + size) for i, (start, size) in enumerate(spans)]
    capacity = open_capacity(plant, (), now=0)
    for fact in data.draw(st.permutations(facts)):
        capacity = put_bookings(capacity, (fact,))
    (row,) = capacity.rows.values()
    (opened,) = open_capacity(plant, facts, now=0).rows.values()
    assert row.columns[[BEGIN, REACH, GAP]].tolist() == opened.columns[[BEGIN, REACH, GAP]].tolist()
    gone = [fact.order for fact in facts[::2]]
    assert (
        contents(remove_orders(capacity, gone))[0]["u"][1:4]
        == (contents(open_capacity(plant, facts[1::2], now=0))[0]["u"][1:4])
    )


def test_facts_that_overlap_keep_the_unit_busy_until_the_last_ends():
    plant = shop_of([center_of("c", ("u",))])
    late = [one("A", "u", 0, 30), one("B", "u", 10, 15), one("C", "u", 40, 45)]
    capacity = open_capacity(plant, late, now=0)
    assert not fits(capacity, (one("O", "u", 16, 20),))
    assert fits(capacity, (one("O", "u", 30, 40),))
    assert fits(remove_orders(capacity, ["A"]), (one("O", "u", 16, 20),))
