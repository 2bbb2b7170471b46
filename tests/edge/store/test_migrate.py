"""Migrations and tables say the same, and a file at the newest version costs no import."""

import sqlite3
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import create_engine

from store_fixtures import opened
from unikat.edge.store.migrate import HEAD, MIGRATIONS, find_revision, migrate
from unikat.edge.store.schema import METADATA
from unikat.errors import StoreFailure
from unikat.events import NewEvent, OrderReleased
from unikat.rehearse import VirtualClock


@pytest.fixture
def path(tmp_path):
    return tmp_path / "site.db"


def test_the_newest_migration_is_the_one_we_name():
    assert ScriptDirectory(str(MIGRATIONS)).get_heads() == [HEAD]


def test_the_migrations_make_the_tables_of_the_schema(path):
    migrate(path)
    engine = create_engine("sqlite://", creator=lambda: sqlite3.connect(path))
    with engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        assert compare_metadata(context, METADATA) == []
    engine.dispose()


def test_migrating_again_changes_nothing(path):
    migrate(path)
    before = path.read_bytes()
    migrate(path)
    assert path.read_bytes() == before
    assert find_revision(path) == HEAD


def test_a_file_at_the_newest_version_opens_without_alembic_or_sqlalchemy(path):
    migrate(path)
    program = (
        "import sys; from unikat.edge.store.open import open_store;"
        "from unikat.rehearse import VirtualClock;"
        "open_store(sys.argv[1], clock=VirtualClock()).close();"
        "sys.exit(sorted({'alembic', 'sqlalchemy', 'numba'} & set(sys.modules)) or 0)"
    )
    subprocess.run([sys.executable, "-c", program, path], check=True)


def test_many_who_open_a_new_file_at_once_make_its_tables_once(tmp_path):
    def use(number):
        with opened("sqlite", tmp_path, VirtualClock()) as store:
            store.log.append([NewEvent(f"e{number}", "s", OrderReleased(1, "O-1"))])

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(use, range(4)))
    with opened("sqlite", tmp_path, VirtualClock()) as store:
        assert [event.version for event in store.log.read()] == [1, 2, 3, 4]


def test_a_file_of_a_newer_unikat_is_refused_and_left_alone(path):
    migrate(path)
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("UPDATE alembic_version SET version_num = '9999'")
        connection.commit()
    with pytest.raises(StoreFailure, match="Unikat that wrote it"):
        migrate(path)
    assert find_revision(path) == "9999"


def test_a_file_that_is_no_database_is_refused_and_left_alone(path):
    path.write_text("a letter to a customer, long enough to be no header of a database\n" * 20)
    before = path.read_bytes()
    with pytest.raises(StoreFailure, match="cannot be opened"):
        migrate(path)
    assert path.read_bytes() == before


def test_a_database_of_somebody_else_is_refused_and_left_alone(path):
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("CREATE TABLE recipe (name TEXT)")
        connection.commit()
    before = path.read_bytes()
    with pytest.raises(StoreFailure, match="no store of Unikat"):
        migrate(path)
    assert path.read_bytes() == before


@pytest.mark.parametrize("change", ["UPDATE event SET body = '{}'", "DELETE FROM event"])
def test_events_cannot_be_changed_even_by_hand(path, change):
    with opened("sqlite", path.parent, VirtualClock()) as store:
        store.log.append([NewEvent("a", "s", OrderReleased(1, "O-1"))])
    with (
        closing(sqlite3.connect(path)) as connection,
        pytest.raises(sqlite3.IntegrityError, match="append-only"),
    ):
        connection.execute(change)
