"""The search of windows: its bookkeeping equals counting, and it keeps every law."""

from itertools import pairwise

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from shop_strategies import problems
from unikat._kernels import by_address
from unikat.schedule import _kernels
from unikat.schedule._kernels_reinsert import search
from unikat.schedule._kernels_shelf import _let_go
from unikat.schedule._kernels_window import open_shelf
from unikat.schedule.check import check
from unikat.schedule.columns import ints
from unikat.schedule.construct import dispatch_grid
from unikat.schedule.cost import PRICES, weigh
from unikat.schedule.improve import Budget, cut, improve_by_rounds, lanes_of
from unikat.schedule.repair import match_up, right_shift
from unikat.schedule.solve import solve
from unikat.schedule.value import link, measure, price_table, value_of
from unikat.schedule.write import write_schedule

STAYS = st.tuples(st.integers(0, 30), st.integers(0, 8)).map(lambda stay: (stay[0], sum(stay)))


@given(st.lists(st.tuples(st.booleans(), STAYS), max_size=40))
def test_counted_use_after_holding_and_letting_go_equals_counting(turns):
    at, used = np.empty((1, 99), dtype=np.int64), np.zeros((1, 99), dtype=np.int64)
    sizes, held = np.zeros(1, dtype=np.int64), []
    for is_new, stay in turns:
        if is_new or not held:
            held.append(stay)
            _kernels._hold(at, used, sizes, 0, *stay)
        else:
            _let_go(at, used, sizes, 0, *held.pop(stay[0] % len(held)))
        for limit in (1, 2, 3):
            full = _kernels._full_until(at[0], used[0], sizes[0], limit, 3, 25)
            naive = [t for t in range(3, 25) if sum(a <= t < b for a, b in held) >= limit]
            assert (full >= 0) == bool(naive)


@settings(max_examples=20)
@given(problems(), st.integers(0, 99), st.integers(1, 3))
def test_a_window_changes_nothing_outside_and_its_setups_add_up(problem, seed, num):
    columns = problem.columns
    start = min(dispatch_grid(columns), key=lambda each: value_of(columns, each, PRICES))
    starts = np.sort(start[3])
    span = (int(starts[starts.size * (num - 1) // 3]), int(starts[-1]) + 1)
    fixed = np.zeros_like(start[0])
    records = by_address(columns), by_address(link(columns))
    shelf = by_address(open_shelf(records[0], *lanes_of(columns, start), fixed, ints(span), start))
    table, draws = price_table(PRICES), np.array([seed], dtype=np.uint64)
    search(*records, shelf, table, 4, 1e9, 200, draws)
    moved = (shelf.placed[3:] != start[3:]).any(axis=0)
    assert (shelf.own[moved] == 1).all()
    assert (shelf.placed[3, moved] >= span[0]).all()
    assert (shelf.placed[4, moved] <= span[1]).all()
    in_lanes = {k for u, n in enumerate(shelf.size) for k in shelf.lane[u, :n].tolist()}
    assert shelf.tally.tolist() == [0, sum(int(shelf.placed[1, k]) for k in in_lanes)]
    if not columns.loads.frozen.size:
        assert check(problem, write_schedule(problem, shelf.placed, rounds=0, seed=0)) == ()


@settings(max_examples=10)
@given(problems(), st.integers(0, 9))
def test_the_number_of_threads_changes_nothing(problem, seed):
    columns = problem.columns
    start = next(dispatch_grid(columns))
    found = [
        improve_by_rounds(
            columns, start, prices=PRICES, seed=seed, budget=Budget(3, threads=threads)
        )[0]
        for threads in (1, 4)
    ]
    assert found[0].tolist() == found[1].tolist()
    assert weigh(measure(columns, found[0], PRICES)) == value_of(columns, found[0], PRICES)


@settings(max_examples=25)
@given(problems(), st.integers(0, 9))
def test_a_match_up_is_legal_and_no_dearer_than_right_shift_where_moves_count(problem, seed):
    matched = match_up(problem, seconds=0, seed=seed, rounds=3)
    assert check(problem, matched) == ()
    if not problem.done.bookings:
        assert weigh(matched.cost) <= weigh(right_shift(problem).cost)


def test_windows_cover_all_time_and_move_from_round_to_round():
    class Modes:
        unit = ints([0])

    class Columns:
        modes = Modes

    placed = np.zeros((5, 600), dtype=np.int64)
    placed[3] = np.arange(600)
    first, second = (cut(Columns, placed, 1, done) for done in (0, 200))
    assert first[0][0] == 0
    assert first[-1][1] == 1 << 61
    assert all(a[1] == b[0] for a, b in pairwise(first))
    assert len(first) > 5
    assert first != second


def test_a_cancelled_search_returns_what_it_has():
    from shop_strategies import NOTHING, center, make_order, make_plant
    from unikat.schedule.problem import build_problem

    plant = make_plant([center("saw", "cut", ("S1",))])
    placed = [make_order(f"o{k}", [("cut", "cut", 60, None, ())]) for k in range(4)]
    problem = build_problem(plant, placed, NOTHING, 0)
    schedule = solve(problem, seconds=99, seed=0, is_cancelled=lambda: True)
    assert (check(problem, schedule), schedule.rounds) == ((), 0)
