"""Choices completed on the command line: `unikat family complete FILE --pick A --cheapest`."""

import json
from enum import Enum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from unikat.errors import InvalidChoice

if TYPE_CHECKING:
    from unikat.configure import Choice
    from unikat.configure.model import Configuration, Price
    from unikat.configure.optimise import Best
    from unikat.configure.workspace import Picks
    from unikat.family.model import Family, Value


class Goal(Enum):
    """What the rest of a choice is chosen for."""

    DEFAULT = "default"
    CHEAPEST = "cheapest"
    NEAREST = "nearest"
    FASTEST = "fastest"


File = Annotated[
    Path, typer.Argument(help="family.uvl, a .cnf or .dimacs file, or a folder with family.uvl.")
]
Sheet = Annotated[
    Path | None,
    typer.Option(help="Its family.toml; else the .toml of the same name beside it, if any."),
]
PickOption = Annotated[
    list[str] | None,
    typer.Option("--pick", help="Feature=value, Feature, or !Feature; repeat for more."),
]
Cheapest = Annotated[bool, typer.Option("--cheapest", help="Complete at the lowest price.")]
Nearest = Annotated[
    bool, typer.Option("--nearest", help="Keep as many of the picks as the rules allow.")
]
Fastest = Annotated[
    bool, typer.Option("--fastest", help="Complete with the shortest chain of steps.")
]
Instead = Annotated[
    str | None, typer.Option("--instead", help="List what is possible instead of this feature.")
]
Seconds = Annotated[
    float, typer.Option(min=0.1, help="Limit of the solver, in its own steady seconds.")
]
Json = Annotated[bool, typer.Option("--json", help="Print one JSON object instead of a table.")]


def complete(
    file: File,
    *,
    sheet: Sheet = None,
    pick: PickOption = None,
    cheapest: Cheapest = False,
    nearest: Nearest = False,
    fastest: Fastest = False,
    instead: Instead = None,
    seconds: Seconds = 10.0,
    as_json: Json = False,
) -> None:
    """Complete a choice: by the defaults, or proven the cheapest, nearest or fastest made."""
    from unikat.configure.picks import parse_pick

    goal = _goal(cheapest, nearest, fastest)
    family = _load(file, sheet)
    picks = tuple(parse_pick(family, text) for text in pick or ())
    if instead is not None:
        _tell_alternatives(_choice(family, picks), instead, as_json)
        return
    if goal is Goal.NEAREST:
        report = _nearest(family, picks, seconds)
    else:
        report = {Goal.DEFAULT: _default, Goal.CHEAPEST: _cheapest, Goal.FASTEST: _fastest}[goal](
            _choice(family, picks), seconds
        )
    if as_json:
        typer.echo(json.dumps(report))
        return
    for key, value in report.items():
        if isinstance(value, list):
            typer.echo(f"{key}:")
            for line in value:
                typer.echo(f"  {line}")
        else:
            typer.echo(f"{key}: {value}")


def _load(file: Path, sheet: Path | None) -> "Family":
    from unikat.edge.family_files import load_family_file

    path = file / "family.uvl" if file.is_dir() else file
    beside = path.with_suffix(".toml")
    return load_family_file(path, beside if sheet is None and beside.is_file() else sheet)


def _goal(cheapest: bool, nearest: bool, fastest: bool) -> Goal:
    wanted = [
        goal
        for goal, is_wanted in (
            (Goal.CHEAPEST, cheapest),
            (Goal.NEAREST, nearest),
            (Goal.FASTEST, fastest),
        )
        if is_wanted
    ]
    if len(wanted) > 1:
        raise typer.BadParameter("give only one of --cheapest, --nearest and --fastest")
    return wanted[0] if wanted else Goal.DEFAULT


def _choice(family: "Family", picks: "Picks") -> "Choice":
    from unikat.configure import choose_all

    try:
        return choose_all(family, {str(name): value for name, value in picks})
    except InvalidChoice as error:
        message = f"{error}. With --nearest the nearest valid choice is found."
        raise InvalidChoice(message, picks=error.picks, rules=error.rules) from None


Report = dict[str, str | int | bool | list[str]]


def _default(choice: "Choice", seconds: float) -> Report:
    from unikat.configure import complete as complete_choice

    return _reported(choice.family, complete_choice(choice))


def _cheapest(choice: "Choice", seconds: float) -> Report:
    from unikat.configure.optimise import cheapest

    best = cheapest(choice, seconds=seconds)
    return {
        **_reported(choice.family, best.configuration),
        "is_optimal": best.is_optimal,
        "bound_cents": int(best.bound),
    }


def _nearest(family: "Family", picks: "Picks", seconds: float) -> Report:
    from unikat.configure.optimise import Wish, nearest
    from unikat.configure.settle import has

    best = nearest(family, [Wish(name, value) for name, value in picks], seconds=seconds)
    unmet = [
        f"{name} = {_shown(value)}"
        for name, value in picks
        if not has(best.configuration, name, value)
    ]
    return {
        **_reported(family, best.configuration),
        "unmet": unmet,
        "distance": _decimal(best),
        "is_optimal": best.is_optimal,
    }


def _fastest(choice: "Choice", seconds: float) -> Report:
    from unikat.configure.least_work import least_work

    found = least_work(choice, num=1, seconds=seconds)
    [first] = found.candidates
    return {
        **_reported(choice.family, first.configuration),
        "chain_seconds": first.chain,
        "bound_seconds": found.bound,
        "is_optimal": first.chain == found.bound,
    }


def _reported(family: "Family", configuration: "Configuration") -> Report:
    from unikat.configure import price

    values: list[tuple[str, Value]] = [*configuration.numbers, *configuration.texts]
    return {
        "selected": [each.name for each in family.features if each.name in configuration.selected],
        "values": [f"{name} = {_shown(value)}" for name, value in values],
        "price": _lines(price(family, configuration)),
        "total_cents": price(family, configuration).total,
        "key": configuration.key,
    }


def _lines(total: "Price") -> list[str]:
    return [f"{line.cents:>8}  {line.text}" for line in total.lines if line.cents]


def _shown(value: "Value") -> str:
    from unikat.family.values import shown_value

    return shown_value(value)


def _decimal(best: "Best") -> str:
    return f"{float(best.objective):g}"


def _tell_alternatives(choice: "Choice", feature: str, as_json: bool) -> None:
    from unikat.configure.alternatives import alternatives

    found = [
        {
            "feature": each.feature,
            "value": _shown(each.value),
            "difference_cents": each.difference,
            "key": each.configuration.key,
        }
        for each in alternatives(choice, feature)
    ]
    if as_json:
        typer.echo(json.dumps({"alternatives": found}))
        return
    for each in found:
        typer.echo(f"{each['difference_cents']:>+8}  {each['feature']} = {each['value']}")
    if not found:
        typer.echo("nothing else is possible")
