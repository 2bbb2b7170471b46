"""The supervisor of the simulation is that of the floor, decision by decision."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from floor_strategies import CenterSpec, make_order, make_plant, make_steps, small_floors
from unikat.floor.control import Control
from unikat.floor.model import Move
from unikat.terms import HOUR
from unikat.twin import _kernels as k
from unikat.twin.floor_problem import lay_out, read_floor
from unikat.twin.layout import compile_layout
from unikat.twin.simulate import open_state, run_until, simulate
from unikat.twin.state import empty_state

LIMIT = 50_000


def open_orders(plant, routes, count):
    return [
        make_order(f"O-{i:02}", make_steps(plant, route, [HOUR] * len(route)))
        for i, route in enumerate((routes * count)[:count])
    ]


@given(small_floors(), st.sampled_from((0, LIMIT)), st.randoms(use_true_random=False))
def test_every_move_is_allowed_or_refused_as_the_floor_does(floor, states, rng):
    plant, routes = floor
    orders = open_orders(plant, routes, 12)
    found = read_floor(plant, {}, empty_state(plant), orders, 0, states=states)
    problem, s = found.problem, found.state
    control = Control(plant, 0, states)
    for route in routes:
        control.admit(route)
    centers = sorted(plant.work_centers)
    units = [u for c in centers for u in plant.work_centers[c].units]
    places = dict(zip(units, problem.units, strict=True))
    places |= {f"buffer/{c}": at for c, at in zip(centers, problem.centers, strict=True)}
    jobs = dict(zip([order.id for order in orders], problem.jobs, strict=True))
    route_of = {o.id: tuple(step.capability for step in o.variant.steps) for o in orders}
    at, entered = dict.fromkeys(jobs, "store"), dict.fromkeys(jobs, 0)
    down: set[str] = set()
    for _ in range(60):
        if rng.random() < 0.1:  # a unit fails or is mended
            unit = rng.choice(units)
            down ^= {unit}
            s[places[unit] + k.IS_DOWN], s[k.NUM_DOWN] = unit in down, len(down)
        order = rng.choice(list(at))
        if entered[order] == len(route_of[order]):  # all done: it leaves
            control.leave(order)
            k.stand(problem.p, s, jobs[order], 0)
            del at[order]
            if not at:
                break
            continue
        center = route_of[order][entered[order]]
        target = rng.choice([*plant.work_centers[center].units, f"buffer/{center}"])
        if target not in units and at[order] not in units:
            continue
        s[problem.p[k.S_GROUP]] = jobs[order]
        may = bool(k.is_allowed(problem.p, s, 1, places[target]))
        assert may == control.begin(Move((order,), (route_of[order],), target), down=down)
        if may:
            at[order], entered[order] = target, entered[order] + (target in units)


def crossing(buffer, seed, *, count=60):
    """Parts that pass three work centers in any sequence."""
    plant = make_plant([CenterSpec(c, units=1 + (c == "a"), buffer=buffer, cv=0.5) for c in "abc"])
    draw = np.random.default_rng(seed)
    orders = {
        f"O-{i:03}": make_steps(plant, "".join(draw.permutation(list("abc"))), [HOUR] * 3)
        for i in range(count)
    }
    return lay_out(plant, orders, dict.fromkeys(orders, 0))


@pytest.mark.parametrize("buffer", [0, 1])
def test_by_the_exact_rule_nothing_gets_stuck_and_without_buffers_more_gets_done(buffer):
    ends = {"exact": [], "banker": []}
    for seed in range(4):
        exact = crossing(buffer, seed)
        assert exact.bad
        for rule, layout in (("exact", exact), ("banker", replace(exact, bad=None))):
            found = simulate(compile_layout(layout), replications=50, seed=seed)
            assert not found.stuck.any()
            ends[rule].append(found.finishes.max(axis=1).mean())
    if buffer == 0:  # with buffers a floor that admits all is fuller, which may cost time
        assert sum(ends["exact"]) < 0.98 * sum(ends["banker"])


@given(st.integers(0, 9), st.lists(st.integers(0, 40 * HOUR), max_size=4))
def test_a_run_by_the_exact_rule_cut_anywhere_and_forked_ends_in_the_same_bits(seed, cuts):
    problem = compile_layout(crossing(1, seed, count=15))
    state = whole = open_state(problem, seed=seed)
    for cut in sorted(cuts):
        before = state.copy()
        state = run_until(problem, state, cut)
        assert np.array_equal(state, run_until(problem, before, cut))
    end = k.NEVER - 1
    assert np.array_equal(run_until(problem, state, end), run_until(problem, whole, end))
    counts = problem.p[k.S_CLASS]
    assert not run_until(problem, whole, end)[counts : problem.p[k.S_HEAP]].any()
