"""Construct schedules: dispatch forward in time over a grid of scales, or decode a sequence."""

from collections.abc import Iterator, Sequence
from itertools import product

import numpy as np

from unikat.schedule.columns import Columns, Ints

SLACK_SCALES = (0.5, 1.0, 2.0, 4.0, 8.0)
"""k1 of apparent tardiness cost, in mean durations: small = urgent first, great = short first."""
DELAY_SCALES = (0.2, 0.5, 1.0, 4.0)
"""k2, in mean setups: small = keep the setup."""
GRID = tuple(product(SLACK_SCALES, DELAY_SCALES))
FIRST = ((1.0, 0.5), (4.0, 0.5))
"""The pairs tried where time matters more than the best start."""
LAST = 1 << 60
"""The key of a load that has no place in the sequence yet."""


def dispatch_grid(columns: Columns, pairs: Sequence[tuple[float, float]] = GRID) -> Iterator[Ints]:
    """Yield a schedule for each pair of scales, as `placed` of the kernels."""
    from unikat._kernels import by_address
    from unikat.schedule._kernels import dispatch

    duration = max(float(columns.modes.seconds.mean()), 1.0)
    setups = columns.shop.change[columns.shop.change > 0]
    setup = float(setups.mean()) if setups.size else 60.0
    record, by_ready = by_address(columns), np.argsort(columns.loads.ready, kind="stable")
    for slack_scale, delay_scale in pairs:
        placed = empty_placed(columns)
        dispatch(record, by_ready, slack_scale * duration, delay_scale * setup, placed)
        yield placed


def decode_keys(columns: Columns, key: Ints, choice: Ints, earliest: Ints) -> Ints:
    """Return the loads appended by key on the chosen modes, from `earliest` on."""
    from unikat._kernels import by_address
    from unikat.schedule._kernels import decode, raise_keys

    raised, placed = key.astype(np.int64), empty_placed(columns)
    raise_keys(columns.loads.source_ptr, columns.loads.source, raised)
    decode(by_address(columns), np.argsort(raised, kind="stable"), choice, earliest, placed)
    return placed


def decode_old(columns: Columns, *, is_early: bool) -> Ints:
    """Return the last schedule in its sequences and on its units, new loads appended behind.

    `is_early` lets loads start before their old start.
    """
    old, mode = columns.loads.old_start, columns.loads.old_mode
    takes_time = (
        columns.modes.seconds[mode] > 0
    )  # work of no length goes before work that starts with it
    key = np.where(old >= 0, 2 * old + takes_time, LAST)
    earliest = np.zeros_like(old) if is_early else np.maximum(old, 0)
    return decode_keys(columns, key, mode, earliest)


def decode_placed(columns: Columns, placed: Ints) -> Ints:
    """Return a schedule drawn together: its sequences and units, each load as early as legal.

    Taken by start, no load gets later: what came before it started no later than it did.
    """
    from unikat._kernels import by_address
    from unikat.schedule._kernels import decode

    again = empty_placed(columns)
    sequence = np.lexsort((np.arange(placed[0].size), placed[4], placed[3]))
    decode(by_address(columns), sequence, placed[0], np.zeros_like(placed[0]), again)
    return again


def empty_placed(columns: Columns) -> Ints:
    """Return room for the placement of each load."""
    return np.full((5, columns.loads.ready.size), -1, dtype=np.int64)
