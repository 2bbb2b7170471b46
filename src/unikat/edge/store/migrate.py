"""Brings a file's tables to the newest version, and costs next to nothing where they have it."""

import sqlite3
from contextlib import closing
from pathlib import Path

from unikat.edge.store.connection import connect
from unikat.edge.store.limits import BUSY_S
from unikat.errors import StoreFailure

HEAD = "0001"
"""The newest migration; a test compares it with the folder `migrations/versions`."""
MIGRATIONS = Path(__file__).parent / "migrations"


def migrate(path: Path) -> None:
    """Bring the tables of a file to the newest version; a new file gets them all.

    Raises
    ------
    StoreFailure
        If the file is no store, or was written by a newer Unikat.
    """
    if find_revision(path) == HEAD:  # importing alembic would take 0.5 s
        return
    from alembic.script.revision import ResolutionError
    from alembic.util import CommandError
    from sqlalchemy.exc import SQLAlchemyError

    try:
        _upgrade(path)
    except (CommandError, ResolutionError, SQLAlchemyError) as error:
        raise StoreFailure(
            f"{path} cannot be brought to schema {HEAD}: {error}; "
            "open it with the Unikat that wrote it, or restore a backup"
        ) from error


def find_revision(path: Path) -> str | None:
    """Return the version of a file's tables, None for a new file."""
    with closing(connect(path)) as connection:
        try:
            row: tuple[str] | None = connection.execute(
                "SELECT version_num FROM alembic_version"
            ).fetchone()
        except sqlite3.OperationalError:
            return None
    return row[0] if row else None


def _upgrade(path: Path) -> None:
    from alembic import command
    from alembic.config import Config
    from sqlalchemy import create_engine, event

    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS).replace("%", "%%"))
    config.set_main_option("path_separator", "os")
    engine = create_engine("sqlite://", creator=lambda: _connect_by_hand(path))
    event.listen(engine, "begin", lambda connection: connection.exec_driver_sql("BEGIN IMMEDIATE"))
    try:
        # Check and changes are one transaction: of two who start at once, one finds all done.
        with engine.begin() as connection:
            config.attributes["connection"] = connection
            command.upgrade(config, "head")
    finally:
        engine.dispose()


def _connect_by_hand(path: Path) -> sqlite3.Connection:
    return sqlite3.connect(path, timeout=BUSY_S, isolation_level=None)
