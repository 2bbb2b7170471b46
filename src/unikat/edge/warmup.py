"""Compile the kernels before anybody waits for them: a process a room, side by side, once.

numba keeps what it compiled beside the sources; a stamp says from which texts, so that a second
start does nothing.
"""

import subprocess
import sys
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from hashlib import sha256
from pathlib import Path
from types import MappingProxyType
from typing import Final

from unikat.capacity import Capacity, open_capacity
from unikat.configure import complete, derive_variant, open_choice
from unikat.configure.model import Price, Variant
from unikat.edge.folders import example_folder
from unikat.edge.main import load_models
from unikat.order.model import Order
from unikat.plant.model import Plant
from unikat.promise.model import Slack
from unikat.schedule.model import Progress
from unikat.terms import CustomerId, OrderId, QuoteId

PACKAGE: Final = Path(__file__).parents[1]
STAMP: Final = Path(__file__).parent / "__pycache__" / "warm.txt"
NAME: Final = OrderId("warm")


def warm_promise(plant: Plant, variant: Variant) -> None:
    """Promise one order in an empty plant."""
    from unikat.promise import promise_due_date

    capacity: Capacity = open_capacity(plant, (), now=0)
    promise_due_date(variant, capacity, slack=Slack((0,), (0,), 0.95, 0, "none"), order=NAME)


def warm_schedule(plant: Plant, variant: Variant) -> None:
    """Schedule a few orders."""
    from unikat.schedule.problem import build_problem
    from unikat.schedule.solve import solve

    orders = tuple(_order(OrderId(f"{NAME}{i}"), variant) for i in range(3))
    problem = build_problem(plant, orders, Progress({}, {}, {}, (), {}), 0)
    solve(problem, seconds=0, seed=1, rounds=1)


def warm_twin(plant: Plant, variant: Variant) -> None:
    """Play one order, and a line of one unit."""
    from unikat.twin.forecast import play_on
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
    from unikat.twin.state import empty_state

    line = Layout((CenterRow((UnitRow(),), 1),), (CapRow((0,)),), (JobRow(0, (StepRow(0, 1),)),))
    simulate(compile_layout(line), replications=1, seed=1)

    play_on(
        plant, (), empty_state(plant), (_order(NAME, variant),), 0, replications=1, seed=1
    )  # fmt: skip


ROOMS: Final[Mapping[str, Callable[[Plant, Variant], None]]] = MappingProxyType(
    {"schedule": warm_schedule, "promise": warm_promise, "twin": warm_twin}
)


def warm_up_kernels(say: Callable[[str], None]) -> bool:
    """Compile what is not compiled yet, and `say` how it goes; return whether there was any.

    A room that fails is only slow later: what it could not do is said when it is used.
    """
    now = fingerprint()
    before = STAMP.read_text(encoding="utf-8") if STAMP.is_file() else ""
    if before == now:
        return False
    if before:
        forget_kernels()
    started = time.monotonic()
    say("Compiling the kernels, once: half a minute or so.")
    running = {
        room: subprocess.Popen(
            [sys.executable, "-m", "unikat.edge.warmup", room], stderr=subprocess.DEVNULL
        )
        for room in ROOMS
    }
    try:
        for room, process in running.items():
            code = process.wait()
            seconds = time.monotonic() - started
            say(f"  {room} is ready after {seconds:.0f} s" if code == 0 else f"  {room} is not")
    finally:
        for process in running.values():
            process.kill()
            process.wait()
    if all(process.returncode == 0 for process in running.values()):
        with suppress(OSError):  # where nothing can be kept, every start compiles
            STAMP.parent.mkdir(exist_ok=True)
            STAMP.write_text(now, encoding="utf-8")
    return True


def forget_kernels() -> None:
    """Remove what was compiled from other texts: numba looks at a kernel's own file alone, and
    would keep what another file's change has made stale.
    """
    for path in PACKAGE.rglob("__pycache__/_kernels*.nb[ci]"):
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
    ROOMS[room](models.plant, variant)


if __name__ == "__main__":
    main(sys.argv[1])
