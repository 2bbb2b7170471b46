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

from unikat.events import FORECAST_LEVELS, ForecastCheck, ForecastScored, OrderForecast
from unikat.terms import Instant, OrderId, Seconds
from unikat.twin.score import P10, P50, P90, horizon_bounds, level_of

WINDOW = 1_000
LEAST = 39
"""Scores a horizon class needs: its smallest and largest then have the outermost levels."""
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


def learn_correction(
    scores: Sequence[ForecastScored], *, version: int = 0, changed_at: Instant = 0
) -> Correction:
    """Learn the correction from the last scored orders, in sequence of their finish.

    Forecasts of a model older than `version` count only for orders that finished before
    `changed_at`, since when it was wrong. Each order counts once in each of up to four horizon
    classes, with the forecast nearest to the middle of the class: an order's forecasts depend on
    each other. Too few orders for a class make fewer classes, and none no correction.
    """
    last = [
        (each.order_id, tuple(c for c in each.checks if c.model_version >= version or is_before))
        for each in scores[-WINDOW:]
        for is_before in (each.at < changed_at,)
    ]
    usable = [(order, checks) for order, checks in last if checks]
    for num in range(min(NUM_CLASSES, len(usable) // LEAST), 0, -1):
        bounds = horizon_bounds(
            [ForecastScored(0, order, False, checks) for order, checks in usable], num
        )
        classes = [
            [_nearest(checks, low, high) for _, checks in usable] for low, high in pairwise(bounds)
        ]
        found = [[check for check in each if check is not None] for each in classes]
        if all(len(each) >= LEAST for each in found):
            return Correction(bounds[:-1], tuple(_shifts(each) for each in found), len(usable))
    return NO_CORRECTION


def _nearest(checks: Sequence[ForecastCheck], low: Seconds, high: Seconds) -> ForecastCheck | None:
    """Return an order's forecast nearest to the middle of a horizon class."""
    within = [check for check in checks if low <= max(0, check.horizon) < high]
    return min(within, key=lambda check: abs(2 * check.horizon - low - high), default=None)


def _shifts(checks: Sequence[ForecastCheck]) -> tuple[Seconds, ...]:
    """Return for each level the error at its rank: below the median rounded down, above it up."""
    shifts: list[Seconds] = []
    for idx, level in enumerate(FORECAST_LEVELS):
        errors = sorted(check.errors[idx] for check in checks)
        rank = round((len(errors) + 1) * level, 9)
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
