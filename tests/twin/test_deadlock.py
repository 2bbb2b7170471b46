"""A deadlock is a result with its circle named; under the supervisor there is none."""

from dataclasses import replace

import numpy as np
import pytest

from unikat.twin.deadlock import find_deadlock
from unikat.twin.layout import CapRow, CenterRow, JobRow, Layout, StepRow, UnitRow, compile_layout
from unikat.twin.quantiles import exponential_row
from unikat.twin.simulate import simulate

MEAN, CENTERS, JOBS, REPLICATIONS = 10_000, 4, 80, 200


def crossing(places):
    """Parts that pass four single units in any sequence; so many places before each."""
    draw = np.random.default_rng(places)
    jobs = tuple(
        JobRow(0, tuple(StepRow(int(c), MEAN, hash=8 * j + i) for i, c in enumerate(route)))
        for j in range(JOBS)
        for route in [draw.permutation(CENTERS)]
    )
    return Layout(
        tuple(CenterRow((UnitRow(key=99 * c),), places) for c in range(CENTERS)),
        tuple(CapRow((c,)) for c in range(CENTERS)),
        jobs, rows={(c, c): 0 for c in range(CENTERS)}, quantiles=(exponential_row(),),
    )  # fmt: skip


@pytest.mark.parametrize("places", [1, 2, 3, 4, 5])
def test_with_the_rule_nothing_gets_stuck_and_without_it_each_circle_is_named(places):
    guarded = simulate(compile_layout(crossing(places)), replications=REPLICATIONS, seed=1)
    assert not guarded.stuck.any()
    assert (guarded.finishes > 0).all()
    free = compile_layout(replace(crossing(places), is_guarded=False))
    found = simulate(free, replications=REPLICATIONS, seed=1)
    assert found.stuck.any()
    for replication in range(REPLICATIONS):
        circle = find_deadlock(free, seed=1, replication=replication)
        assert bool(circle) == bool(found.stuck[replication])
        for link, then in zip(circle, (*circle[1:], *circle[:1]), strict=True):
            assert link.wants == then.holds  # the next part is where this one wants to be
            assert found.finishes[replication, link.job] == -1
        assert len({link.job for link in circle}) == len(circle)
