"""What-if questions on the command line: `unikat whatif SITE --stop M1=4h`."""

import json
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, TypeVar

import typer

from unikat.terms import HOUR, MINUTE

if TYPE_CHECKING:
    from unikat.edge.what_if import (
        DifferenceReply,
        MeasureReply,
        StopWish,
        WhatIfReply,
        WhatIfWish,
    )
    from unikat.twin.what_if import Comparison

Value = TypeVar("Value")
SHOWN = 20
_HOURS = {"m": 1 / 60, "h": 1.0, "d": 24.0}
_LENGTH = r"(\d{1,6}(?:\.\d{1,4})?)([mhd])"
_STOP = re.compile(rf"(?:{_LENGTH}-)?{_LENGTH}")


def whatif(  # noqa: PLR0917 - the options of a command
    folder: Annotated[Path, typer.Argument(help="The site's folder (see `unikat init`).")],
    stop: Annotated[
        list[str] | None,
        typer.Option(
            help="A unit or work center stops: M1=4h from now, M1=2h-6h from in 2 h to in 6 h;"
            " m, h or d."
        ),
    ] = None,
    rush: Annotated[list[str] | None, typer.Option(help="An order that is wanted at once.")] = None,
    extra: Annotated[
        list[str] | None, typer.Option(help="More units of a work center: filament=1.")
    ] = None,
    pace: Annotated[
        list[str] | None, typer.Option(help="Another pace of a unit: F1=1.2 is a fifth faster.")
    ] = None,
    hours: Annotated[
        list[str] | None,
        typer.Option(help='More hours of a calendar: "two_shift=sat 06:00-14:00".'),
    ] = None,
    robots: Annotated[int, typer.Option(min=0, max=20, help="So many more robots.")] = 0,
    travel: Annotated[
        list[str] | None,
        typer.Option(help="Another layout: seconds between two work centers, glue-oven=15."),
    ] = None,
    priority: Annotated[
        str, typer.Option(help="Schedule by promised finish, by due date, or by arrival.")
    ] = "finish",
    replications: Annotated[int, typer.Option(min=20, max=1_000, help="How often to play.")] = 200,
    until_sure: Annotated[
        bool, typer.Option("--until-sure", help="Stop as soon as the sign of the delay is sure.")
    ] = False,
    seed: Annotated[int, typer.Option(min=0, help="Same seed, same answer.")] = 1,
    as_json: Annotated[
        bool, typer.Option("--json", help="Print one JSON object instead of a table.")
    ] = False,
) -> None:
    """Ask what would be different, order by order, before anything is published.

    Both worlds are scheduled anew and played on with the same luck, so the difference is the
    scenario's doing. One looks after 50, 200 and 1,000 replications; Ctrl-C keeps the last look.
    """
    from unikat.edge.what_if import WhatIfWish
    from unikat.twin.scenario import Priority

    if priority not in tuple(Priority):
        raise typer.BadParameter(f"--priority {priority}: give {', '.join(Priority)}")
    asked = [each for listed in (stop, rush, extra, pace, hours, travel) for each in listed or []]
    wish = WhatIfWish(
        name=" ".join(asked) or (f"{robots} more robots" if robots else "nothing"),
        stops=tuple(_stop(text) for text in stop or []),
        extra=_pairs("--extra", extra, int, "filament=1"),
        pace=_pairs("--pace", pace, float, "F1=1.2"),
        hours=_pairs("--hours", hours, str, "two_shift=sat 06:00-14:00"),
        rush=tuple(rush or []),
        robots=robots,
        travel=_pairs("--travel", travel, int, "glue-oven=15"),
        priority=Priority(priority),
        replications=replications,
        seed=seed,
    )
    _print(_ask(folder, wish, until_sure=until_sure), as_json=as_json)


def _ask(folder: Path, wish: "WhatIfWish", *, until_sure: bool) -> "WhatIfReply":
    """Return what a site answers."""
    from unikat.edge.main import attach_site
    from unikat.edge.times import to_iso
    from unikat.edge.what_if import reply_of, scenario_of
    from unikat.flow import watch_what_if

    opened = attach_site(folder)
    try:
        site, file = opened.site, opened.models.file
        scenario = scenario_of(site.plant, site.clock.now(), wish)
        looks = watch_what_if(site, scenario, seed=wish.seed, replications=wish.replications)
        found = _last(looks, until_sure=until_sure)
        customers = {order.id: order.customer for order in site.state().orders.values()}
        return reply_of(found, customers, lambda at: to_iso(at, file.epoch, file.zone))
    finally:
        opened.close()


def _last(looks: "Iterator[Comparison]", *, until_sure: bool) -> "Comparison":
    """Return the last look, and tell how each goes; Ctrl-C ends after the first one."""
    found = _told(next(looks))
    try:
        while not (until_sure and found.delay.is_sure):
            found = _told(next(looks))
    except (KeyboardInterrupt, StopIteration):
        pass
    return found


def _told(found: "Comparison") -> "Comparison":
    delay = found.delay
    how = _how(delay.mean, delay.low, delay.high)
    typer.echo(f"after {found.replications}: mean delay {how}", err=True)
    return found


def _stop(text: str) -> "StopWish":
    from unikat.edge.what_if import StopWish

    name, _, length = text.rpartition("=")
    match = _STOP.fullmatch(length.strip().lower())
    if not name.strip() or match is None:
        raise typer.BadParameter(
            f"--stop {text!r}: write UNIT=LENGTH like M1=4h, 30m or 2d, or M1=2h-6h from now"
        )
    start = float(match[1] or 0) * _HOURS[match[2] or "h"]
    finish = float(match[3]) * _HOURS[match[4]]
    if finish <= start:
        raise typer.BadParameter(f"--stop {text!r}: it must last; its end is not after its begin")
    return StopWish(name.strip(), finish - start, start)


def _pairs(
    option: str, texts: list[str] | None, read: Callable[[str], Value], example: str
) -> dict[str, Value]:
    """Read options like filament=1."""
    found = {}
    for text in texts or []:
        name, _, value = text.partition("=")
        try:
            found[name.strip()] = read(value.strip())
        except ValueError:
            name = ""
        if not name.strip():
            raise typer.BadParameter(f"{option} {text!r}: write it like {example}")
    return found


def _print(reply: "WhatIfReply", *, as_json: bool) -> None:
    import msgspec

    from unikat.edge.show import print_table

    if as_json:
        typer.echo(json.dumps(msgspec.to_builtins(reply)))
        return

    delay = reply.delay
    print_table(
        f"What if: {reply.name} (nothing is published)",
        [
            ("open orders", str(len(reply.orders))),
            ("mean delay", _how(delay.mean, delay.low, delay.high)),
            ("between (99.7 %)", f"{_length(delay.low)} and {_length(delay.high)}"),
            ("dates kept", f"{reply.kept.now:.1%} -> {reply.kept.then:.1%}"),
            ("lead time", _both(reply.lead_s)),
            ("tardiness", _both(reply.tardiness_s)),
            ("late as now", str(len(reply.late_now))),
            ("late then", str(len(reply.late_then))),
            ("newly late", ", ".join(reply.newly_late) or "none"),
            ("no longer late", ", ".join(reply.no_longer_late) or "none"),
        ],
    )
    moved = [each for each in reply.orders if each.delay.mean]
    moved.sort(key=lambda each: (-abs(each.delay.mean), each.order))
    if moved:
        print_table(
            f"Orders that move most: {min(len(moved), SHOWN)} of {len(moved)}",
            [(f"{each.order}  due {each.due}", _moves(each)) for each in moved[:SHOWN]],
        )


def _how(mean: float, low: float, high: float) -> str:
    if low == high == 0:
        return "none in any replication"
    return f"{_length(mean)}, {'sure' if low > 0 or high < 0 else 'not sure'}"


def _both(figure: "MeasureReply") -> str:
    return f"{figure.now / HOUR:.1f} h -> {figure.then / HOUR:.1f} h"


def _moves(each: "DifferenceReply") -> str:
    chance = f"{each.p_on_time_now:.0%} -> {each.p_on_time_then:.0%}"
    return f"{_length(each.delay.mean)}, on time {chance}"


def _length(seconds: float) -> str:
    return f"{seconds / HOUR:+.1f} h" if abs(seconds) >= HOUR else f"{seconds / MINUTE:+.0f} min"
