"""Plant time to ISO 8601 with a zone, and back: the only place where the two meet."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, tzinfo

from unikat.errors import Fault, InvalidText
from unikat.terms import Instant


def to_iso(instant: Instant, epoch: datetime, zone: tzinfo) -> str:
    """Return an instant as an ISO 8601 text in a zone, with its offset.

    Examples
    --------
    >>> to_iso(90_061, datetime(2026, 1, 5, tzinfo=UTC), UTC)
    '2026-01-06T01:01:01+00:00'
    """
    return _moment(instant, epoch).astimezone(zone).isoformat(timespec="seconds")


def from_iso(text: str, epoch: datetime, zone: tzinfo) -> Instant:
    """Return the instant an ISO 8601 text names; a text without offset is read in `zone`.

    Parts of a second are cut off.

    Raises
    ------
    InvalidText
        If the text is no ISO 8601 time.

    Examples
    --------
    >>> from_iso("2026-01-06T01:01:01Z", datetime(2026, 1, 5, tzinfo=UTC), UTC)
    90061
    """
    try:
        moment = datetime.fromisoformat(text)
        aware = moment if moment.utcoffset() is not None else moment.replace(tzinfo=zone)
        return (aware - epoch) // timedelta(seconds=1)
    except (ValueError, OverflowError) as error:
        raise InvalidText([_not_a_time(text)]) from error


@dataclass(frozen=True, slots=True)
class PlantTime:
    """A site's epoch and zone: what both directions need."""

    epoch: datetime
    zone: tzinfo

    def write(self, instant: Instant) -> str:
        """Return an instant as ISO 8601 with its offset."""
        return to_iso(instant, self.epoch, self.zone)

    def read(self, text: str) -> Instant:
        """Return the instant of an ISO 8601 text, as `from_iso` does."""
        return from_iso(text, self.epoch, self.zone)


def _moment(instant: Instant, epoch: datetime) -> datetime:
    return epoch.astimezone(UTC) + timedelta(seconds=instant)


def _not_a_time(text: str) -> Fault:
    return Fault(
        "time", 0, 0, "", f"{text[:40]!r} is no time", "Write it like 2026-11-22T14:30:00+01:00"
    )
