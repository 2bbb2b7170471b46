"""Small facts about a store itself, by name: the epoch it began with, the site it belongs to."""

from typing import Protocol

from unikat.edge.store.appender import Appender
from unikat.edge.store.connection import Readers


class Notes(Protocol):
    """Texts by name."""

    def write(self, name: str, text: str) -> None:
        """Note a text under a name, in place of an earlier one; durable when it returns."""
        ...

    def read(self, name: str) -> str | None:
        """Return the text noted under a name, None if there is none."""
        ...


class MemoryNotes:
    """Notes in a dict."""

    def __init__(self) -> None:
        self._texts: dict[str, str] = {}

    def write(self, name: str, text: str) -> None:
        """Note a text under a name."""
        self._texts[name] = text

    def read(self, name: str) -> str | None:
        """Return the text noted under a name."""
        return self._texts.get(name)


class SqliteNotes:
    """The notes of a file."""

    def __init__(self, appender: Appender, readers: Readers) -> None:
        self._appender = appender
        self._readers = readers

    def write(self, name: str, text: str) -> None:
        """Note a text under a name; durable when it returns."""
        query = "INSERT OR REPLACE INTO meta (key, value) VALUES (?, ?)"
        self._appender.run(lambda connection: connection.execute(query, (name, text)))

    def read(self, name: str) -> str | None:
        """Return the text noted under a name."""
        with self._readers.lend() as connection:
            query = "SELECT value FROM meta WHERE key = ?"
            row: tuple[str] | None = connection.execute(query, (name,)).fetchone()
        return row[0] if row else None
