import pytest
from typer.testing import CliRunner

from unikat.edge import warmup
from unikat.edge.cli import app


@pytest.fixture
def cold(tmp_path, monkeypatch):
    monkeypatch.setattr(warmup, "STAMP", tmp_path / "warm.txt")
    monkeypatch.setattr(warmup, "PACKAGE", tmp_path)  # what is compiled stays


@pytest.mark.usefixtures("cold")
def test_kernels_compiled_from_other_texts_are_forgotten(tmp_path):
    source = tmp_path / "room" / "_kernels.py"
    stale = source.parent / "__pycache__" / "_kernels.go-1.py311.1.nbc"
    stale.parent.mkdir(parents=True)
    source.write_text("one")
    stale.write_text("compiled from one")
    before = warmup.fingerprint()
    source.write_text("two")
    assert warmup.fingerprint() != before
    warmup.forget_kernels()
    assert not stale.exists()
    assert source.exists()


@pytest.mark.usefixtures("cold")
def test_where_no_stamp_can_be_kept_every_start_compiles(tmp_path, monkeypatch):
    monkeypatch.setattr(warmup, "STAMP", tmp_path / "none" / "none" / "warm.txt")
    monkeypatch.setattr(warmup, "ROOMS", {"cellar": warmup.warm_twin})
    assert warmup.warm_up_kernels(str)
    assert warmup.warm_up_kernels(str)


@pytest.mark.parametrize("room", [*warmup.ROOMS, *warmup.OTHERS])
def test_every_room_warms_up_on_the_example(room):
    warmup.main(room)


@pytest.mark.usefixtures("cold")
def test_kernels_are_compiled_once_and_progress_is_told():
    first = CliRunner().invoke(app, ["warmup"])
    assert first.exit_code == 0
    for room in warmup.ROOMS:
        assert f"{room} is ready after" in first.stderr
    again = CliRunner().invoke(app, ["warmup"])
    assert again.output == "All kernels are compiled already.\n"


def test_a_room_that_fails_is_named_and_tried_again(cold, monkeypatch):
    monkeypatch.setattr(warmup, "ROOMS", {"cellar": warmup.warm_twin})
    said = []
    assert warmup.warm_up_kernels(said.append)
    assert said[-1] == "  cellar is not"
    assert warmup.STAMP.read_text() == ""


@pytest.mark.usefixtures("cold")
def test_what_a_start_does_not_need_is_compiled_only_when_all_is_asked_for(monkeypatch):
    monkeypatch.setattr(warmup, "ROOMS", {})
    monkeypatch.setattr(warmup, "OTHERS", {"choice": warmup.warm_choice})
    assert not warmup.warm_up_kernels(str)
    assert warmup.warm_up_kernels(str, others=True)
    assert warmup.STAMP.read_text().startswith("choice ")
    assert not warmup.warm_up_kernels(str, others=True)
