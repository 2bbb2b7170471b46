"""How many of a counted resource are held, as a step function of time."""

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from unikat.terms import Instant


@dataclass(frozen=True, slots=True)
class Use:
    """`used[k]` are held in [at[k], at[k + 1]); nothing before the first and after the last
    instant.

    Neighbouring values differ, so equal uses have equal columns. The lists are never changed.
    """

    limit: int
    at: Sequence[Instant] = ()
    used: Sequence[int] = ()

    def full_until(self, start: Instant, finish: Instant) -> Instant:
        """Return when the first full period that meets [start, finish) ends; `start` if none
        does.
        """
        used, at, limit = self.used, self.at, self.limit
        k = max(bisect_right(at, start) - 1, 0)
        while k < len(at) and at[k] < finish:
            if used[k] >= limit:
                while used[k] >= limit:
                    k += 1
                return at[k]
            k += 1
        return start

    def change(self, spans: Iterable[tuple[Instant, Instant]], by: int) -> "Use":
        """Return the use with `by` more held over each span."""
        at, used = list(self.at), list(self.used)
        for start, finish in spans:
            if start < finish:
                first, last = _cut(at, used, start), _cut(at, used, finish)
                for k in range(first, last):
                    used[k] += by
                for k in (last, first):
                    if used[k] == (used[k - 1] if k else 0):
                        del at[k], used[k]
        return Use(self.limit, at, used)

    def after(self, now: Instant) -> "Use":
        """Return the use without what ended before `now`."""
        k = bisect_right(self.at, now) - 1
        if k <= 0:
            return self
        if self.used[k] == 0:
            k += 1
        return Use(self.limit, self.at[k:], self.used[k:])


def _cut(at: list[Instant], used: list[int], t: Instant) -> int:
    k = bisect_left(at, t)
    if k == len(at) or at[k] != t:
        at.insert(k, t)
        used.insert(k, used[k - 1] if k else 0)
    return k
