"""Logs of other systems on the command line: `unikat twin remaining LOG`, `unikat twin log LOG`."""

import json
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from unikat.terms import DAY, HOUR

if TYPE_CHECKING:
    from unikat.twin.process_log import ProcessLog
    from unikat.twin.remaining import Remaining
    from unikat.twin.remaining_score import RemainingScore

Log = Annotated[Path, typer.Argument(help="A process log, .csv or .xes.")]
Table = Annotated[
    Path | None,
    typer.Option("--columns", help="Names of a CSV's columns (TOML); else columns.toml beside it."),
]
Cut = Annotated[
    float,
    typer.Option(
        min=0.0, help="Jobs active in the log's last CUT hours are open, cut by the log's end."
    ),
]
Json = Annotated[bool, typer.Option("--json", help="Print one JSON object.")]
SHOWN = 30


def remaining(
    log: Log,
    table: Table = None,
    calendar: Annotated[
        bool, typer.Option(help="Use how much of the log's window is left as an input.")
    ] = False,
    cut: Cut = 0.0,
    folds: Annotated[int, typer.Option(min=2, max=20, help="Folds of the score.")] = 5,
    as_json: Json = False,
) -> None:
    """Tell when each open job of a log will be done, learnt from those that have ended.

    First how good that is: folds of the ended jobs, beside the median by last step. The
    calendar helps only inside the log's own window: a log that cuts a running plant shows jobs as
    ended that are not, and --calendar learns just that. Mark them by --cut.
    """
    from unikat.twin.process_log import mark_cut
    from unikat.twin.remaining import fit_remaining, foresee_remaining
    from unikat.twin.remaining_score import cross_validate

    read = _read(log, table)
    found = mark_cut(read, round(cut * HOUR)) if cut else read
    model = fit_remaining(found, uses_calendar=calendar)
    score = cross_validate(found, uses_calendar=calendar, num_folds=folds)
    last = {each.job: each for each in foresee_remaining(model, found)}
    rows = [last[job] for job in sorted(found.open_jobs & last.keys())]
    if as_json:
        typer.echo(json.dumps({"score": asdict(score), "open": [_facts(each) for each in rows]}))
        return
    _print_score(log.name, score)
    _print_open(rows)


def show_log(
    log: Log,
    table: Table = None,
    to: Annotated[
        Path | None, typer.Option(help="Write it, tidied, as this .csv or .xes file.")
    ] = None,
    cut: Cut = 0.0,
    overwrite: Annotated[
        bool, typer.Option("--overwrite", help="Replace the file that is there.")
    ] = False,
    as_json: Json = False,
) -> None:
    """Tell what a process log holds, or convert it between CSV and XES.

    Names get single blanks and exact duplicates are dropped; overlaps are kept.
    """
    from unikat.edge.formats.log_file import write_log
    from unikat.edge.show import print_table
    from unikat.twin.process_log import facts_of, mark_cut

    read = _read(log, table)
    found = mark_cut(read, round(cut * HOUR)) if cut else read
    if to is not None:
        if to.exists() and not overwrite:
            raise typer.BadParameter(f"{to} exists; name another file, or give --overwrite")
        to.write_text(write_log(found, to.suffix), "utf-8")
    facts = asdict(facts_of(found))
    if as_json:
        typer.echo(json.dumps(facts))
    else:
        rows = [(name.replace("_", " "), f"{value:,}") for name, value in facts.items()]
        print_table(f"{log.name}, tidied", rows)


def _read(log: Path, table: Path | None) -> "ProcessLog":
    from unikat.edge.formats.log_file import read_log_file

    return read_log_file(log, table)


def _print_score(name: str, score: "RemainingScore") -> None:
    from unikat.edge.show import print_table

    better = 100 * (1 - score.error / score.baseline) if score.baseline else 0.0
    verdict = f"{abs(better):.1f} % {'better' if better >= 0 else 'worse'}"
    rows = [
        ("points scored", f"{score.num_points:,}"),
        ("mean absolute error", f"{score.error:.2f} days, {verdict} than"),
        ("  the median by last step", f"{score.baseline:.2f} days"),
        ("90 % interval covers", f"{100 * score.covered:.1f} %"),
        ("its mean width", f"{score.width:.1f} days"),
    ]
    print_table(f"Remaining time in {name}", rows)


def _print_open(rows: "list[Remaining]") -> None:
    from unikat.edge.show import print_table

    if not rows:
        typer.echo("No job is open. Jobs cut by the log's end: --cut HOURS.")
        return
    shown = [(f"{each.job}, after {each.step}", _span(each)) for each in rows[:SHOWN]]
    if len(rows) > SHOWN:
        shown.append((f"and {len(rows) - SHOWN} more", "--json shows all"))
    print_table(f"{len(rows)} open jobs: days left after their last step, 90 % interval", shown)


def _span(each: "Remaining") -> str:
    low, median, high = (f"{s / DAY:.1f}" for s in (each.low, each.median, each.high))
    return f"{median} ({low} to {high}) days"


def _facts(each: "Remaining") -> dict[str, str | int]:
    return {
        "job": each.job,
        "step": each.step,
        "low_s": each.low,
        "median_s": each.median,
        "high_s": each.high,
    }
