"""Families rewritten: `unikat family convert IN OUT`, UVL or DIMACS in, normal UVL out."""

from pathlib import Path
from typing import Annotated

import typer

Source = Annotated[Path, typer.Argument(help="family.uvl, or a .cnf or .dimacs file.")]
Target = Annotated[Path, typer.Argument(help="The .uvl file to write.")]
Join = Annotated[bool, typer.Option("--join", help="Put imported models into the one file.")]
Force = Annotated[bool, typer.Option("--force", help="Overwrite the file if it exists.")]


def convert(source: Source, target: Target, join: Join = False, force: Force = False) -> None:
    """Write a family as UVL in its normal form: same meaning, no comments but rules' reasons."""
    from unikat.edge.family_files import DIMACS, read_family_text, read_imports
    from unikat.family.read import read_dimacs, read_uvl
    from unikat.family.write import write_uvl

    if target.suffix in DIMACS:
        raise typer.BadParameter("only UVL is written; name a .uvl file")
    if target.exists() and not force:
        raise typer.BadParameter(f"{target} exists; name another file, or give --force")
    text = read_family_text(source)
    if source.suffix in DIMACS:
        tree = read_dimacs(text)
    else:
        tree = read_uvl(text, imported=read_imports(source.parent, text) if join else None)
    try:
        target.write_text(write_uvl(tree), encoding="utf-8")
    except OSError as error:
        raise typer.BadParameter(f"{target} cannot be written: {error.strerror}") from error
    typer.echo(f"{target}: {len(tree.rules)} rules")
