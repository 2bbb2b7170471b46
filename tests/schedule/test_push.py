"""Moves that push others: what they follow equals drawing the whole schedule together."""

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from shop_strategies import problems
from unikat._kernels import by_address
from unikat.schedule._kernels_push import push
from unikat.schedule._kernels_window import open_shelf
from unikat.schedule.check import check
from unikat.schedule.columns import ints
from unikat.schedule.construct import decode_placed, dispatch_grid
from unikat.schedule.cost import PRICES
from unikat.schedule.improve import FAR, frozen_loads, lanes_of, open_lines
from unikat.schedule.value import link, price_table, value_of
from unikat.schedule.write import write_schedule

HOT = 1e18


def pushed(columns, start, span, warmth, seed):
    fixed = frozen_loads(columns)
    records = by_address(columns), by_address(link(columns))
    shelf = by_address(open_shelf(records[0], *lanes_of(columns, start), fixed, ints(span), start))
    draws = np.array([seed], dtype=np.uint64)
    table = price_table(PRICES)
    lines = by_address(open_lines(shelf, columns.jobs.end.size))
    push(*records, shelf, lines, table, warmth, 300, draws)
    return shelf


@settings(max_examples=30)
@given(problems(), st.integers(0, 99))
def test_what_pushes_leave_is_legal_and_as_early_as_its_sequences_allow(problem, seed):
    columns = problem.columns
    start = decode_placed(columns, next(dispatch_grid(columns)))
    shelf = pushed(columns, start, (0, FAR), HOT, seed)
    assert check(problem, write_schedule(problem, shelf.placed, rounds=0, seed=0)) == ()
    in_lanes = {k for u, n in enumerate(shelf.size) for k in shelf.lane[u, :n].tolist()}
    assert shelf.tally.tolist() == [0, sum(int(shelf.placed[1, k]) for k in in_lanes)]
    if not columns.loads.need.size:
        assert decode_placed(columns, shelf.placed).tolist() == shelf.placed.tolist()
    for unit, size in enumerate(shelf.size):
        lane = shelf.lane[unit, :size]
        assert (columns.modes.unit[shelf.placed[0, lane]] == unit).all()
        assert (np.diff(shelf.placed[3, lane]) >= 0).all()


@settings(max_examples=30)
@given(problems(), st.integers(0, 99))
def test_a_cold_search_never_costs_more(problem, seed):
    columns = problem.columns
    start = decode_placed(columns, next(dispatch_grid(columns)))
    found = pushed(columns, start, (0, FAR), 0.0, seed).placed
    assert value_of(columns, found, PRICES) <= value_of(columns, start, PRICES)


@settings(max_examples=30)
@given(problems(), st.integers(0, 99), st.integers(1, 3))
def test_pushes_in_a_window_change_nothing_outside(problem, seed, num):
    columns = problem.columns
    start = decode_placed(columns, next(dispatch_grid(columns)))
    starts = np.sort(start[3])
    span = (int(starts[starts.size * (num - 1) // 3]), int(starts[starts.size * num // 3 - 1]) + 1)
    shelf = pushed(columns, start, span, HOT, seed)
    moved = (shelf.placed[3:] != start[3:]).any(axis=0)
    assert (shelf.own[moved] == 1).all()
    assert (shelf.placed[3, moved] >= span[0]).all()
    assert (shelf.placed[4, moved] <= span[1]).all()
    assert check(problem, write_schedule(problem, shelf.placed, rounds=0, seed=0)) == ()
