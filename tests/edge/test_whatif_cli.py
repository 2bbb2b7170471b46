"""What-if on the command line: an answer for people and for programs, and clear refusals."""

import json
import shutil

import pytest
from typer.testing import CliRunner

from sites import FOLDER, quote_for
from unikat.edge.cli import app
from unikat.edge.main import open_site
from unikat.errors import InvalidScenario
from unikat.flow import accept
from unikat.terms import CustomerId


@pytest.fixture(scope="module")
def site(tmp_path_factory):
    """A site with three milled orders."""
    folder = tmp_path_factory.mktemp("whatif") / "site"
    shutil.copytree(FOLDER, folder)
    opened = open_site(folder)
    for person in range(3):
        accept(opened.site, quote_for(opened.site, person, Foam=True).id, CustomerId("Anna"))
    opened.close()
    return folder


def head_of(folder):
    opened = open_site(folder)
    try:
        return opened.site.log.head()
    finally:
        opened.close()


def ask(folder, *words):
    command = ["whatif", str(folder), *map(str, words)]
    return CliRunner().invoke(app, command, catch_exceptions=False)


def test_json_names_the_orders_that_become_late_and_nothing_is_published(site):
    head = head_of(site)
    done = ask(site, "--stop", "M1=9d", "--json", "--replications", 40)
    assert done.exit_code == 0
    told = json.loads(done.stdout)
    assert len(told["newly_late"]) == len(told["orders"]) == 3
    assert told["delay"]["low"] > 0
    assert told["name"] == "M1=9d"
    assert head_of(site) == head


def test_a_table_is_printed_for_people(site):
    opened = open_site(site)
    order = next(iter(opened.site.state().orders))
    opened.close()
    done = ask(site, "--stop", "mill=30m-72h", "--rush", order, "--replications", 40)
    assert done.exit_code == 0
    assert "nothing is published" in done.stdout
    assert "newly late" in done.stdout
    assert order in done.stdout


def test_capacity_can_be_added(site):
    options = ("--extra", "mill=1", "--pace", "M1=1.5", "--hours", "two_shift=sat 06:00-14:00")
    done = ask(site, *options, "--priority", "due", "--json")
    assert done.exit_code == 0
    assert json.loads(done.stdout)["newly_late"] == []


def test_nothing_asked_is_nothing_changed(site):
    told = json.loads(ask(site, "--json").stdout)
    assert (told["name"], told["delay"]) == ("nothing", {"mean": 0, "low": 0, "high": 0})


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (("--stop", "M1"), "M1=4h"),
        (("--stop", "M1=soon"), "M1=4h"),
        (("--stop", "=4h"), "M1=4h"),
        (("--stop", "M1=6h-2h"), "must last"),
        (("--stop", "M1=0h"), "must last"),
        (("--extra", "mill=many"), "filament=1"),
        (("--pace", "M1"), "F1=1.2"),
        (("--priority", "loudest"), "arrival"),
        (("--replications", "1"), "20"),
    ],
)
def test_a_wrong_word_is_told_with_the_right_form(site, words, told):
    refused = ask(site, *words)
    assert refused.exit_code == 2
    assert told in refused.output


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (("--stop", "M9=4h"), "no unit is called 'M9'; there are: .*M1"),
        (("--stop", "M1=300d"), "within 60 days"),
        (("--rush", "O-none"), "no open order is called 'O-none'"),
        (("--pace", "M1=nan"), "give 0.1 to 10"),
        (("--hours", "two_shift=someday"), "someday"),
    ],
)
def test_what_the_site_does_not_have_is_refused_by_name(site, words, told):
    with pytest.raises(InvalidScenario, match=told):
        ask(site, *words)
