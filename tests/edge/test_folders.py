"""Examples are copied whole, without databases, and never over anything."""

import pytest

from unikat.edge.demo import run_demo
from unikat.edge.folders import copy_example, example_folder, example_names, examples_folder
from unikat.edge.main import TEXTS, load_models
from unikat.errors import InvalidSite


def test_every_example_is_a_site() -> None:
    assert {"cabinet", "insoles"} <= set(example_names())
    for name in example_names():
        assert example_folder(name) == examples_folder() / name
        assert all((example_folder(name) / text).is_file() for text in TEXTS)


def test_a_copy_is_a_site_of_its_own(tmp_path) -> None:
    copy_example("insoles", tmp_path / "a" / "new")
    assert load_models(tmp_path / "a" / "new").file == load_models(example_folder("insoles")).file
    assert not list(tmp_path.rglob("*.db*"))
    (tmp_path / "empty").mkdir()
    copy_example("insoles", tmp_path / "empty")
    assert (tmp_path / "empty" / "family.uvl").is_file()


def test_nothing_is_ever_written_over(tmp_path) -> None:
    (tmp_path / "mine").mkdir()
    mine = tmp_path / "mine" / "notes.txt"
    mine.write_text("mine")
    with pytest.raises(InvalidSite, match="not empty"):
        copy_example("insoles", mine.parent)
    with pytest.raises(InvalidSite, match="a file of this name"):
        copy_example("insoles", mine)
    assert [path.name for path in mine.parent.iterdir()] == ["notes.txt"]
    assert mine.read_text() == "mine"


@pytest.mark.parametrize("name", ["hats", "../insoles", "", "insoles/"])
def test_an_unknown_example_is_named(tmp_path, name) -> None:
    with pytest.raises(InvalidSite, match=r"Known: .*insoles"):
        copy_example(name, tmp_path / "new")
    assert not (tmp_path / "new").exists()


def test_a_demo_of_an_unknown_example_removes_nothing(tmp_path) -> None:
    (tmp_path / "mine").write_text("mine")
    with pytest.raises(InvalidSite):
        run_demo("hats", tmp_path, seed=1, port=0, speed=None)
    assert (tmp_path / "mine").read_text() == "mine"
