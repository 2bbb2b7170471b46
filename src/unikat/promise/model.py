"""What is promised: a due date with its bookings, reasons and confidence."""

from dataclasses import dataclass

from unikat.capacity.model import Booking
from unikat.terms import Instant, OrderId, Seconds


@dataclass(frozen=True, slots=True)
class Slack:
    """What a promise adds for uncertainty, by lead time (finish - asked at), in working time.

    `leads` and `slacks` are knots in seconds, both non-decreasing, interpolated linearly and flat
    outside. `basis` is "configured" (site.toml) or "learnt" (from `num_scores` scored promises).
    """

    leads: tuple[Seconds, ...]
    slacks: tuple[Seconds, ...]
    confidence: float
    num_scores: int
    basis: str


@dataclass(frozen=True, slots=True)
class Reason:
    """One link of the binding chain: what the order waits for (work, setup, calendar, ...),
    where, and how long.
    """

    kind: str
    resource: str
    seconds: Seconds


@dataclass(frozen=True, slots=True)
class Delay:
    """What a rush does to another order: its last finish before and after, and its due date."""

    order: OrderId
    before: Instant
    after: Instant
    due: Instant

    @property
    def is_broken(self) -> bool:
        """Tell whether it breaks a promise, or makes a broken one worse."""
        return self.after > self.due


@dataclass(frozen=True, slots=True)
class Promise:
    """A due date from finite capacity: `due` = `finish` + slack, kept with `confidence`.

    `bookings` are the seconds it stands on, `revision` the capacity's revision they were found
    in. The `reasons` sum to `due` - asked at. Where others make way, `moves` are their bookings at
    new times and `delays` the orders that finish later.
    """

    due: Instant
    finish: Instant
    confidence: float
    bookings: tuple[Booking, ...]
    revision: int
    reasons: tuple[Reason, ...]
    moves: tuple[Booking, ...] = ()
    delays: tuple[Delay, ...] = ()
