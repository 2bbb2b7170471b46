"""A backup is whole, proves it, and never overwrites unasked."""

import sqlite3
from contextlib import closing
from threading import Event as Signal
from threading import Thread

import pytest

from store_fixtures import opened
from unikat.edge.store.backup import backup, hash_file, restore
from unikat.edge.store.open import open_store
from unikat.errors import StoreFailure
from unikat.events import NewEvent, OrderReleased
from unikat.rehearse import VirtualClock


def new(count):
    return NewEvent(f"e{count}", f"s{count % 3}", OrderReleased(count, f"O-{count}"))


def read(path):
    store = open_store(path, clock=VirtualClock())
    try:
        return list(store.log.read())
    finally:
        store.close()


@pytest.fixture
def path(tmp_path):
    with opened("sqlite", tmp_path, VirtualClock()) as store:
        store.log.append([new(count) for count in range(100)])
    return tmp_path / "site.db"


@pytest.fixture
def saved(path, tmp_path):
    target = tmp_path / "monday.db"
    backup(path, target)
    return target


def spoil(saved, change):
    """Change a backup as if its hash had been made afterwards."""
    with closing(sqlite3.connect(saved)) as connection:
        connection.execute("DROP TRIGGER event_no_update")
        connection.execute("DROP TRIGGER event_no_delete")
        connection.execute(change)
        connection.commit()
    again = saved.with_name("spoiled.db")
    backup(saved, again)
    return again


def test_a_backup_restores_every_event(path, saved, tmp_path):
    target = tmp_path / "restored.db"
    assert restore(saved, target) == 100
    assert read(target) == read(path)
    assert not target.with_name("restored.db.part").exists()


def test_the_hash_beside_a_backup_names_it(saved):
    digest, name = hash_file(saved).read_text().split()
    assert len(digest) == 64
    assert name == "monday.db"


def test_a_backup_taken_while_others_append_is_a_whole_prefix(path, tmp_path):
    is_done = Signal()
    store = open_store(path, clock=VirtualClock())

    def write():
        count = 100
        while not is_done.is_set():
            store.log.append([new(count), new(count + 1)])
            count += 2

    writer = Thread(target=write)
    writer.start()
    try:
        for turn in range(5):
            target = tmp_path / f"{turn}.db"
            backup(path, target)
            num_events = restore(target, tmp_path / f"{turn}.restored.db")
            assert num_events >= 100
            assert num_events % 2 == 0
    finally:
        is_done.set()
        writer.join()
        store.close()


def test_neither_backup_nor_restore_overwrites_unasked(path, saved):
    before = path.read_bytes(), saved.read_bytes()
    with pytest.raises(StoreFailure, match=r"monday\.db exists"):
        backup(path, saved)
    with pytest.raises(StoreFailure, match=r"site\.db exists"):
        restore(saved, path)
    assert (path.read_bytes(), saved.read_bytes()) == before


def test_a_store_is_replaced_where_that_is_allowed(path, saved, tmp_path):
    with opened("sqlite", tmp_path, VirtualClock()) as store:
        store.log.append([new(100)])
    assert restore(saved, path, is_replacing=True) == 100
    assert len(read(path)) == 100


def test_a_store_in_use_is_not_replaced(path, saved, tmp_path):
    with opened("sqlite", tmp_path, VirtualClock()) as store:
        store.log.append([new(100)])
        with pytest.raises(StoreFailure, match="in use"):
            restore(saved, path, is_replacing=True)
    assert len(read(path)) == 101


def test_a_damaged_store_is_replaced_with_all_that_lay_beside_it(path, saved):
    path.write_text("no longer a database, whatever it was before\n" * 100)
    for beside in ("-wal", "-shm"):
        path.with_name(path.name + beside).write_text("left by a crash")
    assert restore(saved, path, is_replacing=True) == 100
    assert len(read(path)) == 100


def test_a_changed_backup_is_refused(saved, tmp_path):
    spoilt = bytearray(saved.read_bytes())
    spoilt[-100] ^= 1
    saved.write_bytes(spoilt)
    with pytest.raises(StoreFailure, match="is not the file"):
        restore(saved, tmp_path / "restored.db")
    assert not (tmp_path / "restored.db").exists()


def test_a_backup_without_its_hash_is_restored_only_unverified(saved, tmp_path):
    hash_file(saved).unlink()
    with pytest.raises(StoreFailure, match="sha256 is missing"):
        restore(saved, tmp_path / "restored.db")
    assert restore(saved, tmp_path / "restored.db", is_verified=False) == 100


@pytest.mark.parametrize(
    ("change", "fault"),
    [
        ("DELETE FROM event WHERE seq = 50", "lacks event 50"),
        ("UPDATE event SET stream_version = 99 WHERE seq = 7", "lacks version 3 of stream s0"),
        ("UPDATE event SET body = '{}' WHERE seq = 7", "damaged"),
        ("UPDATE event SET type = 'OrderEaten' WHERE seq = 7", "OrderEaten"),
    ],
)
def test_a_backup_with_a_damaged_log_is_refused(saved, tmp_path, change, fault):
    spoilt = spoil(saved, change)
    with pytest.raises(StoreFailure, match=fault):
        restore(spoilt, tmp_path / "restored.db")
    assert not (tmp_path / "restored.db").exists()


def test_what_is_no_store_is_refused(tmp_path):
    with pytest.raises(StoreFailure, match="no store at"):
        backup(tmp_path / "nothing.db", tmp_path / "copy.db")
    with closing(sqlite3.connect(tmp_path / "other.db")) as connection:
        connection.execute("CREATE TABLE recipe (name TEXT)")
        connection.commit()
    with pytest.raises(StoreFailure, match="no store of Unikat"):
        backup(tmp_path / "other.db", tmp_path / "copy.db")
    assert not (tmp_path / "nothing.db").exists()
