"""Draw flexible job shops with setups, release dates and tight due dates, and build the problem.

Steps have three modes on units of different pace, setup families are points in a plane (a setup is
the distance, hence metric), jobs weigh 1-10 and are due a factor of their work after their release.
"""

from dataclasses import replace

import numpy as np

from unikat.configure.model import Price, Step, Variant
from unikat.order.model import Order
from unikat.plant.model import Calendar, Plant, Reliability, SetupMatrix, WorkCenter, WorkUnit
from unikat.schedule.model import Progress
from unikat.schedule.problem import ShopProblem, build_problem
from unikat.terms import WEEK

NOTHING = Progress({}, {}, {}, (), {})
NUM_STEPS, NUM_MODES, NUM_FAMILIES = 6, 3, 8
UNITS = ((100, 12), (600, 20), (3_000, 30))
"""Jobs up to which so many units make them; 50 beyond."""


def units_for(jobs: int) -> int:
    return next((units for most, units in UNITS if jobs <= most), 50)


def draw_problem(
    jobs: int, seed: int, *, load: float = 0.80, slack: float = 1.0, frozen_s: int = 0
) -> ShopProblem:
    """Draw a problem whose mean work takes `load` of its units' time while orders come in."""
    plant, orders, weights = draw_shop(jobs, seed, load=load, slack=slack, frozen_s=frozen_s)
    return build_problem(plant, orders, NOTHING, 0, weights=weights)


def draw_shop(
    jobs: int, seed: int, *, load: float = 0.80, slack: float = 1.0, frozen_s: int = 0
) -> tuple[Plant, tuple[Order, ...], dict[str, int]]:
    """Draw what `draw_problem` builds its problem from: plant, orders, and their weights."""
    draw = np.random.default_rng([seed, jobs])
    units = units_for(jobs)
    plant = draw_plant(units, draw, frozen_s)
    orders = draw_orders(plant, jobs, draw, load, slack)
    weights = {
        order.id: int(weight)
        for order, weight in zip(orders, draw.integers(1, 11, jobs), strict=True)
    }
    return plant, orders, weights


def draw_plant(num_units: int, draw: np.random.Generator, frozen_s: int) -> Plant:
    """Draw a plant of single units; each of as many capabilities is offered by three of them."""
    skills = [draw.choice(num_units, NUM_MODES, replace=False) for _ in range(num_units)]
    for skill, units in enumerate(skills):
        if skill not in units:
            units[0] = skill
    names = [f"U{k}" for k in range(num_units)]
    centers = {
        name: WorkCenter(
            name, "shop", tuple(f"c{c}" for c, on in enumerate(skills) if k in on), (name,),
            "always", False, "families", 0, 0.0, 0, None,
        )
        for k, name in enumerate(names)
    }  # fmt: skip
    places = draw.integers(0, 600, (NUM_FAMILIES, 2))
    change = np.ceil(np.hypot(*(places[:, None] - places[None]).transpose(2, 0, 1))).astype(int)
    families = tuple(f"f{k}" for k in range(NUM_FAMILIES))
    matrix = SetupMatrix(
        "families", families, (int(change.max()),) * NUM_FAMILIES,
        tuple(tuple(row) for row in change.tolist()),
    )  # fmt: skip
    paces = draw.integers(700, 1_301, num_units).tolist()
    return Plant(
        "bench", 10**9, frozen_s, {"always": Calendar("always", ((0, WEEK),))},
        {"families": matrix}, centers,
        {
            u: WorkUnit(u, u, pace, Reliability(0.0, 0, 0))
            for u, pace in zip(names, paces, strict=True)
        },
        {}, (), {}, {}, {}, 0.0, 0.0,
    )  # fmt: skip


def draw_orders(
    plant: Plant, jobs: int, draw: np.random.Generator, load: float, slack: float
) -> tuple[Order, ...]:
    num = len(plant.units)
    work = draw.integers(600, 6_001, (jobs, NUM_STEPS))
    skills = np.array([draw.choice(num, NUM_STEPS, replace=False) for _ in range(jobs)])
    families = draw.integers(0, NUM_FAMILIES, (jobs, NUM_STEPS))
    horizon = work.sum() / (num * load)
    releases = np.sort(draw.integers(0, int(horizon), jobs))
    factors = slack * draw.uniform(1.0, 2.0, jobs)
    dues = (releases + factors * work.sum(axis=1)).astype(int)
    blank = _order("", (), 0, 0)
    return tuple(
        replace(
            blank, id=f"O{job}", asked_at=int(releases[job]), placed_at=int(releases[job]),
            finish=int(dues[job]), due=int(dues[job]),
            variant=Variant("", (), tuple(
                Step(f"s{k}", f"c{skills[job, k]}", int(work[job, k]), f"f{families[job, k]}",
                     (f"s{k - 1}",) if k else (), ())
                for k in range(NUM_STEPS)
            )),
        )
        for job in range(jobs)
    )  # fmt: skip


def _order(name: str, steps: tuple[Step, ...], asked_at: int, due: int) -> Order:
    return Order(
        name, f"q{name}", "", {}, {}, "", Variant("", (), steps), Price((), 0),
        asked_at, asked_at, due, due, 0.95,
    )  # fmt: skip
