"""What only a store in a file must prove: other processes, failures, closing."""

import math
import sqlite3
from contextlib import closing

import pytest

from store_fixtures import opened
from unikat.edge.store.open import open_store
from unikat.errors import StoreFailure, VersionConflict
from unikat.events import ForecastMade, NewEvent, OrderForecast, OrderReleased
from unikat.rehearse import VirtualClock


def new(event_id, stream="s"):
    return NewEvent(event_id, stream, OrderReleased(1, "O-1"))


@pytest.fixture
def store(tmp_path):
    with opened("sqlite", tmp_path, VirtualClock()) as store:
        yield store


@pytest.fixture
def other(tmp_path, store):
    with opened("sqlite", tmp_path, VirtualClock()) as other:
        yield other


def test_two_stores_on_one_file_see_and_respect_each_other(store, other):
    store.log.append([new("a")])
    assert other.log.append([new("b")], expected={"s": 1})[0].version == 2
    with pytest.raises(VersionConflict):
        store.log.append([new("c")], expected={"s": 1})
    assert store.log.append([new("b"), new("c")])[0].seq == 3
    assert [event.id for event in other.log.read()] == ["a", "b", "c"]
    assert store.log.head() == other.log.head() == 3


def test_an_event_that_could_not_be_read_again_is_not_stored(store):
    bad = ForecastMade(1, 1, 1, (OrderForecast("O-1", 1, 2, 3, math.nan),))
    with pytest.raises(StoreFailure, match="not finite"):
        store.log.append([new("a"), NewEvent("b", "s", bad)])
    assert store.log.head() == 0


def test_a_failed_commit_fails_its_request_and_leaves_the_versions_right(store, tmp_path):
    store.log.append([new("a")])
    with closing(sqlite3.connect(tmp_path / "site.db")) as connection:
        connection.execute(
            "CREATE TRIGGER full BEFORE INSERT ON event WHEN NEW.event_id = 'bad'"
            " BEGIN SELECT RAISE(ROLLBACK, 'disk full'); END"
        )
    with pytest.raises(StoreFailure, match="disk full"):
        store.log.append([new("b"), new("bad")])
    assert [event.id for event in store.log.read()] == ["a"]
    assert store.log.append([new("c")], expected={"s": 1})[0].seq == 2


def test_a_closed_store_says_so(tmp_path):
    store = open_store(f"sqlite:///{tmp_path / 'site.db'}", clock=VirtualClock())
    store.close()
    store.close()
    for use in (lambda: store.log.append([new("a")]), store.log.head, store.quarantine.list):
        with pytest.raises(StoreFailure, match="closed"):
            use()


def test_the_file_is_synchronised_in_full_behind_a_write_ahead_log(store, tmp_path):
    store.log.append([new("a")])
    assert (tmp_path / "site.db-wal").exists()
    assert store.log._appender._connection.execute("PRAGMA synchronous").fetchone() == (2,)


def test_notes_stay(tmp_path):
    with opened("sqlite", tmp_path, VirtualClock()) as store:
        assert store.notes.read("epoch") is None
        store.notes.write("epoch", "2026-01-05")
        store.notes.write("epoch", "2026-01-12")
    with opened("sqlite", tmp_path, VirtualClock()) as store:
        assert store.notes.read("epoch") == "2026-01-12"


def test_another_kind_of_url_is_refused_without_showing_its_password():
    with pytest.raises(StoreFailure, match="write sqlite:///path") as refusal:
        open_store("oracle://scott:tiger@host/db", clock=VirtualClock())
    assert "tiger" not in str(refusal.value)


def test_a_folder_that_is_not_there_is_named(tmp_path):
    with pytest.raises(StoreFailure, match="nowhere"):
        open_store(tmp_path / "nowhere" / "site.db", clock=VirtualClock())
