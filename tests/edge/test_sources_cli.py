"""`unikat floor sources` tells who is blind and whose clock is wrong."""

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from sites import FOLDER
from unikat.edge.cli import app
from unikat.edge.folders import copy_example
from unikat.edge.main import attach_site
from unikat.events import Message
from unikat.flow import record


def told(*arguments: object) -> str:
    reply = CliRunner().invoke(app, ["floor", "sources", *map(str, arguments)])
    assert reply.exit_code == 0, reply.output
    return " ".join(reply.output.split())


def test_sources_are_told_with_what_they_lack_and_how_wrong_their_clocks_are(tmp_path: Path):
    site = tmp_path / "site"
    copy_example("insoles", site)
    assert "Nobody has spoken" in told(site)
    opened = attach_site(site)
    now = opened.site.clock.now()
    body = {"type": "unit_restarted", "unit": "M1"}
    said = (Message("press", 1, 2, now, body), Message("saw", 1, 1, now + 90, body))
    assert record(opened.site, said) == ("recorded", "recorded")
    opened.close()
    text = told(site)
    assert "blind: 1 missing" in text
    assert "s fast" in text
    press, saw = json.loads(told(site, "--json"))["sources"]
    assert (press["source"], press["missing"], press["clock_fast_s"]) == ("press", 1, 0)
    assert saw["source"] == "saw"
    assert saw["missing"] == 0
    assert 85 <= saw["clock_fast_s"] <= 90


@pytest.mark.parametrize("skew", ["M1", "M1=fast", "ZZ=9", "=9", "M1=9e9"])
def test_a_skew_that_is_none_is_refused(skew: str):
    command = ["floor", "play", str(FOLDER), "--mqtt", "mqtt://127.0.0.1:1", "--skew", skew]
    reply = CliRunner().invoke(app, command)
    assert reply.exit_code == 2
    assert "write UNIT=SECONDS" in " ".join(reply.output.replace("│", " ").split())
