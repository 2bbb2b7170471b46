"""Random plants, orders and schedules for the tests of `floor` and `twin`."""

from dataclasses import dataclass

from hypothesis import strategies as st

from unikat.capacity.model import Booking
from unikat.configure.model import Price, Step, Variant
from unikat.floor.model import Dispatch, Release
from unikat.order.model import Order
from unikat.plant.model import (
    Batch,
    Calendar,
    Plant,
    Reliability,
    Resource,
    SetupMatrix,
    WorkCenter,
    WorkUnit,
)
from unikat.terms import DAY, HOUR, MINUTE, WEEK

FAMILIES = ("red", "blue")
CALENDARS = {
    "always": Calendar("always", ((0, WEEK),)),
    "shift": Calendar(
        "shift",
        tuple(
            (day * DAY + a * HOUR, day * DAY + b * HOUR)
            for day in range(5)
            for a, b in ((6, 10), (11, 14))
        ),
    ),
}


@dataclass(frozen=True)
class CenterSpec:
    name: str
    units: int = 1
    buffer: int = 0
    calendar: str = "always"
    is_interruptible: bool = False
    has_setup: bool = False
    batch: int = 0
    cv: float = 0.0
    mtbf: int = 0
    capabilities: tuple[str, ...] = ()


def make_plant(specs, *, travel=0, robots=0, resources=()):
    """A plant of work centers; each offers the capability of its own name unless it says more."""
    centers, units = {}, {}
    for spec in specs:
        names = tuple(f"{spec.name}{i + 1}" for i in range(spec.units))
        centers[spec.name] = WorkCenter(
            id=spec.name,
            area="floor",
            capabilities=spec.capabilities or (spec.name,),
            units=names,
            calendar=spec.calendar,
            is_interruptible=spec.is_interruptible,
            setup="colour" if spec.has_setup else None,
            rate_cents_per_h=0,
            power_kw=0.0,
            buffer=spec.buffer,
            batch=Batch(spec.batch, 0) if spec.batch else None,
        )
        for name in names:
            units[name] = WorkUnit(name, spec.name, 1000, Reliability(spec.cv, spec.mtbf, 1800))
    return Plant(
        site="test",
        horizon_s=90 * DAY,
        frozen_s=0,
        calendars=CALENDARS,
        setups={"colour": SetupMatrix("colour", FAMILIES, (300, 300), ((0, 600), (600, 0)))},
        work_centers=centers,
        units=units,
        resources={r.id: r for r in resources},
        transporters=tuple(f"R{i + 1}" for i in range(robots)),
        travel={a: {b: travel for b in centers if b != a} for a in centers} if travel else {},
        materials={},
        processes={},
        energy_cents_per_kwh=0.0,
        carbon_g_per_kwh=0.0,
    )


def make_steps(plant, capabilities, works, families=()):
    """A chain of steps; `families` are the setup families of the steps that need one."""
    steps = []
    for i, (capability, work) in enumerate(zip(capabilities, works, strict=True)):
        unit = plant.eligible_units(capability)[0]
        family = families[i] if families and plant.center_of(unit).setup else None
        after = (f"s{i - 1}",) if i else ()
        steps.append(Step(f"s{i}", capability, work, family, after, ()))
    return tuple(steps)


def make_order(order, steps, *, placed_at=0, due=10 * DAY):
    return Order(
        id=order,
        quote_id=f"Q-{order}",
        customer="C",
        picks={},
        measurements={},
        configuration_key="k",
        variant=Variant("k", (), steps),
        price=Price((), 0),
        asked_at=placed_at,
        placed_at=placed_at,
        finish=due,
        due=due,
        confidence=0.9,
    )


def book_in_turn(plant, orders, *, start=0):
    """A rough schedule: order by order, each step on the eligible unit that is free first; no
    calendars or setups.

    Orders that meet at a batch work center fill builds in turn.
    """
    free, builds, bookings = {}, {}, []
    for order, steps in orders.items():
        ready = start
        for step in steps:
            units = plant.eligible_units(step.capability)
            center = plant.center_of(units[0])
            if center.batch:
                booking = _join_build(plant, free, builds, center, order, step, ready)
            else:
                unit = min(units, key=lambda u: (free.get(u, start), u))
                begin = max(ready, free.get(unit, start))
                finish = begin + plant.duration(unit, step.work)
                booking = _booking(order, step, unit, begin, finish, None)
                free[unit] = finish
            bookings.append(booking)
            ready = booking.finish
    return tuple(bookings)


def _join_build(plant, free, builds, center, order, step, ready):
    unit = min(center.units, key=lambda u: (free.get(u, 0), u))
    last = builds.get(center.id)
    if last and last[1] < center.batch.capacity and last[0].start >= ready:
        first = last[0]
        builds[center.id] = (first, last[1] + 1)
        return _booking(order, step, first.unit, first.start, first.finish, first.build)
    begin = max(ready, free.get(unit, 0)) + 20 * MINUTE
    finish = begin + plant.duration(unit, step.work)
    free[unit] = finish
    booking = _booking(order, step, unit, begin, finish, f"B-{order}-{step.step}")
    builds[center.id] = (booking, 1)
    return booking


def _booking(order, step, unit, begin, finish, build):
    return Booking(order, step.step, unit, begin, begin, finish, step.setup, (), build, 0)


@st.composite
def shops(draw, *, calendars=("always", "shift"), max_orders=12):
    """A random plant with random routes of 2 to 5 steps: (plant, orders, bookings)."""
    specs = [
        CenterSpec(
            name=name,
            units=draw(st.integers(1, 2)),
            buffer=draw(st.integers(0, 1)),
            calendar=draw(st.sampled_from(calendars)),
            is_interruptible=draw(st.booleans()),
            has_setup=draw(st.booleans()),
            batch=draw(st.sampled_from((0, 0, 0, 2, 3))),
            cv=draw(st.sampled_from((0.0, 0.3))),
            mtbf=draw(st.sampled_from((0, 4 * HOUR))),
        )
        for name in "abcd"[: draw(st.integers(2, 4))]
    ]
    fixture = Resource("jig", "fixture", 1, "always", (specs[0].name,))
    plant = make_plant(
        specs,
        travel=draw(st.sampled_from((0, 40))),
        robots=draw(st.integers(1, 2)),
        resources=(fixture,) if draw(st.booleans()) else (),
    )
    orders = {}
    for i in range(draw(st.integers(1, max_orders))):
        names = draw(st.lists(st.sampled_from([s.name for s in specs]), min_size=2, max_size=5))
        works = [draw(st.integers(1, 60)) * MINUTE for _ in names]
        families = [draw(st.sampled_from(FAMILIES)) for _ in names]
        orders[f"O-{i}"] = make_steps(plant, names, works, families)
    return plant, orders, book_in_turn(plant, orders)


@st.composite
def small_floors(draw):
    """A plant of two or three work centers without builds, and routes through it."""
    names = "abc"[: draw(st.integers(2, 3))]
    plant = make_plant(
        [
            CenterSpec(name, units=draw(st.integers(1, 2)), buffer=draw(st.integers(0, 1)))
            for name in names
        ]
    )
    route = st.lists(st.sampled_from(names), min_size=1, max_size=4).map(tuple)
    return plant, draw(st.lists(route, min_size=1, max_size=3, unique=True))


def run_floor(floor, orders, bookings, *, until=60 * DAY):
    """Release all orders with their bookings and let the floor run; return its messages."""
    floor.obey(Dispatch(bookings))
    for order, steps in orders.items():
        floor.obey(Release(order, steps))
    messages = []
    while (at := floor.next_at()) is not None and at <= until:
        messages += floor.advance(at)
    return messages
