"""The columns of a shop problem: what the kernels read, all integers but one merit."""

from typing import NamedTuple, TypeAlias

import numpy as np
import numpy.typing as npt

Ints: TypeAlias = npt.NDArray[np.int64]
Floats: TypeAlias = npt.NDArray[np.float64]


class StepColumns(NamedTuple):
    """One row an open step, shape (N,): its load, its job, its last published booking."""

    load: Ints
    job: Ints
    old_unit: Ints
    old_start: Ints


class JobColumns(NamedTuple):
    """One row an order with an open step, shape (J,); `end` is its latest finish so far."""

    release: Ints
    finish: Ints
    due: Ints
    end: Ints
    weight: Ints


class LoadColumns(NamedTuple):
    """One row a load, in topological sequence, shape (L,): what a unit does in one go.

    `aim` is the latest finish that leaves the later steps just their shortest work. `frozen` are
    the loads that start within the frozen horizon, by old start. `source` is CSR, shape (E, 3): a
    load, or -1 with the unit and finish of a step that runs or is finished; `next` are the loads
    that wait for a load, `need` its counted resources.
    """

    ready: Ints
    family: Ints
    aim: Ints
    old_mode: Ints
    old_start: Ints
    frozen: Ints
    source_ptr: Ints
    source: Ints
    next_ptr: Ints
    next: Ints
    need_ptr: Ints
    need: Ints


class ModeColumns(NamedTuple):
    """One row a mode, shape (M,), `ptr` by load: a load on a unit; `merit` is log(weight / s)."""

    ptr: Ints
    load: Ints
    unit: Ints
    seconds: Ints
    calendar: Ints
    merit: Floats


class ShopColumns(NamedTuple):
    """The plant of U units, S setup matrices of F families, K calendars and R counted resources.

    `lanes` (U, 2): when a unit is free, its setup family; `setup` (U,): its matrix; `pause` (U,):
    1 if interruptible; `change` (S, F + 1, F): setup seconds from a family (row F: never set up) to
    a family; `travel` (U, U): seconds; `calendars` (K, 4): first window, end of windows, windows of
    the week that repeats behind them, longest window; `windows` (W, 2): open and close; `limit`
    (R,); `held` (H, 2): resource and finish of what runs.
    """

    lanes: Ints
    setup: Ints
    pause: Ints
    change: Ints
    travel: Ints
    calendars: Ints
    windows: Ints
    limit: Ints
    held: Ints


class Columns(NamedTuple):
    """A shop problem in columns; -1 means none."""

    now: int
    steps: StepColumns
    jobs: JobColumns
    loads: LoadColumns
    modes: ModeColumns
    shop: ShopColumns


def ints(values: object) -> Ints:
    """Return a column of integers."""
    return np.array(values, dtype=np.int64)


def csr(rows: list[list[int]]) -> tuple[Ints, Ints]:
    """Return where each row starts, and the entries of all rows."""
    return pointers(rows), ints([entry for row in rows for entry in row])


def pointers(rows: list[list[int]]) -> Ints:
    """Return where each row starts, and the end of the last."""
    return np.cumsum(ints([0, *map(len, rows)]), dtype=np.int64)
