"""How an order was built, on the command line: `unikat floor genealogy SITE ORDER`."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from unikat.edge.genealogy_view import LotReply, MeasuredReply, PassedReply


def genealogy(
    folder: Annotated[Path, typer.Argument(help="The site's folder (see `unikat init`).")],
    order: Annotated[str, typer.Argument(help="An order (see `unikat status`).")],
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object.")] = False,
) -> None:
    """Show how each part of an order was built: steps, units, builds, programs, measurements.

    A scrapped part stands before the one that replaced it. Lots of material are shown where a
    message named them.
    """
    import msgspec

    from unikat.edge.genealogy_view import view_genealogy
    from unikat.edge.main import attach_site
    from unikat.edge.show import print_table
    from unikat.edge.times import to_iso
    from unikat.terms import OrderId
    from unikat.twin.genealogy import trace_order

    opened = attach_site(folder)
    try:
        found = trace_order(opened.site.log.read(), OrderId(order))
        file = opened.models.file
        reply = view_genealogy(found, lambda at: to_iso(at, file.epoch, file.zone))
    finally:
        opened.close()
    if as_json:
        typer.echo(msgspec.json.encode(reply).decode())
        return
    for number, part in enumerate(reply.parts, start=1):
        name = part.serial or f"part {number}"
        heading = f"{name} of {order}{f', scrapped: {part.scrapped}' if part.scrapped else ''}"
        rows = [row for passed in part.passed for row in _rows(passed)]
        print_table(heading, rows or [("no step yet", "")])


def _rows(passed: "PassedReply") -> list[tuple[str, str]]:
    again = f" ({passed.attempt})" if passed.attempt else ""
    times = f"{passed.started or '?'} to {passed.finished or 'now'}"
    build = ""
    if passed.build:
        build = f", build {passed.build}"
        build += f" with {', '.join(passed.mates)}" if passed.mates else ""
    program = f", program {passed.program}" if passed.program else ""
    rows = [(f"{passed.step}{again}", f"{passed.unit}, {times}{build}{program}")]
    rows += [("  material", f"{i.item}: {i.quantity:g} {i.unit}") for i in passed.items]
    rows += [("  lot", f"{u.item}: {u.lot}{_much(u)}") for u in passed.lots]
    rows += [(f"  {m.characteristic}", _told(m)) for m in passed.measured]
    return rows + [("  again", reason) for reason in passed.rework]


def _much(u: "LotReply") -> str:
    return f", {u.quantity:g} {u.measure}".rstrip() if u.quantity else ""


def _told(m: "MeasuredReply") -> str:
    verdict = "" if m.is_good else ": outside"
    return f"{m.measured:g} {m.measure}, ordered {m.ordered:g} within {m.tolerance:g}{verdict}"
