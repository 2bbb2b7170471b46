"""Versions of the family on the command line: `unikat family recheck|versions SITE`."""

import json
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import astuple
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from unikat.errors import Fault, InvalidSite

if TYPE_CHECKING:
    from unikat.configure.recheck import Losing, Recheck
    from unikat.configure.saved import Lost
    from unikat.configure.workspace import Picks
    from unikat.edge.main import OpenSite
    from unikat.edge.store.versions import Version
    from unikat.family.model import Family

SHOWN = 20
"""Most choices a table shows that lose a pick; --json has all."""
COUNTED: Mapping[str, str] = {
    "open_orders": "orders",
    "ended_orders": "ended",
    "open_quotes": "quotes",
    "saved_choices": "saved",
}
Folder = Annotated[Path, typer.Argument(help="The site's folder (see `unikat init`).")]
Json = Annotated[bool, typer.Option("--json", help="Print one JSON object instead of a table.")]


def recheck(
    folder: Folder,
    against: Annotated[
        Path | None,
        typer.Option(help="A family.uvl, its .toml beside it; else the texts in SITE."),
    ] = None,
    repairs: Annotated[
        int, typer.Option(min=0, help="Look for the nearest repair of so many choices.")
    ] = 100,
    as_json: Json = False,
) -> None:
    """Ask what a new version would do to all saved choices, open quotes and open orders.

    Nothing is published or changed. Quotes and orders keep their version whatever comes of this;
    what is told of them is what their shoppers could order again.
    """
    from unikat.configure.recheck import recheck as recheck_all
    from unikat.edge.main import attach_site
    from unikat.edge.rechecks import newest_version, reopen_all

    opened = attach_site(folder)
    try:
        family = opened.models.family if against is None else _read(against)
        present = newest_version(opened)
        found = recheck_all(reopen_all(opened, family), repairs=repairs)
    finally:
        opened.close()
    if as_json:
        typer.echo(json.dumps(_facts(found, family, present)))
    else:
        _print(found, family, present)


def _read(file: Path) -> "Family":
    from unikat.edge.family_files import load_family_file

    sheet = file.with_suffix(".toml")
    if not sheet.is_file():
        remedy = f"Put the new version's sheet beside it as {sheet.name}"
        raise InvalidSite([Fault(str(sheet), 0, 0, "", "there is no such file", remedy)])
    return load_family_file(file, sheet)


def _facts(found: "Recheck", family: "Family", present: "Family") -> Mapping[str, object]:
    return {
        "family": family.id,
        "version": family.version,
        "published_version": present.version,
        "choices": {
            kind.replace(" ", "_"): {
                "number": each.num,
                "lose_a_pick": each.num_losing,
                "change_by_themselves": each.num_changed,
                "dearer": each.num_dearer,
                "cheaper": each.num_cheaper,
            }
            for kind, each in found.tallies.items()
        },
        "causes": found.causes,
        "losing": [_losing_facts(each) for each in found.losing],
    }


def _losing_facts(losing: "Losing") -> Mapping[str, object]:
    mended = losing.repair
    return {
        "kind": losing.kind,
        "id": losing.id,
        "lost": [_lost_facts(each) for each in losing.reopened.lost],
        "price_difference_cents": losing.reopened.price_difference,
        "repair": None
        if mended is None
        else {
            "picks": _plain(mended.choice.picks),
            "dropped": _plain(mended.dropped),
            "is_optimal": mended.is_optimal,
        },
    }


def _lost_facts(lost: "Lost") -> Mapping[str, object]:
    from unikat.family.values import shown_value

    return {
        "feature": lost.feature,
        "value": shown_value(lost.value),
        "reason": lost.reason,
        "text": lost.text,
        "allowed": lost.allowed,
        "picks": lost.conflict.picks if lost.conflict else (),
        "rules": lost.conflict.rules if lost.conflict else (),
    }


def _plain(picks: "Picks") -> Mapping[str, str]:
    from unikat.family.values import shown_value

    return {name: shown_value(value) for name, value in picks}


def _print(found: "Recheck", family: "Family", present: "Family") -> None:
    head = f"{family.id} version {family.version}; published is version {present.version}"
    if family.version <= present.version:
        head += f" (write version = {present.version + 1} to publish other texts)"
    names = ("", "number", "lose a pick", "changed", "dearer", "cheaper")
    rows: list[Sequence[str]] = [names]
    rows += [(kind, *map(str, astuple(each))) for kind, each in found.tallies.items()]
    _print_columns(head, rows)
    num = sum(each.num for each in found.tallies.values())
    typer.echo(f"{len(found.losing)} of {num} lose a pick.")
    if not found.losing:
        return
    _print_columns(
        "Why picks are lost",
        [("", "choices"), *((cause, str(num)) for cause, num in found.causes.items())],
    )
    for each in found.losing[:SHOWN]:
        typer.echo(f"{each.id} ({each.kind})")
        for lost in each.reopened.lost:
            typer.echo(f"  {lost.text}" + _nearest(lost))
        typer.echo(f"  {_repair_text(each)}")
    if len(found.losing) > SHOWN:
        typer.echo(f"... and {len(found.losing) - SHOWN} more; --json tells all")


def _nearest(lost: "Lost") -> str:
    near = lost.reason == "value" and lost.allowed
    return f"; nearest: {' or '.join(lost.allowed)}" if near else ""


def _repair_text(losing: "Losing") -> str:
    if losing.repair is None:
        return "nearest: what is kept"
    dropped = ", ".join(f"{n} = {v}" for n, v in _plain(losing.repair.dropped).items())
    kept = ", ".join(f"{n} = {v}" for n, v in _plain(losing.repair.choice.picks).items())
    return f"nearest: {kept or 'no picks'}" + (f"; without {dropped}" if dropped else "")


def _print_columns(title: str, rows: Sequence[Sequence[str]]) -> None:
    from rich.console import Console
    from rich.table import Table

    head, *rest = rows
    table = Table(title=title, title_justify="left")
    for k, name in enumerate(head):
        table.add_column(name, justify="left" if k == 0 else "right")
    for row in rest:
        table.add_row(*row)
    Console().print(table)


def versions(
    folder: Folder,
    get: Annotated[int | None, typer.Option(help="Write the texts of this version.")] = None,
    to: Annotated[
        Path | None, typer.Option(help="With --get: the folder they are written into.")
    ] = None,
    as_json: Json = False,
) -> None:
    """List the published versions of a site's family, and what still refers to each.

    With --get N --to FOLDER it writes the texts of version N as they were published.
    """
    from unikat.edge.main import attach_site

    if (get is None) != (to is None):
        raise typer.BadParameter("--get VERSION and --to FOLDER belong together")
    opened = attach_site(folder)
    try:
        if get is not None and to is not None:
            _write(opened.store.versions.find(opened.models.family.id, get), to)
            return
        rows = _version_rows(opened)
    finally:
        opened.close()
    if as_json:
        typer.echo(json.dumps({"family": opened.models.family.id, "versions": rows}))
        return
    names = ("version", "published_at", "sha256", *COUNTED)
    table = [[str(row[name])[:16] for name in names] for row in rows]
    title = f"{opened.models.family.id}: versions, and what refers to them"
    _print_columns(title, [("version", "published", "sha256", *COUNTED.values()), *table])


def _version_rows(opened: "OpenSite") -> list[dict[str, str | int]]:
    from unikat.edge.times import to_iso

    family_id, file = opened.models.family.id, opened.models.file
    counts = _references(opened)
    return [
        {
            "version": each.version,
            "published_at": to_iso(each.published_at, file.epoch, file.zone),
            "sha256": each.sha256,
            **{name: counts[name][each.version] for name in COUNTED},
        }
        for each in opened.store.versions.list(family_id)
    ]


def _references(opened: "OpenSite") -> Mapping[str, Counter[int]]:
    """Return how many orders, quotes and saved choices refer to each version."""
    state, now = opened.site.state(), opened.site.clock.now()
    quotes = opened.store.quotes.list(valid_at=now)
    family_id = opened.models.family.id
    return {
        "open_orders": Counter(each.family_version for each in state.orders.values()),
        "ended_orders": Counter(each.family_version for each in state.ended.values()),
        "open_quotes": Counter(each.configuration.family_version for each in quotes),
        "saved_choices": Counter(
            each.saved.version
            for each in opened.store.choices.read()
            if each.saved.family_id == family_id
        ),
    }


def _write(version: "Version", folder: Path) -> None:
    """Write a version's texts into a new or empty folder."""
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise typer.BadParameter(f"--to {folder}: name a new or empty folder")
    for name, text in version.texts.items():
        path = folder / name
        if not path.resolve().is_relative_to(folder.resolve()):
            raise typer.BadParameter(f"{name} lies outside of a site's folder")
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, "utf-8")
        typer.echo(path)
