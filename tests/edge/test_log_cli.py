import json

import pytest
from typer.testing import CliRunner

from process_logs import made_log
from unikat.edge.cli import app
from unikat.edge.formats.csv_log import write_csv_log
from unikat.edge.formats.log_file import read_log_file
from unikat.errors import InvalidLog


@pytest.fixture
def run(monkeypatch):
    monkeypatch.setenv("COLUMNS", "200")
    runner = CliRunner()
    return lambda *arguments: runner.invoke(app, ["twin", *map(str, arguments)])


@pytest.fixture
def file(tmp_path):
    path = tmp_path / "log.csv"
    path.write_text(write_csv_log(made_log(24, 1)), "utf-8")
    return path


def test_open_jobs_are_told_when_they_will_be_done_and_how_good_that_is(run, file):
    done = run("remaining", file, "--cut", 72, "--folds", 2, "--json")
    assert done.exit_code == 0, done.output
    said = json.loads(done.output)
    assert said["score"]["num_points"] > 0
    assert said["open"]
    assert all(0 <= o["low_s"] <= o["median_s"] <= o["high_s"] for o in said["open"])


def test_a_log_is_described_and_converted_and_no_file_replaced_unasked(run, file, tmp_path):
    target = tmp_path / "log.xes"
    done = run("log", file, "--to", target)
    assert done.exit_code == 0, done.output
    assert "144" in done.output
    assert read_log_file(target) == read_log_file(file)
    assert run("log", file, "--to", target).exit_code == 2
    assert run("log", file, "--to", target, "--overwrite").exit_code == 0


def test_columns_stand_beside_a_log_or_are_named(tmp_path):
    path = tmp_path / "log.csv"
    path.write_text("c;t;e\nJ;a;2026-01-05T00:00:00Z\n", "utf-8")
    with pytest.raises(InvalidLog, match="is no column"):
        read_log_file(path)
    table = 'job = "c"\nstep = "t"\nfinish = "e"\nseparator = ";"\n'
    (tmp_path / "columns.toml").write_text(table, "utf-8")
    assert len(read_log_file(path).activities) == 1
    named = (tmp_path / "columns.toml").rename(tmp_path / "other.toml")
    assert len(read_log_file(path, named).activities) == 1


@pytest.mark.parametrize(("name", "bytes_"), [("log.txt", b""), ("log.csv", b"\xff\xfe")])
def test_what_is_no_log_is_refused(tmp_path, name, bytes_):
    (tmp_path / name).write_bytes(bytes_)
    with pytest.raises(InvalidLog, match="Give a process log as CSV or XES"):
        read_log_file(tmp_path / name)
