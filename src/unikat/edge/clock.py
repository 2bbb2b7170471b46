"""The clocks of a site: the system's, and a demo's that runs faster."""

import time
from datetime import datetime

from unikat.terms import Instant


class SystemClock:
    """The system's clock as seconds since a site epoch.

    Examples
    --------
    >>> from datetime import UTC
    >>> SystemClock(datetime(2024, 1, 1, tzinfo=UTC)).now() > 0
    True
    """

    def __init__(self, epoch: datetime) -> None:
        if epoch.tzinfo is None:
            raise ValueError(f"epoch {epoch.isoformat()} has no time zone; give it one")
        self._epoch = epoch.timestamp()

    def now(self) -> Instant:
        """Return the whole seconds since the epoch."""
        return int(time.time() - self._epoch)


class ScaledClock:
    """A clock that begins at `start` and runs `speed` times as fast as the real one."""

    def __init__(self, *, speed: float, start: Instant = 0) -> None:
        if not speed > 0:
            raise ValueError(f"speed {speed} must be above 0")
        self._speed = speed
        self._start = start
        self._began = time.monotonic()

    def now(self) -> Instant:
        """Return the scaled instant; it never runs backwards."""
        return self._start + int((time.monotonic() - self._began) * self._speed)
