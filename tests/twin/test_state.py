import random

from hypothesis import given
from hypothesis import strategies as st

from floor_strategies import CenterSpec, make_plant, run_floor, shops
from reference.twin_state import play
from unikat.capacity.model import Booking, Stop
from unikat.events import (
    LoadMoved,
    OrderDelivered,
    OrderReleased,
    PartMeasured,
    PartScrapped,
    Recorded,
    ReworkOrdered,
    SetupStarted,
    StepFinished,
    StepStarted,
    WorkUnitRestarted,
    WorkUnitStopped,
)
from unikat.floor import Dispatch, Release, World, open_floor, read_event
from unikat.schedule.model import Running
from unikat.terms import DAY, HOUR
from unikat.twin.state import apply_events, empty_state, hash_state, progress_of

PLANT = make_plant([CenterSpec("a", units=2, has_setup=True), CenterSpec("b")], robots=1)


def recorded(messages):
    return [
        Recorded(i + 1, i + 1, m.id, "floor/floor", m.at, read_event(m))
        for i, m in enumerate(messages)
    ]


def told(*events, source="edge"):
    return [
        Recorded(i, i, f"{source}:1:{i}", "floor", e.at, e) for i, e in enumerate(events, start=1)
    ]


def in_batches(state, records, sizes):
    while records:
        size = next(sizes)
        state, records = apply_events(state, records[:size]), records[size:]
    return state


def at_some_time(shop, seed, share):
    """The messages of a shop up to a share of its makespan, so that orders are still on the
    floor.
    """
    plant, orders, bookings = shop
    whole = run_floor(open_floor(plant, World(), seed=seed, start=0), orders, bookings)
    return recorded([m for m in whole if m.at <= whole[-1].at * share])


@given(shops(max_orders=6), st.integers(0, 99), st.floats(0, 1), st.randoms(use_true_random=False))
def test_batches_of_any_size_and_sequence_with_doubles_give_the_same_bits(shop, seed, share, rng):
    records = at_some_time(shop, seed, share)
    records += [
        Recorded(
            0, 0, f"deliver:{order}", "book", r.event.at, OrderDelivered(r.event.at, order, True)
        )
        for r in records
        if isinstance(r.event, LoadMoved) and r.event.target == "dock"
        for order in [r.event.order_id]
        if rng.random() < 0.5
    ]
    whole = apply_events(empty_state(shop[0]), records)
    mixed = records + (rng.choices(records, k=len(records) // 4) if records else [])
    rng.shuffle(mixed)
    parts = in_batches(empty_state(shop[0]), mixed, iter(lambda: rng.randint(1, 9), 0))
    assert parts == whole
    assert hash_state(parts) == hash_state(whole)


@given(shops(max_orders=6), st.integers(0, 99), st.floats(0, 1))
def test_the_fold_says_what_playing_the_events_one_by_one_says(shop, seed, share):
    records = at_some_time(shop, seed, share)
    state = apply_events(empty_state(shop[0]), records)
    units, orders = play(shop[0], records)
    assert {u: (each.state, each.family) for u, each in state.units.items()} == units
    assert {
        order: (
            track.place,
            {step: (f.unit, f.rank[0]) for step, f in track.finished.items()},
            {step: start.unit for step, start in track.running.items()},
        )
        for order, track in state.orders.items()
    } == orders
    assert state.num_repaired == 0
    assert not any(source.is_blind for source in state.sources.values())


@given(shops(max_orders=4), st.integers(0, 99))
def test_a_faulty_link_is_healed_once_all_messages_are_here(shop, seed):
    plant, orders, bookings = shop
    faults = {"duplicated": 0.2, "late": 0.2, "lost": 0.1, "swapped": 0.2, "outage_s": 600}
    quality = {"flawed": dict.fromkeys("ab", 0.2), "scrapped": dict.fromkeys("cd", 0.1)}
    worlds = World(**quality), World(**quality, **faults, outage_every_s=2 * HOUR)
    states = []
    for world in worlds:
        floor = open_floor(plant, world, seed=seed, start=0)
        state = empty_state(plant)
        floor.obey(Dispatch(bookings))
        for order, steps in orders.items():
            floor.obey(Release(order, steps))
        while (at := floor.next_at()) is not None:
            state = apply_events(state, recorded(floor.advance(at)))
        states.append(hash_state(state))
    assert states[0] == states[1]


def test_an_order_is_forgotten_when_delivered_and_a_late_event_does_not_bring_it_back():
    events = told(
        StepStarted(0, "a1", "O-1", "s0", 0, None, 60),
        StepFinished(60, "a1", "O-1", "s0", 0, None),
        LoadMoved(60, "", "O-1", "a1", "dock"),
        OrderDelivered(60, "O-1", True),
    )
    state = apply_events(empty_state(PLANT), [*events[:1], *events[2:], events[1]])
    assert (state.orders, state.units["a1"].orders) == ({}, frozenset())
    assert state.units["a1"].state == "idle"


def test_an_order_long_at_the_dock_is_forgotten_and_so_is_that_it_left():
    events = told(
        LoadMoved(60, "", "O-1", "a1", "dock"),
        WorkUnitRestarted(60 + DAY + HOUR, "a1"),
        WorkUnitRestarted(60 + 3 * DAY, "a1"),
    )
    first = apply_events(empty_state(PLANT), events[:2])
    assert (first.orders, first.ended) == ({}, {"O-1": 60})
    assert apply_events(first, events[2:]).ended == {}


def test_a_missing_message_makes_its_source_blind_until_it_comes():
    events = told(*(WorkUnitRestarted(i, "a1") for i in range(1, 6)))
    blind = apply_events(empty_state(PLANT), [events[i] for i in (4, 1, 3)])
    source = blind.sources["edge"]
    assert (source.gaps, source.next_seq, source.is_blind) == (((1, 2), (3, 4)), 6, True)
    healed = apply_events(blind, [events[2], events[0]])
    assert not healed.sources["edge"].is_blind
    assert healed.sources["edge"].last_seen == 5


def test_a_restarted_source_counts_anew():
    old = told(WorkUnitRestarted(1, "a1"), WorkUnitRestarted(2, "a1"))
    new = Recorded(9, 9, "edge:2:1", "floor", 3, WorkUnitRestarted(3, "a1"))
    for records in ([*old, new], [old[0], new, old[1]]):
        source = apply_events(empty_state(PLANT), records).sources["edge"]
        assert (source.epoch, source.next_seq, source.is_blind) == (2, 2, False)


def test_what_does_not_concern_the_floor_and_unknown_units_change_nothing_there():
    state = empty_state(PLANT)
    assert apply_events(state, told(OrderReleased(5, "O-1"))) == state
    assert apply_events(state, told(WorkUnitStopped(5, "x9", "?", 9))).units == state.units
    started = told(StepStarted(5, "x9", "O-1", "s0", 0, None, 9))
    assert progress_of(apply_events(state, started), {}, 6).running == {
        ("O-1", "s0"): Running("x9", 5, 9)
    }


def test_progress_names_what_runs_is_done_and_stands_still():
    state = apply_events(
        empty_state(PLANT),
        told(
            SetupStarted(0, "a1", "O-1", "s0", "red"),
            StepStarted(300, "a1", "O-1", "s0", 0, None, 900),
            StepFinished(950, "a1", "O-1", "s0", 0, None),
            StepStarted(1000, "b1", "O-1", "s1", 0, None, 2000),
            SetupStarted(1000, "a2", "O-2", "s0", "blue"),
        ),
    )
    booking = Booking("O-2", "s0", "a2", 1100, 1400, 2000, "blue", (), None, 0)
    progress = progress_of(state, {("O-2", "s0"): booking}, 1050)
    assert progress.finished == {("O-1", "s0"): ("a1", 950)}
    assert progress.running == {("O-1", "s1"): Running("b1", 1000, 2000)}
    assert progress.families == {"a1": "red", "a2": "blue"}
    assert progress.stops == (Stop("a2", 1000, 1300),)
    assert progress_of(state, {}, 5000).running["O-1", "s1"].finish == 5001


def test_a_breakdown_delays_the_running_step_and_stops_the_unit():
    started = StepStarted(0, "b1", "O-1", "s0", 0, None, 1000)
    stopped = WorkUnitStopped(400, "b1", "breakdown", 700)
    down = apply_events(empty_state(PLANT), told(started, stopped))
    progress = progress_of(down, {}, 500)
    assert progress.stops == (Stop("b1", 400, 700),)
    assert progress.running["O-1", "s0"].finish == 1300
    assert (down.units["b1"].state, down.units["b1"].reason) == ("down", "breakdown")
    back = apply_events(down, told(WorkUnitRestarted(800, "b1"), source="other"))
    progress = progress_of(back, {}, 900)
    assert (progress.stops, progress.running["O-1", "s0"].finish) == ((), 1400)
    assert back.units["b1"].state == "busy"


def test_a_stop_that_is_said_again_while_it_lasts_counts_once():
    started = StepStarted(0, "b1", "O-1", "s0", 0, None, 1000)
    stops = [WorkUnitStopped(at, "b1", "breakdown", at + 300) for at in (400, 700, 1000)]
    down = apply_events(empty_state(PLANT), told(started, *stops))
    progress = progress_of(down, {}, 1100)
    assert progress.stops == (Stop("b1", 1000, 1300),)
    assert progress.running["O-1", "s0"].finish == 1000 + 700 + 200
    back = apply_events(down, told(WorkUnitRestarted(1200, "b1"), source="other"))
    assert progress_of(back, {}, 1250).running["O-1", "s0"].finish == 1000 + 800


def test_a_finish_without_a_start_is_counted_as_repaired():
    state = apply_events(empty_state(PLANT), told(StepFinished(5, "a1", "O-1", "s0", 0, None)))
    assert state.num_repaired == 1
    assert state.units["a1"].state == "blocked"


def test_the_state_of_many_orders_does_not_grow_with_those_delivered():
    rng, state = random.Random(1), empty_state(PLANT)
    for day in range(20):
        events = []
        for i in range(20):
            at, order = day * DAY + i * HOUR + rng.randint(0, 99), f"O-{day}-{i}"
            events += [LoadMoved(at, "R1", order, "a1", "dock"), OrderDelivered(at, order, True)]
        state = apply_events(state, told(*events, source=f"day{day}"))
    assert state.orders == {}
    assert len(state.ended) <= 60


def passed(step, unit, start, *, attempt=0, good=1):
    return [
        StepStarted(start, unit, "O-1", step, attempt, None, start + 60),
        StepFinished(start + 60, unit, "O-1", step, attempt, None, good, 1 - good),
    ]


SPOILT = told(
    *passed("s0", "a1", 0),
    *passed("s1", "b1", 100, good=0),
    PartMeasured(160, "b1", "O-1", "s1", 0, "O-1/1", "length", 250.0, 251.0, 0.5, "mm"),
    ReworkOrdered(160, "b1", "O-1", "s1", 0, "O-1/1", ("s1",), "length 251 mm"),
    *passed("s1", "b1", 200, attempt=1, good=0),
    PartScrapped(260, "b1", "O-1", "s1", 1, "O-1/1", "length 251 mm"),
    *passed("s0", "a1", 300, attempt=1),
)


def open_after(records):
    progress = progress_of(apply_events(empty_state(PLANT), records), {}, 1_000)
    steps = (*(step for _, step in progress.finished), *(step for _, step in progress.running))
    return steps, dict(progress.reopened)


def test_rework_opens_its_steps_again_and_scrap_all_steps():
    assert open_after(SPOILT[:4]) == (("s0",), {("O-1", "s1"): 160})
    assert open_after(SPOILT[:6]) == (("s0",), {("O-1", "s1"): 160})
    assert open_after(SPOILT[:7]) == (("s0", "s1"), {})
    assert open_after(SPOILT[:9]) == ((), {("O-1", "s0"): 260, ("O-1", "s1"): 260})
    assert open_after(SPOILT) == (("s0",), {("O-1", "s1"): 260})


@given(st.permutations(SPOILT))
def test_rework_and_scrap_told_in_any_sequence_give_the_same_bits(records):
    state = apply_events(empty_state(PLANT), records)
    assert hash_state(state) == hash_state(apply_events(empty_state(PLANT), SPOILT))
    assert not any(source.is_blind for source in state.sources.values())


def test_a_rework_of_several_steps_reopens_those_that_were_good():
    again = ReworkOrdered(170, "b1", "O-1", "s1", 0, "O-1/1", ("s0", "s1"), "scratched")
    assert open_after(told(*passed("s0", "a1", 0), *passed("s1", "b1", 100), again)) == (
        (),
        {("O-1", "s0"): 170, ("O-1", "s1"): 170},
    )
