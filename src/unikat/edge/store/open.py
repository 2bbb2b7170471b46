"""Opens the store a URL names."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from unikat.edge.store.appender import Appender
from unikat.edge.store.choices import MemoryChoices, SavedChoices, SqliteChoices
from unikat.edge.store.connection import Readers
from unikat.edge.store.idempotency import Idempotency, MemoryIdempotency, SqliteIdempotency
from unikat.edge.store.keys import Keys, MemoryKeys, SqliteKeys
from unikat.edge.store.memory import MemoryLog, MemoryQuarantine, MemoryQuotes
from unikat.edge.store.migrate import migrate
from unikat.edge.store.notes import MemoryNotes, Notes, SqliteNotes
from unikat.edge.store.sqlite import SqliteLog, SqliteQuarantine, SqliteQuotes
from unikat.edge.store.versions import MemoryVersions, SqliteVersions, Versions
from unikat.errors import StoreFailure
from unikat.ports import Clock, EventLog, Quarantine, QuoteBook

SQLITE = "sqlite:///"


@dataclass(frozen=True, slots=True)
class Store:
    """All that a site remembers. Close it, so that what is written behind is written."""

    log: EventLog
    quotes: QuoteBook
    quarantine: Quarantine
    keys: Keys
    idempotency: Idempotency
    notes: Notes
    versions: Versions
    choices: SavedChoices
    close: Callable[[], None]


def open_store(url: str | Path, *, clock: Clock) -> Store:
    """Open `memory:`, `sqlite:///path`, or the SQLite file at a path; a new file gets its tables.

    `clock` stamps what is recorded and says what has expired.

    Raises
    ------
    StoreFailure
        If the URL is of another kind, or the file cannot be opened or is of a newer Unikat.
    """
    if url == "memory:":
        return _open_memory(clock)
    return _open_sqlite(sqlite_path(url), clock)


def sqlite_path(url: str | Path) -> Path:
    """Return the file of a `sqlite:///` URL or path.

    Raises
    ------
    StoreFailure
        If the URL is of another kind.

    Examples
    --------
    >>> sqlite_path("sqlite:///site/unikat.db").as_posix()
    'site/unikat.db'
    """
    text = str(url)
    if isinstance(url, str) and ("://" in text or text == "memory:"):
        if not text.startswith(SQLITE):
            kind = text.partition(":")[0]  # the rest may hold a password
            raise StoreFailure(f"no file is behind {kind}: URLs; write {SQLITE}path")
        text = text.removeprefix(SQLITE)
    return Path(text)


def _open_memory(clock: Clock) -> Store:
    return Store(
        log=MemoryLog(clock),
        quotes=MemoryQuotes(clock),
        quarantine=MemoryQuarantine(),
        keys=Keys(MemoryKeys(clock)),
        idempotency=MemoryIdempotency(clock),
        notes=MemoryNotes(),
        versions=MemoryVersions(clock),
        choices=MemoryChoices(clock),
        close=lambda: None,
    )


def _open_sqlite(path: Path, clock: Clock) -> Store:
    migrate(path)
    appender = Appender(path)
    readers = Readers(path)

    def close() -> None:
        appender.close()
        readers.close()

    return Store(
        log=SqliteLog(appender, readers, clock),
        quotes=SqliteQuotes(appender, readers, clock),
        quarantine=SqliteQuarantine(appender, readers, clock),
        keys=Keys(SqliteKeys(appender, readers, clock)),
        idempotency=SqliteIdempotency(appender, clock),
        notes=SqliteNotes(appender, readers),
        versions=SqliteVersions(appender, readers, clock),
        choices=SqliteChoices(appender, readers, clock),
        close=close,
    )
