"""What a new process waits for: compiling all kernels once, and later the first forecast.

The first is `unikat warmup` with an empty cache. The second is a process of its own that reads a
site's four texts, has 1,000 open steps on its floor, and forecasts their orders with 50
replications; it counts from the start of the process, and the kernels lie in the cache. Wall
seconds and CPU seconds: on a busy machine only the latter say something.
"""

import argparse
import json
import os
import platform
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from resource import RUSAGE_CHILDREN, getrusage

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
STEPS = 1_000
BEST_OF = 3


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, help="not used: the site is drawn")
    parser.add_argument("--cold", action=argparse.BooleanOptionalAction, default=True)
    parser.add_argument("--json", action="store_true", help="last line is one JSON object")
    parser.add_argument("--child", action="store_true", help="be the process that forecasts")
    options = parser.parse_args()
    if options.child:
        forecast_once()
        return
    measures: dict[str, float] = {"steps": STEPS}
    if options.cold:
        with tempfile.TemporaryDirectory() as cache:
            told = spent(["-m", "unikat.edge.cli", "warmup"], NUMBA_CACHE_DIR=cache)
        measures |= {"warmup_s": told[0], "warmup_cpu_s": told[1]}
    runs = [spent([__file__, "--child"]) for _ in range(1 + BEST_OF)][1:]
    measures["first_forecast_s"] = min(wall for wall, _ in runs)
    measures["first_forecast_cpu_s"] = min(cpu for _, cpu in runs)
    for name, value in measures.items():
        print(f"{name:24} {value:10.2f}")
    if options.json:
        machine = {"cpus": os.cpu_count(), "python": platform.python_version()}
        line = {"bench": "coldstart", "data": None, "machine": machine}
        print(json.dumps({**line, "measures": measures, "peers": {}}))


def spent(words: list[str], **environment: str) -> tuple[float, float]:
    """Return the wall and CPU seconds of a process."""
    before, wall = getrusage(RUSAGE_CHILDREN), time.perf_counter()
    subprocess.run(
        [sys.executable, *words], env={**os.environ, **environment}, check=True, capture_output=True
    )
    wall, after = time.perf_counter() - wall, getrusage(RUSAGE_CHILDREN)
    return wall, after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def forecast_once() -> None:
    from _sites import START, draw_site

    from unikat.capacity.model import Booking
    from unikat.configure.choice import choose_all, complete
    from unikat.configure.model import Price
    from unikat.configure.variant import derive_variant
    from unikat.order.model import Order
    from unikat.terms import OrderId
    from unikat.twin.forecast import forecast

    drawn = draw_site(1, orders=250)
    site, plant = drawn.site, drawn.site.plant
    free = dict.fromkeys(plant.units, START)
    orders, bookings = [], []
    for shopper in drawn.shoppers:
        variant = derive_variant(site.family, complete(choose_all(site.family, shopper.picks)))
        name, ready = OrderId(f"O-{len(orders)}"), START
        for step in variant.steps:
            unit = min(plant.eligible_units(step.capability), key=free.__getitem__)
            start = max(free[unit], ready)
            ready = free[unit] = start + plant.duration(unit, step.work)
            booking = Booking(
                name, step.step, unit, start, start, ready, step.setup, (), None, START
            )
            bookings.append(booking)
        order = Order(
            name, "Q", "C", {}, {}, "k", variant, Price((), 0), START, START, ready, ready, 0.95
        )
        orders.append(order)
        if len(bookings) >= STEPS:
            break
    made = forecast(plant, bookings, site.state().floor, orders, START, replications=50, seed=1)
    print(len(bookings), "steps", len(made), "orders")


if __name__ == "__main__":
    main()
