"""The plant on the command line: `unikat plant size SITE`."""

import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from unikat.terms import HOUR

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from unikat.twin.size import Option, Sizing, Trial

plant_app = typer.Typer(help="The plant: how large it should be.")
SHOWN = 8


@plant_app.callback()
def plant() -> None:
    """Keep `size` a verb of its own."""


@plant_app.command()
def size(  # noqa: PLR0917 - the options of a command
    site: Annotated[Path, typer.Argument(help="The site's folder (see `unikat init`).")],
    alternatives: Annotated[
        Path | None, typer.Option(help="A TOML file: what may be chosen, at what cost.")
    ] = None,
    demand: Annotated[
        float, typer.Option(min=0.5, max=5_000, help="Orders a day, on average.")
    ] = 25.0,
    within: Annotated[str, typer.Option(help="From order to ready: 36h or 2d.")] = "48h",
    goal: Annotated[
        float, typer.Option(min=1, max=99.9, help="Percent of the orders that shall keep it.")
    ] = 95.0,
    confidence: Annotated[
        float, typer.Option(min=50, max=99.9, help="Percent, of each verdict.")
    ] = 95.0,
    most: Annotated[
        int, typer.Option(min=1, max=5_000, help="Most alternatives that are simulated.")
    ] = 300,
    seed: Annotated[int, typer.Option(min=0, max=10**9, help="Same seed, same answer.")] = 1,
    template: Annotated[
        bool, typer.Option("--template", help="Print alternatives to begin with, and stop.")
    ] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object.")] = False,
) -> None:
    """Choose units, robots, buffer places and a layout for a demand and a service goal at least
    cost.

    The demand is drawn from the site's family as its simulated shoppers choose. Each alternative is
    played on the same orders with the same luck; orders are made as they come (no schedule). An
    alternative meets the goal if the interval of its service lies above it.
    """
    from unikat.edge.main import load_models
    from unikat.edge.size_file import (
        draw_demand,
        layout_names,
        read_alternatives,
        read_length,
        template_of,
    )
    from unikat.twin.size import Goal, size_plant

    models = load_models(site)
    if template:
        typer.echo(template_of(models.plant), nl=False)
        return
    if alternatives is None:
        raise typer.BadParameter("--alternatives FILE is missing; --template prints one to edit")
    text = alternatives.read_text("utf-8", errors="replace")
    options, layouts = read_alternatives(text, models.plant)
    names = layout_names(text)
    wanted = Goal(read_length(within), goal / 100, confidence / 100)
    samples = draw_demand(models, site, demand, seed)

    def tell(trial: "Trial") -> None:
        typer.echo(_line(options, names, trial), err=True)

    found = size_plant(
        models.plant, samples, options, layouts, wanted, most_trials=most, seed=seed, progress=tell
    )
    if as_json:
        typer.echo(json.dumps(_facts(options, names, found)))
    else:
        heading = f"{demand:g} orders a day, {goal:g} % within {wanted.within_s / HOUR:g} h"
        _print(heading, options, names, found)


def _print(
    heading: str, options: "Sequence[Option]", names: "Sequence[str]", found: "Sizing"
) -> None:
    from unikat.edge.show import print_table

    rows = list(_chosen(options, names, found.best).items())
    rows += [("cost", f"{found.best.cost / 100:,.2f}"), ("service", _service(found.best))]
    rows += [("busiest", f"{found.best.busiest}, loaded {found.best.load:.0%}")]
    print_table(heading, rows)
    cheaper = found.cheaper[:SHOWN]
    if cheaper:
        print_table(
            f"Why not cheaper: {len(cheaper)} of {len(found.cheaper)} that fail",
            [(_differs(options, names, found.best, each), _why(each)) for each in cheaper],
        )
    typer.echo(
        f"{len(found.trials)} alternatives simulated; "
        + (
            "nothing cheaper can meet the goal."
            if found.is_least
            else "cheaper ones are left untried: raise --most, or offer less to choose from."
        )
    )


def _chosen(
    options: "Sequence[Option]", names: "Sequence[str]", trial: "Trial"
) -> "Mapping[str, str]":
    """Return what an alternative has of each thing."""
    found = {}
    for option, index in zip(options, trial.choice, strict=True):
        value = option.values[index]
        name = f"{option.kind} {option.name}".strip()
        found["layout" if option.kind == "layout" else name] = (
            names[value] if option.kind == "layout" else str(value)
        )
    return found


def _differs(
    options: "Sequence[Option]", names: "Sequence[str]", best: "Trial", trial: "Trial"
) -> str:
    """Return in what an alternative differs from the best."""
    mine, its = _chosen(options, names, best), _chosen(options, names, trial)
    return ", ".join(f"{name} {value}" for name, value in its.items() if mine[name] != value)


def _why(trial: "Trial") -> str:
    return f"{trial.cost / 100:,.2f}: {_service(trial)}; {trial.busiest} {trial.load:.0%}"


def _service(trial: "Trial") -> str:
    low, high = max(0.0, trial.low), min(1.0, trial.high)
    return f"{trial.service:.1%} in time ({low:.1%} to {high:.1%})"


def _line(options: "Sequence[Option]", names: "Sequence[str]", trial: "Trial") -> str:
    has = ", ".join(f"{name} {value}" for name, value in _chosen(options, names, trial).items())
    verdict = "meets" if trial.meets else "fails"
    return f"{verdict}: {_why(trial)}: {has}"


def _facts(
    options: "Sequence[Option]", names: "Sequence[str]", found: "Sizing"
) -> "Mapping[str, object]":
    """Return the sizing as plain values."""
    return {
        "best": _trial_facts(options, names, found.best),
        "is_least": found.is_least,
        "trials": [_trial_facts(options, names, trial) for trial in found.trials],
    }


def _trial_facts(
    options: "Sequence[Option]", names: "Sequence[str]", trial: "Trial"
) -> "Mapping[str, object]":
    return {
        "choice": _chosen(options, names, trial),
        "cost_cents": trial.cost,
        "service_percent": 100 * trial.service,
        "low_percent": 100 * trial.low,
        "high_percent": 100 * trial.high,
        "replications": trial.replications,
        "busiest": trial.busiest,
        "load_percent": 100 * trial.load,
        "meets": trial.meets,
    }
