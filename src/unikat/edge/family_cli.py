"""Families on the command line: `unikat family check|analyse|count FILE`, for UVL and DIMACS."""

import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from unikat.edge.convert_cli import convert
from unikat.edge.versions_cli import recheck, versions

if TYPE_CHECKING:
    from unikat.family.model import Family

family_app = typer.Typer(help="Check, analyse and count a product family.", no_args_is_help=True)
family_app.command()(convert)
family_app.command()(recheck)
family_app.command()(versions)
File = Annotated[Path, typer.Argument(help="family.uvl, or a .cnf or .dimacs file.")]
Sheet = Annotated[Path | None, typer.Option(help="Its family.toml; else one without lines.")]
Json = Annotated[bool, typer.Option("--json", help="Print one JSON object instead of a table.")]
SHOWN = 20
"""Most names a table shows in one row."""


@family_app.command()
def check(file: File, sheet: Sheet = None) -> None:
    """Read a family: all its faults at once, with place and remedy; or what is unusual in it."""
    family = _load(file, sheet)
    typer.echo(
        f"{file}: no faults. {len(family.features)} features, {len(family.rules)} rules,"
        f" {len(family.remarks)} remarks."
    )
    for remark in family.remarks:
        typer.echo(f"  {remark}")


@family_app.command()
def analyse(file: File, sheet: Sheet = None, as_json: Json = False) -> None:
    """Find core, dead and false-optional options, and rules that follow from the others."""
    from unikat.configure.analysis import analyse as analyse_family

    found = analyse_family(_load(file, sheet))
    names = {
        "core": found.core,
        "dead": found.dead,
        "false_optional": found.false_optional,
        "redundant_rules": found.redundant,
    }
    sizes = {
        "features": found.num_features,
        "rules": found.num_rules,
        "clauses": found.num_clauses,
    }
    if as_json:
        typer.echo(json.dumps({**sizes, **names}))
        return
    for title, size in sizes.items():
        typer.echo(f"{title:16} {size:>8}")
    for title, each in names.items():
        more = ", ..." if len(each) > SHOWN else ""
        typer.echo(f"{title:16} {len(each):>8}  {', '.join(each[:SHOWN])}{more}")


@family_app.command()
def count(file: File, sheet: Sheet = None, as_json: Json = False) -> None:
    """Count the valid sets of options (numbers and texts apart), exactly or from below."""
    from unikat.configure.count import count_configurations

    found = count_configurations(_load(file, sheet))
    if as_json:
        typer.echo(json.dumps({"configurations": str(found.number), "is_exact": found.is_exact}))
        return
    typer.echo(f"{'' if found.is_exact else 'at least '}{found.number}")


def _load(file: Path, sheet: Path | None) -> "Family":
    from unikat.edge.family_files import load_family_file

    return load_family_file(file, sheet)
