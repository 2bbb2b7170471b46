"""Story: an engineer buys a second mill, then makes a mistake in the texts.

The same queue of orders is promised earlier with the second mill; a site with three faults in three
files is refused with all three at once, each with its place and remedy, and the running site is
untouched.
"""

import shutil

import pytest

from sites import MONDAY_6, quote_for
from unikat.edge.folders import copy_example
from unikat.edge.main import load_models, open_site
from unikat.errors import InvalidSite
from unikat.flow import accept
from unikat.rehearse import VirtualClock
from unikat.terms import CustomerId


def edit(path, old: str, new: str) -> None:
    text = path.read_text("utf-8")
    assert old in text
    path.write_text(text.replace(old, new), "utf-8")


def last_finish(folder) -> int:
    site = open_site(folder, database="memory:", clock=VirtualClock(MONDAY_6)).site
    orders = [
        accept(site, quote_for(site, person, Foam=True).id, CustomerId("c")) for person in range(9)
    ]
    return orders[-1].finish


def test_a_second_mill_makes_every_date_earlier(tmp_path) -> None:
    copy_example("insoles", tmp_path / "one")
    shutil.copytree(tmp_path / "one", tmp_path / "two")
    edit(tmp_path / "two/plant.toml", 'units = ["M1"]', 'units = ["M1", "M2"]')
    assert last_finish(tmp_path / "two") < last_finish(tmp_path / "one")


def test_all_faults_of_all_files_come_at_once(tmp_path) -> None:
    copy_example("insoles", tmp_path / "site")
    edit(tmp_path / "site/family.uvl", "Foam => Length <= 315", "Foam => Lenght <= 315")
    edit(tmp_path / "site/plant.toml", 'buffer = 3, units = ["L1"]', 'buffer = -3, units = ["L1"]')
    edit(tmp_path / "site/site.toml", "confidence    = 0.95", "confidence    = 95")
    with pytest.raises(InvalidSite) as caught:
        load_models(tmp_path / "site")
    faults = {fault.file: fault for fault in caught.value.faults}
    assert set(faults) == {"family.uvl", "plant.toml", "site.toml"}
    assert all(fault.line > 0 and fault.remedy for fault in faults.values())
    assert "Lenght" in str(faults["family.uvl"])
