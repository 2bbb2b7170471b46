"""The laws of a promise."""

from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from capacity_strategies import END, center_of, chains, loads, plants, shop_of, stops_of
from floor_strategies import CenterSpec, make_plant
from reference.capacity_naive import NaiveShop, overlaps
from reference.promise_naive import earliest_finish
from unikat.capacity import Booking, add_bookings, open_capacity
from unikat.configure.model import Step, Variant
from unikat.errors import NoCapacity
from unikat.plant import Batch, SetupMatrix, load_plant
from unikat.promise import Promise, Slack, promise_due_date, slack_for

NO_SLACK = Slack((), (), 0.95, 0, "configured")
EXAMPLE = Path(__file__).parents[2] / "examples/insoles/plant.toml"


def variant_of(steps) -> Variant:
    return Variant("key", (), tuple(steps))


def promise(steps, capacity, order="O-1", **options) -> Promise | None:
    try:
        return promise_due_date(
            variant_of(steps),
            capacity,
            slack=options.pop("slack", NO_SLACK),
            order=order,
            **options,
        )
    except NoCapacity:
        return None


def assert_honest(made: Promise, now: int) -> None:
    assert sum(reason.seconds for reason in made.reasons) == made.due - now
    assert all(reason.seconds > 0 for reason in made.reasons)
    assert all(booking.setup_start >= now for booking in made.bookings)
    assert made.finish == max(booking.finish for booking in made.bookings)


@given(st.data(), st.booleans(), st.integers(0, 20))
def test_promise_is_the_best_of_all_units_and_gaps(data, has_travel, now):
    plant = data.draw(plants(has_travel=has_travel))
    stops = data.draw(stops_of(plant))
    load = data.draw(loads(plant, now=0, stops=stops))
    steps = data.draw(chains(plant))
    shop = NaiveShop(plant, load, stops, now, now + END)
    best = earliest_finish(shop, steps)
    made = promise(steps, open_capacity(plant, load, now=now, stops=stops))
    assert (made.finish if made else None) == best
    if made:
        assert_honest(made, now)


@given(st.data())
def test_every_booking_of_a_promise_is_a_lawful_spot(data):
    plant = data.draw(plants())
    load = data.draw(loads(plant))
    steps = data.draw(chains(plant, is_sorted=False))
    made = promise(steps, open_capacity(plant, load, now=0))
    if made is None:
        return
    assert_honest(made, 0)
    taken, arrival, before = list(load), 0, None
    for step, booking in zip(steps, made.bookings, strict=True):
        arrival += plant.travel_s(before, booking.unit) if before else 0
        shop = NaiveShop(plant, taken, (), 0, 2 * END)
        spots = shop.spots(booking.unit, booking.resources, step.work, step.setup, arrival)
        times = (booking.setup_start, booking.start, booking.finish)
        assert times[1:] in [spot[1:] for spot in spots]
        taken.append(booking)
        arrival, before = booking.finish, booking.unit


@given(st.data())
def test_adding_load_never_makes_a_promise_earlier(data):
    # With setups and shifts together this is no law: a booked neighbour may have done the setup
    # before the break that a step alone would need after it (both in one window).
    has_setups = data.draw(st.booleans())
    calendars = ("always",) if has_setups else ("shifts", "people", "always")
    plant = data.draw(plants(has_setups=has_setups, calendars=calendars))
    load = data.draw(loads(plant))
    fewer = data.draw(st.lists(st.sampled_from(load), unique=True)) if load else []
    steps = data.draw(chains(plant))
    late = promise(steps, open_capacity(plant, load, now=0))
    soon = promise(steps, open_capacity(plant, fewer, now=0))
    assert late is None or (soon is not None and soon.finish <= late.finish)


@given(st.data())
def test_accepted_promises_never_overlap(data):
    plant = data.draw(plants())
    load = data.draw(loads(plant))
    capacity = open_capacity(plant, load, now=0)
    taken = list(load)
    for i in range(4):
        steps = data.draw(chains(plant, is_sorted=False))
        made = promise(steps, capacity, order=f"O-{i}")
        if made:
            capacity = add_bookings(capacity, made.bookings)
            taken += made.bookings
    assert overlaps(plant, taken) == []


def test_worked_example_of_labels_setups_breaks_and_fixtures():
    # print_tpu 9,000 s black, trim 1,200 s, glue 900 s; Monday 06:00; the greedy choice at the
    # printers (P2, done first) is also the best, T1 waits for a jig, glue pauses over the break.
    plant = load_plant((Path(__file__).parents[1] / "plant/small.toml").read_text())

    def booked(order, unit, start, finish, family=None, resources=()):
        return Booking(order, "s", unit, start, start, finish, family, resources, None, 0)

    capacity = open_capacity(
        plant,
        [
            booked("A", "P1", 0, 36_000, "white"),
            booked("B", "P2", 0, 20_000, "steel"),
            booked("C", "T1", 30_000, 34_000, None, ("jig",)),
            booked("E", "A1", 35_000, 42_900),
            booked("F", "T9", 33_500, 34_400, None, ("jig",)),
            booked("G", "T8", 33_500, 34_400, None, ("jig",)),
        ],
        now=21_600,
    )
    steps = (
        Step("print", "print_tpu", 9_000, "black", (), ()),
        Step("trim", "trim", 1_200, None, ("print",), ()),
        Step("glue", "glue", 900, None, ("trim",), ()),
    )
    made = promise_due_date(
        variant_of(steps), capacity, slack=Slack((0,), (5_400,), 0.95, 0, "configured"), order="O-1"
    )
    assert [(b.unit, b.setup_start, b.start, b.finish) for b in made.bookings] == [
        ("P2", 21_600, 22_500, 33_750),
        ("T1", 34_400, 34_400, 35_600),
        ("A1", 42_900, 42_900, 45_600),
    ]
    assert made.due == 51_000
    assert [(r.kind, r.resource, r.seconds) for r in made.reasons] == [
        ("setup", "P2", 900),
        ("work", "P2", 11_250),
        ("travel", "P2-T1", 90),
        ("booked", "T1", 160),
        ("held", "jig", 400),
        ("work", "T1", 1_200),
        ("travel", "T1-A1", 40),
        ("booked", "A1", 7_260),
        ("work", "A1", 900),
        ("calendar", "A1", 1_800),
        ("slack", "", 5_400),
    ]


def test_a_build_gathers_orders_until_it_is_full_or_about_to_start():
    plant = shop_of([center_of("c", ("u",), batch=Batch(2, 30))], horizon=500)
    step = (Step("p", "c", 100, None, (), ()),)
    capacity = open_capacity(plant, (), now=0)
    spans = []
    for i, now in enumerate((0, 10, 20, 140)):
        capacity = replace(capacity, now=now)
        made = promise(step, capacity, order=f"O-{i}")
        assert made
        assert_honest(made, now)
        capacity = add_bookings(capacity, made.bookings)
        (booking,) = made.bookings
        spans.append((booking.build, booking.start, booking.not_before))
    assert spans == [
        ("B-O-0-p", 30, 30),
        ("B-O-0-p", 30, 10),
        ("B-O-2-p", 130, 50),
        ("B-O-3-p", 230, 170),
    ]


def test_a_started_build_takes_no_more_members():
    plant = shop_of([center_of("c", ("u",), batch=Batch(2, 5))], horizon=500)
    running = Booking("A", "p", "u", 0, 0, 50, None, (), "B-A-p", 0)
    made = promise((Step("p", "c", 50, None, (), ()),), open_capacity(plant, [running], now=10))
    assert made
    assert (made.bookings[0].build, made.bookings[0].start) == ("B-O-1-p", 50)


def test_a_join_waits_for_all_its_branches_and_they_share_the_unit():
    plant = shop_of([center_of("c", ("u",)), center_of("d", ("v",))])
    steps = (
        Step("left", "c", 5, None, (), ()),
        Step("right", "c", 7, None, (), ()),
        Step("join", "d", 2, None, ("left", "right"), ()),
    )
    made = promise(steps, open_capacity(plant, (), now=0))
    assert made
    assert [(b.start, b.finish) for b in made.bookings] == [(0, 5), (5, 12), (12, 14)]
    assert_honest(made, 0)


def test_a_step_waits_for_its_material_and_says_so():
    plant = shop_of([center_of("c", ("u",)), center_of("d", ("v",))])
    steps = (
        Step("a", "c", 5, None, (), ()),
        Step("b", "d", 2, None, ("a",), ("leather",)),
    )
    made = promise(steps, open_capacity(plant, (), now=0, material_ready={"leather": 20}))
    assert made
    assert made.finish == 22
    assert made.bookings[1].not_before == 20
    assert [(r.kind, r.resource, r.seconds) for r in made.reasons] == [
        ("material", "leather", 20),
        ("work", "v", 2),
    ]


def test_a_print_estimate_replaces_the_work_of_its_step():
    plant = shop_of([center_of("c", ("u",))])
    steps = (Step("a", "c", 5, None, (), ()),)
    made = promise(steps, open_capacity(plant, (), now=0), work={"a": 30})
    assert made
    assert made.finish == 30


@pytest.mark.parametrize(
    ("step", "words"),
    [
        (Step("a", "weld", 5, None, (), ()), "capability weld"),
        (Step("a", "c", 5, "z", (), ()), "setup family z"),
        (Step("a", "c", 60, "a", (), ()), "never open long enough in one piece (60 s needed"),
        (Step("a", "d", 91, None, (), ()), "work center d is booked or closed"),
    ],
)
def test_no_capacity_names_what_is_missing(step, words):
    plant = shop_of(
        [center_of("c", ("u",), calendar="short", setup="m"), center_of("d", ("v",))],
        setups={"m": SetupMatrix("m", ("a", "b"), (0, 0), ((0, 1), (1, 0)))},
    )
    short = replace(plant.calendars["always"], name="short", open=((0, 50), (60, 100)))
    plant = replace(plant, calendars={**plant.calendars, "short": short})
    with pytest.raises(NoCapacity) as caught:
        promise_due_date(
            variant_of((step,)), open_capacity(plant, (), now=0), slack=NO_SLACK, order="O"
        )
    assert words in str(caught.value)


@given(
    st.lists(st.tuples(st.integers(1, 50), st.integers(0, 50)), min_size=1, max_size=4),
    st.integers(0, 250),
    st.integers(0, 50),
)
def test_finish_plus_slack_never_falls_as_finish_rises(knots, lead, more):
    leads = tuple(sum(a for a, _ in knots[: k + 1]) for k in range(len(knots)))
    slacks = tuple(sum(b for _, b in knots[: k + 1]) for k in range(len(knots)))
    slack = Slack(leads, slacks, 0.9, 9, "learnt")
    assert slack_for(slack, lead) <= slack_for(slack, lead + more)
    assert slacks[0] <= slack_for(slack, lead) <= slacks[-1]


ROUTES = {
    "powder": [("print", "print_powder", 36_000, None), ("blast", "blast", 600, None)],
    "filament": [("print", "print_filament", 19_800, "tpu_soft")],
    "foam": [("mill", "mill_foam", 1_500, "eva_firm")],
}
FINISHING = [
    ("finish", "finish", 480, None),
    ("glue", "glue", 420, "leather"),
    ("cure", "cure", 2_700, None),
    ("engrave", "engrave", 60, None),
    ("inspect", "inspect", 240, None),
    ("pack", "pack", 180, None),
]


def route_of(name):
    rows = [*ROUTES[name], *FINISHING]
    befores = [(), *((row[0],) for row in rows)]
    return [Step(*row, before, ()) for row, before in zip(rows, befores, strict=False)]


def test_a_week_of_orders_on_the_example_plant_is_honest_and_lawful():
    plant = load_plant(EXAMPLE.read_text())
    capacity = open_capacity(plant, (), now=0)
    taken = []
    for i in range(150):
        capacity = replace(capacity, now=i * 3_000)
        made = promise(route_of(list(ROUTES)[i % 3]), capacity, order=f"O-{i}")
        assert made
        assert_honest(made, capacity.now)
        capacity = add_bookings(capacity, made.bookings)
        taken += made.bookings
        for before, after in zip(made.bookings, made.bookings[1:], strict=False):
            assert after.start >= before.finish + plant.travel_s(before.unit, after.unit)
    assert overlaps(plant, taken) == []


def test_slack_counts_the_hours_of_the_unit_that_is_open_least():
    """A mill of one shift before an oven that never closes: an hour of slack is an hour of the
    mill's, since the mill is where delay comes from; over a night it is more.
    """
    plant = make_plant([CenterSpec("mill", calendar="shift"), CenterSpec("oven")])
    steps = (
        Step("cut", "mill", 3_600, None, (), ()),
        Step("cure", "oven", 3_600, None, ("cut",), ()),
    )
    evening = 12 * 3_600
    made = promise(
        steps,
        open_capacity(plant, (), now=evening),
        slack=Slack((0,), (5_400,), 0.95, 0, "configured"),
    )
    assert made.finish == evening + 7_200  # when the mill closes
    assert made.due == 24 * 3_600 + 6 * 3_600 + 5_400
