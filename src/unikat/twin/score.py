"""Score forecasts by what became of them: do they cover as often as they say, and are they on
the mark?
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from statistics import fmean

from unikat.events import ForecastMade, OrderForecast
from unikat.terms import Instant, OrderId, Seconds


@dataclass(frozen=True, slots=True)
class ForecastScore:
    """How the forecasts of `num_orders` finished orders came true; each order counts once, whatever
    was said how often.

    `covered` is the share between P10 and P90 (nominal .80), `below_p90` at most P90 (.90).
    `p_on_time` is the mean stated chance to be on time, `on_time` the share that was. `bias` is the
    mean of finish - P50, `error` of its size.
    """

    num_orders: int
    covered: float
    below_p90: float
    p_on_time: float
    on_time: float
    bias: Seconds
    error: Seconds


def score_forecasts(
    forecasts: Sequence[ForecastMade],
    finishes: Mapping[OrderId, Instant],
    dues: Mapping[OrderId, Instant],
) -> ForecastScore:
    """Score all forecasts made before their order finished; orders without any are left out."""
    said: dict[OrderId, list[OrderForecast]] = {}
    for made in forecasts:
        for each in made.orders:
            if made.at < finishes.get(each.order_id, made.at):
                said.setdefault(each.order_id, []).append(each)
    if not said:
        return ForecastScore(0, 0.0, 0.0, 0.0, 0.0, 0, 0)
    rows = [_mean_row(each, finishes[order]) for order, each in said.items()]
    covered, below, on_time, bias, error = (fmean(column) for column in zip(*rows, strict=True))
    return ForecastScore(
        num_orders=len(said),
        covered=covered,
        below_p90=below,
        p_on_time=on_time,
        on_time=fmean(finishes[order] <= dues[order] for order in said),
        bias=round(bias),
        error=round(error),
    )


def _mean_row(said: Sequence[OrderForecast], finish: Instant) -> tuple[float, ...]:
    return (
        fmean(each.p10 <= finish <= each.p90 for each in said),
        fmean(finish <= each.p90 for each in said),
        fmean(each.p_on_time for each in said),
        fmean(finish - each.p50 for each in said),
        fmean(abs(finish - each.p50) for each in said),
    )
