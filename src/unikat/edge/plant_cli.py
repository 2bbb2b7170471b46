"""The plant on the command line: `unikat plant size SITE`."""

import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import msgspec
import typer

from unikat.errors import InvalidAlternatives

if TYPE_CHECKING:
    from unikat.edge.sizing import SizeReply, TrialReply

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
    from unikat.edge.main import load_models, read_persons
    from unikat.edge.size_file import template_of
    from unikat.edge.sizing import SizeReply, SizeWish, watch_sizing

    models = load_models(site)
    if template:
        typer.echo(template_of(models.plant), nl=False)
        return
    if alternatives is None:
        raise typer.BadParameter("--alternatives FILE is missing; --template prints one to edit")
    text = alternatives.read_text("utf-8", errors="replace")
    wish = SizeWish(text, demand, within, goal, confidence, most, seed)
    persons = read_persons(site / models.file.demo.persons)
    trials: list[TrialReply] = []
    last = SizeReply(0)
    for last in watch_sizing(models.plant, models.family, persons, wish):
        if last.trial is not None:
            trials.append(last.trial)
            typer.echo(_line(last.trial), err=True)
    if last.best is None:
        raise InvalidAlternatives(last.fault)
    if as_json:
        facts = {"best": last.best, "is_least": last.is_least, "trials": trials}
        typer.echo(json.dumps(msgspec.to_builtins(facts)))
    else:
        _print(f"{demand:g} orders a day, {goal:g} % within {within}", last, last.best)


def _print(heading: str, found: "SizeReply", best: "TrialReply") -> None:
    from unikat.edge.show import print_table

    rows = list(best.choice.items())
    rows += [("cost", f"{best.cost_cents / 100:,.2f}"), ("service", _service(best))]
    rows += [("busiest", f"{best.busiest}, loaded {best.load_percent:.0f}%")]
    print_table(heading, rows)
    if found.cheaper:
        shown = found.cheaper[:SHOWN]
        print_table(
            f"Why not cheaper: {len(shown)} of {len(found.cheaper)} that fail",
            [(_differs(best, each), _why(each)) for each in shown],
        )
    typer.echo(
        f"{found.tried} alternatives simulated; "
        + (
            "nothing cheaper can meet the goal."
            if found.is_least
            else "cheaper ones are left untried: raise --most, or offer less to choose from."
        )
    )


def _differs(best: "TrialReply", trial: "TrialReply") -> str:
    """Return in what an alternative differs from the best."""
    return ", ".join(f"{k} {value}" for k, value in trial.choice.items() if best.choice[k] != value)


def _why(trial: "TrialReply") -> str:
    load = f"{trial.busiest} {trial.load_percent:.0f}%"
    return f"{trial.cost_cents / 100:,.2f}: {_service(trial)}; {load}"


def _service(trial: "TrialReply") -> str:
    low, high = max(0.0, trial.low_percent), min(100.0, trial.high_percent)
    return f"{trial.service_percent:.1f}% in time ({low:.1f}% to {high:.1f}%)"


def _line(trial: "TrialReply") -> str:
    has = ", ".join(f"{name} {value}" for name, value in trial.choice.items())
    return f"{'meets' if trial.meets else 'fails'}: {_why(trial)}: {has}"
