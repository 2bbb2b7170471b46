"""What a site is: its two models, its policy, its ports, and its live state.

`Live` holds the newest fold of the log. Readers take `state` without a lock: it is a value. Writers
hold `lock` from their decision to the append, and append with the version of the book they decided
on, so that another process that was faster is noticed.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from threading import RLock
from typing import TypeVar

from unikat.errors import StoreFailure, VersionConflict
from unikat.events import Event, NewEvent, Recorded
from unikat.family.model import Family
from unikat.fold import fold
from unikat.plant.model import Plant
from unikat.ports import Clock, EventLog, Ids, Quarantine, QuoteBook
from unikat.printing.model import Process
from unikat.promise.model import Slack
from unikat.state import BOOK, SiteState
from unikat.terms import Capability, EventId, Seconds

Decided = TypeVar("Decided")
ATTEMPTS = 5
"""How often a decision is taken anew when another process changed the book first."""


@dataclass(frozen=True, slots=True)
class Policy:
    """How a site is run, as `site.toml` says.

    A promise starts no earlier than the quote's validity ends, so that its seconds are still ahead
    when it is accepted. `slack` is used until enough promises are scored. A schedule is renewed
    every `reschedule_s` (`rounds` of improvement) and repaired after each stop; a repaired one is
    replaced by a new one only if that saves more than `publish_gain_s` of tardiness. Forecasts are
    made every `forecast_s` with `replications`. `accept_models` says who puts a proposed
    model of the twin to use: a "person", or the shop itself "unless_worse" on forecasts played
    again.
    """

    name: str
    currency: str
    slack: Slack
    quote_valid_s: Seconds = 1_800
    release_ahead_s: Seconds = 14_400
    wip_limit: int = 60
    reschedule_s: Seconds = 7_200
    forecast_s: Seconds = 14_400
    replications: int = 60
    rounds: int = 50
    publish_gain_s: Seconds = 600
    accept_models: str = "person"


@dataclass(slots=True)
class Live:
    """The newest state of a site, folded from its log; thread-safe."""

    plant: Plant
    log: EventLog
    state: SiteState
    lock: RLock = field(default_factory=RLock)

    def catch_up(self) -> SiteState:
        """Fold what others appended, and return the newest state."""
        with self.lock:
            if self.log.head() != self.state.seq:
                self._fold(tuple(self.log.read(after=self.state.seq)))
            return self.state

    def append(
        self, events: Sequence[NewEvent], *, expected: int | None = None
    ) -> tuple[Recorded, ...]:
        """Append and fold events; `expected` is the version of the book decided on.

        Raises
        ------
        VersionConflict
            If somebody else changed the book first; the state has caught up: decide again.
        StoreFailure
            If the log cannot be written; nothing happened.
        """
        with self.lock:
            versions = None if expected is None else {BOOK: expected}
            try:
                records = self.log.append(events, expected=versions)
            except (VersionConflict, StoreFailure):
                self.catch_up()
                raise
            if records and records[0].seq == self.state.seq + 1:
                self._fold(records)
            else:
                self.catch_up()
            return records

    def decide(self, decision: Callable[[SiteState], Decided]) -> Decided:
        """Decide on the newest state under the lock; decide again if another process was faster.

        Raises
        ------
        VersionConflict
            If it was faster every time.
        """
        with self.lock:
            for _ in range(ATTEMPTS - 1):
                try:
                    return decision(self.catch_up())
                except VersionConflict:
                    continue
            return decision(self.catch_up())

    def _fold(self, records: Sequence[Recorded]) -> None:
        self.state = fold(self.plant, self.state, records)


@dataclass(frozen=True, slots=True)
class Site:
    """One manufacturer: its two models, its policy, its ports, and its live state."""

    family: Family
    plant: Plant
    processes: Mapping[Capability, Process]
    policy: Policy
    log: EventLog
    quotes: QuoteBook
    quarantine: Quarantine
    clock: Clock
    ids: Ids
    live: Live

    def state(self) -> SiteState:
        """Return the newest state this process has folded."""
        return self.live.state


def append_to_book(site: Site, state: SiteState, *events: Event) -> None:
    """Append to the book what was decided on `state`.

    Raises
    ------
    VersionConflict
        If somebody else changed the book since `state`.
    """
    version = state.book_version
    site.live.append(
        tuple(
            NewEvent(EventId(f"{BOOK}:{version + k}"), BOOK, event)
            for k, event in enumerate(events, start=1)
        ),
        expected=version,
    )
