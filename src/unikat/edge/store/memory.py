"""A store in memory: the same contract as on disk, for rehearsals and tests."""

from collections.abc import Iterator, Mapping, Sequence
from threading import Lock

from unikat.edge.store.limits import PURGE_EVERY, QUOTE_KEPT
from unikat.errors import UnknownQuote, VersionConflict
from unikat.events import Message, NewEvent, Recorded
from unikat.order.model import Quote
from unikat.ports import Clock
from unikat.terms import EventId, Instant, QuoteId


class MemoryLog:
    """An event log in a list; `seq` is the place in it."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._events: list[Recorded] = []
        self._ids: set[EventId] = set()
        self._versions: dict[str, int] = {}
        self._lock = Lock()

    def append(
        self, events: Sequence[NewEvent], *, expected: Mapping[str, int] | None = None
    ) -> tuple[Recorded, ...]:
        """Append all events that are not known yet, or none, and return those appended."""
        with self._lock:
            for stream, version in (expected or {}).items():
                check_version(stream, version, self._versions.get(stream, 0))
            now = self._clock.now()
            return tuple([self._record(new, now) for new in events if new.id not in self._ids])

    def read(self, *, after: int = 0, limit: int | None = None) -> Iterator[Recorded]:
        """Iterate over the events with `seq` > `after` there are now, in sequence."""
        start = max(after, 0)
        return iter(self._events[start : None if limit is None else start + limit])

    def head(self) -> int:
        """Return the `seq` of the newest event, 0 if there is none."""
        return len(self._events)

    def _record(self, new: NewEvent, now: Instant) -> Recorded:
        version = self._versions.get(new.stream, 0) + 1
        seq = len(self._events) + 1
        recorded = Recorded(seq, version, new.id, new.stream, now, new.event)
        self._versions[new.stream] = version
        self._ids.add(new.id)
        self._events.append(recorded)
        return recorded


class MemoryQuotes:
    """Quotes in a dict, thrown away a day after they expire."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._quotes: dict[QuoteId, Quote] = {}
        self._purge_at = clock.now() + PURGE_EVERY
        self._lock = Lock()

    def save(self, quote: Quote) -> None:
        """Keep a quote until a day after it expires."""
        with self._lock:
            self._quotes[quote.id] = quote
            self._purge(self._clock.now())

    def find(self, quote_id: QuoteId) -> Quote:
        """Return a quote by its id."""
        quote = self._quotes.get(quote_id)
        if quote is None:
            raise unknown_quote(quote_id)
        return quote

    def list(self, *, valid_at: Instant) -> Sequence[Quote]:
        """Return the quotes that can be accepted at an instant, in the sequence of their ids."""
        with self._lock:
            found = [quote for quote in self._quotes.values() if quote.valid_until >= valid_at]
        return tuple(sorted(found, key=lambda quote: quote.id))

    def _purge(self, now: Instant) -> None:
        if now < self._purge_at:
            return
        self._purge_at = now + PURGE_EVERY
        oldest = now - QUOTE_KEPT
        self._quotes = {key: q for key, q in self._quotes.items() if q.valid_until >= oldest}


class MemoryQuarantine:
    """Bad messages in a dict, each kept once with its newest fault."""

    def __init__(self) -> None:
        self._kept: dict[str, tuple[Message, str]] = {}

    def keep(self, message: Message, fault: str) -> None:
        """Keep a bad message with what is wrong with it."""
        self._kept[repr(message)] = (message, fault)

    def list(self) -> Sequence[tuple[Message, str]]:
        """Return all kept messages with their faults, oldest first."""
        return tuple(self._kept.values())


def check_version(stream: str, expected: int, found: int) -> None:
    """Raise VersionConflict unless a stream has the version its writer decided on."""
    if expected != found:
        raise VersionConflict(
            f"stream {stream} is at version {found}, not at {expected}: "
            "somebody else wrote first; load it again and decide again"
        )


def unknown_quote(quote_id: QuoteId) -> UnknownQuote:
    """Return the error for a quote nobody has."""
    return UnknownQuote(
        f"no quote has the id {quote_id[:40]!r}; it may have expired long ago: ask for a new one"
    )
