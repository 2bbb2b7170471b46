"""Small shops of a few seconds, in which every case can be tried."""

from dataclasses import replace

from hypothesis import strategies as st

from reference.capacity_naive import NaiveShop
from unikat.capacity import Booking, Stop
from unikat.configure.model import Step
from unikat.plant import (
    Batch,
    Calendar,
    Plant,
    Reliability,
    Resource,
    SetupMatrix,
    WorkCenter,
    WorkUnit,
)
from unikat.terms import WEEK

END = 90
FAMILIES = ("a", "b")
SURE = Reliability(0.0, 0, 0)
SHIFTS = Calendar("shifts", ((0, 14), (17, 31), (33, 52), (60, WEEK)))
PEOPLE = Calendar("people", ((0, 20), (24, 40), (45, WEEK)))
ALWAYS = Calendar("always", ((0, WEEK),))
CALENDARS = st.sampled_from(("shifts", "people", "always"))


def shop_of(centers, *, setups=None, resources=None, travel=None, paces=None, horizon=END):
    """Make a plant of work centers."""
    return Plant(
        site="small",
        horizon_s=horizon,
        frozen_s=0,
        calendars={c.name: c for c in (SHIFTS, PEOPLE, ALWAYS)},
        setups=setups or {},
        work_centers={c.id: c for c in centers},
        units={
            u: WorkUnit(u, c.id, (paces or {}).get(u, 1000), SURE) for c in centers for u in c.units
        },
        resources=resources or {},
        transporters=(),
        travel=travel or {},
        materials={},
        processes={},
        energy_cents_per_kwh=0.0,
        carbon_g_per_kwh=0.0,
    )


def center_of(name, units, *, calendar="always", split=False, setup=None, batch=None):
    """Make a work center with one capability of its name."""
    return WorkCenter(name, "", (name,), units, calendar, split, setup, 0, 0.0, 2, batch)


@st.composite
def matrices(draw):
    """Draw a metric setup matrix of two families."""
    ab, ba = draw(st.integers(0, 4)), draw(st.integers(0, 4))
    a = draw(st.integers(0, 4))
    b = draw(st.integers(max(0, a - ba), a + ab))
    return SetupMatrix("m", FAMILIES, (a, b), ((0, ab), (ba, 0)))


@st.composite
def plants(draw, *, has_travel=True, calendars=("shifts", "people", "always"), has_setups=True):
    """Draw a plant of three work centers, one or two units each."""
    centers = [
        center_of(
            f"c{i}",
            tuple(f"u{i}{j}" for j in range(draw(st.integers(1, 2)))),
            calendar=draw(st.sampled_from(calendars)),
            split=draw(st.booleans()),
            setup="m" if has_setups and draw(st.booleans()) else None,
        )
        for i in range(3)
    ]
    needed = draw(st.sampled_from([(), ("c0",), ("c1", "c2")]))
    crew = Resource(
        "crew", "operator", draw(st.integers(1, 2)), draw(st.sampled_from(calendars)), needed
    )
    lag = st.integers(0, 5) if has_travel else st.just(0)
    return shop_of(
        centers,
        setups={"m": draw(matrices())},
        resources={"crew": crew} if needed else {},
        travel={a.id: {b.id: draw(lag) for b in centers if b is not a} for a in centers},
        paces={f"u{i}1": draw(st.sampled_from([1000, 700])) for i in range(3)},
    )


@st.composite
def chains(draw, plant, capabilities=("c0", "c1", "c2"), is_sorted=True):
    """Draw a chain of steps; each capability at most once if sorted."""
    size = draw(st.integers(1, 3))
    names = draw(
        st.lists(st.sampled_from(capabilities), min_size=size, max_size=size, unique=is_sorted)
    )
    steps, before = [], ()
    for i, name in enumerate(names):
        has_setup = plant.work_centers[name].setup is not None
        family = draw(st.sampled_from((*FAMILIES, None))) if has_setup else None
        steps.append(Step(f"s{i}", name, draw(st.integers(1, 6)), family, before, ()))
        before = (f"s{i}",)
    return tuple(steps)


@st.composite
def rich_plants(draw):
    """Draw a plant with setups, calendars, batches, crews, and units that share capabilities."""
    centers = []
    for i in range(3):
        center = center_of(
            f"c{i}",
            tuple(f"u{i}{j}" for j in range(draw(st.integers(1, 2)))),
            calendar=draw(CALENDARS),
            split=draw(st.booleans()),
            setup="m" if draw(st.booleans()) else None,
            batch=draw(st.sampled_from((None, None, Batch(2, 0), Batch(3, 6)))),
        )
        shared = ("any",) if draw(st.booleans()) else ()
        centers.append(replace(center, capabilities=(f"c{i}", *shared)))
    needed = draw(st.lists(st.sampled_from(("c0", "c1", "c2", "any")), unique=True, max_size=3))
    crew = Resource("crew", "operator", draw(st.integers(1, 2)), draw(CALENDARS), tuple(needed))
    jig = Resource("jig", "fixture", 1, "always", tuple(needed[:1]))
    lag = st.integers(0, 5)
    return shop_of(
        centers,
        setups={"m": draw(matrices())},
        resources={"crew": crew, "jig": jig} if needed else {},
        travel={a.id: {b.id: draw(lag) for b in centers if b is not a} for a in centers},
        paces={f"u{i}1": draw(st.sampled_from((1000, 700))) for i in range(3)},
    )


@st.composite
def routings(draw):
    """Draw a chain or a routing with branches; capabilities may repeat."""
    size = draw(st.integers(1, 5))
    is_chain = draw(st.booleans())
    steps = []
    for i in range(size):
        names = [f"s{k}" for k in range(i)]
        after = (
            names[-1:]
            if is_chain
            else draw(st.lists(st.sampled_from(names), unique=True))
            if names
            else []
        )
        items = draw(st.sampled_from(((), ("leather",))))
        capability = draw(st.sampled_from(("c0", "c1", "c2", "any")))
        family = draw(st.sampled_from((*FAMILIES, None, "stranger")))
        steps.append(
            Step(f"s{i}", capability, draw(st.integers(0, 6)), family, tuple(after), items)
        )
    return tuple(steps)


@st.composite
def loads(draw, plant, *, now=0, stops=(), max_size=6):
    """Draw bookings that keep every law, by choosing among all spots."""
    shop = NaiveShop(plant, [], stops, now, END)
    for i in range(draw(st.integers(0, max_size))):
        unit = draw(st.sampled_from(sorted(plant.units)))
        center = plant.center_of(unit)
        needs = plant.needs_of(center.capabilities[0])
        family = draw(st.sampled_from(FAMILIES)) if center.setup else None
        work = draw(st.integers(1, 7))
        ready = draw(st.integers(now, 50))
        spots = list(shop.spots(unit, needs, work, family, ready))[:8]
        if spots:
            begin, start, finish = draw(st.sampled_from(spots))
            shop.bookings.append(
                Booking(f"L{i}", "s", unit, begin, start, finish, family, needs, None, now)
            )
    return tuple(shop.bookings)


def stops_of(plant):
    """Draw at most one stop."""
    return st.lists(
        st.builds(
            lambda unit, start, length: Stop(unit, start, start + length),
            st.sampled_from(sorted(plant.units)),
            st.integers(0, 40),
            st.integers(1, 10),
        ),
        max_size=1,
    )
