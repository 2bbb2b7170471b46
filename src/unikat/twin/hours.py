"""Count in working time for all replications at once."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from unikat.capacity.calendar import WorkingTime

Instants = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Hours:
    """Open windows [open, close) from now to the horizon; `work[i]` are the working seconds before
    window i.

    Beyond the horizon all is open, and so is everything where there is no window at all.
    """

    open: Instants
    close: Instants
    work: Instants
    is_always: bool

    @classmethod
    def of(cls, time: WorkingTime) -> "Hours":
        """Make arrays of a working time."""
        return cls(
            np.array(time.open, dtype=np.int64),
            np.array(time.close, dtype=np.int64),
            np.array(time.work, dtype=np.int64),
            is_always=len(time.open) <= 1,
        )

    def fit(self, at: Instants, length: int) -> Instants:
        """Return the earliest starts >= `at` of `length` seconds in one window; of any, if none
        is that long.
        """
        if self.is_always:
            return at
        latest = self.close - length
        fits = latest >= self.open
        if not fits.any():
            latest, fits = self.close - 1, np.ones(len(self.open), dtype=np.bool_)
        latest, first = latest[fits], self.open[fits]
        window = np.searchsorted(latest, at)
        is_inside = window < len(first)
        start: Instants = np.where(
            is_inside, np.maximum(at, first[np.minimum(window, len(first) - 1)]), at
        )
        return start

    def add(self, at: Instants, work: Instants) -> Instants:
        """Return the earliest instants by which `work` open seconds have passed since the open
        instants `at`.
        """
        if self.is_always:
            return at + work
        window = np.maximum(np.searchsorted(self.open, at, side="right") - 1, 0)
        passed = self.work[window] + np.minimum(at, self.close[window]) - self.open[window] + work
        beyond = np.maximum(0, at - self.close[-1])
        last = np.maximum(np.searchsorted(self.work, passed) - 1, 0)
        finish: Instants = self.open[last] + passed - self.work[last] + beyond
        return finish
