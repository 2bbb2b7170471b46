"""What every store promises of published versions: each is kept as it was, for ever."""

import sqlite3
from contextlib import closing
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from store_fixtures import STORES, opened
from unikat.edge.store.versions import Version
from unikat.errors import InvalidSite, UnknownVersion
from unikat.rehearse import VirtualClock

FIRST = Version(
    "insole", 1, "features\n\tA\n", "[family]\n", {"sub.part": "features\n\tB"}, {"Old": "A"}
)


@pytest.fixture
def clock():
    return VirtualClock()


@pytest.fixture(params=STORES)
def versions(request, tmp_path, clock):
    with opened(request.param, tmp_path, clock) as store:
        yield store.versions


def test_a_version_is_published_once_and_found_with_all_its_texts(versions, clock):
    clock.instant = 500
    assert versions.publish(FIRST)
    clock.instant = 900
    assert not versions.publish(FIRST)
    assert versions.find("insole", 1) == replace(FIRST, published_at=500)
    assert versions.find("insole", 1).texts == {
        "family.uvl": FIRST.uvl,
        "family.toml": FIRST.sheet,
        "sub/part.uvl": "features\n\tB",
    }


@pytest.mark.parametrize(
    ("change", "place"),
    [
        ({"uvl": "features\n\tB\n"}, "family.uvl:2:"),
        ({"sheet": "[family]\n# x\n"}, "family.toml:2:"),
        ({"imports": {"sub.part": "features\n\tC"}}, "sub/part.uvl:2:"),
        ({"imports": {}}, "family.uvl:1:"),
    ],
)
def test_another_text_of_a_published_version_is_refused_with_its_place(versions, change, place):
    versions.publish(FIRST)
    with pytest.raises(InvalidSite, match="Write version = 2") as refused:
        versions.publish(replace(FIRST, **change))
    assert str(refused.value).startswith(place)
    assert versions.find("insole", 1).uvl == FIRST.uvl


def test_versions_only_grow_and_are_listed_oldest_first(versions):
    for number in (1, 4, 12):
        assert versions.publish(replace(FIRST, version=number, sheet=f"# {number}"))
    with pytest.raises(InvalidSite, match="older than 12"):
        versions.publish(replace(FIRST, version=5))
    with pytest.raises(InvalidSite, match="Write version = 13"):
        versions.publish(replace(FIRST, version=4))
    with pytest.raises(InvalidSite, match="older"):
        versions.publish(replace(FIRST, version=4, sheet="# 4"))
    assert [each.version for each in versions.list("insole")] == [1, 4, 12]


def test_families_do_not_share_their_versions(versions):
    versions.publish(replace(FIRST, version=7))
    assert versions.publish(replace(FIRST, family_id="cabinet", uvl="features\n\tC"))
    assert [each.version for each in versions.list("insole")] == [7]
    assert versions.list("bicycle") == ()


def test_a_version_nobody_published_is_unknown(versions):
    versions.publish(FIRST)
    with pytest.raises(UnknownVersion, match="version 2 of the family insole"):
        versions.find("insole", 2)


def test_published_versions_cannot_be_changed_even_by_hand(tmp_path, clock):
    with opened("sqlite", tmp_path, clock) as store:
        store.versions.publish(FIRST)
    for change in ("UPDATE family_version SET uvl = ''", "DELETE FROM family_version"):
        with (
            closing(sqlite3.connect(tmp_path / "site.db")) as connection,
            pytest.raises(sqlite3.IntegrityError, match="for ever"),
        ):
            connection.execute(change)


def test_of_two_processes_that_publish_at_once_both_find_one_version(tmp_path, clock):
    with opened("sqlite", tmp_path, clock) as one, opened("sqlite", tmp_path, clock) as other:
        assert [one.versions.publish(FIRST), other.versions.publish(FIRST)] == [True, False]
        with pytest.raises(InvalidSite):
            other.versions.publish(replace(FIRST, uvl="features\n\tOther"))
    with opened("sqlite", tmp_path, clock) as again:
        assert [each.sha256 for each in again.versions.list("insole")] == [FIRST.sha256]


@given(st.lists(st.text(max_size=6), min_size=2, max_size=4))
def test_the_hash_tells_texts_apart_however_they_are_split(texts):
    uvl, sheet, *imports = texts
    one = Version("a", 1, uvl, sheet, dict.fromkeys(map(str, range(len(imports))), "x"))
    assert one.sha256 == replace(one, family_id="b", version=2, published_at=9).sha256
    assert one.sha256 != replace(one, uvl=uvl + "x").sha256
    if uvl != sheet:
        assert one.sha256 != replace(one, uvl=sheet, sheet=uvl).sha256
