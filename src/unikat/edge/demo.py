"""The live demo: a fresh site, a virtual floor at a visible speed, shoppers with real measures."""

import shutil
from dataclasses import dataclass
from pathlib import Path

import typer

from unikat.demand.shoppers import draw_shoppers
from unikat.edge.clock import ScaledClock
from unikat.edge.equipment import remote_floor
from unikat.edge.folders import copy_example, example_folder
from unikat.edge.live import ShopThread
from unikat.edge.main import database_path, load_models, open_site, read_persons
from unikat.edge.once import START
from unikat.edge.rough import rough_world
from unikat.edge.server import run_server
from unikat.edge.show import progress_bar
from unikat.edge.standby import lease_path, take_free_turn
from unikat.edge.store.keys import create_key
from unikat.floor.model import World
from unikat.floor.virtual import open_floor
from unikat.terms import HOUR, Instant, Seconds

MANY = 1_000_000
WARM_UP: Seconds = 27 * HOUR
"""The pages open on the second morning, with orders in every state."""
WARM_TURN: Seconds = 900


@dataclass(slots=True)
class DemoClock:
    """A clock that is set by hand while the demo warms up, and then runs."""

    instant: Instant
    running: ScaledClock | None = None

    def now(self) -> Instant:
        """Return the instant it was set to, or runs at."""
        return self.instant if self.running is None else self.running.now()


def run_demo(
    example: str,
    folder: Path,
    *,
    seed: int,
    port: int,
    speed: float | None,
    mqtt: str | None = None,
    is_rough: bool = False,
) -> None:
    """Make a fresh site in `folder` (a demo there before is removed), and serve it until stopped.

    With a broker the plant is played elsewhere, from an empty floor on the first morning.

    Raises
    ------
    InvalidSite, PortTaken, ServedElsewhere
        If the example has faults, the port is taken, or another process serves that folder.
    """
    example_folder(example)  # before anything is removed
    for lease in folder.glob("*.lease"):
        with take_free_turn(lease):
            pass  # nobody serves what is removed now
    shutil.rmtree(folder, ignore_errors=True)
    copy_example(example, folder)
    models = load_models(folder)
    demo = models.file.demo
    clock = DemoClock(START)
    opened = open_site(folder, models=models, clock=clock)
    key = create_key(opened.store.keys, "demo", ("planner", "floor", "admin"))
    world = rough_world(models) if is_rough else World()
    floor = open_floor(models.plant, world, seed=seed, start=START)
    shoppers = draw_shoppers(
        models.family,
        read_persons(folder / demo.persons),
        demo.traffic,
        num_orders=MANY,
        seed=seed,
        start=START,
    )

    def announce(address: str) -> None:
        typer.echo(f"Shop:     {address}")
        typer.echo(f"Planner:  {address}planner      Floor: {address}floor")
        typer.echo(f"Key for planner and floor: {key}")
        if mqtt is not None:
            typer.echo(f"Now play the plant:  unikat floor play {folder} --mqtt BROKER")
        typer.echo(f"Plant time runs {pace:g} times as fast. Ctrl+C ends the demo.")

    pace = speed or demo.speed
    with (
        take_free_turn(lease_path(database_path(folder))),
        remote_floor(opened, mqtt, speed=pace) as remote,
    ):
        shop = ShopThread(opened.site, None if remote else floor, shoppers, remote=remote)
        if remote is None:
            warm_up(shop, clock)
        clock.running = ScaledClock(speed=pace, start=clock.instant)
        run_server(opened, shop, host="127.0.0.1", port=port, announce=announce)


def warm_up(shop: ShopThread, clock: DemoClock) -> None:
    """Play the first day before the pages open."""
    with progress_bar("the plant's first day", is_shown=True) as progress:
        for done in range(0, WARM_UP, WARM_TURN):
            clock.instant += WARM_TURN
            shop.turn()
            if progress is not None:
                progress(done + WARM_TURN, WARM_UP)
