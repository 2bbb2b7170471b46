"""Propose a new version of the twin's model, and show what it is worth: forecasts played again."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from math import sqrt
from statistics import fmean

from unikat.errors import NothingToPropose
from unikat.events import (
    DriftDetected,
    ForecastCheck,
    ModelProposed,
    ModelRow,
    ModelScore,
)
from unikat.plant.model import Plant
from unikat.terms import Capability, Instant, OrderId, Seconds
from unikat.twin.drift import Watch
from unikat.twin.learning import Learning, Situation
from unikat.twin.model import LEAST_SIGMA, StepClass, TwinModel
from unikat.twin.score import P50, Foreseen, check_forecast

KAPPA = 50
"""How many steps the old spread is worth against the new one."""
LEAST_STEPS = 30
"""A step class without alarm is fitted anew from so many steps."""
NUM_REPLAYED = 200


def propose_model(
    plant: Plant,
    learning: Learning,
    drifts: Sequence[DriftDetected],
    now: Instant,
    *,
    replications: int,
    release_ahead_s: Seconds = 0,
) -> ModelProposed:
    """Fit the drifted step classes anew (without drifts: all that have enough steps), and play
    the forecasts of finished orders again, from their own states and seeds, with both models.

    Raises
    ------
    NothingToPropose
        If no step class has enough steps.
    """
    fitted = {(row.capability, row.unit): row for row in _fit(plant, learning, drifts)}
    if not fitted:
        raise NothingToPropose(
            f"no step class has {LEAST_STEPS} measured steps yet; let the floor work on"
        )
    rows = tuple(row for _, row in sorted({**learning.model.by_class, **fitted}.items()))
    changed_at = min((drift.since for drift in drifts), default=now)
    new = replace(learning.model, rows=rows)
    replayed = _chosen(learning, changed_at if drifts else 0)

    def play(model: TwinModel) -> Sequence[Check]:
        return _play(
            plant,
            replayed,
            model,
            repeats=learning.repeats,
            replications=replications,
            release_ahead_s=release_ahead_s,
        )

    before, after = play(learning.model), play(new)
    gains = [old.crps - fit.crps for (old, _), (fit, _) in zip(before, after, strict=True)]
    return ModelProposed(
        at=now,
        version=learning.last_version + 1,
        parent=learning.model.version,
        changed_at=changed_at,
        rows=rows,
        before=_score(before),
        after=_score(after),
        num_better=sum(gain > 0 for gain in gains),
        num_worse=sum(gain < 0 for gain in gains),
    )


def _fit(plant: Plant, learning: Learning, drifts: Sequence[DriftDetected]) -> Iterable[ModelRow]:
    """Yield the new rows: of a drifted class from the steps since it changed, else from the last
    ones.
    """
    found = {(drift.capability, drift.unit): drift.num_steps for drift in drifts}
    for step_class, watch in learning.watches.items():
        num = found.get(step_class, 0 if found else len(watch.recent))
        if num >= (1 if found else LEAST_STEPS):
            yield _fit_class(plant, learning.model, step_class, watch, num)


def _fit_class(
    plant: Plant, model: TwinModel, step_class: StepClass, watch: Watch, num: int
) -> ModelRow:
    """Fit a log-normal to the last `num` steps; few of them say more of the mean than of the
    spread, so the spread is drawn to the old one.
    """
    old = model.row(plant, *step_class)
    ratios = [ratio for _, ratio in watch.recent[-num:]]
    mean = fmean(ratios)
    squares = sum((ratio - mean) ** 2 for ratio in ratios)
    sigma = sqrt((squares + KAPPA * old.sigma**2) / (max(0, num - 1) + KAPPA))
    return ModelRow(*step_class, num, mean, max(LEAST_SIGMA, sigma))


Replayed = tuple[Situation, tuple[tuple[OrderId, Instant], ...]]


def _chosen(learning: Learning, since: Instant) -> Sequence[Replayed]:
    """Return the first forecast, made since then, of each order that finished after `since` (the
    last one, if there is none), by situation; the last 200 orders.
    """
    finishes = {each.order_id: each.at for each in learning.scores if each.at > since}
    left = dict(list(finishes.items())[-NUM_REPLAYED:])
    chosen: list[Replayed] = []
    later = [each for each in learning.situations if each.at >= since]
    before = [each for each in learning.situations if each.at < since]
    for situation in (*later, *reversed(before)):
        said = tuple(
            (order, left.pop(order))
            for order in sorted(situation.orders)
            if left.get(order, situation.at) > situation.at
        )
        if said:
            chosen.append((situation, said))
    return chosen


Check = tuple[ForecastCheck, Seconds]
"""A forecast held against the finish, and the time that was left."""


def _play(
    plant: Plant,
    replayed: Sequence[Replayed],
    model: TwinModel,
    *,
    repeats: Mapping[Capability, float],
    replications: int,
    release_ahead_s: Seconds,
) -> Sequence[Check]:
    """Play forecasts again with a model, uncorrected, and hold them against the finishes."""
    from unikat.twin.forecast import forecast

    checks: list[Check] = []
    for situation, orders in replayed:
        made = forecast(
            plant,
            tuple(situation.bookings.values()),
            situation.floor,
            tuple(situation.orders.values()),
            situation.at,
            replications=replications,
            seed=situation.seed,
            release_ahead_s=release_ahead_s,
            model=model,
            repeats=repeats,
        )
        by_order = {each.order_id: each for each in made}
        for order, finish in orders:
            said = Foreseen(situation.at, model.version, by_order[order])
            checks.append((check_forecast(said, finish), finish - situation.at))
    return checks


def _score(checks: Sequence[Check]) -> ModelScore:
    if not checks:
        return ModelScore(0, 0.0, 0.0, 0.0)
    return ModelScore(
        num_orders=len(checks),
        covered=fmean(check.covered for check, _ in checks),
        crps=fmean(check.crps for check, _ in checks),
        error=fmean(abs(check.errors[P50]) / left for check, left in checks),
    )


def is_refuted(proposed: ModelProposed) -> bool:
    """Return whether forecasts played again speak against a proposal: clearly more orders are
    foreseen worse than better (sign test, two sigmas).

    The drift itself is beyond doubt when the CUSUM alarms. Single orders say little: whether one
    passes the gate before a weekend outweighs the minutes of fifty others.
    """
    better, worse = proposed.num_better, proposed.num_worse
    return worse - better > 2 * sqrt(better + worse)
