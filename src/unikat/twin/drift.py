"""Detect that steps of a class run longer or shorter on a unit than the accepted model says.

The residual of a step is z = (ln(work / nominal) - mu) / sigma; mu and sigma stay frozen with the
model version, since an estimate that follows would swallow the drift. A two-sided CUSUM asks to
act (Page 1954); Kolmogorov-Smirnov over the last hundred asks to look.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import accumulate
from math import erf, exp, sqrt
from statistics import fmean

from unikat.events import DriftDetected, ModelRow
from unikat.plant.model import Plant
from unikat.terms import Instant
from unikat.twin.model import LEAST_SIGMA, StepClass, TwinModel

REFERENCE = 0.25
BOUND = 11.5
"""At cv .25 a false alarm comes every 2,200 steps or so, a change of 20 % is found in 24."""
LARGEST = 4.0
"""No single residual counts more: one lost message is no drift."""
LEAST = 4
"""The fewest steps a new mean is taken from."""
MEMORY = 200
LOOK = 100
SURE = 0.01


@dataclass(frozen=True, slots=True)
class Watch:
    """The residuals of one step class on one unit under the accepted model.

    `high` and `low` are the two sums of the CUSUM, each with how many steps it has been above 0;
    `recent` are the last finishes with ln(work / nominal).
    """

    num: int = 0
    high: float = 0.0
    low: float = 0.0
    num_high: int = 0
    num_low: int = 0
    recent: tuple[tuple[Instant, float], ...] = ()

    @property
    def is_alarmed(self) -> bool:
        """Return whether one of the sums passed the bound."""
        return max(self.high, self.low) > BOUND

    @property
    def num_drifted(self) -> int:
        """Return how many of the recent steps lie after the change."""
        num = self.num_high if self.high > self.low else self.num_low
        return min(num, len(self.recent))


def residual(row: ModelRow, ratio: float) -> float:
    """Return z of ln(work / nominal), no larger than `LARGEST`."""
    z = (ratio - row.mu) / max(row.sigma, LEAST_SIGMA)
    return min(max(z, -LARGEST), LARGEST)


def watch_step(watch: Watch, row: ModelRow, at: Instant, ratio: float) -> Watch:
    """Return the watch after one more step."""
    z = residual(row, ratio)
    high = max(0.0, watch.high + z - REFERENCE)
    low = max(0.0, watch.low - z - REFERENCE)
    return Watch(
        watch.num + 1,
        high,
        low,
        watch.num_high + 1 if high else 0,
        watch.num_low + 1 if low else 0,
        (*watch.recent[1 - MEMORY :], (at, ratio)),
    )


def detect_drift(
    plant: Plant, model: TwinModel, watches: Mapping[StepClass, Watch], now: Instant
) -> tuple[DriftDetected, ...]:
    """Return every step class whose CUSUM passed its bound; the model itself is not changed."""

    def find() -> Iterator[DriftDetected]:
        for (capability, unit), watch in sorted(watches.items()):
            if watch.is_alarmed:
                row = model.row(plant, capability, unit)
                drifted = watch.recent[_changed(row, watch) :]
                factor = exp(fmean(ratio for _, ratio in drifted) - row.mu)
                yield DriftDetected(now, capability, unit, drifted[0][0], len(drifted), factor)

    return tuple(find())


def _changed(row: ModelRow, watch: Watch) -> int:
    """Return the place in `recent` from which on the change is likeliest: the largest squared sum
    of residuals over their number, since the CUSUM left 0.
    """
    residuals = [residual(row, ratio) for _, ratio in watch.recent[-watch.num_drifted :]]
    sums = enumerate(accumulate(reversed(residuals)), start=1)
    num, _ = max(sums, key=lambda each: (each[0] >= LEAST, each[1] ** 2 / each[0]))
    return len(watch.recent) - num


def look_p(row: ModelRow, ratios: Sequence[float]) -> float | None:
    """Return the chance of so odd a distribution of the last hundred if the model is right; None
    while there are fewer.

    Kolmogorov-Smirnov with Stephens' correction for finite n (1970).
    """
    if len(ratios) < LOOK:
        return None
    sigma = max(row.sigma, LEAST_SIGMA)
    levels = sorted((1 + erf((ratio - row.mu) / sigma / sqrt(2))) / 2 for ratio in ratios[-LOOK:])
    steps = accumulate([1 / LOOK] * LOOK)
    gap = max(max(step - at, at - step + 1 / LOOK) for at, step in zip(levels, steps, strict=True))
    scaled = (sqrt(LOOK) + 0.12 + 0.11 / sqrt(LOOK)) * gap
    tail = sum((1 if k % 2 else -1) * exp(-2 * (k * scaled) ** 2) for k in range(1, 101))
    return min(1.0, max(0.0, 2 * tail))
