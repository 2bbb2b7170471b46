"""Who waits for whom where parts are stuck: the circle of a deadlock."""

from collections.abc import Iterator
from dataclasses import dataclass

from unikat.twin.layout import FloorProblem, Ints
from unikat.twin.simulate import open_state, run_until


@dataclass(frozen=True, slots=True)
class Spot:
    """A unit, or the buffer of a work center, by its number in the layout."""

    is_buffer: bool
    number: int


@dataclass(frozen=True, slots=True)
class Link:
    """A part (its number) is in one place and wants another, which the next part of the circle
    holds.
    """

    job: int
    holds: Spot
    wants: Spot


def find_deadlock(problem: FloorProblem, *, seed: int, replication: int = 0) -> tuple[Link, ...]:
    """Return the circle in which a replication ends, empty if it ends well."""
    from unikat.twin._kernels import NEVER

    start = open_state(problem, seed=seed, replication=replication)
    return find_circle(problem, run_until(problem, start, NEVER - 1))


def find_circle(problem: FloorProblem, state: Ints) -> tuple[Link, ...]:
    """Return a circle of parts that wait for each other's places, empty if there is none.

    Each part inside that waits is followed to one that holds the first full place it wants; since
    nothing moves any more, who comes by a part twice has found a circle.
    """
    return _Waits(problem, state).circle()


class _Waits:
    """Reads the arrays of a state in which nothing happens any more."""

    def __init__(self, problem: FloorProblem, state: Ints) -> None:
        from unikat.twin import _kernels as k

        self.k, self.p, self.s, self.problem = k, problem.p, state, problem
        self.spots = {int(h): Spot(False, i) for i, h in enumerate(problem.units)}
        self.spots |= {int(h): Spot(True, i) for i, h in enumerate(problem.centers)}
        self.number = {int(h): i for i, h in enumerate(problem.jobs)}
        self.inside: dict[int, list[int]] = {}
        for job in self.number:
            if place := int(state[job + k.MARK]):
                self.inside.setdefault(place, []).append(job)

    def circle(self) -> tuple[Link, ...]:
        """Follow each waiting part until one comes by again."""
        for first in (job for jobs in self.inside.values() for job in jobs):
            chain: dict[int, Link] = {}
            job: int | None = first
            while job is not None and job not in chain:
                link, job_next = self._link(job)
                if link is not None:
                    chain[job] = link
                job = job_next
            if job is not None:
                jobs = list(chain)
                return tuple(chain[each] for each in jobs[jobs.index(job) :])
        return ()

    def _link(self, job: int) -> tuple[Link | None, int | None]:
        """Return what a part waits for, and a part that holds it."""
        k, s = self.k, self.s
        if not s[job + k.IS_WAITING]:
            return None, None
        for place in self._wanted(job):
            others = [other for other in self.inside.get(place, ()) if other != job]
            if others:
                holds = self.spots[int(s[job + k.MARK])]
                return Link(self.number[job], holds, self.spots[place]), others[0]
        return None, None

    def _wanted(self, job: int) -> Iterator[int]:
        """Yield the units of a part's next step (the booked one first), then the buffers before
        them that have places at all.
        """
        k, p, s = self.k, self.p, self.s
        step = int(s[job + k.NEXT])
        cap = int(p[step + k.STEP_CAP])
        if own := int(p[step + k.STEP_UNIT]):
            yield own
        first, number = int(s[cap + k.CAP_UNITS]), int(s[cap + k.NUM_CAP_UNITS])
        units = [int(p[first + i]) for i in range(number)]
        yield from units
        yield from dict.fromkeys(int(s[unit + k.OWNER]) for unit in units)
