"""Where parts pass one after the other, no agenda is needed: the answers are those of the agenda,
bit for bit.
"""

from dataclasses import replace
from types import SimpleNamespace

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from floor_strategies import CenterSpec, book_in_turn, make_order, make_plant, make_steps, run_floor
from unikat.capacity.model import Stop
from unikat.events import Recorded, StepFinished
from unikat.floor import World, open_floor, read_event
from unikat.order.model import OrderState
from unikat.terms import DAY, HOUR, MINUTE
from unikat.twin import _kernels as k
from unikat.twin.floor_problem import read_floor
from unikat.twin.layout import CapRow, CenterRow, JobRow, Layout, StepRow, UnitRow, compile_layout
from unikat.twin.line import find_line
from unikat.twin.quantiles import lognormal_row
from unikat.twin.simulate import open_state, run_until, simulate
from unikat.twin.state import apply_events, empty_state

SHIFTS = tuple((day * 900, day * 900 + 500) for day in range(20))
PACES = st.sampled_from((700, 1000, 1300))
SETUPS = (((0, 30, 50), (20, 0, 40), (60, 10, 0), (15, 25, 35)),)


def by_agenda(problem, state, *, replications, seed):
    """Play without looking for a line."""
    begun = replace(problem, origin=state)
    ends = [
        run_until(begun, open_state(begun, seed=seed, replication=i), k.NEVER - 1)
        for i in range(replications)
    ]
    rows = np.array(ends)
    return SimpleNamespace(
        finishes=rows[:, problem.jobs + k.FINISH], occurrences=rows[:, k.OCCURRENCES],
        stuck=rows[:, k.STUCK], ends=rows[:, k.NOW], nudges=rows[:, k.NUDGES],
    )  # fmt: skip


def check_bits(problem, state, seed):
    """Compare all that `simulate` tells with what the agenda says."""
    one = simulate(problem, state, replications=2, seed=seed)
    other = by_agenda(problem, state, replications=2, seed=seed)
    for name in ("finishes", "occurrences", "stuck", "ends", "nudges"):
        assert np.array_equal(getattr(one, name), getattr(other, name)), name


@st.composite
def lines(draw):
    """Lines of all kinds: buffers, hours, pauses, breakdowns, setups, bookings, operators."""
    num, count = draw(st.integers(1, 4)), draw(st.integers(1, 12))
    is_booked = draw(st.booleans())
    centers = tuple(
        CenterRow(
            (UnitRow(draw(PACES), draw(st.sampled_from((0, 150))), 40, key=100 * c),),
            draw(st.integers(0, 3)),
            is_interruptible=draw(st.booleans()),
            setup=-1 if is_booked else draw(st.sampled_from((-1, 0))),
        )
        for c in range(num)
    )  # fmt: skip
    has_pool = draw(st.booleans())
    caps = tuple(CapRow((c,), (0,) if has_pool else ()) for c in range(num))
    releases = sorted(draw(st.lists(st.integers(0, 600), min_size=count, max_size=count)))
    jobs = []
    for j, release in enumerate(releases):
        ready = release + draw(st.sampled_from((0, 0, 90)))
        steps = tuple(
            StepRow(
                c, draw(st.integers(1, 90)), c if is_booked else -1, j // 2 * 70,
                family=draw(st.integers(-1, 2)), hash=64 * j + c,
                not_before=draw(st.sampled_from((0, 0, j * 100))),
            )
            for c in range(num)
        )  # fmt: skip
        jobs.append(JobRow(ready, steps))
    return Layout(
        centers, caps, tuple(jobs), pools=(num,) if has_pool else (), setups=SETUPS,
        hours={(c, c): SHIFTS for c in range(num) if draw(st.booleans())},
        rows={(c, c): 0 for c in range(num) if draw(st.booleans())},
        quantiles=(lognormal_row(0.5),),
        patience=draw(st.sampled_from((0, 100))) if is_booked else None,
    )  # fmt: skip


@given(lines(), st.integers(0, 99))
def test_a_line_ends_in_the_same_bits_as_by_the_agenda(layout, seed):
    problem = compile_layout(layout)
    check_bits(problem, problem.origin, seed)


@st.composite
def shops_in_line(draw):
    """Plants whose orders pass all work centers, or the first of them."""
    names = "abcd"[: draw(st.integers(1, 4))]
    specs = [
        CenterSpec(
            name, buffer=draw(st.integers(1, 3)),
            calendar=draw(st.sampled_from(("always", "shift"))),
            is_interruptible=draw(st.booleans()), cv=0.3, mtbf=draw(st.sampled_from((0, 2 * HOUR))),
        )
        for name in names
    ]  # fmt: skip
    plant = make_plant(specs)
    orders = {}
    for i in range(draw(st.integers(1, 7))):
        works = [draw(st.integers(1, 60)) * MINUTE for _ in names]
        orders[f"O-{i}"] = make_steps(plant, names, works)
    return plant, orders, book_in_turn(plant, orders)


@given(shops_in_line(), st.integers(0, 9), st.floats(0, 1), st.booleans())
def test_a_line_in_the_middle_of_its_work_goes_on_to_the_same_bits(shop, seed, share, is_stopped):
    plant, orders, bookings = shop
    whole = run_floor(open_floor(plant, World(states=0), seed=seed, start=0), orders, bookings)
    now = int(whole[-1].at * share)
    heard = [
        Recorded(i, i, m.id, "f", m.at, read_event(m)) for i, m in enumerate(whole) if m.at <= now
    ]
    ended = {(r.event.order_id, r.event.step) for r in heard if isinstance(r.event, StepFinished)}
    left = {(b.order, b.step): b for b in bookings if (b.order, b.step) not in ended}
    made = [
        replace(make_order(order, steps, due=DAY), state=OrderState.RELEASED)
        for order, steps in orders.items()
    ]
    stops = (Stop(next(iter(plant.units)), now, now + HOUR),) if is_stopped else ()
    state = apply_events(empty_state(plant), heard)
    floor = read_floor(plant, left, state, made, now, stops=stops)
    if floor.jobs:
        check_bits(floor.problem, floor.state, seed)


def three_in_line(**changes):
    centers = tuple(CenterRow((UnitRow(key=c),), 2) for c in range(2))
    caps = (CapRow((0,)), CapRow((1,)))
    jobs = tuple(JobRow(0, tuple(StepRow(c, 60, c, 100 * j) for c in range(2))) for j in range(3))
    return replace(Layout(centers, caps, jobs, patience=0), **changes)


OVERTAKES = JobRow(0, (StepRow(0, 60, 0, 300), StepRow(1, 60, 1, 50)))
NO_LINES = {
    "two units": {
        "centers": (CenterRow((UnitRow(), UnitRow(key=1)), 2), CenterRow((UnitRow(),), 2))
    },
    "a choice": {"caps": (CapRow((0,)), CapRow((0, 1)))},
    "a batch": {"centers": (CenterRow((UnitRow(),), 2, batch=2), CenterRow((UnitRow(),), 2))},
    "a way": {"travel": ((0, 5), (5, 0))},
    "a lack": {"pools": (1,), "caps": (CapRow((0,), (0,)), CapRow((1,), (0,)))},
    "back": {"jobs": (JobRow(0, (StepRow(1, 60, 1), StepRow(0, 60, 0))), OVERTAKES)},
    "overtakes": {"jobs": (*three_in_line().jobs, OVERTAKES)},
    "comes late": {
        "jobs": (replace(three_in_line().jobs[0], release=9), *three_in_line().jobs[1:])
    },
    "by the calendar": {
        "centers": (CenterRow((UnitRow(0, 9, 9, True),), 2), CenterRow((UnitRow(),), 2))
    },
    "no steps": {"jobs": (JobRow(0, ()),)},
}


def test_a_line_is_known_from_what_is_none():
    problem = compile_layout(three_in_line())
    assert find_line(problem, problem.origin) is not None
    for name, changes in NO_LINES.items():
        other = compile_layout(three_in_line(**changes))
        assert find_line(other, other.origin) is None, name


def test_a_line_played_halfway_is_left_to_the_agenda():
    problem = compile_layout(three_in_line())
    assert find_line(problem, run_until(problem, open_state(problem, seed=1), 90)) is None
