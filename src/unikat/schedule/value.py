"""What placed loads cost, and the columns by which the kernels know it too."""

from typing import NamedTuple

import numpy as np

from unikat.schedule.columns import Columns, Ints, ints
from unikat.schedule.cost import OVERDUE_SCALE_S, Prices, weigh
from unikat.schedule.model import Cost

NEVER = 1 << 80
"""Costs more than any schedule."""


class Links(NamedTuple):
    """Who belongs to whom, CSR: the loads of a job in topological sequence, the steps of a load."""

    load_ptr: Ints
    load: Ints
    step_ptr: Ints
    step: Ints


def link(columns: Columns) -> Links:
    """Return the loads of each job and the steps of each load."""
    job, load = columns.steps.job, columns.steps.load
    by_job, by_load = np.lexsort((load, job)), np.argsort(load, kind="stable")
    return Links(
        _pointers(job, columns.jobs.end.size),
        load[by_job],
        _pointers(load, columns.loads.ready.size),
        by_load,
    )


def price_table(prices: Prices) -> Ints:
    """Return the prices as the kernels read them."""
    return ints(
        [
            prices.broken,
            prices.tardiness,
            prices.overdue,
            prices.setup,
            prices.moved,
            prices.flow,
            prices.near_s,
            prices.unit_change_s,
            OVERDUE_SCALE_S,
        ]
    )


def value_of(columns: Columns, placed: Ints, prices: Prices) -> int:
    """Return the weighted cost of placed loads; the greatest number if one isn't placed."""
    if columns.loads.ready.size and placed[0].min() < 0:
        return NEVER
    return weigh(measure(columns, placed, prices), prices)


def ends_of(columns: Columns, placed: Ints) -> Ints:
    """Return when each job finishes, shape (J,)."""
    ends = columns.jobs.end.copy()
    np.maximum.at(ends, columns.steps.job, placed[4, columns.steps.load])
    return ends


def measure(columns: Columns, placed: Ints, prices: Prices) -> Cost:
    """Return what placed loads cost: `cost_of` from columns."""
    steps, jobs = columns.steps, columns.jobs
    ends = ends_of(columns, placed)
    near = (steps.old_unit >= 0) & (steps.old_start < columns.now + prices.near_s)
    loads = steps.load[near]
    changed = columns.modes.unit[placed[0, loads]] != steps.old_unit[near]
    over = np.maximum(ends - jobs.due, 0)
    return Cost(
        broken=int((over > 0).sum()),
        tardiness=int((jobs.weight * np.maximum(ends - jobs.finish, 0)).sum()),
        overdue=int((jobs.weight * (over * over // OVERDUE_SCALE_S)).sum()),
        setup=int(placed[1].sum()),
        moved=int(np.abs(placed[3, loads] - steps.old_start[near]).sum())
        + prices.unit_change_s * int(changed.sum()),
        flow=int((ends - jobs.release).sum()),
    )


def _pointers(groups: Ints, num: int) -> Ints:
    """Return where the entries of each group start, once sorted by group."""
    return np.concatenate((ints([0]), np.cumsum(np.bincount(groups, minlength=num))))
