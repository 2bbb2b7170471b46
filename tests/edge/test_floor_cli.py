import json
import re
from pathlib import Path

import pytest
from typer.testing import CliRunner

from sites import FOLDER
from unikat.edge.cli import app
from unikat.edge.main import attach_site
from unikat.errors import InvalidNet
from unikat.events import Message

NET = Path(__file__).parents[1] / "floor/data/ezpeleta1995.json"

SMALLER = [  # a plant without buffers, one bench and one drawer, whose states are few
    (r"buffer = \d+", "buffer = 0"),
    (r'"G1", "G2", "G3"', '"G1"'),
    (r'"O1", "O2", "O3", "O4"', '"O1"'),
    (r"\nG3 = [^\n]*", ""),
]


@pytest.fixture
def analyse(monkeypatch):
    monkeypatch.setenv("COLUMNS", "200")
    runner = CliRunner()
    return lambda *arguments: runner.invoke(app, ["floor", "analyse", *map(str, arguments)])


def test_the_example_site_has_no_circle_and_is_told_so(analyse):
    done = analyse(FOLDER)
    assert done.exit_code == 0
    assert "10 routes" in done.output
    assert "No circle: parts cannot block each other" in done.output
    assert "controlled by the exact rule" in done.output


def test_a_site_with_a_way_back_has_deadlocks_and_is_told_which_buffer_to_enlarge(
    analyse, tmp_path
):
    for name in ("family.uvl", "family.toml", "site.toml", "plant.toml", "feet.csv"):
        (tmp_path / name).write_bytes((FOLDER / name).read_bytes())
    family = (tmp_path / "family.toml").read_text("utf-8")
    back = '\n[[routing]]\nid = "again"\ncapability = "finish"\nwhen = "Leather"\n'
    back += 'after = ["inspect"]\nseconds = "60"\n'
    (tmp_path / "family.toml").write_text(family + back, "utf-8")
    plant = (tmp_path / "plant.toml").read_text("utf-8")
    for pattern, small in SMALLER:
        plant = re.sub(pattern, small, plant)
    (tmp_path / "plant.toml").write_text(plant, "utf-8")
    found = json.loads(analyse(tmp_path, "--json").output)
    (circle,) = found["circles"]
    assert set(circle["resources"]) == {"finish", "glue", "oven", "laser", "inspect", "pack"}
    assert circle["deadlocks"] > 0
    assert circle["legal"] < circle["states"]
    assert circle["banker_admits_percent"][2] > 80
    assert found["enlarge"].startswith("buffer/")


def test_a_net_is_counted_exactly(analyse):
    found = json.loads(analyse(NET, "--json").output)
    (circle,) = found["circles"]
    assert (circle["states"], circle["legal"], circle["deadlocks"]) == (26_750, 21_581, 120)
    assert [round(p, 1) for p in circle["banker_admits_percent"]] == [80.8, 98.4, 99.2]
    assert found["enlarge"] == "R2"


def test_the_table_tells_the_same(analyse):
    told = analyse(NET).output
    assert "26,750, 21,581" in told
    assert "80.8 / 98.4 / 99.2 %" in told
    assert "Enlarge R2 first" in told


def test_beyond_the_limit_the_banker_applies_and_it_says_so(analyse):
    assert "more than 1,000: the banker's rule applies" in analyse(NET, "--limit", 1_000).output


def test_a_file_that_is_no_net_is_refused(analyse, tmp_path):
    (tmp_path / "net.json").write_text("{}", "utf-8")
    assert isinstance(analyse(tmp_path / "net.json").exception, InvalidNet)


def test_help_says_what_the_words_mean(analyse):
    told = " ".join(analyse("--help").output.split())
    assert "legal" in told
    assert "banker" in told


def test_the_net_of_the_guide_has_the_counts_the_guide_tells(analyse, tmp_path):
    guide = (Path(__file__).parents[2] / "docs/guides/floor.md").read_text("utf-8")
    net = guide.split("```json\n")[1].split("```")[0]
    (tmp_path / "net.json").write_text(net, "utf-8")
    (circle,) = json.loads(analyse(tmp_path / "net.json", "--json").output)["circles"]
    told = f"{circle['states']} states, {circle['legal']} of them legal, and one deadlock"
    assert told in guide
    assert circle["deadlocks"] == 1


def test_quarantine_is_shown_with_its_reasons(tmp_path):
    run = CliRunner()
    folder = tmp_path / "site"
    assert run.invoke(app, ["init", str(folder)]).exit_code == 0
    shown = ["floor", "quarantine", str(folder)]
    assert "Nothing is in quarantine" in run.invoke(app, shown).output
    opened = attach_site(folder)
    opened.site.quarantine.keep(Message("edge", 1, 7, 60, {"type": "[x]"}), "type='[x]' is unknown")
    opened.close()
    assert "edge:1:7: type='[x]' is unknown" in run.invoke(app, shown).output
    [kept] = json.loads(run.invoke(app, [*shown, "--json"]).output)["messages"]
    assert kept["body"] == {"type": "[x]"}


def test_who_plays_the_floor_must_name_a_broker(monkeypatch):
    monkeypatch.delenv("UNIKAT_MQTT", raising=False)
    done = CliRunner().invoke(app, ["floor", "play", str(FOLDER)])
    assert done.exit_code == 2
    assert "name a broker" in done.output
