"""Correct forecasts by what became of earlier ones, so that an interval holds what it says.

The twin knows the floor's noise, but not the orders and schedules to come. Conformal correction
assumes only that the next order is like the last ones: each quantile is moved by the matching
quantile of the errors it made (asymmetric conformal quantiles: Romano, Patterson and Candes 2019,
arXiv 1905.03222, theorem 2).
"""

from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import accumulate, pairwise
from math import ceil, floor
from statistics import fmean

from unikat.events import FORECAST_LEVELS, ForecastCheck, ForecastScored, OrderForecast
from unikat.terms import Instant, OrderId, Seconds
from unikat.twin.score import P10, P50, P90, horizon_bounds, level_of

WINDOW = 300
NOMINAL = 0.9
GAIN = 0.02
LEAST_MISS, MOST = 0.005, 0.3
LEAST = 19
"""Scored orders before anything is corrected: the smallest and largest of 19 are P5 and P95."""
LEAST_OF_CLASS = 39
"""Scores a horizon class needs: the smallest and largest of 39 are the outermost levels."""
NUM_CLASSES = 4


@dataclass(frozen=True, slots=True)
class Correction:
    """By how much each quantile moves: `shifts[i]` (seconds, one a level) for horizons from
    `bounds[i]` on; `num_orders` are those it is learnt from (0: nothing moves).
    """

    bounds: tuple[Seconds, ...] = (0,)
    shifts: tuple[tuple[Seconds, ...], ...] = ((0,) * len(FORECAST_LEVELS),)
    num_orders: int = 0

    def at(self, horizon: Seconds) -> tuple[Seconds, ...]:
        """Return the shifts of a horizon."""
        return self.shifts[max(0, bisect_right(self.bounds, horizon) - 1)]


NO_CORRECTION = Correction()


def learn_correction(scores: Sequence[ForecastScored]) -> Correction:
    """Learn the correction from the last scored orders, in sequence of their finish.

    Each order counts once in each of up to four horizon classes, with the forecast nearest to the
    middle of the class: an order's forecasts depend on each other. Too few orders for a class make
    fewer classes, too few for one no correction. While intervals hold less than they say, all
    levels move outwards (`followed_level`).
    """
    usable = [each for each in scores[-WINDOW:] if each.checks]
    stretch = followed_level(usable) / NOMINAL
    for num in range(NUM_CLASSES if len(usable) >= LEAST else 0, 0, -1):
        bounds = horizon_bounds(usable, num)
        classes = [
            [_nearest(each.checks, low, high) for each in usable] for low, high in pairwise(bounds)
        ]
        found = [[check for check in each if check is not None] for each in classes]
        if num == 1 or all(len(each) >= LEAST_OF_CLASS for each in found):
            shifts = tuple(_shifts(each, stretch) for each in found)
            return Correction(bounds[:-1], shifts, len(usable))
    return NO_CORRECTION


def followed_level(scores: Sequence[ForecastScored]) -> float:
    """Return how much the interval from P5 to P95 is to hold of what was, so that it goes on to
    hold nine of ten when the shop changes.

    Adaptive conformal inference (Gibbs and Candes 2021, arXiv 2106.00170): the share to miss falls
    with each order missed, and rises with each held.
    """
    miss = 1 - NOMINAL
    for each in scores:
        if held := [check.covered for check in each.checks if check.is_corrected]:
            miss += GAIN * (fmean(held) - NOMINAL)
            miss = min(MOST, max(LEAST_MISS, miss))
    return 1 - miss


def _nearest(checks: Sequence[ForecastCheck], low: Seconds, high: Seconds) -> ForecastCheck | None:
    """Return an order's forecast nearest to the middle of a horizon class."""
    within = [check for check in checks if low <= max(0, check.horizon) < high]
    return min(within, key=lambda check: abs(2 * check.horizon - low - high), default=None)


def _shifts(checks: Sequence[ForecastCheck], stretch: float) -> tuple[Seconds, ...]:
    """Return for each level the error at its rank: below the median rounded down, above it up."""
    shifts: list[Seconds] = []
    for idx, level in enumerate(FORECAST_LEVELS):
        errors = sorted(check.errors[idx] for check in checks)
        rank = round((len(errors) + 1) * (0.5 + (level - 0.5) * stretch), 9)
        place = floor(rank) if level < 0.5 else ceil(rank)
        shifts.append(errors[min(max(place, 1), len(errors)) - 1])
    return tuple(shifts)


def correct(
    order_id: OrderId,
    played: tuple[Instant, ...],
    correction: Correction,
    *,
    now: Instant,
    due: Instant,
) -> OrderForecast:
    """Return a forecast with its quantiles moved, still rising and not before now."""
    shifts = correction.at(played[P50] - now)
    moved = (at + shift for at, shift in zip(played, shifts, strict=True))
    earliest = min(now + 1, played[0])
    said = tuple(accumulate((max(at, earliest) for at in moved), max))
    return OrderForecast(
        order_id, said[P10], said[P50], said[P90], round(level_of(said, due), 4), said, played
    )
