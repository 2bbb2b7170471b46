"""A site's folder is read whole: faults of all texts and of their fit at once; then it is wired."""

import shutil
from pathlib import Path

import pytest

from sites import FOLDER, MONDAY_6, models, quote_for
from unikat.edge.main import TEXTS, database_path, load_models, open_site, read_persons
from unikat.errors import InvalidSite, StoreFailure
from unikat.flow import accept
from unikat.rehearse import VirtualClock
from unikat.terms import CustomerId


@pytest.fixture
def folder(tmp_path) -> Path:
    return Path(shutil.copytree(FOLDER, tmp_path / "site", ignore=lambda _, names: []))


def change(folder: Path, name: str, old: str, new: str) -> None:
    text = (folder / name).read_text("utf-8")
    assert old in text
    (folder / name).write_text(text.replace(old, new, 1), "utf-8")


def faults_of(folder: Path) -> tuple:
    with pytest.raises(InvalidSite) as caught:
        load_models(folder)
    return caught.value.faults


def test_the_example_is_loaded_whole() -> None:
    loaded = models()
    assert loaded.family.features
    assert loaded.plant.units
    assert loaded.processes.keys() == {"print_powder", "print_filament"}


@pytest.mark.parametrize("name", TEXTS)
def test_a_missing_text_is_named(folder, name) -> None:
    (folder / name).unlink()
    (fault,) = faults_of(folder)
    assert (fault.file, "cannot be read" in fault.message) == (name, True)


def test_a_text_that_is_no_utf_8_is_named(folder) -> None:
    (folder / "site.toml").write_bytes(b"name = \xff\xfe")
    (fault,) = faults_of(folder)
    assert fault.file == "site.toml"


def test_faults_of_all_texts_come_at_once(folder) -> None:
    change(folder, "family.uvl", "constraints", "constraints\n\t(((")
    change(folder, "plant.toml", "[calendar]", "[calender]")
    change(folder, "site.toml", "wip_limit", "wip_limits")
    assert {fault.file for fault in faults_of(folder)} >= {"family.uvl", "plant.toml", "site.toml"}


def test_what_family_and_plant_do_not_agree_on_is_a_fault(folder) -> None:
    change(folder, "family.toml", 'capability = "engrave"', 'capability = "carve"')
    change(folder, "family.toml", 'setup      = "leather"', 'setup      = "velvet"')
    messages = [fault.message for fault in faults_of(folder)]
    assert any("no work center of plant.toml offers 'carve'" in text for text in messages)
    assert any("has no family 'velvet'" in text for text in messages)


def test_faults_of_every_print_process_come_at_once(folder) -> None:
    for name in ("print_powder", "print_filament"):
        change(folder, "plant.toml", f"[process.{name}]", f"[process.{name}]\nhats = 1")
    keys = {fault.key for fault in faults_of(folder) if "hats" in fault.key}
    assert len(keys) == 2


def test_the_database_lies_in_the_site_s_folder(folder) -> None:
    opened = open_site(folder, models=models(), clock=VirtualClock(MONDAY_6))
    order = accept(opened.site, quote_for(opened.site).id, CustomerId("anna"))
    opened.close()
    assert database_path(folder) == folder / "unikat.db"
    assert database_path(folder).is_file()
    again = open_site(folder, models=models(), clock=VirtualClock(MONDAY_6))
    assert list(again.site.state().orders) == [order.id]
    again.close()


def test_the_environment_names_another_database(folder, tmp_path, monkeypatch) -> None:
    monkeypatch.setenv("UNIKAT_DATABASE", f"sqlite:///{tmp_path / 'other.db'}")
    assert database_path(folder) == tmp_path / "other.db"


def test_a_database_that_is_no_file_has_no_path(folder) -> None:
    change(folder, "site.toml", "name ", 'database = "oracle://user:secret@host"\nname ')
    with pytest.raises(StoreFailure) as refused:
        database_path(folder)
    assert "secret" not in str(refused.value)


def test_a_file_that_is_no_database_is_left_alone(folder) -> None:
    (folder / "unikat.db").write_text("my diary")
    with pytest.raises(StoreFailure, match=r"unikat\.db"):
        open_site(folder, models=models())
    assert (folder / "unikat.db").read_text() == "my diary"


def test_persons_are_numbers_by_name(tmp_path) -> None:
    file = tmp_path / "persons.csv"
    file.write_text("# source\nperson,sex,foot_length\n1,f,250.5\n\n# end\n2,m,281\n")
    assert list(read_persons(file)) == [{"foot_length": 250.5}, {"foot_length": 281.0}]


@pytest.mark.parametrize("text", ["foot_length\n", "foot_length\nlong\n", "a,b\n1\n", "a\n1,2\n"])
def test_faulty_persons_are_refused(tmp_path, text) -> None:
    file = tmp_path / "persons.csv"
    file.write_text(text)
    with pytest.raises(InvalidSite, match=r"persons\.csv"):
        read_persons(file)
