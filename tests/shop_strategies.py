"""Small random plants, orders and progress for the tests of `schedule`."""

from dataclasses import replace

from hypothesis import strategies as st

from unikat.capacity.model import Stop
from unikat.configure.model import Price, Step, Variant
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
from unikat.schedule.model import Progress, Running
from unikat.schedule.problem import build_problem
from unikat.schedule.solve import solve
from unikat.terms import DAY, HOUR, MINUTE, WEEK

ALWAYS = Calendar("always", ((0, WEEK),))
DAYS = Calendar(
    "days",
    tuple(
        (day * DAY + opens * HOUR, day * DAY + close * HOUR)
        for day in range(5)
        for opens, close in ((8, 12), (13, 17))
    ),
)
NIGHTS = Calendar(
    "nights",
    (
        (0, 6 * HOUR),
        *((day * DAY + 20 * HOUR, day * DAY + 30 * HOUR) for day in range(6)),
        (6 * DAY + 20 * HOUR, WEEK),
    ),
)
EARLY = Calendar("early", tuple((day * DAY + 6 * HOUR, day * DAY + 15 * HOUR) for day in range(6)))
STEADY = Reliability(0.0, 0, 0)
COLOURS = SetupMatrix(
    "colour",
    ("black", "white", "red"),
    (600, 300, 900),
    ((0, 1200, 900), (1800, 0, 900), (900, 900, 0)),
)
FREE = Price((), 0)


def center(name, capability, units, calendar="always", **options):
    values = {
        "area": "shop",
        "capabilities": (capability,),
        "units": tuple(units),
        "calendar": calendar,
        "is_interruptible": False,
        "setup": None,
        "rate_cents_per_h": 0,
        "power_kw": 0.0,
        "buffer": 4,
        "batch": None,
    }
    return WorkCenter(name, **(values | options))


def make_plant(centers, *, resources=(), travel=None, paces=None, frozen_s=HOUR, materials=None):
    return Plant(
        site="test",
        horizon_s=90 * DAY,
        frozen_s=frozen_s,
        calendars={c.name: c for c in (ALWAYS, DAYS, NIGHTS, EARLY)},
        setups={"colour": COLOURS},
        work_centers={c.id: c for c in centers},
        units={
            unit: WorkUnit(unit, c.id, (paces or {}).get(unit, 1000), STEADY)
            for c in centers
            for unit in c.units
        },
        resources={r.id: r for r in resources},
        transporters=("R1",),
        travel=travel or {},
        materials=materials or {},
        processes={},
        energy_cents_per_kwh=0.0,
        carbon_g_per_kwh=0.0,
    )


def make_order(name, steps, *, asked_at=0, finish=0, slack=HOUR):
    """Make an order of (step, capability, work, setup, after)."""
    routing = tuple(
        Step(step, capability, work, setup, tuple(after), ())
        for step, capability, work, setup, after in steps
    )
    return Order(
        id=name,
        quote_id=f"q-{name}",
        customer="c",
        picks={},
        measurements={},
        configuration_key="k",
        variant=Variant("k", (), routing),
        price=FREE,
        asked_at=asked_at,
        placed_at=asked_at,
        finish=finish,
        due=finish + slack,
        confidence=0.95,
    )


NOTHING = Progress({}, {}, {}, (), {})


def example_plant():
    """Printers in builds, a mill with setups, benches that may pause, fixtures, people, an oven."""
    return make_plant(
        (
            center("print", "print", ("P1", "P2"), batch=Batch(3, HOUR), setup="colour"),
            center("mill", "mill", ("M1", "M2"), "early", setup="colour"),
            center("bench", "glue", ("B1", "B2"), "days", is_interruptible=True, setup="colour"),
            center("oven", "cure", ("O1",), "nights", batch=Batch(4, 0)),
            center("pack", "pack", ("K1",), "days"),
        ),
        resources=(
            Resource("people", "operator", 2, "days", ("glue", "pack")),
            Resource("jig", "fixture", 1, "always", ("glue",)),
            Resource("cutter", "tool", 1, "always", ("mill",)),
        ),
        travel={
            "print": {"bench": 120, "oven": 90},
            "mill": {"bench": 60},
            "bench": {"oven": 45, "pack": 30},
            "oven": {"pack": 300},
        },
        paces={"P2": 800, "M2": 1300, "B2": 900},
    )


@st.composite
def orders(draw, num=8):
    """Draw orders with chains and joins over the example plant."""
    drawn = []
    for index in range(draw(st.integers(1, num))):
        colour = draw(st.sampled_from(("black", "white", "red")))
        work = st.integers(0, 3 * HOUR)
        first = draw(st.sampled_from(("print", "mill", "both")))
        steps = []
        if first != "mill":
            steps.append(("print", "print", draw(work), colour, ()))
        if first != "print":
            steps.append(("mill", "mill", draw(work), draw(st.sampled_from((colour, None))), ()))
        heads = tuple(step[0] for step in steps)
        steps.append(("glue", "glue", draw(work), draw(st.sampled_from((colour, None))), heads))
        if draw(st.booleans()):
            steps.append(("cure", "cure", draw(work), None, ("glue",)))
        steps.append(("pack", "pack", draw(st.integers(0, HOUR)), None, (steps[-1][0],)))
        asked = draw(st.integers(0, 3 * DAY))
        drawn.append(
            make_order(
                f"o{index}",
                steps,
                asked_at=asked,
                finish=asked + draw(st.integers(0, 6 * DAY)),
                slack=draw(st.integers(0, DAY)),
            )
        )
    return tuple(drawn)


@st.composite
def stops(draw, plant, now):
    """Draw stops of units from now on."""
    drawn = []
    for unit in draw(st.lists(st.sampled_from(tuple(plant.units)), max_size=3, unique=True)):
        begin = now + draw(st.integers(-HOUR, 2 * DAY))
        drawn.append(Stop(unit, begin, begin + draw(st.integers(MINUTE, DAY))))
    return tuple(drawn)


@st.composite
def problems(draw, num=8):
    """Draw a shop problem, half of the time in the middle of a schedule that was disturbed."""
    plant, placed = example_plant(), draw(orders(num))
    now = draw(st.integers(3 * DAY, 4 * DAY))
    done = replace(NOTHING, stops=draw(stops(plant, now)), families={"M1": "white"})
    problem = build_problem(plant, placed, done, now)
    if draw(st.booleans()):
        return problem
    schedule = merge_builds(solve(problem, seconds=0, seed=0, rounds=0), draw(st.booleans()))
    now += draw(st.integers(0, 3 * DAY))
    done = play(schedule, now, done, late=draw(st.sampled_from((0, HOUR))))
    more = draw(orders(2))
    late = tuple(replace(order, id=f"new-{order.id}") for order in more)
    return build_problem(plant, (*placed, *late), replace(done, stops=draw(stops(plant, now))), now)


def merge_builds(schedule, is_merged):
    """Book neighbouring builds of one kind as one, as a promise that joins a build would."""
    if not is_merged:
        return schedule
    bookings, last = [], {}
    for booking in sorted(schedule.bookings, key=lambda b: (b.start, b.order)):
        kind = (booking.unit, booking.step, booking.family)
        if booking.build is not None:
            build, count = last.get(kind, (booking.build, 0))
            if count == 2:
                build, count = booking.build, 0
            last[kind] = (build, count + 1)
            bookings.append(replace(booking, build=build))
        else:
            bookings.append(booking)
    return replace(schedule, bookings=tuple(bookings))


def play(schedule, at, done, *, late=0):
    """Return the progress at an instant of a schedule that ran; what runs ends `late` s later."""
    finished, running, families = dict(done.finished), dict(done.running), dict(done.families)
    for key, run in done.running.items():
        if run.finish <= at:
            finished[key] = (run.unit, run.finish)
            del running[key]
    for booking in sorted(schedule.bookings, key=lambda b: b.start):
        key = (booking.order, booking.step)
        if booking.finish <= at:
            finished[key] = (booking.unit, booking.finish)
        elif booking.start < at:
            running[key] = Running(booking.unit, booking.start, booking.finish + late)
        if booking.setup_start < at and booking.family:
            families[booking.unit] = booking.family
    bookings = {(b.order, b.step): b for b in schedule.bookings}
    return replace(done, finished=finished, running=running, families=families, bookings=bookings)
