import json

import pytest
from typer.testing import CliRunner

from sites import quote_for
from unikat.edge.cli import app
from unikat.edge.folders import copy_example
from unikat.edge.main import attach_site
from unikat.events import PartMeasured
from unikat.floor.messages import write_message
from unikat.flow import accept, record
from unikat.terms import CustomerId


@pytest.fixture
def spc(monkeypatch):
    monkeypatch.setenv("COLUMNS", "200")
    runner = CliRunner()
    return lambda *arguments: runner.invoke(app, ["floor", "spc", *map(str, arguments)])


def test_a_site_without_measures_says_where_they_come_from(spc, tmp_path):
    copy_example("insoles", tmp_path / "site")
    done = spc(tmp_path / "site")
    assert done.exit_code == 0
    assert "[[characteristic]]" in done.output


def test_a_drifting_characteristic_asks_to_act(spc, tmp_path):
    folder = tmp_path / "site"
    copy_example("insoles", folder)
    opened = attach_site(folder)
    order = accept(opened.site, quote_for(opened.site).id, CustomerId("c")).id
    step = ("I1", order, "inspect", 0, f"{order}/1", "thickness")
    at = opened.site.clock.now()
    measured = (PartMeasured(at + k, *step, 3.0, 3.0 + 0.02 * k, 0.5, "mm") for k in range(12))
    messages = [
        write_message(event, source="gauge", epoch=1, seq=seq)
        for seq, event in enumerate(measured, start=1)
    ]
    assert set(record(opened.site, messages)) == {"recorded"}
    opened.close()
    done = spc(folder)
    assert done.exit_code == 0
    assert "ACT" in done.output
    assert "the weighted mean has shifted" in done.output
    [chart] = json.loads(spc(folder, "--json", "--last", "3").output)["charts"]
    assert (chart["num"], len(chart["points"]), chart["sigma"]) == (12, 3, 0.1)


def test_a_folder_that_is_no_site_is_said_to_be_none(spc, tmp_path):
    assert spc(tmp_path / "nothing").exit_code != 0
