"""The twin on the command line: `unikat twin score SITE`, `drift`, `propose`, `accept`, `health`,
`maintain`.
"""

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from unikat.terms import HOUR, Instant

if TYPE_CHECKING:
    from unikat.edge.main import OpenSite
    from unikat.edge.twin_view import (
        ClassReply,
        HealthReply,
        ModelScoreReply,
        ProposalReply,
        ScoreReply,
        TwinReply,
    )

twin_app = typer.Typer(
    help="The twin: how its forecasts came true, what drifts, and the model it uses."
)
Folder = Annotated[Path, typer.Argument(help="The site's folder (see `unikat init`).")]
Json = Annotated[bool, typer.Option("--json", help="Print one JSON object instead of a table.")]


@twin_app.callback()
def twin() -> None:
    """Group the verbs."""


@twin_app.command()
def score(folder: Folder, as_json: Json = False) -> None:
    """Show how forecasts came true, by model version and by how far ahead they looked.

    Covered is the share of orders that finished between P5 and P95: 90 % is right, less is too
    sure, more is too cautious. Played is the same before the correction that is learnt from
    finished orders.
    """
    from unikat.edge.show import print_table

    reply = _view(folder)
    if as_json:
        _print_json(reply)
        return
    rows = [
        (
            f"model {row.model_version}, {row.low_s / HOUR:.0f} to {row.high_s / HOUR:.0f} h ahead",
            _came_true(row),
        )
        for row in reply.scores
    ]
    learnt = f"corrected from {reply.corrected_from}" if reply.corrected_from else "not corrected"
    if not rows:
        typer.echo("No forecast is scored yet: no order that was foreseen has been delivered.")
        return
    print_table(f"Forecasts of {reply.num_scored} finished orders; {learnt}", rows)


@twin_app.command()
def drift(folder: Folder, as_json: Json = False) -> None:
    """Show each step class on its unit against the model: what drifts, and what looks odd."""
    from unikat.edge.show import print_table

    reply = _view(folder)
    if as_json:
        _print_json(reply)
        return
    rows = [(f"{each.capability} on {each.unit}", _state(each)) for each in reply.classes]
    if rows:
        print_table(f"Step classes under model {reply.model_version}", rows)
    else:
        typer.echo("No step was measured yet; let the floor work on.")
    if reply.proposal is not None:
        typer.echo(f"Version {reply.proposal.version} is proposed: unikat twin accept {folder}")


@twin_app.command()
def propose(folder: Folder, as_json: Json = False) -> None:
    """Fit the model to the drifts (without any: to all that was measured); nothing uses it yet.

    The forecasts of finished orders are played again from their own states with the old and the new
    model, so that one sees what the new one is worth.
    """
    import msgspec

    from unikat.edge.show import print_table
    from unikat.edge.twin_view import view_proposal
    from unikat.learn import propose as propose_model

    with _opened(folder) as opened:
        reply = view_proposal(propose_model(opened.site), _iso(opened))
    if as_json:
        typer.echo(json.dumps(msgspec.to_builtins(reply)))
        return
    print_table(f"Version {reply.version} of the model, proposed", _proposal_rows(reply))
    typer.echo(f"To use it: unikat twin accept {folder}")


@twin_app.command()
def accept(
    folder: Folder,
    version: Annotated[
        int | None, typer.Option(min=1, help="Which; without it the one proposed last.")
    ] = None,
    by: Annotated[str, typer.Option(help="Who accepts; kept in the log.")] = "command line",
) -> None:
    """Put a proposed version of the model to use; forecasts from now on are made with it."""
    from unikat.learn import accept_model

    with _opened(folder) as opened:
        wanted = version or opened.site.state().learning.last_version
        accepted = accept_model(opened.site, wanted, by=by)
    typer.echo(f"Version {accepted.version} of the model is in use.")


@twin_app.command()
def health(folder: Folder, as_json: Json = False) -> None:
    """Show how well each unit is, why, and when the schedule has room to maintain those in need.

    100 is as planned. A unit loses health by failing more often than plant.toml says, and by steps
    that take longer than the model says; below 30 it is due.
    """
    from unikat.edge.show import print_table

    reply = _view(folder)
    if as_json:
        _print_json(reply)
        return
    print_table("Health of the units", [(each.unit, _how_well(each)) for each in reply.health])
    if any(each.start for each in reply.health):
        typer.echo(f"To plan it: unikat twin maintain {folder} UNIT")


@twin_app.command()
def maintain(
    folder: Folder,
    unit: Annotated[str, typer.Argument(help="The unit to maintain.")],
) -> None:
    """Plan the maintenance of a unit where the schedule has room next; promises and schedules keep
    clear of it.
    """
    from unikat.edge.twin_view import window_for
    from unikat.errors import InvalidStop
    from unikat.flow import plan_stop
    from unikat.terms import UnitId
    from unikat.twin.health import estimate_health

    with _opened(folder) as opened:
        site, iso = opened.site, _iso(opened)
        state, now, name = site.state(), site.clock.now(), UnitId(unit)
        if name not in site.plant.units:
            raise InvalidStop(f"no unit {unit[:60]}; there are: {', '.join(site.plant.units)}")
        found = estimate_health(site.plant, state.learning, name)
        window = window_for(site.plant, state, found, now)
        if window is None:
            raise InvalidStop(f"{unit} has no room for maintenance within the horizon")
        planned = plan_stop(site, (name,), window.start, window.finish, "maintenance")
    typer.echo(f"{unit} is maintained from {iso(planned.start)} to {iso(planned.finish)}.")


@contextmanager
def _opened(folder: Path) -> "Iterator[OpenSite]":
    from unikat.edge.main import attach_site

    opened = attach_site(folder)
    try:
        yield opened
    finally:
        opened.close()


def _iso(opened: "OpenSite") -> "Callable[[Instant], str]":
    from unikat.edge.times import to_iso

    file = opened.models.file
    return lambda at: to_iso(at, file.epoch, file.zone)


def _view(folder: Path) -> "TwinReply":
    from unikat.edge.twin_view import view_twin

    with _opened(folder) as opened:
        site = opened.site
        return view_twin(site.plant, site.state(), site.clock.now(), _iso(opened))


def _print_json(reply: "TwinReply") -> None:
    import msgspec

    typer.echo(json.dumps(msgspec.to_builtins(reply)))


def _state(each: "ClassReply") -> str:
    known = f"{each.num_steps} steps, CUSUM {each.cusum:.1f}"
    if each.factor is not None:
        return f"DRIFT: {100 * (each.factor - 1):+.0f} % since {each.since}; {known}"
    return f"odd spread, look at it; {known}" if each.is_odd else known


def _how_well(each: "HealthReply") -> str:
    text = f"{each.figure}"
    if each.mtbf_s:
        text += f"; MTBF {each.mtbf_s / HOUR:.0f} h, MTTR {each.mttr_s / HOUR:.1f} h"
    text += "".join(f"; {reason}" for reason in each.reasons)
    return f"{text}; room from {each.start}" if each.start else text


def _came_true(row: "ScoreReply") -> str:
    covered = f"{row.num_orders} orders, covered {row.covered:.1%} (played {row.played:.1%})"
    return f"{covered}, CRPS {row.crps_s / HOUR:.2f} h, bias {row.bias_s / HOUR:+.2f} h"


def _proposal_rows(reply: "ProposalReply") -> list[tuple[str, str]]:
    changes = [("change", change) for change in reply.changes]
    if not reply.before.num_orders:
        return [*changes, ("forecasts played again", "none yet: no order finished since")]
    return [
        *changes,
        ("forecasts played again", str(reply.before.num_orders)),
        ("before", _worth(reply.before)),
        ("after", _worth(reply.after)),
        ("foreseen better / worse", f"{reply.num_better} / {reply.num_worse} orders"),
    ]


def _worth(score: "ModelScoreReply") -> str:
    return f"covered {score.covered:.1%}, CRPS {score.crps_s / HOUR:.2f} h, error {score.error:.1%}"
