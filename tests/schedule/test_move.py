"""A step moved by hand goes where it is wanted, legally, and only to the right of others."""

import pytest
from hypothesis import assume, event, given
from hypothesis import strategies as st

from shop_strategies import problems
from unikat.errors import InvalidMove
from unikat.schedule.check import check
from unikat.schedule.move import Move, move_step
from unikat.schedule.repair import right_shift
from unikat.terms import DAY, UnitId


@st.composite
def moves(draw):
    problem = draw(problems())
    assume(problem.steps)
    row = draw(st.integers(0, len(problem.steps) - 1))
    step = problem.steps[row]
    units = problem.plant.eligible_units(step.step.capability)
    start = problem.now + draw(st.integers(0, 3 * DAY))
    return problem, Move(step.order.id, step.step.step, draw(st.sampled_from(units)), start)


@given(moves())
def test_a_move_is_legal_keeps_others_from_starting_sooner_and_names_each_new_finish(case):
    problem, move = case
    before = {(b.order, b.step): b for b in right_shift(problem).bookings}
    try:
        moved = move_step(problem, move)
    except InvalidMove as refusal:
        event(str(refusal).partition(" ")[2][:20])
        assume("frozen" not in str(refusal))
        raise
    assert check(problem, moved.schedule) == ()
    after = {(b.order, b.step): b for b in moved.schedule.bookings}
    mine = after[move.order, move.step]
    assert (mine.unit, mine.start >= move.start) == (move.unit, True)
    together = {b.order for b in after.values() if (b.build or "") == mine.build} | {move.order}
    for key, booking in after.items():
        if key[0] not in together and key in problem.done.bookings:
            assert booking.start >= problem.done.bookings[key].start
            assert booking.unit == before[key].unit
    ends = {order: max(b.finish for k, b in after.items() if k[0] == order) for order, _ in after}
    olds = {order: max(b.finish for k, b in before.items() if k[0] == order) for order, _ in before}
    assert {d.order: (d.before, d.after) for d in moved.delays} == {
        order: (olds[order], ends[order]) for order in ends if olds[order] != ends[order]
    }
    assert set(moved.broken) <= {d.order for d in moved.delays if d.after > d.due}


@given(moves())
def test_what_cannot_be_moved_is_refused_with_the_reason(case):
    problem, move = case
    with pytest.raises(InvalidMove, match="no open step"):
        move_step(problem, Move(move.order, "nothing", move.unit, move.start))
    frozen = {int(load) for load in problem.columns.loads.frozen}
    row = [(s.order.id, s.step.step) for s in problem.steps].index((move.order, move.step))
    assume(int(problem.columns.steps.load[row]) not in frozen)
    with pytest.raises(InvalidMove, match="cannot do"):
        move_step(problem, Move(move.order, move.step, UnitId("nowhere"), move.start))
    with pytest.raises(InvalidMove, match="s ago"):
        move_step(problem, Move(move.order, move.step, move.unit, problem.now - 1))
