"""Play a floor with and without its supervisor: `unikat floor deadlock SITE`."""

import json
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from unikat.plant.model import Plant
    from unikat.twin.deadlock import Link, Spot
    from unikat.twin.size import Arrival


@dataclass(frozen=True, slots=True)
class Played:
    """How often a floor got stuck, and the circle of the first time, in words."""

    replications: int
    stuck: int
    circle: tuple[str, ...]


def deadlock(
    site: Annotated[Path, typer.Argument(help="A site's folder.")],
    demand: Annotated[
        float, typer.Option(min=0.5, max=5_000, help="Orders a day, on average.")
    ] = 25.0,
    buffer: Annotated[
        int | None, typer.Option(min=0, max=10_000, help="So many places in every buffer.")
    ] = None,
    replications: Annotated[int, typer.Option(min=1, max=1_000, help="How often to play.")] = 50,
    seed: Annotated[int, typer.Option(min=0, max=10**9, help="Same seed, same answer.")] = 1,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object.")] = False,
) -> None:
    """Play some weeks of orders with and without the supervisor, and name the circle of the first
    deadlock: which order is where, and waits for what.
    """
    from unikat.edge.main import load_models, read_persons
    from unikat.edge.show import print_table
    from unikat.edge.size_file import draw_demand

    models = load_models(site)
    plant = models.plant
    if buffer is not None:
        centers = {name: replace(c, buffer=buffer) for name, c in plant.work_centers.items()}
        plant = replace(plant, work_centers=centers)
    persons = read_persons(site / models.file.demo.persons)
    samples = draw_demand(models.family, persons, demand, seed)
    found = {
        name: play_often(plant, samples, replications, seed, is_guarded=is_guarded)
        for name, is_guarded in (("with", True), ("without", False))
    }
    if as_json:
        facts = {
            name: {"replications": each.replications, "stuck": each.stuck, "circle": each.circle}
            for name, each in found.items()
        }
        typer.echo(json.dumps(facts))
        return
    rows = [
        (f"{name} the supervisor", f"stuck {each.stuck} times of {each.replications}")
        for name, each in found.items()
    ]
    print_table(f"The floor of {site}, {demand:g} orders a day", rows)
    for name, each in found.items():
        if each.circle:
            typer.echo(f"The first circle {name} the supervisor:")
            for line in each.circle:
                typer.echo(f"  {line}")


def play_often(
    plant: "Plant",
    samples: "Sequence[Sequence[Arrival]]",
    replications: int,
    seed: int,
    *,
    is_guarded: bool,
) -> Played:
    """Play each sample of orders in turn until there are so many replications."""
    from unikat.terms import OrderId
    from unikat.twin.deadlock import find_deadlock
    from unikat.twin.floor_problem import lay_out
    from unikat.twin.layout import compile_layout
    from unikat.twin.simulate import simulate

    stuck = 0
    circle: tuple[str, ...] = ()
    each_s = [replications // len(samples) + (k < replications % len(samples))
              for k in range(len(samples))]  # fmt: skip
    for sample, each in zip(samples, each_s, strict=True):
        if each:
            steps = {OrderId(f"{k:06}"): arrival.steps for k, arrival in enumerate(sample)}
            comes = {OrderId(f"{k:06}"): arrival.at for k, arrival in enumerate(sample)}
            layout = replace(lay_out(plant, steps, comes), is_guarded=is_guarded)
            problem = compile_layout(layout)
            found = simulate(problem, replications=each, seed=seed)
            stuck += int((found.stuck > 0).sum())
            if not circle and found.stuck.any():
                first = int(found.stuck.argmax())
                links = find_deadlock(problem, seed=seed, replication=first)
                circle = tuple(_words(plant, links))
    return Played(replications, stuck, circle)


def _words(plant: "Plant", links: "Sequence[Link]") -> list[str]:
    """Return who holds what and waits for whom, a line each."""
    centers = sorted(plant.work_centers)
    units = [unit for center in centers for unit in plant.work_centers[center].units]

    def name(spot: "Spot") -> str:
        return f"the buffer of {centers[spot.number]}" if spot.is_buffer else units[spot.number]

    return [
        f"order {link.job + 1} is in {name(link.holds)} and waits for {name(link.wants)},"
        f" which order {then.job + 1} holds"
        for link, then in zip(links, (*links[1:], *links[:1]), strict=True)
    ]
