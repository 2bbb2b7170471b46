"""Compile the kernels before anybody waits for them: a process a room, side by side, once.

numba keeps what it compiled beside the sources, or in NUMBA_CACHE_DIR; a stamp there says of which
rooms and from which texts, so that a second start does nothing. A start waits for the rooms that
its first promise, schedule and forecast need; the others are compiled when somebody asks for all,
or uses them.
"""

import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from hashlib import sha256
from pathlib import Path
from types import MappingProxyType
from typing import Final

from unikat.capacity import Capacity, Stop, open_capacity
from unikat.configure import choose, complete, derive_variant, open_choice
from unikat.configure.model import Price, Variant
from unikat.design.recipes import RECIPES
from unikat.edge.folders import example_folder
from unikat.edge.main import load_models
from unikat.order.model import Order
from unikat.plant.model import Plant
from unikat.promise.model import Slack
from unikat.schedule.model import Progress
from unikat.terms import DAY, CustomerId, OrderId, QuoteId

PACKAGE: Final = Path(__file__).parents[1]
CACHE: Final = Path(os.environ.get("NUMBA_CACHE_DIR") or Path(__file__).parent / "__pycache__")
STAMP: Final = CACHE / "warm.txt"
NAME: Final = OrderId("warm")
SHEET: Final = '[family]\nid = "warm"\nversion = 1\n'
FINE: Final = """features
    R
        mandatory
            Integer A {min 0, max 5000}
            Integer B {min 0, max 5000}
        optional
            X
constraints
    A * B <= 4000000
    X => A + B >= 1000
"""


def warm_promise(plant: Plant, variant: Variant) -> None:
    """Promise one order in an empty plant, foretell the dates of alternatives, and move an order
    for one in a hurry.
    """
    from unikat.promise import compile_routings, finish_times, promise_due_date
    from unikat.promise.displace import place_again

    capacity: Capacity = open_capacity(plant, (), now=0)
    slack = Slack((0,), (0,), 0.95, 0, "none")
    promise = promise_due_date(variant, capacity, slack=slack, order=NAME)
    finish_times(compile_routings([variant.steps], capacity), capacity)
    place_again(variant.steps, promise.bookings, capacity)


def warm_shape(_: Plant, __: Variant) -> None:
    """Prove one part."""
    from unikat.design.part import shape_part
    from unikat.design.recipes import default_parameters
    from unikat.printing.layers import cut_layers

    for recipe in RECIPES.values():
        part = shape_part(recipe, default_parameters(recipe))
        cut_layers(part.mesh, 1.0)


def warm_schedule(plant: Plant, variant: Variant) -> None:
    """Schedule a few orders, and repair the schedule when a unit stops."""
    from unikat.schedule.problem import build_problem
    from unikat.schedule.repair import match_up
    from unikat.schedule.solve import solve

    orders = tuple(_order(OrderId(f"{NAME}{i}"), variant) for i in range(3))
    problem = build_problem(plant, orders, Progress({}, {}, {}, (), {}), 0)
    made = solve(problem, seconds=0, seed=1, rounds=1)
    booked = {(booking.order, booking.step): booking for booking in made.bookings}
    stops = (Stop(made.bookings[0].unit, 0, DAY),)
    hit = build_problem(plant, orders, Progress({}, {}, {}, stops, booked), 0)
    match_up(hit, seconds=0, seed=1, rounds=1)


def warm_twin(plant: Plant, variant: Variant) -> None:
    """Play one order."""
    from unikat.twin.forecast import play_on
    from unikat.twin.state import empty_state

    play_on(
        plant, (), empty_state(plant), (_order(NAME, variant),), 0, replications=1, seed=1
    )  # fmt: skip


def warm_line(_: Plant, __: Variant) -> None:
    """Play a plain line of one unit."""
    from unikat.twin.layout import (
        CapRow,
        CenterRow,
        JobRow,
        Layout,
        StepRow,
        UnitRow,
        compile_layout,
    )
    from unikat.twin.simulate import simulate

    line = Layout((CenterRow((UnitRow(),), 1),), (CapRow((0,)),), (JobRow(0, (StepRow(0, 1),)),))
    simulate(compile_layout(line), replications=1, seed=1)


def warm_choice(_: Plant, __: Variant) -> None:
    """Choose in a large family."""
    from unikat.family.reach import compile_kernels

    compile_kernels()


def warm_fine(_: Plant, __: Variant) -> None:
    """Choose in a family with rules about numbers too fine for clauses."""
    from unikat.family.load import load_family

    complete(choose(open_choice(load_family(FINE, SHEET)), "A", 900))


def warm_floor(plant: Plant, variant: Variant) -> None:
    """Ask which states a small floor can reach."""
    from unikat.floor.analyse import analyse_plant

    there = tuple(step.capability for step in variant.steps[:2])
    for limit in (5_000, 50):  # all of them, and too many
        analyse_plant(plant, [there, there[::-1]], limit=limit)


ROOMS: Final[Mapping[str, Callable[[Plant, Variant], None]]] = MappingProxyType(
    {
        "schedule": warm_schedule,
        "promise": warm_promise,
        "twin": warm_twin,
        "shape": warm_shape,
    }
)
OTHERS: Final[Mapping[str, Callable[[Plant, Variant], None]]] = MappingProxyType(
    {"choice": warm_choice, "fine": warm_fine, "floor": warm_floor, "line": warm_line}
)


def warm_up_kernels(say: Callable[[str], None], *, others: bool = False) -> bool:
    """Compile what is not compiled yet, and `say` how it goes; return whether there was any.

    `others`: also the kernels that a start does not need. A room that fails is only slow later:
    what it could not do is said when it is used.
    """
    now, known = fingerprint(), _read_stamp()
    if set(known.values()) - {now}:
        forget_kernels()
        known = {}
    rooms = [room for room in (*ROOMS, *(OTHERS if others else ())) if room not in known]
    if not rooms:
        return False
    started = time.monotonic()
    say("Compiling the kernels, once: half a minute, or a minute.")
    for room, is_ready in _compile(rooms):
        seconds = time.monotonic() - started
        say(f"  {room} is ready after {seconds:.0f} s" if is_ready else f"  {room} is not")
        if is_ready:
            known[room] = now
    with suppress(OSError):  # where nothing can be kept, every start compiles
        STAMP.parent.mkdir(exist_ok=True)
        STAMP.write_text("".join(f"{room} {text}\n" for room, text in known.items()), "utf-8")
    return True


def _read_stamp() -> dict[str, str]:
    """Return from which texts each room was compiled."""
    lines = STAMP.read_text(encoding="utf-8").splitlines() if STAMP.is_file() else []
    pairs = (line.partition(" ") for line in lines)
    return {room: text for room, _, text in pairs}


def _compile(rooms: Sequence[str]) -> Iterator[tuple[str, bool]]:
    """Compile each room in a process of its own, and say of each as it ends whether it could;
    numba compiles in one thread: as many rooms at once as there are cores, the longest first.
    """
    waiting, running = list(rooms), dict[str, subprocess.Popen[bytes]]()
    try:
        while waiting or running:
            while waiting and len(running) < (os.cpu_count() or 1):
                room = waiting.pop(0)
                running[room] = subprocess.Popen(
                    [sys.executable, "-m", "unikat.edge.warmup", room], stderr=subprocess.DEVNULL
                )
            time.sleep(0.05)
            for room in [room for room, process in running.items() if process.poll() is not None]:
                yield room, running.pop(room).returncode == 0
    finally:
        for process in running.values():
            process.kill()
            process.wait()


def forget_kernels() -> None:
    """Remove what was compiled from other texts: numba looks at a kernel's own file alone, and
    would keep what another file's change has made stale.
    """
    for path in (*PACKAGE.rglob("__pycache__/_kernels*.nb[ci]"), *CACHE.rglob("_kernels*.nb[ci]")):
        path.unlink(missing_ok=True)


def fingerprint() -> str:
    """Name what compiled kernels depend on: their texts, this Python and this numba."""
    from importlib.metadata import version

    digest = sha256(f"{sys.version} {version('numba')}".encode())
    for path in sorted(PACKAGE.rglob("_kernels*.py")):
        digest.update(path.read_bytes())
    return digest.hexdigest()


def _order(name: OrderId, variant: Variant) -> Order:
    return Order(
        name, QuoteId(name), CustomerId(name), {}, {}, variant.key, variant, Price((), 0),
        asked_at=0, placed_at=0, finish=0, due=0, confidence=0.95,
    )  # fmt: skip


def main(room: str) -> None:
    """Warm one room on the first example site."""
    models = load_models(example_folder("insoles"))
    variant = derive_variant(models.family, complete(open_choice(models.family)))
    {**ROOMS, **OTHERS}[room](models.plant, variant)


if __name__ == "__main__":
    main(sys.argv[1])
