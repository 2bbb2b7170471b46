"""The tutorial "Write your first family" does what it says: every text and every command."""

import asyncio
import re
import shlex
import sys
from pathlib import Path

import httpx

from unikat.edge.cli import main
from unikat.edge.folders import example_folder
from unikat.edge.main import open_site
from unikat.edge.web import WebSettings, create_app

PAGE = Path(__file__).resolve().parents[2] / "docs/tutorial/first-family.md"
PART = re.compile(r"<!-- (file|serve): (.*?) -->|```(\w*)\n(.*?)```", re.DOTALL)
COMMAND = re.compile(r"^\$ unikat (.*)\n", re.MULTILINE)


def test_every_step_of_the_tutorial_is_true(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("COLUMNS", "100")
    told, num_run = "", 0
    for kind, marker, language, block in PART.findall(PAGE.read_text("utf-8")):
        if kind == "file" and " = " not in marker:
            told = marker
        elif kind == "file":
            write_changed(marker)
        elif kind == "serve":
            see_shop(Path(marker))
            told = "a command that does not end"
        elif language == "console":
            num_run += run_all(block, monkeypatch, capsys)
        else:
            assert told, f"what is this block?\n{block}"
            if told.startswith("frames/"):
                write(told, block)
            told = ""
    assert num_run >= 12
    assert "http" not in Path("frames.html").read_text("utf-8")


def write(name, text):
    path = Path(name)
    path.parent.mkdir(exist_ok=True)
    path.write_text(text, "utf-8")


def write_changed(marker):
    """Write `NEW = OLD: before -> after: ...` or `NEW = OLD + "text behind it"`."""
    name, source = marker.split(" = ", 1)
    old, _, added = source.partition(' + "')
    old, *changes = old.split(": ")
    text = Path(old).read_text("utf-8")
    for change in changes:
        before, after = change.split(" -> ")
        assert text.count(before) == 1, before
        text = text.replace(before, after)
    write(name, text + added.removesuffix('"').replace("\\n", "\n"))


def run_all(block, monkeypatch, capsys):
    _, *parts = COMMAND.split(block)
    for command, expected in zip(parts[::2], parts[1::2], strict=True):
        monkeypatch.setattr(sys, "argv", ["unikat", *shlex.split(command)])
        try:
            main()
        except SystemExit:
            seen = capsys.readouterr()
        pattern = re.escape(expected.strip()).replace(re.escape("..."), ".*?")
        shown = (seen.out + seen.err).strip()
        assert re.match(pattern, shown, re.DOTALL), f"$ unikat {command}\n{shown}"
        if not expected.strip().endswith("..."):
            assert re.fullmatch(pattern, shown, re.DOTALL), f"$ unikat {command}\n{shown}"
    return len(parts) // 2


def see_shop(folder):
    """Open the shop page of the site that `unikat demo --site FOLDER` would copy and serve."""
    opened = open_site(example_folder(str(folder)), database="memory:")
    try:
        file = opened.models.file
        settings = WebSettings(epoch=file.epoch, zone=file.zone)
        app = create_app(opened.site, opened.store, settings)
        page = asyncio.run(fetch(app, "/"))
        app.state.web.clerk.shutdown()
    finally:
        opened.close()
    for word in ("Picture frame", "Dedication", "Hanger"):
        assert word in page


async def fetch(app, path):
    transport = httpx.ASGITransport(app)
    async with httpx.AsyncClient(transport=transport, base_url="http://shop") as client:
        answer = await client.get(path)
    assert answer.status_code == 200
    return answer.text
