"""Families on the command line: `unikat family check|analyse|count|diff`, for UVL and DIMACS."""

import json
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from unikat.edge.convert_cli import convert
from unikat.edge.versions_cli import recheck, versions
from unikat.errors import Fault, InvalidFamily

if TYPE_CHECKING:
    from unikat.edge.family_study import Study
    from unikat.family.model import Family

family_app = typer.Typer(
    help="Check, analyse, count and compare product families.", no_args_is_help=True
)
family_app.command()(convert)
family_app.command()(recheck)
family_app.command()(versions)
File = Annotated[
    Path, typer.Argument(help="family.uvl, a .cnf or .dimacs file, or a folder with family.uvl.")
]
Sheet = Annotated[
    Path | None,
    typer.Option(help="Its family.toml; else the .toml of the same name beside it, if any."),
]
Json = Annotated[bool, typer.Option("--json", help="Print one JSON object instead of a table.")]
Seconds = Annotated[
    float, typer.Option(min=0.1, help="Stop after this with what there is; so does Ctrl-C.")
]
SHOWN = 20
"""Most names a table shows in one row."""


@family_app.command()
def check(file: File, sheet: Sheet = None, as_json: Json = False) -> None:
    """Read a family: all its faults at once, with place and remedy; or what is unusual in it."""
    try:
        family = _load(file, sheet)
    except InvalidFamily as invalid:
        if not as_json:
            raise
        typer.echo(json.dumps({"file": str(file), "faults": list(map(asdict, invalid.faults))}))
        raise typer.Exit(2) from None
    sizes = {"features": len(family.features), "rules": len(family.rules)}
    if as_json:
        facts = {"file": str(file), "faults": [], **sizes, "remarks": family.remarks}
        typer.echo(json.dumps(facts))
        return
    typer.echo(
        f"{file}: no faults. {sizes['features']} features, {sizes['rules']} rules,"
        f" {len(family.remarks)} remarks."
    )
    for remark in family.remarks:
        typer.echo(f"  {remark}")


@family_app.command()
def analyse(
    file: File,
    sheet: Sheet = None,
    html: Annotated[Path | None, typer.Option(help="Write a report for people here.")] = None,
    seconds: Seconds = 120.0,
    seed: Annotated[int, typer.Option(min=0, help="Of what is drawn at random.")] = 1,
    as_json: Json = False,
) -> None:
    """Tell what follows from the rules, how many configurations there are, which rules bind.

    core: in every valid configuration; dead: in none; false optional: core though it looks
    optional; redundant: follows from other rules, which are named. The share of an option is that
    of the valid sets of options that have it, each counted once; where exact counting takes too
    long, it is estimated from samples and says so. A rule binds when a minimal explanation of a
    refused click of random shoppers names it.
    """
    from unikat.edge.family_study import study, study_facts
    from unikat.edge.patience import patience, run_beside
    from unikat.edge.show import progress_bar

    family = _load(file, sheet)
    with (
        patience(seconds) as patient,
        progress_bar("analysis", is_shown=not as_json) as progress,
    ):
        tell = progress or (lambda done, total: None)
        found = run_beside(lambda: study(family, patient, seed=seed, progress=tell))
    if html is not None:
        from unikat.edge.family_report import write_report

        write_report(html, family, found, file.name)
    if as_json:
        typer.echo(json.dumps(study_facts(family, found)))
    else:
        _print_study(found)
        if html is not None:
            typer.echo(f"The report is in {html}.")


def _print_study(found: "Study") -> None:
    from unikat.edge.family_study import how_shares

    analysis = found.analysis
    for title, size in (
        ("features", analysis.num_features),
        ("rules", analysis.num_rules),
        ("clauses", analysis.num_clauses),
    ):
        typer.echo(f"{title:16} {size:>8}")
    for title, each in (
        ("core", analysis.core),
        ("dead", analysis.dead),
        ("false_optional", analysis.false_optional),
        ("redundant_rules", tuple(analysis.redundant)),
    ):
        typer.echo(f"{title:16} {len(each):>8}  {_names(each)}".rstrip())
    for rule, because in list(analysis.redundant.items())[:SHOWN]:
        typer.echo(f"  {rule} follows from {', '.join(because) or 'the tree alone'}")
    if analysis.droppable:
        typer.echo(f"  all at once can go: {_names(analysis.droppable)}")
    typer.echo(f"{'configurations':16} {found.count} sets of options")
    if found.values is not None:
        typer.echo(f"{'with values':16} {found.values} with the values of numbers")
    typer.echo(f"{'rule coverage':16} {analysis.coverage:8.1%} of the features are in some rule")
    _print_rules(found)
    typer.echo(how_shares(found))
    if found.is_stopped:
        typer.echo("Stopped early: what was not found in the time is left out (--seconds).")


def _print_rules(found: "Study") -> None:
    bindings = found.bindings
    binding = sorted(bindings.times.items(), key=lambda pair: (-pair[1], pair[0]))[:SHOWN]
    if binding:
        typer.echo(f"Of {bindings.num_refused} refused clicks of random shoppers were due to:")
    touched = {rule.id: len(names) for rule, names in found.analysis.touched}
    for rule, times in binding:
        typer.echo(f"  {rule:16} {times:>6}  (touches {touched.get(rule, 0)} features)")


def _names(names: tuple[str, ...]) -> str:
    return ", ".join(names[:SHOWN]) + (", ..." if len(names) > SHOWN else "")


@family_app.command()
def count(
    file: File,
    sheet: Sheet = None,
    has_values: Annotated[
        bool, typer.Option("--values", help="Count the values of numbers, too.")
    ] = False,
    seconds: Seconds = 60.0,
    as_json: Json = False,
) -> None:
    """Count the valid sets of options, exactly or from below; numbers and texts apart."""
    from unikat.configure.count import count_configurations
    from unikat.edge.family_study import count_facts
    from unikat.edge.patience import patience, run_beside

    family = _load(file, sheet)
    with patience(seconds) as patient:
        found = run_beside(
            lambda: count_configurations(
                family, has_values=has_values, is_cancelled=patient.is_over
            )
        )
    if as_json:
        facts = count_facts(found)
        typer.echo(json.dumps({"configurations": facts["number"], "is_exact": facts["is_exact"]}))
        return
    typer.echo(str(found))
    if family.fine is not None:
        typer.echo(
            "Some rules have numbers too fine to count: sets of options were listed instead."
        )


@family_app.command()
def diff(
    old: File,
    new: File,
    old_sheet: Sheet = None,
    new_sheet: Sheet = None,
    seconds: Seconds = 60.0,
    as_json: Json = False,
) -> None:
    """Compare two versions: what was added, removed, renamed and changed, and what that means.

    refactoring: both allow the same over the options they have in common; specialisation: the new
    one allows less; generalisation: more; arbitrary edit: both less and more. Options that only one
    has may be chosen freely there. An example shows what only one of them allows.
    """
    from unikat.configure.diff import diff as diff_families
    from unikat.edge.family_diff import diff_facts, diff_lines
    from unikat.edge.patience import patience, run_beside

    before, after = _load(old, old_sheet), _load(new, new_sheet)
    with patience(seconds) as patient:
        found = run_beside(lambda: diff_families(before, after, is_cancelled=patient.is_over))
    if as_json:
        typer.echo(json.dumps(diff_facts(found, before, after)))
        return
    for line in diff_lines(found, SHOWN):
        typer.echo(line)


def _load(file: Path, sheet: Path | None) -> "Family":
    from unikat.edge.family_files import load_family_file

    path = file / "family.uvl" if file.is_dir() else file
    if file.is_dir() and not path.exists():
        fault = Fault(str(file), 0, 0, "", "no family.uvl in this folder", "Name its file")
        raise InvalidFamily([fault])
    beside = path.with_suffix(".toml")
    return load_family_file(path, beside if sheet is None and beside.is_file() else sheet)
