"""Count in working time for all replications at once."""

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from unikat.capacity.calendar import WorkingTime

Instants = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Hours:
    """Open windows [open, close) from now to the horizon; `work[i]` are the working seconds before
    window i.

    Beyond the horizon all is open, and so is everything where there is no window at all. `starts`
    keeps by length what `fit` has worked out.
    """

    open: Instants
    close: Instants
    work: Instants
    is_always: bool
    starts: dict[int, tuple[Instants, Instants]] = field(default_factory=dict)

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
        latest, first = self._starts(length)
        window = np.searchsorted(latest, at)
        is_inside = window < len(first)
        start: Instants = np.where(
            is_inside, np.maximum(at, first[np.minimum(window, len(first) - 1)]), at
        )
        return start

    def _starts(self, length: int) -> tuple[Instants, Instants]:
        """Return the latest and the first start in each window that is long enough."""
        if length not in self.starts:
            fits = self.close - self.open >= length
            if not fits.any():
                length, fits = 1, self.close > self.open
            self.starts[length] = (self.close - length)[fits], self.open[fits]
        return self.starts[length]

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


def mean(instants: Instants) -> int:
    """Return the mean of instants, rounded down."""
    return int(np.add.reduce(instants)) // len(instants)
