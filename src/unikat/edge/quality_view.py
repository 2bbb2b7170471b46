"""The control charts as programs read them."""

from collections.abc import Callable

import msgspec

from unikat.family.model import Family
from unikat.insight.spc import EWMA_LIMIT, LIMIT, Chart, chart_measures
from unikat.state import SiteState
from unikat.terms import Instant

Iso = Callable[[Instant], str]


class PointReply(msgspec.Struct, frozen=True):
    """One measured part: its deviation `z` and the weighted mean `ewma`, both in sigmas."""

    at: str
    order: str
    serial: str
    unit: str
    ordered: float
    measured: float
    z: float
    ewma: float
    is_within: bool
    signals: tuple[str, ...]


class AlarmReply(msgspec.Struct, frozen=True):
    """Where a signal began; `is_act` asks to act, else to look."""

    at: str
    serial: str
    signal: str
    is_act: bool


class ChartReply(msgspec.Struct, frozen=True):
    """The chart of a characteristic: `state` is in control, look or act; `mean` and `spread` of
    the deviations are 0 and 1 in control; `num_out` parts were out of tolerance.
    """

    characteristic: str
    measure: str
    sigma: float
    state: str
    num: int
    num_out: int
    mean: float
    spread: float | None
    alarms: tuple[AlarmReply, ...]
    points: tuple[PointReply, ...]


class QualityReply(msgspec.Struct, frozen=True):
    """All charts; deviations beyond `limit`, weighted means beyond `ewma_limit` ask to act."""

    limit: float
    ewma_limit: float
    charts: tuple[ChartReply, ...]


def view_quality(family: Family, state: SiteState, iso: Iso, *, last: int) -> QualityReply:
    """Return the charts of the last measures, each with its `last` points."""
    sigmas = {each.id: each.sigma for each in family.characteristics}
    charts = chart_measures(state.measured, sigmas)
    return QualityReply(LIMIT, EWMA_LIMIT, tuple(_reply(chart, iso, last) for chart in charts))


def _reply(chart: Chart, iso: Iso, last: int) -> ChartReply:
    return ChartReply(
        characteristic=chart.characteristic,
        measure=chart.measure,
        sigma=chart.sigma,
        state=chart.state,
        num=len(chart.points),
        num_out=chart.num_out,
        mean=chart.mean,
        spread=chart.spread,
        alarms=tuple(
            AlarmReply(iso(each.at), each.serial, each.signal, each.is_act)
            for each in chart.alarms[-last:]
        ),
        points=tuple(
            PointReply(
                at=iso(point.at),
                order=point.order_id,
                serial=point.serial,
                unit=point.unit,
                ordered=point.ordered,
                measured=point.measured,
                z=round(point.z, 4),
                ewma=round(point.ewma, 4),
                is_within=point.is_within,
                signals=point.signals,
            )
            for point in chart.points[-last:]
        ),
    )
