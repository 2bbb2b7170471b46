"""Saved choices: a shopper's picks and measures under an id nobody can guess, for a year."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from fractions import Fraction
from functools import partial
from sqlite3 import Connection
from threading import Lock
from typing import Protocol

import msgspec

from unikat.configure.saved import Saved
from unikat.edge.store.appender import Appender
from unikat.edge.store.connection import Readers
from unikat.edge.store.limits import CHOICE_KEPT, PAGE, PURGE_EVERY
from unikat.errors import StoreFailure, UnikatError
from unikat.events import Pick
from unikat.ports import Clock
from unikat.terms import Cents, FeatureName, Instant


class UnknownChoice(UnikatError):
    """No saved choice has this id."""

    title = "Unknown choice"
    status = 404


@dataclass(frozen=True, slots=True)
class SavedChoice:
    """A saved choice; `measurements` are those its measured picks came from, if there were any."""

    id: str
    saved: Saved
    measurements: Mapping[str, float]
    saved_at: Instant


class SavedChoices(Protocol):
    """The choices shoppers saved."""

    def save(self, choice: SavedChoice) -> None:
        """Keep a choice for a year; durable when it returns."""
        ...

    def find(self, choice_id: str) -> SavedChoice:
        """Return a saved choice.

        Raises
        ------
        UnknownChoice
            If there is none with this id.
        """
        ...

    def read(self) -> Iterator[SavedChoice]:
        """Yield all saved choices, oldest first."""
        ...


class MemoryChoices:
    """Saved choices in a dict."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._kept: dict[str, SavedChoice] = {}
        self._lock = Lock()

    def save(self, choice: SavedChoice) -> None:
        """Keep a choice for a year."""
        oldest = self._clock.now() - CHOICE_KEPT
        with self._lock:
            self._kept[choice.id] = choice
            while (first := next(iter(self._kept.values()))).saved_at < oldest:
                del self._kept[first.id]

    def find(self, choice_id: str) -> SavedChoice:
        """Return a saved choice."""
        found = self._kept.get(choice_id)
        if found is None:
            raise unknown_choice(choice_id)
        return found

    def read(self) -> Iterator[SavedChoice]:
        """Iterate over all saved choices there are now, oldest first."""
        with self._lock:
            return iter(tuple(self._kept.values()))


class SqliteChoices:
    """The saved choices in a file; none is held in memory."""

    def __init__(self, appender: Appender, readers: Readers, clock: Clock) -> None:
        self._appender = appender
        self._readers = readers
        self._clock = clock
        self._purge_at = clock.now()

    def save(self, choice: SavedChoice) -> None:
        """Keep a choice for a year; durable when it returns."""
        row = (choice.id, choice.saved_at, encode_choice(choice))
        self._appender.run(partial(self._save, row))

    def find(self, choice_id: str) -> SavedChoice:
        """Return a saved choice."""
        with self._readers.lend() as connection:
            query = "SELECT body FROM saved_choice WHERE choice_id = ?"
            row: tuple[str] | None = connection.execute(query, (choice_id,)).fetchone()
        if row is None:
            raise unknown_choice(choice_id)
        return decode_choice(row[0])

    def read(self) -> Iterator[SavedChoice]:
        """Yield all saved choices, oldest first, page by page."""
        query = "SELECT seq, body FROM saved_choice WHERE seq > ? ORDER BY seq LIMIT ?"
        after = 0
        while True:
            with self._readers.lend() as connection:
                rows: list[tuple[int, str]] = connection.execute(query, (after, PAGE)).fetchall()
            yield from (decode_choice(body) for _, body in rows)
            if len(rows) < PAGE:
                return
            after = rows[-1][0]

    def _save(self, row: tuple[str, Instant, str], connection: Connection) -> None:
        connection.execute(
            "INSERT INTO saved_choice (choice_id, saved_at, body) VALUES (?, ?, ?)", row
        )
        now = self._clock.now()
        if now >= self._purge_at:
            self._purge_at = now + PURGE_EVERY
            connection.execute("DELETE FROM saved_choice WHERE saved_at < ?", (now - CHOICE_KEPT,))


def unknown_choice(choice_id: str) -> UnknownChoice:
    """Return the error for a choice nobody saved."""
    return UnknownChoice(
        f"no saved choice has the id {choice_id[:40]!r}; saved choices are kept for a year:"
        " choose anew"
    )


class _Body(msgspec.Struct, frozen=True):
    """How a saved choice lies in the store: numbers as the decimals they print as."""

    id: str
    family_id: str
    version: int
    picks: tuple[tuple[str, Pick], ...]
    key: str
    cents: Cents
    measurements: dict[str, float]
    saved_at: Instant


def encode_choice(choice: SavedChoice) -> str:
    """Return a saved choice's JSON body."""
    saved = choice.saved
    body = _Body(
        id=choice.id,
        family_id=saved.family_id,
        version=saved.version,
        picks=tuple((str(name), _plain(value)) for name, value in saved.picks),
        key=saved.key,
        cents=saved.cents,
        measurements=dict(choice.measurements),
        saved_at=choice.saved_at,
    )
    return msgspec.json.encode(body).decode()


def decode_choice(body: str) -> SavedChoice:
    """Return the saved choice of a JSON body.

    Raises
    ------
    StoreFailure
        If the body is no saved choice.
    """
    try:
        read = msgspec.json.decode(body, type=_Body)
    except msgspec.DecodeError as error:
        raise StoreFailure(f"a saved choice is damaged: {error}; choose anew") from error
    picks = tuple((FeatureName(name), _value(value)) for name, value in read.picks)
    saved = Saved(read.family_id, read.version, picks, read.key, read.cents)
    return SavedChoice(read.id, saved, read.measurements, read.saved_at)


def _plain(value: bool | Fraction | str) -> Pick:
    """Return a value as JSON has it; numbers on a grid are decimals, which floats print back."""
    if isinstance(value, Fraction):
        return int(value) if value.denominator == 1 else float(value)
    return value


def _value(value: Pick) -> bool | Fraction | str:
    """Return a pick as rooms know it: a number as the decimal it was written as."""
    if isinstance(value, bool | str):
        return value
    return Fraction(value if isinstance(value, int) else repr(value))
