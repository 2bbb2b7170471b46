"""The live demo: a fresh site, a virtual floor at a visible speed, shoppers with real feet."""

import shutil
from pathlib import Path

import typer

from unikat.demand.shoppers import draw_shoppers
from unikat.edge.clock import ScaledClock
from unikat.edge.folders import copy_example
from unikat.edge.live import ShopThread
from unikat.edge.main import load_models, open_site, read_persons
from unikat.edge.once import START
from unikat.edge.server import run_server
from unikat.edge.store.keys import create_key
from unikat.floor.model import World
from unikat.floor.virtual import open_floor

MANY = 1_000_000


def run_demo(example: str, folder: Path, *, seed: int, port: int, speed: float | None) -> None:
    """Make a fresh site in `folder` (a demo there before is removed), and serve it until stopped.

    Raises
    ------
    InvalidSite, PortTaken
        If the example has faults, or the port is taken.
    """
    shutil.rmtree(folder, ignore_errors=True)
    copy_example(example, folder)
    models = load_models(folder)
    demo = models.file.demo
    clock = ScaledClock(speed=speed or demo.speed, start=START)
    opened = open_site(folder, models=models, clock=clock)
    key = create_key(opened.store.keys, "demo", ("planner", "floor", "admin"))
    floor = open_floor(models.plant, World(), seed=seed, start=START)
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
        typer.echo(f"Plant time runs {speed or demo.speed:g} times as fast. Ctrl+C ends the demo.")

    shop = ShopThread(opened.site, floor, shoppers)
    run_server(opened, shop, host="127.0.0.1", port=port, announce=announce)
