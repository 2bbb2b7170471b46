"""The flexible job shop and its schedule as columns."""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import numpy.typing as npt

Ints = npt.NDArray[np.int64]
Places = npt.NDArray[np.uint32]
Draws = npt.NDArray[np.uint64]


@dataclass(frozen=True, eq=False)
class FlexibleShop:
    """Jobs of steps in a fixed sequence; each step is done in one of its modes, on the unit of that
    mode.

    Attributes
    ----------
    job_ptr : int64, shape (J + 1)
        Steps `job_ptr[j]` to `job_ptr[j + 1]` are those of job j, in sequence.
    mode_ptr : int64, shape (N + 1)
        Modes `mode_ptr[s]` to `mode_ptr[s + 1]` are those of step s.
    mode_unit, mode_work : int64, shape (M)
        Unit (from 0) and duration (> 0, in the time unit of the source) of each mode.
    num_units : int
        Units that are used at all are below this number.
    """

    job_ptr: Ints
    mode_ptr: Ints
    mode_unit: Ints
    mode_work: Ints
    num_units: int

    @property
    def num_jobs(self) -> int:
        """How many jobs there are."""
        return len(self.job_ptr) - 1

    @property
    def num_steps(self) -> int:
        """How many steps there are."""
        return len(self.mode_ptr) - 1

    @cached_property
    def first(self) -> Ints:
        """1 where a step is the first of its job, else 0; int64, shape (N)."""
        return _marks(self.job_ptr[:-1], self.num_steps)

    @cached_property
    def last(self) -> Ints:
        """1 where a step is the last of its job, else 0; int64, shape (N)."""
        return _marks(self.job_ptr[1:] - 1, self.num_steps)

    @cached_property
    def shortest(self) -> Ints:
        """The shortest duration of each step; int64, shape (N)."""
        return np.minimum.reduceat(self.mode_work, self.mode_ptr[:-1])

    @cached_property
    def heads(self) -> Ints:
        """The least time that must pass before each step can start; int64, shape (N)."""
        passed = np.cumsum(self.shortest) - self.shortest
        return passed - np.repeat(passed[self.job_ptr[:-1]], np.diff(self.job_ptr))

    @cached_property
    def tails(self) -> Ints:
        """The least time that must pass behind each step; int64, shape (N)."""
        totals = np.add.reduceat(self.shortest, self.job_ptr[:-1])
        return np.repeat(totals, np.diff(self.job_ptr)) - self.heads - self.shortest


def _marks(places: Ints, size: int) -> Ints:
    marks = np.zeros(size, np.int64)
    marks[places] = 1
    return marks


@dataclass(frozen=True, slots=True)
class ScheduledStep:
    """When and where one step is done; job, step of the job and unit count from 0."""

    job: int
    step: int
    unit: int
    start: int
    finish: int


@dataclass(frozen=True, slots=True, eq=False)
class FlexibleSchedule:
    """A schedule and how good it is known to be.

    Attributes
    ----------
    modes : int64, shape (N)
        The chosen mode of each step.
    starts : int64, shape (N)
    makespan : int
        The last finish.
    lower_bound : int
        No schedule is shorter; equal to `makespan` when this one is proven to be a shortest.
    rounds : int
        Rounds of search done.
    seed : int
    """

    modes: Ints
    starts: Ints
    makespan: int
    lower_bound: int
    rounds: int
    seed: int

    def steps(self, shop: FlexibleShop) -> Iterator[ScheduledStep]:
        """Yield all steps, job by job."""
        for job in range(shop.num_jobs):
            first = int(shop.job_ptr[job])
            for s in range(first, int(shop.job_ptr[job + 1])):
                mode, start = self.modes[s], int(self.starts[s])
                finish = start + int(shop.mode_work[mode])
                yield ScheduledStep(job, s - first, int(shop.mode_unit[mode]), start, finish)
