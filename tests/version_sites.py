"""A site's folder whose family gets new versions, opened and served again and again."""

import asyncio
import shutil
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

import httpx
from fastapi import FastAPI

from sites import FOLDER, MONDAY_6
from unikat.edge.main import OpenSite, open_site
from unikat.edge.web import WebSettings, create_app
from unikat.rehearse import VirtualClock


def copy_site(folder: Path) -> Path:
    """Return a fresh copy of the example site."""
    return Path(shutil.copytree(FOLDER, folder, ignore=shutil.ignore_patterns("*.db*")))


def change_text(path: Path, *changes: tuple[str, str]) -> None:
    """Replace each text by another, everywhere in a file."""
    text = path.read_text("utf-8")
    for before, after in changes:
        assert before in text, before
        text = text.replace(before, after)
    path.write_text(text, "utf-8")


def write_version(folder: Path, number: int) -> None:
    """Write another version number into family.toml."""
    text = (folder / "family.toml").read_text("utf-8")
    old = next(line for line in text.splitlines() if line.startswith("version "))
    (folder / "family.toml").write_text(text.replace(old, f"version  = {number}", 1), "utf-8")


def second_version(folder: Path) -> None:
    """Make version 2 of the insoles: cork has a new name, one new rule, a thinner shell, a price.

    Lost are Powder with Hiking (R99), and Thickness above 5; dearer is a metatarsal pad.
    """
    write_version(folder, 2)
    change_text(
        folder / "family.uvl",
        ("Cork", "NaturalCork"),
        ("min 2.0, max 6.0", "min 2.0, max 5.0"),
        (
            "MetatarsalPad {title 'Metatarsal pad', price 600",
            "MetatarsalPad {title 'Metatarsal pad', price 700",
        ),
        (
            "constraints\n",
            "constraints\n    !(Hiking & Powder)   // R99: polyamide is too stiff for slopes\n",
        ),
    )
    change_text(folder / "family.toml", ("Cork", "NaturalCork"))
    with (folder / "family.toml").open("a", encoding="utf-8") as file:
        file.write('\n[renamed]\nCork = "NaturalCork"\n')


@contextmanager
def opened_site(folder: Path, clock: VirtualClock | None = None) -> Iterator[OpenSite]:
    """Open a folder's site on its database, with random ids; close it behind."""
    opened = open_site(folder, clock=clock or VirtualClock(MONDAY_6))
    try:
        yield opened
    finally:
        opened.close()


@contextmanager
def served(opened: OpenSite) -> Iterator[FastAPI]:
    """Serve an open site's web application."""
    file = opened.models.file
    settings = WebSettings(epoch=file.epoch, zone=file.zone, secret=b"s" * 32)
    app = create_app(opened.site, opened.store, settings)
    try:
        yield app
    finally:
        app.state.web.clerk.shutdown()


def ask(
    app: FastAPI,
    method: str,
    path: str,
    body: object = None,
    headers: Mapping[str, str] | None = None,
) -> httpx.Response:
    """Send one request to an application."""

    async def call() -> httpx.Response:
        transport = httpx.ASGITransport(app)
        async with httpx.AsyncClient(transport=transport, base_url="http://site") as client:
            return await client.request(method, path, json=body, headers=headers)

    return asyncio.run(call())
