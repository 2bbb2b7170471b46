"""Brings a file's tables to the newest version, and costs next to nothing where they have it."""

import sqlite3
from contextlib import closing
from pathlib import Path

from unikat.edge.store.connection import connect
from unikat.edge.store.limits import BUSY_S
from unikat.errors import StoreFailure

HEAD = "0002"
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
    """Return the version of a file's tables, None for an empty file; change nothing in it.

    Raises
    ------
    StoreFailure
        If the file cannot be opened, or holds something else.
    """
    try:
        with closing(sqlite3.connect(path, timeout=BUSY_S)) as connection:
            tables = connection.execute("SELECT name FROM sqlite_master").fetchall()
            if not tables:
                return None
            if ("alembic_version",) not in tables:
                raise StoreFailure(f"{path} is no store of Unikat; name another file")
            query = "SELECT version_num FROM alembic_version"
            row: tuple[str] = connection.execute(query).fetchone()
            return row[0]
    except sqlite3.Error as error:
        raise StoreFailure(f"{path} cannot be opened: {error}; name another file") from error


def _upgrade(path: Path) -> None:
    from alembic import command
    from alembic.config import Config
    from sqlalchemy import create_engine, event

    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS).replace("%", "%%"))
    config.set_main_option("path_separator", "os")
    engine = create_engine("sqlite://", creator=lambda: connect(path))
    event.listen(engine, "begin", lambda connection: connection.exec_driver_sql("BEGIN IMMEDIATE"))
    try:
        # Check and changes are one transaction: of two who start at once, one finds all done.
        with engine.begin() as connection:
            config.attributes["connection"] = connection
            command.upgrade(config, "head")
    finally:
        engine.dispose()
