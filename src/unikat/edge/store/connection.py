"""Connections to a SQLite file: write-ahead log, full synchronisation, short reads."""

import sqlite3
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from unikat.edge.store.limits import BUSY_S
from unikat.errors import StoreFailure


def connect(path: Path) -> sqlite3.Connection:
    """Open a file for writing; transactions are begun and ended by hand.

    Raises
    ------
    StoreFailure
        If the file cannot be opened or is no database.
    """
    try:
        connection = sqlite3.connect(
            path, timeout=BUSY_S, isolation_level=None, check_same_thread=False
        )
    except sqlite3.Error as error:
        raise _unopened(path, error) from error
    try:
        _write_ahead(connection)
        connection.execute("PRAGMA synchronous = FULL")
    except sqlite3.Error as error:
        connection.close()
        raise _unopened(path, error) from error
    return connection


def _write_ahead(connection: sqlite3.Connection) -> None:
    """Switch a file to its write-ahead log; unlike other statements this one does not wait."""
    until = time.monotonic() + BUSY_S
    while True:
        try:
            connection.execute("PRAGMA journal_mode = WAL")
        except sqlite3.OperationalError:
            if time.monotonic() > until:
                raise
            time.sleep(0.005)
        else:
            return


class Readers:
    """Connections that only read, lent out one to a reader at a time."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._idle: list[sqlite3.Connection] = []
        self._is_closed = False

    @contextmanager
    def lend(self) -> Iterator[sqlite3.Connection]:
        """Lend a connection; keep it only as long as one read takes."""
        connection = self._take()
        try:
            yield connection
        except sqlite3.Error as error:
            raise StoreFailure(f"{self._path} cannot be read: {error}") from error
        finally:
            self._give_back(connection)

    def close(self) -> None:
        """Close all that are not lent; the others close when they come back."""
        self._is_closed = True
        while self._idle:
            self._idle.pop().close()

    def _take(self) -> sqlite3.Connection:
        if self._is_closed:
            raise StoreFailure(f"{self._path} is closed; open the store again")
        try:
            return self._idle.pop()
        except IndexError:
            connection = connect(self._path)
            connection.execute("PRAGMA query_only = ON")
            return connection

    def _give_back(self, connection: sqlite3.Connection) -> None:
        if self._is_closed:
            connection.close()
        else:
            self._idle.append(connection)


def _unopened(path: Path, error: sqlite3.Error) -> StoreFailure:
    return StoreFailure(f"{path} cannot be opened: {error}; name another file")
