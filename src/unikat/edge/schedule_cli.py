"""The scheduler on the command line: `schedule solve FILE.fjs`, `schedule late | jams SITE`."""

import json
import signal
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from unikat.errors import InfeasibleSchedule

if TYPE_CHECKING:
    from unikat.schedule.flexible.model import FlexibleShop

TIME_0 = datetime(2026, 1, 5, 6)  # noqa: DTZ001 - local time, as people write it
schedule_app = typer.Typer(
    help="Schedule a flexible job shop of its own; explain the late orders and the jams of a site."
)


@schedule_app.callback()
def schedule() -> None:
    """Group the verbs."""


@schedule_app.command()
def solve(  # noqa: PLR0917 - the options of a command
    file: Annotated[Path, typer.Argument(help="A flexible job shop as .fjs text.")],
    seconds: Annotated[
        float, typer.Option(min=0.0, help="Stop after this; Ctrl-C stops at once.")
    ] = 10.0,
    seed: Annotated[int, typer.Option(min=0, help="Where the search begins.")] = 1,
    rounds: Annotated[
        int | None, typer.Option(min=1, help="Instead of seconds: same seed, same schedule.")
    ] = None,
    gantt: Annotated[Path | None, typer.Option(help="Write a Gantt picture: FILE.svg.")] = None,
    export: Annotated[
        list[Path] | None, typer.Option(help="Write the schedule: FILE.json, .csv or .ics.")
    ] = None,
    begin: Annotated[datetime, typer.Option(help="When time 0 is, for .ics: local time.")] = TIME_0,
    unit_s: Annotated[int, typer.Option(min=1, help="Seconds of one unit of time, for .ics.")] = 60,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object.")] = False,
) -> None:
    """Find a short schedule for FILE and say how short it could be at best."""
    from unikat.edge.schedule_files import (
        check_target,
        schedule_facts,
        schedule_rows,
        write_schedule_file,
    )
    from unikat.edge.show import print_table
    from unikat.schedule.flexible.check import check_schedule
    from unikat.schedule.flexible.solve import solve_shop

    shop = _read(file)
    targets = (*([gantt] if gantt else []), *(export or []))
    for path in targets:
        check_target(path)
    with _until_interrupted() as is_cancelled:
        found = solve_shop(
            shop, seconds=seconds, seed=seed, rounds=rounds, is_cancelled=is_cancelled
        )
    if violations := check_schedule(shop, found):
        raise InfeasibleSchedule("; ".join(f"{v.law}: {v.subject} {v.detail}" for v in violations))
    for path in targets:
        write_schedule_file(path, shop, found, begin=begin, unit_s=unit_s)
    facts = schedule_facts(shop, found)
    if as_json:
        rows = schedule_rows(shop, found)
        typer.echo(json.dumps({"file": file.name, **facts, "schedule": rows}))
    else:
        print_table(
            file.name, [(name.replace("_", " "), str(fact)) for name, fact in facts.items()]
        )


@schedule_app.command()
def late(
    folder: Annotated[Path, typer.Argument(help="The site's folder (see `unikat init`).")],
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object.")] = False,
) -> None:
    """List the orders that will break their promise, each with what it waits for, link by link."""
    import msgspec

    from unikat.edge.main import attach_site
    from unikat.edge.show import print_table
    from unikat.edge.times import to_iso
    from unikat.edge.web.api.schedule import late_reply
    from unikat.flow import late_orders

    opened = attach_site(folder)
    try:
        file = opened.models.file
        found = late_orders(opened.site)
        replies = [late_reply(x, lambda at: to_iso(at, file.epoch, file.zone)) for x in found]
    finally:
        opened.close()
    if as_json:
        typer.echo(json.dumps({"orders": msgspec.to_builtins(replies)}))
        return
    for reply in replies:
        title = f"{reply.order}: due {reply.due}, expected {reply.finish}; begins with {reply.root}"
        print_table(
            title,
            [(x.words, f"{x.seconds // 3600}:{x.seconds // 60 % 60:02} h") for x in reply.links],
        )
    if not replies:
        typer.echo("no order is late")


@schedule_app.command()
def jams(
    folder: Annotated[Path, typer.Argument(help="The site's folder (see `unikat init`).")],
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object.")] = False,
) -> None:
    """List where the schedule needs more buffer places than the plant has: the floor will be late
    there, or take another sequence.
    """
    import msgspec

    from unikat.edge.main import attach_site
    from unikat.edge.times import to_iso
    from unikat.edge.web.api.schedule import jam_reply
    from unikat.flow import jams as find_jams

    opened = attach_site(folder)
    try:
        file = opened.models.file
        found = find_jams(opened.site)
        replies = [jam_reply(x, lambda at: to_iso(at, file.epoch, file.zone)) for x in found]
    finally:
        opened.close()
    if as_json:
        typer.echo(json.dumps({"jams": msgspec.to_builtins(replies)}))
        return
    for reply in replies:
        typer.echo(f"{reply.start} to {reply.finish}  {reply.words}: {', '.join(reply.steps)}")
    if not replies:
        typer.echo("every part finds a place where it waits")


def _read(file: Path) -> "FlexibleShop":
    from unikat.schedule.flexible.fjs import read_fjs

    try:
        text = file.read_text("utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise typer.BadParameter(f"{file} cannot be read as text: {error}") from None
    return read_fjs(text, name=file.name)


@contextmanager
def _until_interrupted() -> Iterator[Callable[[], bool]]:
    """Turn the first Ctrl-C into the wish to stop with the best so far."""
    wishes: list[int] = []
    usual = signal.signal(signal.SIGINT, lambda number, frame: wishes.append(number))
    try:
        yield lambda: bool(wishes)
    finally:
        signal.signal(signal.SIGINT, usual)
