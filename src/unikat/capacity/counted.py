"""How many of a counted resource are held, as a step function of time."""

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np

from unikat.capacity.columns import Ints, ints
from unikat.terms import Instant


@dataclass(frozen=True, slots=True, eq=False)
class Use:
    """`steps[1, k]` are held in [steps[0, k], steps[0, k + 1]); nothing before the first and after
    the last instant.

    int64, shape (2, n). Neighbouring values differ, so equal uses have equal columns. The columns
    are never changed.
    """

    limit: int
    steps: Ints

    def __eq__(self, other: object) -> bool:
        """Tell whether as many are held at all times."""
        if not isinstance(other, Use):
            return NotImplemented
        return self.limit == other.limit and np.array_equal(self.steps, other.steps)

    __hash__ = None  # type: ignore[assignment]  # it holds an array

    @classmethod
    def of(cls, limit: int, changes: Iterable[tuple[Instant, int]] = ()) -> "Use":
        """Build the use from sorted instants with how many more are held from then on."""
        at: list[Instant] = []
        used: list[int] = []
        held = 0
        for instant, by in changes:
            if by:
                held += by
                at.append(instant)
                used.append(held)
        return cls(limit, ints([at, used]))

    def full_until(self, start: Instant, finish: Instant) -> Instant:
        """Return when the first full period that meets [start, finish) ends; `start` if none
        does.
        """
        at, used = self.steps
        first = max(int(at.searchsorted(start, side="right")) - 1, 0)
        last = int(at.searchsorted(finish))
        full = np.flatnonzero(used[first:last] >= self.limit)
        if not full.size or start == finish:
            return start
        begun = first + int(full[0])
        return int(at[begun + int(np.argmax(used[begun:] < self.limit))])

    def change(self, start: Instant, finish: Instant, by: int) -> "Use":
        """Return the use with `by` more held over [start, finish)."""
        if start >= finish:
            return self
        at, used = self.steps
        low, high = int(at.searchsorted(start)), int(at.searchsorted(finish))
        before = int(used[low - 1]) if low else 0
        last = int(used[high - 1]) if high else 0
        after = int(used[high]) if high < at.size and at[high] == finish else last
        middle, levels = list(at[low:high]), [int(value) + by for value in used[low:high]]
        if not middle or middle[0] != start:
            middle, levels = [start, *middle], [before + by, *levels]
        if levels[0] == before:
            middle, levels = middle[1:], levels[1:]
        tail = high + (high < at.size and at[high] == finish)
        if after != last + by:
            middle, levels = [*middle, finish], [*levels, after]
        steps = np.concatenate(
            (self.steps[:, :low], ints([middle, levels]), self.steps[:, tail:]), axis=1
        )
        return Use(self.limit, np.ascontiguousarray(steps))  # kernels read by address
