"""A store in one SQLite file: log, quotes and quarantine behind one appender."""

import hashlib
import json
from collections.abc import Iterator, Mapping, Sequence
from functools import partial
from sqlite3 import Connection
from typing import TypeAlias

from unikat.edge.store.appender import Appender
from unikat.edge.store.codec import decode_event, decode_quote, encode_event, encode_quote
from unikat.edge.store.connection import Readers
from unikat.edge.store.limits import PAGE, PURGE_EVERY, QUOTE_KEPT
from unikat.edge.store.memory import check_version, unknown_quote
from unikat.events import Message, NewEvent, Recorded
from unikat.order.model import Quote
from unikat.ports import Clock
from unikat.terms import EventId, Instant, QuoteId

_EncodedEvent: TypeAlias = tuple[NewEvent, str, int, str]
_StoredEvent: TypeAlias = tuple[int, int, str, str, int, str, int, str]

_INSERT = (
    "INSERT INTO event"
    " (seq, stream_version, event_id, stream, recorded_at, type, schema_version, body)"
    " VALUES (?, ?, ?, ?, ?, ?, ?, ?)"
)
_SELECT = (
    "SELECT seq, stream_version, event_id, stream, recorded_at, type, schema_version, body"
    " FROM event WHERE seq > ? ORDER BY seq LIMIT ?"
)
_HEAD = "SELECT coalesce(max(seq), 0) FROM event"


class SqliteLog:
    """The event log of a file.

    Versions are decided inside the write transaction. What is remembered of them is trusted only
    while the log's head is where this process left it, so what another process wrote is seen.

    A caller makes a retry harmless by deriving event ids from what is retried (the quote that
    becomes an order, or principal and Idempotency-Key): known ids are left out. So a claimed key
    and its effect cannot come apart in a crash.
    """

    def __init__(self, appender: Appender, readers: Readers, clock: Clock) -> None:
        self._appender = appender
        self._readers = readers
        self._clock = clock
        self._versions: dict[str, int] = {}
        self._seen = (0, -1)

    def append(
        self, events: Sequence[NewEvent], *, expected: Mapping[str, int] | None = None
    ) -> tuple[Recorded, ...]:
        """Append all events that are not known yet, or none, and return those appended, durable."""
        encoded = [(new, *encode_event(new.event)) for new in events]
        work = partial(self._append, encoded, dict(expected or {}))
        return self._appender.run(work, weight=len(encoded))

    def read(self, *, after: int = 0, limit: int | None = None) -> Iterator[Recorded]:
        """Yield the events with `seq` > `after`, in sequence, page by page."""
        left = limit
        while left is None or left > 0:
            size = PAGE if left is None else min(PAGE, left)
            with self._readers.lend() as connection:
                rows: list[_StoredEvent] = connection.execute(_SELECT, (after, size)).fetchall()
            yield from map(_recorded, rows)
            if len(rows) < size:
                return
            after = rows[-1][0]
            left = None if left is None else left - size

    def head(self) -> int:
        """Return the `seq` of the newest event, 0 if there is none."""
        with self._readers.lend() as connection:
            return _head(connection)

    def _append(
        self, encoded: Sequence[_EncodedEvent], expected: Mapping[str, int], connection: Connection
    ) -> tuple[Recorded, ...]:
        head = _head(connection)
        if self._seen != (head, self._appender.num_rollbacks):
            self._versions.clear()
        for stream, version in expected.items():
            check_version(stream, version, self._version(connection, stream))
        rows: list[_StoredEvent] = []
        appended: list[Recorded] = []
        ids: set[EventId] = set()
        now = self._clock.now()
        for new, name, schema_version, body in encoded:
            if new.id in ids or _is_known(connection, new.id):
                continue
            ids.add(new.id)
            seq = head + len(rows) + 1
            version = self._version(connection, new.stream) + 1
            self._versions[new.stream] = version
            rows.append((seq, version, new.id, new.stream, now, name, schema_version, body))
            appended.append(Recorded(seq, version, new.id, new.stream, now, new.event))
        connection.executemany(_INSERT, rows)
        self._seen = (head + len(rows), self._appender.num_rollbacks)
        return tuple(appended)

    def _version(self, connection: Connection, stream: str) -> int:
        version = self._versions.get(stream)
        if version is None:
            query = "SELECT coalesce(max(stream_version), 0) FROM event WHERE stream = ?"
            version = _number(connection, query, stream)
            self._versions[stream] = version
        return version


class SqliteQuotes:
    """The quotes of a file, written behind; those not written yet are found in memory."""

    def __init__(self, appender: Appender, readers: Readers, clock: Clock) -> None:
        self._appender = appender
        self._readers = readers
        self._clock = clock
        self._unsaved: dict[QuoteId, Quote] = {}
        self._purge_at = clock.now()

    def save(self, quote: Quote) -> None:
        """Keep a quote until a day after it expires; it is on disk a moment later."""
        row = (quote.id, quote.valid_until, encode_quote(quote))
        self._unsaved[quote.id] = quote
        self._appender.later(partial(self._save, row), then=partial(self._forget, quote))

    def find(self, quote_id: QuoteId) -> Quote:
        """Return a quote by its id."""
        quote = self._unsaved.get(quote_id)
        if quote is not None:
            return quote
        with self._readers.lend() as connection:
            query = "SELECT body FROM quote WHERE quote_id = ?"
            row: tuple[str] | None = connection.execute(query, (quote_id,)).fetchone()
        if row is None:
            raise unknown_quote(quote_id)
        return decode_quote(row[0])

    def list(self, *, valid_at: Instant) -> Sequence[Quote]:
        """Return the quotes that can be accepted at an instant, in the sequence of their ids."""
        unsaved = dict(self._unsaved)  # first: what is written meanwhile is found on disk
        with self._readers.lend() as connection:
            query = "SELECT body FROM quote WHERE valid_until >= ?"
            rows: list[tuple[str]] = connection.execute(query, (valid_at,)).fetchall()
        found = {quote.id: quote for quote in (decode_quote(body) for (body,) in rows)}
        found.update(unsaved)
        valid = [quote for quote in found.values() if quote.valid_until >= valid_at]
        return tuple(sorted(valid, key=lambda quote: quote.id))

    def _save(self, row: tuple[QuoteId, int, str], connection: Connection) -> None:
        connection.execute(
            "INSERT INTO quote (quote_id, valid_until, body) VALUES (?, ?, ?)"
            " ON CONFLICT (quote_id) DO UPDATE"
            " SET valid_until = excluded.valid_until, body = excluded.body",
            row,
        )
        now = self._clock.now()
        if now >= self._purge_at:
            self._purge_at = now + PURGE_EVERY
            connection.execute("DELETE FROM quote WHERE valid_until < ?", (now - QUOTE_KEPT,))

    def _forget(self, quote: Quote) -> None:
        if self._unsaved.get(quote.id) is quote:
            del self._unsaved[quote.id]


class SqliteQuarantine:
    """The bad messages of a file, each kept once with its newest fault."""

    def __init__(self, appender: Appender, readers: Readers, clock: Clock) -> None:
        self._appender = appender
        self._readers = readers
        self._clock = clock

    def keep(self, message: Message, fault: str) -> None:
        """Keep a bad message with what is wrong with it; durable when it returns."""
        # The standard library's JSON also keeps NaN, huge numbers and half surrogate pairs.
        text = json.dumps(
            [message.source, message.epoch, message.seq, message.at, dict(message.body)]
        )
        digest = hashlib.sha256(text.encode()).hexdigest()
        shown = fault.encode(errors="backslashreplace").decode()
        row = (digest, text, shown, self._clock.now())
        self._appender.run(
            lambda connection: connection.execute(
                "INSERT INTO quarantine (digest, message, fault, received_at) VALUES (?, ?, ?, ?)"
                " ON CONFLICT (digest) DO UPDATE SET fault = excluded.fault",
                row,
            )
        )

    def list(self) -> Sequence[tuple[Message, str]]:
        """Return all kept messages with their faults, oldest first."""
        with self._readers.lend() as connection:
            query = "SELECT message, fault FROM quarantine ORDER BY id"
            rows: list[tuple[str, str]] = connection.execute(query).fetchall()
        return tuple((Message(*json.loads(text)), fault) for text, fault in rows)


def _recorded(row: _StoredEvent) -> Recorded:
    seq, version, event_id, stream, recorded_at, name, schema_version, body = row
    event = decode_event(name, schema_version, body)
    return Recorded(seq, version, EventId(event_id), stream, recorded_at, event)


def _is_known(connection: Connection, event_id: EventId) -> bool:
    query = "SELECT 1 FROM event WHERE event_id = ?"
    return connection.execute(query, (event_id,)).fetchone() is not None


def _head(connection: Connection) -> int:
    return _number(connection, _HEAD)


def _number(connection: Connection, query: str, *values: str) -> int:
    row: tuple[int] = connection.execute(query, values).fetchone()
    return row[0]
