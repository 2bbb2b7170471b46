"""Score forecasts by what became of them: do they cover as often as they say, and are they on
the mark?
"""

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from statistics import fmean

from unikat.events import FORECAST_LEVELS, ForecastCheck, ForecastScored, OrderForecast
from unikat.terms import Instant, OrderId, Seconds

P5, P10, P50, P90, P95 = (FORECAST_LEVELS.index(level) for level in (0.05, 0.1, 0.5, 0.9, 0.95))


@dataclass(frozen=True, slots=True)
class Foreseen:
    """A forecast of one order that waits for its finish."""

    made_at: Instant
    model_version: int
    forecast: OrderForecast


def score_forecasts(
    order_id: OrderId, foreseen: Iterable[Foreseen], finish: Instant, due: Instant
) -> ForecastScored:
    """Hold every forecast of an order that was made before it finished against its finish."""
    checks = (
        check_forecast(each, finish)
        for each in foreseen
        if each.made_at < finish and each.forecast.played
    )
    return ForecastScored(finish, order_id, finish <= due, tuple(checks))


def check_forecast(foreseen: Foreseen, finish: Instant) -> ForecastCheck:
    """Hold one forecast against the finish."""
    said = foreseen.forecast.quantiles
    return ForecastCheck(
        made_at=foreseen.made_at,
        model_version=foreseen.model_version,
        horizon=foreseen.forecast.played[P50] - foreseen.made_at,
        covered=said[P5] <= finish <= said[P95],
        crps=crps(said, finish),
        pit=level_of(said, finish),
        p_on_time=foreseen.forecast.p_on_time,
        errors=tuple(finish - at for at in foreseen.forecast.played),
        is_corrected=said != foreseen.forecast.played,
    )


def pinball(level: float, quantile: float, finish: float) -> float:
    """Return the loss of one quantile: least in the mean for the true one."""
    return max(level * (finish - quantile), (level - 1) * (finish - quantile))


def crps(quantiles: Sequence[Instant], finish: Instant) -> float:
    """Return the continuous ranked probability score, from the quantiles of `FORECAST_LEVELS`:
    twice their mean pinball loss, in seconds.
    """
    pairs = zip(FORECAST_LEVELS, quantiles, strict=True)
    return 2 * fmean(pinball(level, at, finish) for level, at in pairs)


def level_of(quantiles: Sequence[Instant], at: Instant) -> float:
    """Return the level at which an instant lies among quantiles: the probability to finish by it.

    Linear between the quantiles, and as steep beyond the last two on either side.
    """
    ends = 2 * quantiles[0] - quantiles[1], 2 * quantiles[-1] - quantiles[-2]
    instants = (ends[0], *quantiles, ends[1])
    levels = (0.0, *FORECAST_LEVELS, 1.0)
    right = bisect_right(instants, at)
    if right == 0:
        return 0.0
    if right == len(instants):
        return 1.0
    if instants[right - 1] == at:
        left = bisect_left(instants, at)
        return (levels[left] + levels[right - 1]) / 2 if left < right - 1 else levels[left]
    low, high = instants[right - 1], instants[right]
    share = (at - low) / (high - low)
    return levels[right - 1] + share * (levels[right] - levels[right - 1])


@dataclass(frozen=True, slots=True)
class ScoreRow:
    """How forecasts of a model version came true whose horizon lay in [`low`, `high`) seconds.

    Each order counts once, with the mean of its forecasts. `covered` is the share between P5 and
    P95 (nominal .90), `played` the same without correction. `pinball` and `crps` are means in
    seconds, `pit` the shares of the finishes in each fifth of their forecasts' levels (nominal .20
    each), `bias` the mean of finish less median as played, `p_on_time` the mean stated chance,
    `on_time` the share that was.
    """

    model_version: int
    low: Seconds
    high: Seconds
    num_orders: int
    covered: float
    played: float
    pinball: float
    crps: float
    pit: tuple[float, ...]
    bias: Seconds
    p_on_time: float
    on_time: float


def score_table(scores: Sequence[ForecastScored]) -> tuple[ScoreRow, ...]:
    """Return the scores by model version and horizon quartile, and one row a version over all."""
    bounds = horizon_bounds(scores)
    versions = sorted({check.model_version for each in scores for check in each.checks})
    spans = [*pairwise(bounds), (bounds[0], bounds[-1])]
    rows = (
        _row(version, low, high, _gather(scores, version, low, high))
        for version in versions
        for low, high in dict.fromkeys(spans)
    )
    return tuple(row for row in rows if row.num_orders)


def horizon_bounds(scores: Iterable[ForecastScored], num: int = 4) -> tuple[Seconds, ...]:
    """Return the bounds of `num` horizon classes of equal count, from 0 to above the longest."""
    horizons = sorted(max(0, check.horizon) for each in scores for check in each.checks)
    inner = (horizons[k * len(horizons) // num] for k in range(1, num) if horizons)
    return tuple(sorted({0, *inner, (horizons[-1] if horizons else 0) + 1}))


def _gather(
    scores: Sequence[ForecastScored], version: int, low: Seconds, high: Seconds
) -> Mapping[OrderId, tuple[bool, tuple[ForecastCheck, ...]]]:
    found = {
        each.order_id: (
            each.on_time,
            tuple(
                check
                for check in each.checks
                if check.model_version == version and low <= max(0, check.horizon) < high
            ),
        )
        for each in scores
    }
    return {order: (on_time, checks) for order, (on_time, checks) in found.items() if checks}


def _row(
    version: int,
    low: Seconds,
    high: Seconds,
    gathered: Mapping[OrderId, tuple[bool, tuple[ForecastCheck, ...]]],
) -> ScoreRow:
    if not gathered:
        return ScoreRow(version, low, high, 0, 0, 0, 0, 0, (), 0, 0, 0)
    means = [_mean_row(checks) for _, checks in gathered.values()]
    covered, played, loss, bias, chance, *pit = (fmean(each) for each in zip(*means, strict=True))
    return ScoreRow(
        model_version=version,
        low=low,
        high=high,
        num_orders=len(gathered),
        covered=covered,
        played=played,
        pinball=loss / 2,
        crps=loss,
        pit=tuple(pit),
        bias=round(bias),
        p_on_time=chance,
        on_time=fmean(on_time for on_time, _ in gathered.values()),
    )


def _mean_row(checks: Sequence[ForecastCheck]) -> tuple[float, ...]:
    fifths = [min(4, int(5 * check.pit)) for check in checks]
    return (
        fmean(check.covered for check in checks),
        fmean(check.errors[P95] <= 0 <= check.errors[P5] for check in checks),
        fmean(check.crps for check in checks),
        fmean(check.errors[P50] for check in checks),
        fmean(check.p_on_time for check in checks),
        *(fifths.count(k) / len(fifths) for k in range(5)),
    )
