"""Who speaks for the floor, on the command line: `unikat floor sources SITE`."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from unikat.edge.twin_view import SourceReply


def sources(
    folder: Annotated[Path, typer.Argument(help="The site's folder (see `unikat init`).")],
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object.")] = False,
) -> None:
    """Show who speaks for the floor: when last, how many messages are missing, whose clock is
    wrong.

    A source of which messages are missing is blind. The times a wrong clock says are corrected.
    """
    import msgspec

    from unikat.edge.main import attach_site
    from unikat.edge.show import print_table
    from unikat.edge.times import to_iso
    from unikat.edge.twin_view import view_sources

    opened = attach_site(folder)
    try:
        file = opened.models.file
        found = view_sources(opened.site.state(), lambda at: to_iso(at, file.epoch, file.zone))
    finally:
        opened.close()
    if as_json:
        typer.echo(msgspec.json.encode({"sources": found}).decode())
    elif not found:
        typer.echo("Nobody has spoken for the floor yet.")
    else:
        print_table("Who speaks for the floor", [(each.source, _told(each)) for each in found])


def _told(each: "SourceReply") -> str:
    blind = f"blind: {each.missing} missing" if each.missing else "nothing missing"
    way = "fast" if each.clock_fast_s > 0 else "slow"
    clock = f"clock {abs(each.clock_fast_s)} s {way}, corrected" if each.clock_fast_s else ""
    return ", ".join(filter(None, (f"last {each.last_seen}", blind, clock)))
