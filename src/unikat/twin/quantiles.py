"""Distributions of durations as rows of quantiles: lognormal, exponential, gamma or observed, the
kernel draws them all alike.

A row has 65 knots of the body (levels k / 64) and 65 of the last sixty-fourth (1 - k / 4096, k = 0
to 64). It is relative to the nominal duration, and keeps the mean of its distribution.
"""

from collections.abc import Callable, Sequence
from statistics import NormalDist

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
KNOTS = 65
TAIL = 4096.0
SAMPLE = 1 << 16


def row_of(quantile: Callable[[Floats], Floats], mean: float) -> Floats:
    """Return the row of a distribution, float64 (130,), given its quantile function and mean.

    The first knot stands where the lowest sixty-fourth has its mean, the last one, of level 1,
    where the row has exactly this mean.
    """
    levels: Floats = np.arange(KNOTS - 1, dtype=np.float64) / (KNOTS - 1)
    levels[0] = 0.5 / TAIL
    body = quantile(levels)
    lowest_levels: Floats = (np.arange(KNOTS - 1, dtype=np.float64) + 0.5) / TAIL
    lowest = quantile(lowest_levels).mean()
    body[0] = max(0.0, 2 * lowest - body[1])
    tail = quantile(1.0 - np.arange(1, KNOTS) / TAIL)
    within = np.append(body, tail[-1])[: KNOTS - 1]
    low = (within[:-1] + within[1:]).sum() / 2 / (KNOTS - 1)
    high = (tail[:-1] + tail[1:]).sum() / 2 / TAIL
    last = 2 * (mean - low - high) * TAIL - tail[0]
    row = np.concatenate([body, [tail[-1]], [max(last, tail[0])], tail])
    return row * (mean / mean_of(row))


def mean_of(row: Floats) -> float:
    """Return the mean of a row."""
    body, tail = row[: KNOTS - 1], row[KNOTS:]
    low = float((body[:-1] + body[1:]).sum()) / 2 / (KNOTS - 1)
    return low + float((tail[:-1] + tail[1:]).sum()) / 2 / TAIL


def lognormal_row(cv: float) -> Floats:
    """Return a lognormal of mean 1 and this coefficient of variation."""
    sigma = np.sqrt(np.log1p(cv * cv))

    def quantile(levels: Floats) -> Floats:
        # Not scipy's, whose import would take a tenth of the time to a first forecast.
        normal = np.array([NormalDist().inv_cdf(level) for level in levels.tolist()])
        found: Floats = np.exp(sigma * normal - sigma * sigma / 2)
        return found

    return row_of(quantile, 1.0)


def exponential_row() -> Floats:
    """Return an exponential of mean 1."""
    return row_of(lambda levels: -np.log1p(-levels), 1.0)


def gamma_row(cv: float) -> Floats:
    """Return a gamma of mean 1 and this coefficient of variation."""
    from scipy.special import gammaincinv

    shape = 1.0 / (cv * cv)

    def quantile(levels: Floats) -> Floats:
        found: Floats = gammaincinv(shape, levels) / shape
        return found

    return row_of(quantile, 1.0)


def repeated_row(row: Floats, share: float, most: int) -> Floats:
    """Return what work takes that has to be done again with probability `share`, `most` times at
    most, each time as long as drawn anew. Drawn from a fixed seed.
    """
    draws = np.random.default_rng(0)
    levels = np.concatenate([np.arange(KNOTS - 1) / (KNOTS - 1), 1 - np.arange(64, -1, -1) / TAIL])
    knots = np.concatenate([row[: KNOTS - 1], row[: KNOTS - 1 : -1]])

    def draw() -> Floats:
        found: Floats = np.interp((draws.permutation(SAMPLE) + 0.5) / SAMPLE, levels, knots)
        return found

    total, repeats = draw(), draws.random(SAMPLE)
    for times in range(1, most + 1):
        total += np.where(repeats < share**times, draw(), 0.0)
    mean = mean_of(row) * sum(share**times for times in range(most + 1))
    return observed_row(total) * (mean / float(total.mean()))


def observed_row(ratios: Sequence[float] | Floats) -> Floats:
    """Return what was observed: ratios of actual to nominal duration, of which none is negative.

    Their mean is kept, so that a factor of 1.2 on all makes the row 1.2 times as long.
    """
    found = np.sort(np.asarray(ratios, dtype=np.float64))
    levels = (np.arange(len(found)) + 0.5) / len(found)

    def quantile(wanted: Floats) -> Floats:
        at: Floats = np.interp(wanted, levels, found)
        return at

    return row_of(quantile, float(found.mean()))
