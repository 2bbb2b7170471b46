"""All we ask of the outside world: small protocols, implemented in `edge`."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Protocol

from unikat.events import Message, NewEvent, Recorded
from unikat.order.model import Quote
from unikat.terms import Instant, QuoteId


class EventLog(Protocol):
    """The append-only log. What `append` returned survives a crash of the process."""

    def append(
        self, events: Sequence[NewEvent], *, expected: Mapping[str, int] | None = None
    ) -> tuple[Recorded, ...]:
        """Append all events or none, and return after they are durable.

        Events whose id is already in the log are left out (the rest is appended). `expected` maps a
        stream to the version it must have before the append.

        Raises
        ------
        VersionConflict
            If a stream named in `expected` has another version; nothing is appended.
        StoreFailure
            If the log cannot be written; nothing is acknowledged.
        """
        ...

    def read(self, *, after: int = 0, limit: int | None = None) -> Iterator[Recorded]:
        """Yield the events with `seq` > `after`, in sequence."""
        ...

    def head(self) -> int:
        """Return the `seq` of the newest event, 0 if there is none."""
        ...


class QuoteBook(Protocol):
    """Open quotes.

    Saving is not waited for: a quote lost in a crash is asked for again, an order never is.
    """

    def save(self, quote: Quote) -> None:
        """Keep a quote until a while after it expires."""
        ...

    def find(self, quote_id: QuoteId) -> Quote:
        """Return a quote by its id.

        Raises
        ------
        UnknownQuote
            If there is none.
        """
        ...

    def list(self, *, valid_at: Instant) -> Sequence[Quote]:
        """Return the quotes that can be accepted at an instant, in the sequence of their ids."""
        ...


class Quarantine(Protocol):
    """Messages that could not be read: kept, shown, read again after a fix."""

    def keep(self, message: Message, fault: str) -> None:
        """Keep a bad message with what is wrong with it; durable when it returns."""
        ...

    def list(self) -> Sequence[tuple[Message, str]]:
        """Return all kept messages with their faults, oldest first."""
        ...


class Clock(Protocol):
    """The site's clock, in plant time."""

    def now(self) -> Instant:
        """Return the present instant."""
        ...


class Bus(Protocol):
    """How the site and its floor talk: commands out, messages in."""

    def publish(self, topic: str, message: Message) -> None:
        """Send a message to all subscribers of a topic."""
        ...

    def subscribe(self, topic: str, listener: Callable[[Message], None]) -> None:
        """Call `listener` for every message of a topic from now on, in sequence."""
        ...


class Ids(Protocol):
    """Where new ids come from: random on a live site, counted in a rehearsal."""

    def new(self, prefix: str) -> str:
        """Return an id nobody has, beginning with `prefix` and a dash."""
        ...
