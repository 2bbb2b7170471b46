"""Short-run control charts: every part another order, one chart a characteristic all the same.

What is charted is not the measure but its standardised deviation, (measured - ordered) / sigma,
which has mean 0 and standard deviation 1 whatever was ordered, while the process is in control
(short-run individuals chart; Montgomery, Introduction to Statistical Quality Control, ch. 10). Two
alarms say *act*: a deviation beyond 3, and an exponentially weighted mean (Roberts 1959; weight and
limit of Lucas and Saccucci 1990 for 500 parts between false alarms). The run rules (Western
Electric 1956) say *look*: alone they would cry every hundredth part.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from math import sqrt
from statistics import fmean, stdev

from unikat.events import PartMeasured
from unikat.terms import Instant, OrderId

LIMIT = 3.0
WEIGHT = 0.2
WIDTH = 2.962
EWMA_LIMIT = WIDTH * sqrt(WEIGHT / (2 - WEIGHT))
BEYOND, SHIFTED = "beyond 3 sigma", "the weighted mean has shifted"
ACT = (BEYOND, SHIFTED)
RUNS: tuple[tuple[str, int, int, float], ...] = (
    ("2 of 3 beyond 2 sigma on one side", 2, 3, 2.0),
    ("4 of 5 beyond 1 sigma on one side", 4, 5, 1.0),
    ("8 in a row on one side", 8, 8, 0.0),
)
"""(what it says, how many, of the last so many, beyond so many sigma)."""


@dataclass(frozen=True, slots=True)
class Point:
    """One measure on a chart: the deviation `z` of a part, the weighted mean with it, and what it
    signals.
    """

    at: Instant
    order_id: OrderId
    serial: str
    unit: str
    ordered: float
    measured: float
    z: float
    ewma: float
    is_within: bool
    signals: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Alarm:
    """A signal that was not there at the part before; `is_act` says act, else look."""

    at: Instant
    serial: str
    signal: str
    is_act: bool


@dataclass(frozen=True, slots=True)
class Chart:
    """The chart of one characteristic; `sigma` and `measure` (its unit) are the family's."""

    characteristic: str
    measure: str
    sigma: float
    points: tuple[Point, ...]

    @property
    def alarms(self) -> tuple[Alarm, ...]:
        """Return the signals, each where it begins."""
        before: tuple[str, ...] = ()
        found: list[Alarm] = []
        for point in self.points:
            new = (signal for signal in point.signals if signal not in before)
            found += [Alarm(point.at, point.serial, each, each in ACT) for each in new]
            before = point.signals
        return tuple(found)

    @property
    def state(self) -> str:
        """Return what the last part says: in control, look, or act."""
        signals = self.points[-1].signals
        if any(signal in ACT for signal in signals):
            return "act"
        return "look" if signals else "in control"

    @property
    def mean(self) -> float:
        """Return the mean deviation, in sigmas: 0 in control."""
        return fmean(point.z for point in self.points)

    @property
    def spread(self) -> float | None:
        """Return the standard deviation, in sigmas: 1 if the stated sigma is right."""
        return stdev(point.z for point in self.points) if len(self.points) > 1 else None

    @property
    def num_out(self) -> int:
        """Return how many parts were out of tolerance."""
        return sum(not point.is_within for point in self.points)


def chart_measures(
    measures: Iterable[PartMeasured], sigmas: Mapping[str, float]
) -> tuple[Chart, ...]:
    """Chart measures by characteristic, in the sequence of their times.

    A characteristic without a stated sigma takes a third of its tolerance.
    """
    by_name: dict[str, list[PartMeasured]] = {}
    for event in sorted(measures, key=lambda event: (event.at, event.serial, event.attempt)):
        by_name.setdefault(event.characteristic, []).append(event)
    return tuple(_chart(name, events, sigmas) for name, events in sorted(by_name.items()))


def _chart(name: str, events: Sequence[PartMeasured], sigmas: Mapping[str, float]) -> Chart:
    points: list[Point] = []
    ewma, last = 0.0, list[float]()
    for event in events:
        z = (event.measured - event.ordered) / _sigma(event, sigmas)
        ewma += WEIGHT * (z - ewma)
        last = [*last[-7:], z]
        points.append(
            Point(
                at=event.at,
                order_id=event.order_id,
                serial=event.serial,
                unit=event.unit,
                ordered=event.ordered,
                measured=event.measured,
                z=z,
                ewma=ewma,
                is_within=abs(event.measured - event.ordered) <= event.tolerance,
                signals=signals_of(last, ewma),
            )
        )
    return Chart(name, events[-1].measure, _sigma(events[-1], sigmas), tuple(points))


def _sigma(event: PartMeasured, sigmas: Mapping[str, float]) -> float:
    return sigmas.get(event.characteristic) or event.tolerance / LIMIT or 1.0


def signals_of(last: Sequence[float], ewma: float) -> tuple[str, ...]:
    """Return what the newest of the last deviations, and the weighted mean, signal."""
    side = 1.0 if last[-1] >= 0 else -1.0
    signals = [BEYOND] if abs(last[-1]) > LIMIT else []
    signals += [SHIFTED] if abs(ewma) > EWMA_LIMIT else []
    for words, many, of, beyond in RUNS:
        recent = [side * z for z in last[-of:]]
        if recent[-1] > beyond and sum(z > beyond for z in recent) >= many:
            signals.append(words)
    return tuple(signals)
