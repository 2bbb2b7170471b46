"""What the end of a job and the place of a load cost, for the loops that search and bound."""

from __future__ import annotations

from typing import TYPE_CHECKING

from unikat._kernels import inner
from unikat.schedule._kernels import FINISH, MODE, START

if TYPE_CHECKING:
    from unikat.schedule.columns import Columns, Ints
    from unikat.schedule.value import Links

BROKEN, TARDINESS, OVERDUE, SETUPS, MOVED, FLOW, NEAR, UNIT_CHANGE, OVERDUE_SCALE = range(9)
"""The entries of `prices`."""


@inner
def _end_cost(p: Columns, prices: Ints, job: int, end: int) -> int:
    """Return what it costs that a job ends at an instant."""
    cost = prices[FLOW] * (end - p.jobs.release[job])
    tardy, over = end - p.jobs.finish[job], end - p.jobs.due[job]
    if tardy > 0:
        cost += prices[TARDINESS] * p.jobs.weight[job] * tardy
    if over > 0:
        worse = p.jobs.weight[job] * (over * over // prices[OVERDUE_SCALE])
        cost += prices[BROKEN] + prices[OVERDUE] * worse
    return cost


@inner
def _job_cost(p: Columns, links: Links, placed: Ints, prices: Ints, job: int) -> int:
    """Return what the end of a job costs."""
    end = p.jobs.end[job]
    for i in range(links.load_ptr[job], links.load_ptr[job + 1]):
        end = max(end, placed[FINISH, links.load[i]])
    return _end_cost(p, prices, job, end)


@inner
def _move_cost(p: Columns, links: Links, placed: Ints, prices: Ints, load: int) -> int:
    """Return what it costs that a load isn't where the last schedule had it."""
    moved = 0
    unit = p.modes.unit[placed[MODE, load]]
    for i in range(links.step_ptr[load], links.step_ptr[load + 1]):
        step = links.step[i]
        old = p.steps.old_start[step]
        if p.steps.old_unit[step] >= 0 and old < p.now + prices[NEAR]:
            moved += abs(placed[START, load] - old)
            if p.steps.old_unit[step] != unit:
                moved += prices[UNIT_CHANGE]
    return prices[MOVED] * moved
