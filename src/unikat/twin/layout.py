"""What the kernel simulates, in numbers: centers, capabilities, jobs; and its compilation.

Everything is an index here; `floor_problem` reads it off a plant, a bench may write it by hand.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from itertools import accumulate, pairwise

import numpy as np
from numpy.typing import NDArray

from unikat.errors import InvalidScenario
from unikat.terms import Instant, Seconds
from unikat.twin.guard import Classes, Needs, Vector, has_circle

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]
Window = tuple[Instant, Instant]
MOST_CENTERS = 62
LOOK = 12
"""How many parts a free unit tries before it waits for something to change."""


@dataclass(frozen=True, slots=True)
class UnitRow:
    """One unit: its pace, and how it fails (`mtbf` 0: never), by the calendar or as it works."""

    pace_permille: int = 1000
    mtbf: Seconds = 0
    mttr: Seconds = 0
    fails_by_calendar: bool = False
    key: int = 0


@dataclass(frozen=True, slots=True)
class CenterRow:
    """Units with one buffer before them; `batch` 0: one part at a time; `setup`: its matrix."""

    units: tuple[UnitRow, ...]
    buffer: int
    is_interruptible: bool = False
    batch: int = 0
    setup: int = -1


@dataclass(frozen=True, slots=True)
class CapRow:
    """A capability: the centers that have it, and the counted resources it holds."""

    centers: tuple[int, ...]
    pools: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class StepRow:
    """A step; `unit` -1: not booked. `key`: its booked start, by which units choose."""

    cap: int
    work: Seconds
    unit: int = -1
    key: Instant = 0
    setup_start: Instant = 0
    not_before: Instant = 0
    build: int = -1
    family: int = -1
    hash: int = 0


@dataclass(frozen=True, slots=True)
class JobRow:
    """One part and the steps it passes one after the other."""

    release: Instant
    steps: tuple[StepRow, ...]


@dataclass(frozen=True, slots=True)
class Layout:
    """All a simulation reads.

    `travel[a][b]` seconds between centers (0: at once, without a robot); `setups[m]` rows by the
    family before (the last: none yet), columns by the family after. `hours[cap, unit]` windows,
    open always where missing; `rows[cap, unit]` the quantile row of durations, fixed where missing.
    `patience`: how long a booked part waits for its own unit before any eligible one may take it;
    None: for ever, while parts that are not booked go to any at once. `is_guarded`: the supervisor,
    by the exact rule if the minimal `bad` vectors are given, by the banker's if None.
    """

    centers: tuple[CenterRow, ...]
    caps: tuple[CapRow, ...]
    jobs: tuple[JobRow, ...]
    pools: tuple[int, ...] = ()
    num_robots: int = 0
    travel: tuple[tuple[Seconds, ...], ...] = ()
    setups: tuple[tuple[tuple[Seconds, ...], ...], ...] = ()
    hours: Mapping[tuple[int, int], tuple[Window, ...]] = field(default_factory=dict)
    rows: Mapping[tuple[int, int], int] = field(default_factory=dict)
    quantiles: tuple[Floats, ...] = ()
    patience: Seconds | None = None
    is_guarded: bool = True
    bad: tuple[Vector, ...] | None = None


@dataclass(frozen=True, slots=True, eq=False)
class FloorProblem:
    """A compiled layout: `p` int64 all that stays, `q` float64 the quantile rows, `origin` int64
    the state before anything happened. A state is one array, a fork its copy.

    `centers`, `units`, `jobs` int64 are their handles, by index.
    """

    p: Ints
    q: Floats
    origin: Ints
    centers: Ints
    units: Ints
    jobs: Ints


def compile_layout(layout: Layout, *, now: Instant = 0) -> FloorProblem:
    """Write a layout into the arrays of the kernel.

    Raises
    ------
    InvalidScenario
        With more than 62 work centers.
    """
    if len(layout.centers) > MOST_CENTERS:
        raise InvalidScenario(
            f"the simulation knows {MOST_CENTERS} work centers at most, not {len(layout.centers)};"
            " join those with the same capabilities"
        )
    return _Writer(layout, now).write()


def needs_guard(layout: Layout) -> bool:
    """Return whether parts may wait for each other's places in a circle: in a work center whose
    buffer has room for all of them nobody waits for a place.
    """
    if not layout.is_guarded:
        return False
    tight = {c for c, row in enumerate(layout.centers) if row.buffer < len(layout.jobs)}
    follows: dict[int, set[int]] = {}
    for route in {tuple(step.cap for step in job.steps) for job in layout.jobs}:
        for before, then in pairwise(route):
            for center in layout.caps[before].centers:
                follows.setdefault(center, set()).update(tight & {*layout.caps[then].centers})
    return has_circle(follows)


class _Writer:
    """Lays out the state, then writes the problem, table after table, and what begins the state."""

    def __init__(self, layout: Layout, now: Instant) -> None:
        from unikat.twin import _kernels as k

        self.k, self.layout = k, layout
        self.p: list[int] = [0] * k.P_HEAD
        self.units = [unit for center in layout.centers for unit in center.units]
        self.rule = self._rule()
        self.classes = Classes((layout.bad or ()) if self.rule == k.EXACT else ())
        self.first_unit = [0, *accumulate(len(center.units) for center in layout.centers)]
        self.s = np.zeros(self._lay_out_state(), dtype=np.int64)
        self.s[k.NOW] = now
        self.s[k.FREE] = (1 << len(layout.centers)) - 1

    def write(self) -> FloorProblem:
        """Write all tables."""
        k, layout, p = self.k, self.layout, self.p
        p[k.NUM_JOBS], p[k.NUM_UNITS] = len(layout.jobs), len(self.units)
        p[k.NUM_CENTERS], p[k.NUM_ROBOTS] = len(layout.centers), layout.num_robots
        p[k.NUM_FAMILIES] = len(layout.setups[0][0]) if layout.setups else 0
        p[k.PATIENCE] = -1 if layout.patience is None else layout.patience
        p[k.IS_GUARDED], p[k.LOOK] = self.rule, LOOK
        is_tight = any(center.buffer < len(layout.jobs) for center in layout.centers)
        p[k.IS_ROBUST] = int(layout.is_guarded and is_tight)
        p[k.IS_BOOKED] = int(any(step.unit >= 0 for job in layout.jobs for step in job.steps))
        self._write_jobs()
        self._write_centers()
        self._write_caps()
        self._write_units()
        robots = self._rows(k.S_ROBOT, layout.num_robots, k.ROBOT_WIDTH)
        robots[:, k.IS_FREE] = 1
        self.s[self.pools : self.pools + len(layout.pools)] = layout.pools
        quantiles = np.concatenate(layout.quantiles) if layout.quantiles else np.zeros(1)
        handles = (np.array([at(i) for i in range(n)], dtype=np.int64)
                   for at, n in ((self._center, len(layout.centers)), (self._unit, len(self.units)),
                                 (self._job, len(layout.jobs))))  # fmt: skip
        return FloorProblem(np.array(p, dtype=np.int64), quantiles, self.s, *handles)

    def _center(self, c: int) -> int:
        return self.p[self.k.S_CENTER] + c * self.k.CENTER_WIDTH

    def _unit(self, u: int) -> int:
        return 0 if u < 0 else self.p[self.k.S_UNIT] + u * self.k.UNIT_WIDTH

    def _cap(self, c: int) -> int:
        return self.p[self.k.S_CAP] + c * self.k.CAP_WIDTH

    def _job(self, j: int) -> int:
        return self.p[self.k.S_JOB] + j * self.k.JOB_WIDTH

    def _rows(self, table: int, num: int, width: int) -> Ints:
        return self.s[self.p[table] : self.p[table] + num * width].reshape(num, width)

    def _table(self, values: Iterable[int]) -> int:
        """Write a table and return where it begins; all values are there before the first is."""
        found = list(values)
        at = len(self.p)
        self.p += found
        return at

    def _rule(self) -> int:
        """Return which rule the kernel asks: none where nothing is ever refused."""
        if not needs_guard(self.layout):
            return 0
        if self.layout.bad is None:
            return self.k.BANKER
        return self.k.EXACT if self.layout.bad else 0

    def _write_jobs(self) -> None:
        """Write steps, arrivals, builds and needs, and the rows of the jobs."""
        k, p, jobs = self.k, self.p, self.layout.jobs
        masks = [sum(1 << c for c in cap.centers) for cap in self.layout.caps]
        needs, classes = Needs(masks), self.classes
        routes = [tuple(step.cap for step in job.steps) for job in jobs]
        needed = [needs.of(route) for route in routes]
        where = needs.write(len(p))
        self._table(needs.values)
        classes.write(self._table, p[k.S_CLASS], len(self.layout.centers))
        classed = [classes.of(route) for route in routes]  # writes: before `first` counts on
        first = len(p) + sum(1 + 2 * len(each) for each in self._builds().values())
        members = {build: [value for j, i in each for value in (
            self._job(j), first + (self._first_steps[j] + i) * k.STEP_WIDTH)]
            for build, each in self._builds().items()}  # fmt: skip
        builds = {b: self._table([len(each) // 2, *each]) for b, each in members.items()}
        steps: list[int] = []
        for job, need, rests in zip(jobs, needed, classed, strict=True):
            for step, n, rest in zip(job.steps, need, rests, strict=False):
                steps += (
                    self._cap(step.cap), self._unit(step.unit), step.key, step.setup_start,
                    step.not_before, builds.get(step.build, 0), step.family, step.work, where[n],
                    rest, step.hash,
                )  # fmt: skip
            steps += (0, 0, 0, 0, 0, 0, -1, 0, where[need[-1]], rests[-1], 0)
        self._steps_at = self._table(steps)
        arrivals = sorted(range(len(jobs)), key=lambda j: (jobs[j].release, j))
        p[k.ARRIVALS] = self._table(v for j in arrivals for v in (jobs[j].release, self._job(j)))
        rows = self._rows(k.S_JOB, len(jobs), k.JOB_WIDTH)
        rows[:, k.FIRST] = [self._step(j, 0) for j in range(len(jobs))]
        rows[:, k.LAST] = [self._step(j, len(job.steps)) for j, job in enumerate(jobs)]
        rows[:, k.ENTERED], rows[:, k.FINISH] = rows[:, k.FIRST], -1

    def _write_centers(self) -> None:
        k, layout = self.k, self.layout
        n = len(layout.centers)
        rows = self._rows(k.S_CENTER, n, k.CENTER_WIDTH)
        matrices = [self._table(v for row in each for v in row) for each in layout.setups]
        travel = layout.travel or ((0,) * n,) * n
        for c, (row, center) in enumerate(zip(rows, layout.centers, strict=True)):
            caps = [self._cap(i) for i, cap in enumerate(layout.caps) if c in cap.centers]
            row[k.OWNER], row[k.BIT], row[k.INDEX] = self._center(c), 1 << c, c
            row[k.FIRST_UNIT] = self._unit(self.first_unit[c])
            row[k.END_UNIT] = self._unit(self.first_unit[c + 1])
            row[k.BUFFER], row[k.PAUSES] = center.buffer, center.is_interruptible
            row[k.BATCH] = center.batch
            row[k.MATRIX] = matrices[center.setup] if center.setup >= 0 else 0
            row[k.CAPS], row[k.NUM_CAPS] = self._table(caps), len(caps)
            row[k.TRAVEL], row[k.WAKE] = self._table(travel[c]), k.NEVER
            row[k.FREE_UNITS] = len(center.units)

    def _write_caps(self) -> None:
        k, layout = self.k, self.layout
        rows = self._rows(k.S_CAP, len(layout.caps), k.CAP_WIDTH)
        for i, (row, cap) in enumerate(zip(rows, layout.caps, strict=True)):
            units = [
                self._unit(u)
                for c in cap.centers
                for u in range(self.first_unit[c], self.first_unit[c + 1])
            ]
            row[k.CENTERS] = sum(1 << c for c in cap.centers)
            row[k.CAP_UNITS], row[k.NUM_CAP_UNITS] = self._table(units), len(units)
            row[k.POOLS] = self._table(self.pools + pool for pool in cap.pools)
            row[k.NUM_POOLS], row[k.CAP_INDEX] = len(cap.pools), i

    def _write_units(self) -> None:
        k = self.k
        rows = self._rows(k.S_UNIT, len(self.units), k.UNIT_WIDTH)
        centers = [c for c, center in enumerate(self.layout.centers) for _ in center.units]
        upcoming = self._upcoming(centers)
        written: dict[tuple[Window, ...], int] = {}
        for u, (row, unit) in enumerate(zip(rows, self.units, strict=True)):
            row[k.OWNER], row[k.FAMILY], row[k.UNTIL_FAIL] = self._center(centers[u]), -1, k.NEVER
            row[k.PACE], row[k.MTBF], row[k.MTTR] = unit.pace_permille, unit.mtbf, unit.mttr
            row[k.BY_CALENDAR], row[k.UNIT_KEY] = unit.fails_by_calendar, unit.key
            row[k.UPCOMING] = self._table(v for pair in upcoming[u] for v in pair)
            row[k.UPCOMING_END] = row[k.UPCOMING] + 2 * len(upcoming[u])
            modes = [v for cap in range(len(self.layout.caps)) for v in self._mode(cap, u, written)]
            row[k.MODES] = self._table(modes)

    def _mode(self, cap: int, unit: int, written: dict[tuple[Window, ...], int]) -> tuple[int, int]:
        """Return the hours and the quantile row of a capability on a unit."""
        windows = self.layout.hours.get((cap, unit), ())
        if windows not in written:
            longest = max((close - open_ for open_, close in windows), default=0)
            flat = [at for window in windows for at in window]
            written[windows] = self._table([len(windows), longest, *flat])
        return written[windows], self.layout.rows.get((cap, unit), -1)

    def _step(self, job: int, step: int) -> int:
        return self._steps_at + (self._first_steps[job] + step) * self.k.STEP_WIDTH

    def _upcoming(self, centers: list[int]) -> list[list[tuple[int, int]]]:
        """Return of each unit with setups the (job, step) booked there, by booked start."""
        found: list[list[tuple[Instant, int, int]]] = [[] for _ in self.units]
        for j, job in enumerate(self.layout.jobs):
            for i, step in enumerate(job.steps):
                is_set_up = step.unit >= 0 and self.layout.centers[centers[step.unit]].setup >= 0
                if is_set_up and step.family >= 0:
                    found[step.unit].append((step.key, self._job(j), self._step(j, i)))
        return [[(job, step) for _, job, step in sorted(each)] for each in found]

    def _builds(self) -> dict[int, list[tuple[int, int]]]:
        """Return the (job, step) of each build, by job."""
        members: dict[int, list[tuple[int, int]]] = {}
        for j, job in enumerate(self.layout.jobs):
            for i, step in enumerate(job.steps):
                if step.build >= 0:
                    members.setdefault(step.build, []).append((j, i))
        return members

    def _lay_out_state(self) -> int:
        """Say where the tables of the state begin, and return its size."""
        k, p, layout = self.k, self.p, self.layout
        num_jobs, num_centers = len(layout.jobs), len(layout.centers)
        self._first_steps = [0, *accumulate(len(job.steps) + 1 for job in layout.jobs)]
        most = 8 * (len(self.units) + num_centers + layout.num_robots) + 3 * num_jobs + 64
        if layout.patience is not None:
            most += 3 * self._first_steps[-1]
        largest = max((center.batch for center in layout.centers), default=0) + 1
        p[k.MOST_HEAPED], p[k.RING_MASK] = most, (1 << num_jobs.bit_length()) - 1
        at: int = k.S_HEAD
        for table, size in (
            (k.S_CENTER, num_centers * k.CENTER_WIDTH), (k.S_UNIT, len(self.units) * k.UNIT_WIDTH),
            (k.S_CAP, len(layout.caps) * k.CAP_WIDTH), (k.S_JOB, num_jobs * k.JOB_WIDTH),
            (k.S_ROBOT, layout.num_robots * k.ROBOT_WIDTH), (k.S_BLOCK, num_jobs + 1),
            (k.S_INSIDE, num_jobs + 1), (k.S_RING, p[k.RING_MASK] + 1), (k.S_GROUP, 2 * largest),
            (k.S_TRIAL, 2 * num_jobs), (k.S_CLASS, len(self.classes)), (k.S_HEAP, 2 * most),
        ):  # fmt: skip
            p[table] = at
            at += size
        self.pools = at
        return at + len(layout.pools)
