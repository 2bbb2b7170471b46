"""Smooth curves of one variable: the smoothstep and the monotone cubic through given points."""

import numpy as np

from unikat.design.model import Floats


def smoothstep(low: float, high: float, x: Floats) -> Floats:
    """Rise from 0 at `low` to 1 at `high` with level ends.

    >>> smoothstep(0.0, 1.0, np.array([-1.0, 0.5, 2.0])).tolist()
    [0.0, 0.5, 1.0]
    """
    t = np.clip((x - low) / (high - low), 0.0, 1.0)
    rise: Floats = t * t * (3.0 - 2.0 * t)
    return rise


def interpolate(knots: Floats, values: Floats, x: Floats) -> Floats:
    """Evaluate monotone cubics (PCHIP, Fritsch and Butland 1984) through values at knots.

    It never leaves the range of its two neighbouring values, so widths stay positive.

    Parameters
    ----------
    knots : shape (k,), strictly ascending
    values : shape (c, k), one row a curve
    x : shape (n,), within the knots
    """
    step = np.diff(knots)
    rise = np.diff(values, axis=1) / step
    slopes = _slopes(step, rise)
    idx = np.clip(np.searchsorted(knots, x, side="right") - 1, 0, len(step) - 1)
    t = (x - knots[idx]) / step[idx]
    back = 1.0 - t
    start, end = values[:, idx], values[:, idx + 1]
    lean = back * slopes[:, idx] - t * slopes[:, idx + 1]
    curve: Floats = (
        back * back * (1.0 + 2.0 * t) * start
        + t * t * (3.0 - 2.0 * t) * end
        + t * back * step[idx] * lean
    )
    return curve


def _slopes(step: Floats, rise: Floats) -> Floats:
    before, after = rise[:, :-1], rise[:, 1:]
    w_before = 2.0 * step[1:] + step[:-1]
    w_after = step[1:] + 2.0 * step[:-1]
    same = before * after > 0.0
    harmonic = w_before * np.where(same, after, 1.0) + w_after * np.where(same, before, 1.0)
    inner = np.where(
        same, (w_before + w_after) * before * after / np.where(same, harmonic, 1.0), 0.0
    )
    first = _end_slope(step[0], step[1], rise[:, 0], rise[:, 1])
    last = _end_slope(step[-1], step[-2], rise[:, -1], rise[:, -2])
    return np.concatenate((first[:, None], inner, last[:, None]), axis=1)


def _end_slope(step: float, next_step: float, rise: Floats, next_rise: Floats) -> Floats:
    """Take the three-point slope, cut to keep the end monotone."""
    slope = ((2.0 * step + next_step) * rise - step * next_rise) / (step + next_step)
    slope = np.where(slope * rise <= 0.0, 0.0, slope)
    steep = (rise * next_rise <= 0.0) & (np.abs(slope) > 3.0 * np.abs(rise))
    cut: Floats = np.where(steep, 3.0 * rise, slope)
    return cut
