"""How well a unit is, explained, and when the schedule has room to maintain it.

Maintenance is proposed on condition, not by age: the failures of plant.toml come at a constant
rate, and then a unit that was just overhauled fails as soon as any other. What speaks for an
overhaul is that it fails more often than planned, or that its steps take longer and longer.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from math import exp

from unikat.capacity.model import Booking, Stop
from unikat.plant.model import Plant
from unikat.terms import HOUR, MINUTE, WEEK, Instant, Seconds, UnitId
from unikat.twin.drift import BOUND
from unikat.twin.learning import Learning, Wear

DUE = 30
"""A unit with a lower figure is due for maintenance."""
GRID = 15 * MINUTE


@dataclass(frozen=True, slots=True)
class UnitHealth:
    """A unit's health from 0 to 100, with the reasons of what it lacks.

    `mtbf_s` and `mttr_s` are estimated from what was seen, with plant.toml worth one failure (0: it
    never failed and is not said to); `availability` is what follows.
    """

    unit: UnitId
    figure: int
    reasons: tuple[str, ...]
    num_failures: int
    worked_s: Seconds
    mtbf_s: Seconds
    mttr_s: Seconds
    availability: float

    @property
    def is_due(self) -> bool:
        """Return whether it should be maintained."""
        return self.figure < DUE


def estimate_health(plant: Plant, learning: Learning, unit: UnitId) -> UnitHealth:
    """Estimate the health of a unit: the worse of how often it fails and how long its steps take.

    The first is twice the chance of so many failures if plant.toml is right (Poisson), at most 1;
    the second is how far the CUSUM of its slowest step class is from its alarm.
    """
    planned = plant.units[unit].reliability
    wear = learning.wear.get(unit, Wear())
    mean = wear.worked / (planned.mtbf_s or plant.horizon_s)
    chance = min(1.0, 2 * _poisson_tail(mean, wear.num_failures))
    slowest = max(
        ((watch.high, key[0]) for key, watch in learning.watches.items() if key[1] == unit),
        default=(0.0, ""),
    )
    pace = max(0.0, 1 - slowest[0] / BOUND)
    reasons = []
    if chance < 1:
        reasons.append(f"failed {wear.num_failures} times where {mean:.1f} were to be expected")
    if pace < 0.5:
        reasons.append(f"{slowest[1]} takes longer than the model says")
    mtbf = mttr = 0
    if wear.num_failures or planned.mtbf_s:
        prior = 1 if planned.mtbf_s else 0
        mtbf = (wear.worked + planned.mtbf_s) // (wear.num_failures + prior)
        mttr = (wear.down_s + prior * planned.mttr_s) // max(1, wear.num_repairs + prior)
    return UnitHealth(
        unit=unit,
        figure=round(100 * min(chance, pace)),
        reasons=tuple(reasons),
        num_failures=wear.num_failures,
        worked_s=wear.worked,
        mtbf_s=mtbf,
        mttr_s=mttr,
        availability=mtbf / (mtbf + mttr) if mtbf else 1.0,
    )


def _poisson_tail(mean: float, num: int) -> float:
    """Return the chance of `num` or more."""
    term, below = exp(-mean), 0.0
    for k in range(num):
        below += term
        term *= mean / (k + 1)
    return max(0.0, 1 - below)


def maintenance_window(
    plant: Plant,
    unit: UnitId,
    bookings: Iterable[Booking],
    stops: Sequence[Stop],
    now: Instant,
    *,
    length: Seconds,
) -> Stop | None:
    """Return the earliest time of a length in the unit's hours that nothing is booked in; None if
    there is none within the horizon.
    """
    taken = sorted(
        [(b.setup_start, b.finish) for b in bookings if b.unit == unit]
        + [(stop.start, stop.finish) for stop in stops if stop.unit == unit]
    )
    for opens, closes in _open_spans(plant, unit, now):
        start = -(-max(opens, now) // GRID) * GRID
        for begin, end in taken:
            if begin < start + length and end > start:
                start = -(-end // GRID) * GRID
        if start + length <= closes:
            return Stop(unit, start, start + length)
    return None


def _open_spans(plant: Plant, unit: UnitId, now: Instant) -> Iterable[tuple[Instant, Instant]]:
    """Yield the open hours of a unit from now to the horizon, a window of the week at a time."""
    week = plant.calendars[plant.center_of(unit).calendar].open
    for base in range(now // WEEK * WEEK, now + plant.horizon_s, WEEK):
        yield from ((base + a, base + b) for a, b in week if base + b > now)


def maintenance_length(health: UnitHealth) -> Seconds:
    """Return how long to maintain a unit: as long as its repairs, an hour at least."""
    return max(HOUR, -(-health.mttr_s // GRID) * GRID)
