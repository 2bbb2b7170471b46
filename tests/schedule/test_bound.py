"""The lower bound: never above what a schedule costs, and above what each order costs alone."""

from itertools import permutations, product

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from reference.schedule_bound import cheapest
from shop_strategies import NOTHING, center, make_order, make_plant, problems
from unikat._kernels import by_address
from unikat.schedule._kernels_bound import Market, heads, pay
from unikat.schedule.bound import bound_alone, bound_by_prices, least_setups
from unikat.schedule.construct import decode_keys
from unikat.schedule.cost import PRICES, Prices, weigh
from unikat.schedule.problem import build_problem
from unikat.schedule.solve import solve
from unikat.schedule.value import link, price_table, value_of
from unikat.terms import DAY, HOUR

PLANT = make_plant(
    (center("saw", "cut", ("S1", "S2"), setup="colour"), center("pack", "pack", ("K1",))),
    paces={"S2": 700},
    travel={"saw": {"pack": 300}},
)


@settings(max_examples=30)
@given(problems())
def test_no_schedule_costs_less_than_the_bound_by_prices(problem):
    schedule = solve(problem, seconds=0, seed=0, rounds=4, bound_rounds=12)
    assert bound_alone(problem.columns, PRICES) <= schedule.lower_bound <= weigh(schedule.cost)


def optimum(columns):
    """Return a best schedule: each sequence of the loads on each choice of modes, drawn early."""
    num = columns.loads.ready.size
    modes = [range(a, b) for a, b in zip(columns.modes.ptr, columns.modes.ptr[1:], strict=False)]
    earliest = np.zeros(num, dtype=np.int64)
    tried = (
        decode_keys(columns, np.array(keys), np.array(choice), earliest)
        for keys in permutations(range(num))
        for choice in product(*modes)
    )
    return min(tried, key=lambda placed: value_of(columns, placed, PRICES))


RIDES = [[1, 2], [1, 2]]  # the bound takes the shortest ride from any unit
JOBS = st.tuples(
    st.integers(60, 3 * HOUR),
    st.sampled_from(("black", "white", None)),
    st.integers(0, HOUR),
    st.booleans(),
    st.integers(0, 3 * HOUR),
)


@settings(max_examples=12, deadline=None)
@given(st.lists(JOBS, min_size=1, max_size=3), st.integers(1, 9))
def test_the_bound_is_not_above_the_optimum_of_all_sequences_and_modes(jobs, weight):
    placed, left = [], 4
    for k, (work, colour, asked, is_long, finish) in enumerate(jobs):
        steps = [("cut", "cut", work, colour, ())]
        if is_long and left > len(jobs) - k:
            steps.append(("pack", "pack", 600, None, ("cut",)))
        left -= len(steps)
        placed.append(make_order(f"o{k}", steps, asked_at=asked, finish=asked + finish))
    problem = build_problem(PLANT, placed, NOTHING, 60, weights={"o0": weight})
    best = optimum(problem.columns)
    known = value_of(problem.columns, best, PRICES)
    bound = bound_by_prices(problem.columns, best, PRICES, known=known, rounds=40)
    assert max(bound, bound_alone(problem.columns, PRICES)) <= known


@given(
    st.lists(
        st.lists(st.tuples(st.sampled_from((0, 1)), st.integers(0, 4)), min_size=1, max_size=2),
        min_size=1,
        max_size=3,
    ),
    st.lists(st.lists(st.integers(0, 9), min_size=12, max_size=12), min_size=3, max_size=3),
    st.integers(0, 12),
    st.integers(0, 2),
)
def test_one_order_pays_what_trying_every_second_says(chain, price, finish, shift):
    columns = chain_columns(chain, finish)
    rows = np.array(price[:2], dtype=np.float64)[:, :: 1 << shift].copy()
    seconds = np.repeat(rows, 1 << shift, axis=1)
    paid = np.zeros((2, rows.shape[1] + 1))
    paid[:, 1:] = np.cumsum(rows, axis=1) * (1 << shift)
    least = least_setups(columns)
    num = columns.loads.ready.size
    market = Market(
        shift, rows, paid, np.zeros(num, dtype=np.int64),
        np.array([*range(1, num), -1]), least, heads(by_address(columns), least),
    )  # fmt: skip
    usage, width = np.zeros(rows.shape), np.array([64 >> shift])
    prices = price_table(Prices(broken=30, tardiness=7, overdue=0, flow=1))
    jobs = np.zeros(1, dtype=np.int64)
    places = by_address(columns), by_address(link(columns)), by_address(market)
    value = pay(*places, prices, jobs, width, usage)

    def end_cost(end):
        return end + 7 * max(0, end - finish) + 30 * (end > finish)

    exact = cheapest(chain, seconds.tolist(), RIDES, end_cost, ready=0, until=64)
    assert value <= exact
    if shift == 0:
        assert value == pytest.approx(exact)
        assert usage.max(initial=0) <= 3


def chain_columns(chain, finish):
    """Return the columns of one order whose steps have these modes on units 0 and 1."""
    plant = make_plant([center("a", "s", ("U0", "U1"))])
    order = make_order(
        "o", [(f"s{k}", "s", 1, None, (f"s{k - 1}",) if k else ()) for k in range(len(chain))],
        finish=finish, slack=0,
    )  # fmt: skip
    columns = build_problem(plant, [order], NOTHING, 0).columns
    modes = [(load, *mode) for load, row in enumerate(chain) for mode in row]
    load, unit, seconds = (np.array([mode[k] for mode in modes], dtype=np.int64) for k in range(3))
    ptr = np.cumsum([0, *map(len, chain)])
    return columns._replace(
        modes=columns.modes._replace(
            ptr=ptr, load=load, unit=unit, seconds=seconds, calendar=np.zeros_like(load),
            merit=np.zeros(load.size),
        ),
        shop=columns.shop._replace(travel=np.array(RIDES)),
    )  # fmt: skip


def test_orders_that_want_one_unit_at_once_raise_the_bound():
    plant = make_plant([center("saw", "cut", ("S1",))])
    placed = [
        make_order(f"o{k}", [("cut", "cut", HOUR, None, ())], finish=HOUR, slack=DAY)
        for k in range(6)
    ]
    problem = build_problem(plant, placed, NOTHING, 0)
    schedule = solve(problem, seconds=0, seed=0, rounds=8, bound_rounds=80)
    assert schedule.cost.tardiness == (1 + 2 + 3 + 4 + 5) * HOUR
    assert schedule.lower_bound >= 0.6 * weigh(schedule.cost)
    assert bound_alone(problem.columns, PRICES) < 0.01 * weigh(schedule.cost)


def test_the_same_rounds_give_the_same_bound():
    placed = [make_order(f"o{k}", [("cut", "cut", HOUR, "black", ())]) for k in range(9)]
    problem = build_problem(PLANT, placed, NOTHING, 0)
    runs = {
        solve(problem, seconds=0, seed=0, rounds=2, bound_rounds=20).lower_bound for _ in range(3)
    }
    assert len(runs) == 1
