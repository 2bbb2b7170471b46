"""Speed and exactness of a promise: quotes a second, one call, brute force, racing clients.

A quote here is a routing of 6 steps with 3 modes each (a work center of 3 units), with setups on
half of the work centers, shifts with breaks on half, travel, and people (5 for 6 units) on two; the
shop has N steps booked at load .80. `quotes_per_s_core`: distinct quotes, written as columns once,
in one kernel call (what the dates of all options of a choice take); `written_quotes_per_s_core`
writes them too. `call_*`: `promise_due_date` from a Variant to a Promise with bookings and reasons,
by the wall clock; for each of 1,000 routings the median of 9 calls (so that what else the machine
does in between is no part of it), then over routings; `call_raw_*`: over all calls.

`mismatches`: serial cases with setups, calendars, breaks, people and travel against trying every
unit and second. `double_bookings`: clients, each with its own connection to one database, that
quote, hold and accept at once.
"""

import argparse
import json
import os
import platform
import sys
import tempfile
import threading
from pathlib import Path
from random import Random
from time import perf_counter, process_time

import numpy as np

from unikat.capacity import Capacity, open_capacity
from unikat.capacity.timeline import put_bookings
from unikat.configure.model import Step, Variant
from unikat.errors import NoCapacity
from unikat.plant.model import (
    Calendar,
    Plant,
    Reliability,
    Resource,
    SetupMatrix,
    WorkCenter,
    WorkUnit,
)
from unikat.promise import Slack, compile_routings, finish_times, promise_due_date
from unikat.terms import DAY, HOUR, WEEK

sys.path.insert(0, str(Path(__file__).parents[2] / "tests"))  # the brute force lives there
STEPS, MODES, LOAD = 6, 3, 0.80
FAMILIES = tuple(f"f{k}" for k in range(8))
SLACK = Slack((0,), (3_600,), 0.95, 0, "configured")
SHIFTS = tuple(
    (day * DAY + opens * HOUR, day * DAY + closes * HOUR)
    for day in range(5)
    for opens, closes in ((6, 10), (10.5, 14), (14, 18), (18.5, 22))
)
CLIENTS = 8


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--steps", type=int, default=10_000, help="steps that are booked")
    parser.add_argument("--quotes", type=int, default=3_000, help="distinct quotes")
    parser.add_argument("--seconds", type=float, default=3.0, help="processor time of the batches")
    parser.add_argument("--passes", type=int, default=9, help="single calls of each quote")
    parser.add_argument("--cases", type=int, default=10_000, help="against brute force; 0: none")
    parser.add_argument("--orders", type=int, default=12, help="of each racing client; 0: no race")
    parser.add_argument("--data", help="not used: shops and cases are drawn")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--json", action="store_true", help="last line is one JSON object")
    options = parser.parse_args()
    draw = np.random.default_rng(options.seed)
    plant = draw_plant(30 if options.steps <= 20_000 else 42, draw)
    capacity = fill(plant, options.steps, draw)
    quotes = [draw_variant(plant, draw) for _ in range(options.quotes)]
    measures = {
        "steps": sum(len(row.entries) for row in capacity.rows.values()),
        "units": len(plant.units),
        "quote_steps": STEPS,
        "modes": MODES,
        **time_batches(capacity, quotes, options.seconds),
        **time_calls(capacity, quotes[:1_000], options.passes),
    }
    if options.cases:
        measures["mismatches"] = float(count_mismatches(options.cases, options.seed))
        measures["cases"] = options.cases
    if options.orders:
        measures |= race(options.orders, options.seed)
    for name, value in measures.items():
        print(f"{name:28} {value:14.1f}")
    if options.json:
        machine = {"cpus": os.cpu_count(), "python": platform.python_version()}
        line = {"bench": "promise", "data": None, "machine": machine}
        print(json.dumps({**line, "measures": measures, "peers": {}}))


# --- the shop ------------------------------------------------------------------------------------


def draw_plant(num_units: int, draw: np.random.Generator) -> Plant:
    """Draw work centers of three units of different pace, every second one with setups and in
    shifts.
    """
    places = draw.integers(0, 600, (len(FAMILIES), 2))
    change = np.ceil(np.hypot(*(places[:, None] - places[None]).transpose(2, 0, 1))).astype(int)
    matrix = SetupMatrix(
        "colour", FAMILIES, (int(change.max()),) * len(FAMILIES), tuple(map(tuple, change.tolist()))
    )
    centers = [
        WorkCenter(
            f"c{k}", "shop", (f"c{k}",), tuple(f"u{k}-{i}" for i in range(MODES)),
            "shifts" if k % 2 else "always", k % 4 == 1, "colour" if k % 4 < 2 else None, 0, 0.0, 9,
            None,
        )
        for k in range(num_units // MODES)
    ]  # fmt: skip
    lag = draw.integers(0, 120, (len(centers), len(centers))).tolist()
    return Plant(
        site="bench", horizon_s=200 * DAY, frozen_s=HOUR,
        calendars={
            "always": Calendar("always", ((0, WEEK),)),
            "shifts": Calendar("shifts", tuple((int(a), int(b)) for a, b in SHIFTS)),
        },
        setups={"colour": matrix}, work_centers={c.id: c for c in centers},
        units={
            u: WorkUnit(u, c.id, int(draw.integers(700, 1_301)), Reliability(0.0, 0, 0))
            for c in centers for u in c.units
        },
        resources={"crew": Resource("crew", "operator", 5, "shifts", ("c3", "c7"))},
        transporters=(),
        travel={
            a.id: {b.id: lag[i][j] for j, b in enumerate(centers) if i != j}
            for i, a in enumerate(centers)
        },
        materials={}, processes={}, energy_cents_per_kwh=0.0, carbon_g_per_kwh=0.0,
    )  # fmt: skip


def draw_variant(plant: Plant, draw: np.random.Generator) -> Variant:
    """Draw a routing over distinct work centers; only its first step needs material."""
    names = list(plant.work_centers)
    steps, before = [], ()
    for i, k in enumerate(draw.choice(len(names), STEPS, replace=False)):
        has_setup = plant.work_centers[names[k]].setup is not None
        family = FAMILIES[draw.integers(len(FAMILIES))] if has_setup else None
        work = int(draw.integers(600, 6_001))
        steps.append(Step(f"s{i}", names[k], work, family, before, () if i else ("sheet",)))
        before = (f"s{i}",)
    return Variant("k", (), tuple(steps))


def fill(plant: Plant, num_steps: int, draw: np.random.Generator) -> Capacity:
    """Return the capacity of a shop with `num_steps` booked."""
    return fill_with(plant, num_steps, draw, SLACK)[0]


def fill_with(
    plant: Plant, num_steps: int, draw: np.random.Generator, slack: Slack
) -> tuple[Capacity, dict[str, Variant], dict[str, int]]:
    """Book promises of orders whose material comes over a time that makes the load .80; return
    also the orders and when they are due.
    """
    orders = [draw_variant(plant, draw) for _ in range(num_steps // STEPS)]
    share = sum(b - a for a, b in SHIFTS) / WEEK
    busy = dict.fromkeys(plant.work_centers, 0.0)
    for step in (step for order in orders for step in order.steps):
        center = plant.work_centers[step.capability]
        pace = sum(plant.units[unit].pace_permille for unit in center.units) / 1_000
        busy[step.capability] += step.work / pace / (share if center.calendar == "shifts" else 1.0)
    span = max(busy.values()) / LOAD
    capacity, dues = open_capacity(plant, (), now=0), {}
    for i, release in enumerate(np.sort(draw.integers(0, int(span), len(orders))).tolist()):
        capacity.material_ready["sheet"] = release
        made = promise_due_date(orders[i], capacity, slack=slack, order=f"O{i}")
        dues[f"O{i}"] = made.due
        capacity = put_bookings(capacity, made.bookings)
    capacity.material_ready.clear()
    return capacity, {f"O{i}": order for i, order in enumerate(orders)}, dues


# --- speed ---------------------------------------------------------------------------------------


def time_batches(capacity: Capacity, quotes, seconds: float) -> dict[str, float]:
    """Price all quotes in one kernel call, over and over; every answer is a promise's finish."""
    routings = compile_routings((quote.steps for quote in quotes), capacity)
    finishes = finish_times(routings, capacity)
    for quote, finish in list(zip(quotes, finishes, strict=True))[:200]:
        assert promise_due_date(quote, capacity, slack=SLACK, order="Q").finish == finish
    rates = []
    begun = process_time()
    while process_time() - begun < seconds:
        start = process_time()
        finish_times(routings, capacity)
        rates.append(len(quotes) / (process_time() - start))
    start = process_time()
    finish_times(compile_routings((quote.steps for quote in quotes), capacity), capacity)
    written = len(quotes) / (process_time() - start)
    return {
        "quotes_per_s_core": float(np.median(rates)),
        "best_quotes_per_s_core": max(rates),
        "written_quotes_per_s_core": written,
    }


def time_calls(capacity: Capacity, quotes, passes: int) -> dict[str, float]:
    """Promise one after the other, each with another routing than the one before, in passes."""
    walls = np.empty((passes, len(quotes)))
    for line in walls:
        for k, quote in enumerate(quotes):
            begun = perf_counter()
            promise_due_date(quote, capacity, slack=SLACK, order="Q")
            line[k] = perf_counter() - begun
    each = np.median(walls, axis=0) * 1e6
    return {
        "call_p50_us": float(np.percentile(each, 50)),
        "call_p99_us": float(np.percentile(each, 99)),
        "call_raw_p50_us": float(np.percentile(walls, 50)) * 1e6,
        "call_raw_p99_us": float(np.percentile(walls, 99)) * 1e6,
    }


# --- exactness -----------------------------------------------------------------------------------


def count_mismatches(cases: int, seed: int) -> int:
    """Compare with the earliest finish over every unit and every second."""
    from reference.capacity_naive import NaiveShop
    from reference.promise_naive import earliest_finish

    rng, wrong = Random(seed), 0
    for _ in range(cases):
        plant = small_plant(rng)
        now, end = rng.randrange(20), 90
        shop = NaiveShop(plant, [], (), 0, end)
        load(shop, rng)
        steps = chain(plant, rng)
        capacity = open_capacity(plant, shop.bookings, now=now)
        best = earliest_finish(NaiveShop(plant, shop.bookings, (), now, now + end), steps)
        try:
            made = promise_due_date(Variant("k", (), steps), capacity, slack=SLACK, order="O")
        except NoCapacity:
            wrong += best is not None
        else:
            wrong += made.finish != best or made.bookings[0].setup_start < now
            wrong += sum(reason.seconds for reason in made.reasons) != made.due - now
    return wrong


def small_plant(rng: Random) -> Plant:
    """Draw three work centers of one or two units, some in shifts, some that pause."""
    from capacity_strategies import center_of, shop_of

    ab, ba, a = rng.randrange(5), rng.randrange(5), rng.randrange(5)
    b = rng.randint(max(0, a - ba), a + ab)
    centers = [
        center_of(
            f"c{i}", tuple(f"u{i}{j}" for j in range(rng.randint(1, 2))),
            calendar=rng.choice(("shifts", "people", "always")), split=rng.random() < 0.5,
            setup="m" if rng.random() < 0.7 else None,
        )
        for i in range(3)
    ]  # fmt: skip
    crew = Resource("crew", "operator", rng.randint(1, 2), "people", ("c1", "c2"))
    return shop_of(
        centers,
        setups={"m": SetupMatrix("m", ("a", "b"), (a, b), ((0, ab), (ba, 0)))},
        resources={"crew": crew} if rng.random() < 0.5 else {},
        travel={a.id: {b.id: rng.randrange(6) for b in centers if b is not a} for a in centers},
        paces={f"u{i}1": rng.choice((1000, 700)) for i in range(3)},
    )


def load(shop, rng: Random) -> None:
    """Book lawful spots."""
    from unikat.capacity import Booking

    for i in range(rng.randrange(7)):
        unit = rng.choice(sorted(shop.plant.units))
        center = shop.plant.center_of(unit)
        needs = shop.plant.needs_of(center.capabilities[0])
        family = rng.choice("ab") if center.setup else None
        spots = list(shop.spots(unit, needs, rng.randint(1, 7), family, rng.randrange(50)))[:8]
        if spots:
            times = rng.choice(spots)
            shop.bookings.append(Booking(f"L{i}", "s", unit, *times, family, needs, None, 0))


def chain(plant: Plant, rng: Random) -> tuple[Step, ...]:
    """Draw a serial routing."""
    steps, before = [], ()
    for i, name in enumerate(rng.sample(("c0", "c1", "c2"), rng.randint(1, 3))):
        family = rng.choice("ab") if plant.work_centers[name].setup else None
        steps.append(Step(f"s{i}", name, rng.randint(1, 6), family, before, ()))
        before = (f"s{i}",)
    return tuple(steps)


# --- the race ------------------------------------------------------------------------------------


def race(num_orders: int, seed: int) -> dict[str, float]:
    """Let clients quote, hold and accept on one database at once; count what is booked twice."""
    from reference.capacity_naive import overlaps
    from unikat.edge.folders import copy_example, examples_folder
    from unikat.edge.main import load_models, open_site, read_persons

    example = examples_folder() / "insoles"
    refused: list[str] = []
    with tempfile.TemporaryDirectory() as folder:
        copy = Path(folder) / "site"
        copy_example(example.name, copy)
        models = load_models(copy)
        persons = list(read_persons(copy / models.file.demo.persons))
        clock = FixedClock()
        open_site(copy, models=models, clock=clock).close()
        clients = [
            threading.Thread(
                target=shop_as, args=(copy, models, clock, persons, num_orders, seed + k, refused)
            )
            for k in range(CLIENTS)
        ]
        for client in clients:
            client.start()
        for client in clients:
            client.join()
        opened = open_site(copy, models=models, clock=clock)
        state = opened.site.live.catch_up()
        bookings = [b for booked in state.capacity.orders.values() for b in booked]
        faults = overlaps(models.plant, bookings)
        accepted = len(state.orders)
        opened.close()
    return {
        "double_bookings": float(len(faults)),
        "racing_clients": CLIENTS,
        "accepted": float(accepted),
        "refused": float(len(refused)),
    }


class FixedClock:
    """Monday 06:00: everybody wants the same seconds."""

    def now(self) -> int:
        return 6 * HOUR


def shop_as(folder, models, clock, persons, num_orders, seed, refused) -> None:
    """Be one client: half of the quotes are held first, some of those dropped."""
    from unikat import flow
    from unikat.configure import choose_all, complete, measured_picks
    from unikat.edge.main import open_site
    from unikat.errors import UnikatError

    rng, opened = Random(seed), open_site(folder, models=models, clock=clock)
    site = opened.site
    for i in range(num_orders):
        person = rng.choice(persons)
        try:
            picks = measured_picks(site.family, person)
            offer = flow.quote(site, complete(choose_all(site.family, picks)), person)
            if rng.random() < 0.5:
                flow.hold(site, offer.id, seconds=600)
                if rng.random() < 0.2:
                    flow.drop(site, offer.id)
            flow.accept(site, offer.id, f"client-{seed}-{i}")
        except UnikatError as fault:
            refused.append(type(fault).__name__)
    opened.close()


if __name__ == "__main__":
    main()
