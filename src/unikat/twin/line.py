"""Recognise a plain line: parts that pass single units one after the other and never overtake.

When they leave follows there from the part before (`_kernels_line`), ten times as fast as an
agenda. Whatever is not surely such a line is played by the agenda; both give the same bits.
"""

from dataclasses import dataclass

import numpy as np

from unikat.twin.layout import FloorProblem, Ints


@dataclass(frozen=True, slots=True, eq=False)
class Line:
    """A line in the kernel's terms: `jobs` int64 (J) in the sequence they pass, `entries` int64
    (J, 3) from when, at which stage and how each begins, `units` int64 (n) by stage.
    """

    jobs: Ints
    entries: Ints
    units: Ints


def find_line(problem: FloorProblem, state: Ints) -> Line | None:
    """Return the line a floor is, None if it is not surely one.

    It is one if each capability has one unit, all parts pass the same units one after the other
    (those on the way the rest of them) and without way between them, and no part may overtake:
    neither by the bookings nor by coming earlier. Robots, batches, counted resources that may be
    short and failures by the calendar are left to the agenda, as are setups of booked steps.
    """
    finder = _Finder(problem, state)
    return finder.line() if finder.may_be_one() else None


class _Finder:
    """Reads tables out of the arrays, and leaves as soon as something does not fit."""

    def __init__(self, problem: FloorProblem, state: Ints) -> None:
        from unikat.twin import _kernels as k

        self.k, self.problem, self.p, self.s = k, problem, problem.p, state

    def may_be_one(self) -> bool:
        """Return what is seen at once: parts that cannot wait in a circle, units alone."""
        k, p, s = self.k, self.p, self.s
        if p[k.IS_GUARDED] or not len(self.problem.jobs):
            return False
        self.first, self.last = s[self.problem.jobs + k.FIRST], s[self.problem.jobs + k.LAST]
        self.lengths = (self.last - self.first) // k.STEP_WIDTH
        if not self.lengths.all() or s[self.problem.units + k.BY_CALENDAR].any():
            return False
        self.stages = int(self.lengths.max())
        is_begun = s[self.problem.jobs + k.NEXT]
        is_new = (is_begun == 0) | (is_begun == self.first)
        return bool(is_new.all() and (s[self.problem.units + k.PHASE] != k.SETUP).all())

    def line(self) -> Line | None:
        """Compare routes, then what each stage asks, then the sequence."""
        units = self._route()
        if units is None or not self._is_plain(units):
            return None
        entries = self._entries(units)
        if entries is None:
            return None
        order = self._sequence(entries)
        if order is None or not self._keeps(order):
            return None
        return Line(self.problem.jobs[order], np.ascontiguousarray(entries[order]), units)

    def _route(self) -> Ints | None:
        """Return the units of the longest route, if all others are the rest of it."""
        k, p, s, n = self.k, self.p, self.s, self.stages
        # Column i is stage i; a part on the way has no step in the first columns.
        steps = self.last[:, None] - k.STEP_WIDTH * np.arange(n, 0, -1)
        self.has = steps >= self.first[:, None]
        self.steps = np.where(self.has, steps, self.last[:, None] - k.STEP_WIDTH)
        caps = p[self.steps + k.STEP_CAP]
        if (s[caps + k.NUM_CAP_UNITS] != 1).any():
            return None
        found = p[s[caps + k.CAP_UNITS]]
        units: Ints = found[int(self.lengths.argmax())]
        if ((found != units) & self.has).any() or len(np.unique(units)) < n:
            return None
        self.caps = caps
        return units

    def _is_plain(self, units: Ints) -> bool:
        """Return whether units stand alone, need no robot, and never lack what they hold."""
        k, p, s = self.k, self.p, self.s
        centers = s[units + k.OWNER]
        if (s[centers + k.END_UNIT] - s[centers + k.FIRST_UNIT] != k.UNIT_WIDTH).any():
            return False
        ways = p[s[centers + k.TRAVEL] + s[centers + k.INDEX]]
        further = p[s[centers[:-1] + k.TRAVEL] + s[centers[1:] + k.INDEX]]
        if s[centers + k.BATCH].any() or ways.any() or further.any():
            return False
        booked = p[self.steps + k.STEP_UNIT][self.has]
        if booked.any() and (not booked.all() or s[centers + k.MATRIX].any()):
            return False
        if not booked.any() and p[k.PATIENCE] >= 0:
            return False
        return self._has_resources() and self._has_one_end(units)

    def _has_resources(self) -> bool:
        """Return whether of each counted resource there is one for every unit that may hold it."""
        k, p, s = self.k, self.p, self.s
        users: dict[int, set[int]] = {}
        for cap in np.unique(self.caps[self.has]).tolist():
            first, num = int(s[cap + k.POOLS]), int(s[cap + k.NUM_POOLS])
            for pool in p[first : first + num].tolist():
                users.setdefault(pool, set()).add(int(p[s[cap + k.CAP_UNITS]]))
        origin = self.problem.origin
        return all(len(each) <= origin[pool] for pool, each in users.items())

    def _has_one_end(self, units: Ints) -> bool:
        """Return whether nothing but ends of spells and one repair a unit is planned (a part's
        patience ends in vain where there is but one unit).
        """
        k, s = self.k, self.s
        heap = int(self.p[k.S_HEAP])
        planned = s[heap + 1 : heap + 1 + 2 * int(s[k.HEAPED]) : 2]
        kinds = planned & ((1 << k.BITS_KIND) - 1)
        ends = planned[kinds != k.IMPATIENT]
        rows = ends >> k.BITS_KIND & ((1 << (k.BITS_HANDLE - k.BITS_KIND)) - 1)
        is_repair = (ends & ((1 << k.BITS_KIND) - 1)) == k.REPAIRED
        down = self.problem.units[s[self.problem.units + k.IS_DOWN] > 0]
        is_one = len(np.unique(rows)) == len(rows)
        return bool(is_repair.all()) and is_one and bool(np.isin(down, units).all())

    def _entries(self, units: Ints) -> Ints | None:
        """Return from when, at which stage and how each part begins."""
        from unikat.twin import _kernels_line as line

        k, s = self.k, self.s
        jobs, now = self.problem.jobs, int(s[k.NOW])
        at, stage = np.full(len(jobs), now), self.stages - self.lengths
        how = np.full(len(jobs), line.WAITS)
        arrivals = self.p[self.p[k.ARRIVALS] :][: 2 * len(jobs)].reshape(-1, 2)
        self.coming = arrivals[int(s[k.ARRIVED]) :]
        rows = np.searchsorted(jobs, self.coming[:, 1])
        at[rows] = self.coming[:, 0]
        place = s[jobs + k.PLACE]
        here, before = units[stage], units[np.maximum(stage - 1, 0)]
        is_in = (place == here) & (s[jobs + k.CLAIM] == here)
        is_waiting = s[jobs + k.IS_WAITING] == 1
        is_waiting[rows] = place[rows] == 0
        is_blocking = is_waiting & (stage > 0) & (place == before)
        is_buffered = is_waiting & (place == s[here + k.OWNER])
        is_outside = is_waiting & (stage == 0) & (place == 0)
        how[is_in], how[is_blocking] = line.IS_IN_UNIT, line.BLOCKS
        fits = is_in | is_blocking | is_buffered | is_outside
        if not fits.all() or (at < now).any():
            return None
        self.is_outside = is_outside
        self.depth = np.where(is_outside, 0, 4 * stage + 1 + is_in * 2 - is_blocking)
        return np.stack([at, stage, how], axis=1)

    def _sequence(self, entries: Ints) -> Ints | None:
        """Return the parts as they pass: those furthest on first, then by key, then by number; None
        if those still to come do not come so.
        """
        k, s, jobs = self.k, self.s, self.problem.jobs
        keys = s[jobs + k.KEY].copy()
        rows = np.searchsorted(jobs, self.coming[:, 1])
        first = self.p[s[jobs[rows] + k.FIRST] + k.STEP_KEY]
        is_booked = bool(self.p[self.steps[0, -1] + k.STEP_UNIT])
        keys[rows] = first if is_booked else self.coming[:, 0]
        order = np.lexsort((jobs, keys, -self.depth))
        late = order[len(jobs) - len(rows) :]
        return order if np.array_equal(late, rows) and self._is_single(entries) else None

    def _is_single(self, entries: Ints) -> bool:
        """Return whether each unit holds one part at most."""
        held = entries[entries[:, 2] != 0]
        stages = held[:, 1] - (held[:, 2] == 2)
        return len(np.unique(stages)) == len(stages)

    def _keeps(self, order: Ints) -> bool:
        """Return whether no booking lets a part overtake: keys and earliest starts never fall."""
        k, p = self.k, self.p
        steps, has = self.steps[order], self.has[order]
        if not p[steps[0, -1] + k.STEP_UNIT]:
            return True
        jobs = self.problem.jobs[order]
        for i in range(self.stages):
            rows = steps[has[:, i], i]
            keys, starts = p[rows + k.STEP_KEY], p[rows + k.STEP_BEFORE]
            ties = (np.diff(keys) == 0) & (np.diff(jobs[has[:, i]]) < 0)
            if (np.diff(keys) < 0).any() or (np.diff(starts) < 0).any() or ties.any():
                return False
        return True
