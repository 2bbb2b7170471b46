"""Quality on the command line: `unikat floor spc SITE`."""

import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from unikat.edge.quality_view import ChartReply


def spc(
    site: Annotated[Path, typer.Argument(help="A site's folder (see `unikat init`).")],
    last: Annotated[int, typer.Option(min=1, max=1000, help="Points of each with --json.")] = 50,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object.")] = False,
) -> None:
    """Show whether each measured characteristic is in control, from the last thousand measures.

    Each part is another order, so what is charted is (measured - ordered) / sigma. *Act*: one part
    beyond 3 sigma, or the weighted mean has shifted. *Look*: a run that is unlikely in control.
    Mean 0 and spread 1 are right; another spread says that the sigma in family.toml is not.
    """
    import msgspec

    from unikat.edge.main import attach_site
    from unikat.edge.quality_view import view_quality
    from unikat.edge.show import print_table
    from unikat.edge.times import to_iso

    opened = attach_site(site)
    try:
        file, state = opened.models.file, opened.site.live.catch_up()
        reply = view_quality(
            opened.site.family, state, lambda at: to_iso(at, file.epoch, file.zone), last=last
        )
    finally:
        opened.close()
    if as_json:
        typer.echo(json.dumps(msgspec.to_builtins(reply)))
    elif reply.charts:
        print_table(
            f"Measured at {site}", [(each.characteristic, _words(each)) for each in reply.charts]
        )
    else:
        typer.echo("Nothing was measured yet: see [[characteristic]] in family.toml.")


def _words(chart: "ChartReply") -> str:
    spread = "" if chart.spread is None else f", spread {chart.spread:.2f}"
    known = f"{chart.num} parts, {chart.num_out} out of tolerance, mean {chart.mean:+.2f}{spread}"
    acts = [alarm for alarm in chart.alarms if alarm.is_act]
    newest = f"; last alarm {acts[-1].at}, {acts[-1].serial}: {acts[-1].signal}" if acts else ""
    return f"{chart.state.upper() if chart.state != 'in control' else chart.state}; {known}{newest}"
