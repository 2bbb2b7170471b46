"""The kernels equal their naive twins."""

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from reference.schedule_dispatch import decode, dispatch
from shop_strategies import problems
from unikat._kernels import by_address
from unikat.schedule import _kernels
from unikat.schedule.construct import decode_keys, empty_placed


@settings(max_examples=25)
@given(problems(), st.sampled_from(((500.0, 60.0), (4e3, 900.0), (9e4, 3e3))))
def test_dispatch_equals_its_naive_twin(problem, scales):
    placed = empty_placed(problem.columns)
    by_ready = np.argsort(problem.columns.loads.ready, kind="stable")
    _kernels.dispatch(by_address(problem.columns), by_ready, *scales, placed)
    assert placed.tolist() == dispatch(problem.columns, *scales)


@settings(max_examples=25)
@given(problems(), st.randoms(use_true_random=False))
def test_decode_equals_its_naive_twin(problem, random):
    columns = problem.columns
    num = columns.loads.ready.size
    key = np.array([random.randrange(100_000) for _ in range(num)], dtype=np.int64)
    earliest = np.array([random.choice((0, random.randrange(500_000))) for _ in range(num)])
    choice = np.array(
        [
            random.choice((-1, *range(columns.modes.ptr[k], columns.modes.ptr[k + 1])))
            for k in range(num)
        ]
    )
    placed = decode_keys(columns, key, choice, earliest)
    raised = key.copy()
    _kernels.raise_keys(columns.loads.source_ptr, columns.loads.source, raised)
    sequence = sorted(range(num), key=lambda load: raised[load])
    assert placed.tolist() == decode(columns, sequence, choice, earliest)
    place = {load: k for k, load in enumerate(sequence)}
    for load in range(num):
        before = columns.loads.source[
            columns.loads.source_ptr[load] : columns.loads.source_ptr[load + 1], 0
        ]
        assert all(place[b] < place[load] for b in before.tolist() if b >= 0)
