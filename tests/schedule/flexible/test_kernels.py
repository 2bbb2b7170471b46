"""The kernels equal their naive twins."""

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from flexible_strategies import shops
from reference import flexible_naive as naive
from unikat.schedule.flexible import _kernels, _kernels_quick
from unikat.schedule.flexible.start import construct, evaluate, generator_state


@given(shops(), st.integers(0, 99))
def test_decode_equals_its_naive_twin(shop, seed):
    found = construct(shop, seed, 1)
    rows = naive.sequences_of(shop, found.modes, found.sequence)
    starts = naive.starts_of(shop, found.modes, rows)
    assert found.starts.tolist() == [starts[s] for s in range(shop.num_steps)]


@settings(max_examples=100)
@given(shops(), st.integers(0, 99), st.sampled_from((0, 5)))
def test_one_iteration_takes_the_best_of_all_moves_of_a_critical_path(shop, seed, price):
    start = construct(shop, seed, 1)
    rows = naive.sequences_of(shop, start.modes, start.sequence)
    best, modes, sequence, _, _ = _kernels.search(
        shop.first, shop.last, shop.mode_ptr, shop.mode_unit, shop.mode_work, shop.num_units,
        start.modes, start.sequence, 1, 0, 4, price, 1, generator_state(seed),
        np.zeros(1, np.int64),
    )  # fmt: skip
    assert evaluate(shop, modes, sequence).makespan == best
    paths = naive.critical_paths(shop, start.modes, rows)
    moves = [naive.best_move(shop, start.modes, rows, path) for path in paths]
    reachable = {min(start.makespan, value or start.makespan) for value in moves}
    assert best in reachable


@settings(max_examples=100)
@given(shops(), st.integers(0, 99), st.sampled_from((0, 1)))
def test_one_quick_iteration_takes_a_move_of_least_estimate(shop, seed, price):
    start = construct(shop, seed, 1)
    rows = naive.sequences_of(shop, start.modes, start.sequence)
    best, modes, sequence, _, _ = _kernels_quick.search_quick(
        shop.first, shop.last, shop.mode_ptr, shop.mode_unit, shop.mode_work, shop.num_units,
        start.modes, start.sequence, 1, 0, 4, price, 1, generator_state(seed),
        np.zeros(1, np.int64),
    )  # fmt: skip
    assert evaluate(shop, modes, sequence).makespan == best
    reachable = set()
    for path in naive.critical_paths(shop, start.modes, rows):
        moves = naive.estimated_moves(shop, start.modes, rows, path, price)
        spans = [naive.moved(shop, start.modes, rows, move) for move in moves]
        assert None not in spans
        reachable |= {min(start.makespan, span) for span in spans} or {start.makespan}
    assert best in reachable


@settings(max_examples=25)
@given(shops(), st.integers(0, 99), st.sampled_from((_kernels.search, _kernels_quick.search_quick)))
def test_what_a_search_returns_decodes_to_its_makespan(shop, seed, search):
    start = construct(shop, seed, 1)
    best, modes, sequence, done, _ = search(
        shop.first, shop.last, shop.mode_ptr, shop.mode_unit, shop.mode_work, shop.num_units,
        start.modes, start.sequence, 200, 0, 8, 2, 2, generator_state(seed), np.zeros(1, np.int64),
    )  # fmt: skip
    assert evaluate(shop, modes, sequence).makespan == best <= start.makespan
    assert done <= 200
