"""The twin as programs read it: how its forecasts came true, its model, and what drifts."""

from collections.abc import Callable

import msgspec

from unikat.capacity.model import Stop
from unikat.events import ModelProposed, ModelRow, ModelScore
from unikat.plant.model import Plant
from unikat.state import SiteState
from unikat.terms import Instant, Seconds, UnitId
from unikat.twin.clocks import RIGHT
from unikat.twin.correct import learn_correction
from unikat.twin.drift import SURE, Watch, detect_drift, look_p
from unikat.twin.health import (
    UnitHealth,
    estimate_health,
    maintenance_length,
    maintenance_window,
)
from unikat.twin.learning import Learning
from unikat.twin.model import StepClass, shape_of
from unikat.twin.score import ScoreRow, score_table

Iso = Callable[[Instant], str]


class ScoreReply(msgspec.Struct, frozen=True):
    """Forecasts of a model version whose horizon lay in [low_s, high_s), held against the finishes.

    `covered` is the share between P5 and P95 (nominal .90), `played` the same before correction;
    `pit` the share of finishes in each fifth of the levels (nominal .20 each).
    """

    model_version: int
    low_s: Seconds
    high_s: Seconds
    num_orders: int
    covered: float
    played: float
    pinball_s: float
    crps_s: float
    pit: tuple[float, ...]
    bias_s: Seconds
    p_on_time: float
    on_time: float


class ClassReply(msgspec.Struct, frozen=True):
    """A step class on a unit under the model: the mean and variation of work / nominal, and the
    CUSUM (an alarm above 11.5).

    `factor` says how much longer steps take since `since`; `is_odd` asks to look: the last hundred
    have another distribution (Kolmogorov-Smirnov, p < .01).
    """

    capability: str
    unit: str
    num_steps: int
    mean: float
    cv: float
    is_learnt: bool
    cusum: float
    is_alarmed: bool
    factor: float | None
    since: str | None
    is_odd: bool


class ModelScoreReply(msgspec.Struct, frozen=True):
    """A model on the forecasts of finished orders, played again."""

    num_orders: int
    covered: float
    crps_s: float
    error: float


class ProposalReply(msgspec.Struct, frozen=True):
    """A proposed version: what changes, its score before and after, and how many orders it foresees
    better and worse than the version in use.
    """

    version: int
    parent: int
    at: str
    changes: tuple[str, ...]
    before: ModelScoreReply
    after: ModelScoreReply
    num_better: int
    num_worse: int


class HealthReply(msgspec.Struct, frozen=True):
    """A unit's health from 0 to 100 with the reasons of what it lacks; below 30 it is due for
    maintenance, and the schedule has room for it from `start` to `finish`.
    """

    unit: str
    figure: int
    reasons: tuple[str, ...]
    num_failures: int
    worked_s: Seconds
    mtbf_s: Seconds
    mttr_s: Seconds
    availability: float
    is_due: bool
    start: str | None
    finish: str | None


class SourceReply(msgspec.Struct, frozen=True):
    """Who speaks for the floor: its newest event, how many of its messages are missing, and by how
    many seconds its clock is fast (negative: slow), by which its times are corrected.
    """

    source: str
    last_seen: str
    missing: int
    clock_fast_s: Seconds


class TwinReply(msgspec.Struct, frozen=True):
    """The twin's model in use, its score table, the orders its correction is learnt from, every
    watched step class, the open proposal, every unit's health and every source of messages.
    """

    model_version: int
    accepted_at: str | None
    num_scored: int
    corrected_from: int
    blind: tuple[str, ...]
    scores: tuple[ScoreReply, ...]
    classes: tuple[ClassReply, ...]
    proposal: ProposalReply | None
    health: tuple[HealthReply, ...]
    sources: tuple[SourceReply, ...]


def view_twin(plant: Plant, state: SiteState, now: Instant, iso: Iso) -> TwinReply:
    """Return the twin as it is now."""
    learning, model = state.learning, state.learning.model
    correction = learn_correction(learning.scores)
    return TwinReply(
        model_version=model.version,
        accepted_at=iso(model.accepted_at) if model.version else None,
        num_scored=learning.num_scored,
        corrected_from=correction.num_orders,
        blind=state.floor.blind_sources,
        scores=tuple(_score(row) for row in score_table(learning.scores)),
        classes=_classes(plant, learning, now, iso),
        proposal=next((view_proposal(p, iso) for p in learning.proposals.values()), None),
        health=tuple(_health(plant, state, unit, now, iso) for unit in plant.units),
        sources=view_sources(state, iso),
    )


def view_sources(state: SiteState, iso: Iso) -> tuple[SourceReply, ...]:
    """Return who speaks for the floor, by name."""
    clocks = state.learning.clocks
    return tuple(
        SourceReply(name, iso(source.last_seen), source.num_missing, clocks.get(name, RIGHT).offset)
        for name, source in sorted(state.floor.sources.items())
    )


def view_proposal(proposed: ModelProposed, iso: Iso) -> ProposalReply:
    """Return a proposed version."""
    return ProposalReply(
        version=proposed.version,
        parent=proposed.parent,
        at=iso(proposed.at),
        changes=tuple(_change(row) for row in proposed.rows),
        before=_model_score(proposed.before),
        after=_model_score(proposed.after),
        num_better=proposed.num_better,
        num_worse=proposed.num_worse,
    )


def _score(row: ScoreRow) -> ScoreReply:
    return ScoreReply(
        model_version=row.model_version,
        low_s=row.low,
        high_s=row.high,
        num_orders=row.num_orders,
        covered=round(row.covered, 4),
        played=round(row.played, 4),
        pinball_s=round(row.pinball, 1),
        crps_s=round(row.crps, 1),
        pit=tuple(round(share, 4) for share in row.pit),
        bias_s=row.bias,
        p_on_time=round(row.p_on_time, 4),
        on_time=round(row.on_time, 4),
    )


def _classes(plant: Plant, learning: Learning, now: Instant, iso: Iso) -> tuple[ClassReply, ...]:
    drifts = {
        (drift.capability, drift.unit): drift
        for drift in detect_drift(plant, learning.model, learning.watches, now)
    }

    def view(step_class: StepClass, watch: Watch) -> ClassReply:
        row, drift = learning.model.row(plant, *step_class), drifts.get(step_class)
        cv, mean = shape_of(row)
        odd = look_p(row, [ratio for _, ratio in watch.recent])
        return ClassReply(
            capability=step_class[0],
            unit=step_class[1],
            num_steps=watch.num,
            mean=round(mean, 4),
            cv=round(cv, 4),
            is_learnt=step_class in learning.model.by_class,
            cusum=round(max(watch.high, watch.low), 2),
            is_alarmed=watch.is_alarmed,
            factor=None if drift is None else round(drift.factor, 4),
            since=None if drift is None else iso(drift.since),
            is_odd=odd is not None and odd < SURE,
        )

    return tuple(view(key, watch) for key, watch in sorted(learning.watches.items()))


def _health(plant: Plant, state: SiteState, unit: UnitId, now: Instant, iso: Iso) -> HealthReply:
    found = estimate_health(plant, state.learning, unit)
    window = window_for(plant, state, found, now) if found.is_due else None
    return HealthReply(
        unit=unit,
        figure=found.figure,
        reasons=found.reasons,
        num_failures=found.num_failures,
        worked_s=found.worked_s,
        mtbf_s=found.mtbf_s,
        mttr_s=found.mttr_s,
        availability=round(found.availability, 4),
        is_due=found.is_due,
        start=None if window is None else iso(window.start),
        finish=None if window is None else iso(window.finish),
    )


def window_for(plant: Plant, state: SiteState, health: UnitHealth, now: Instant) -> Stop | None:
    """Return when the schedule has room to maintain a unit."""
    return maintenance_window(
        plant,
        health.unit,
        state.bookings.values(),
        state.closed,
        now,
        length=maintenance_length(health),
    )


def _change(row: ModelRow) -> str:
    cv, mean = shape_of(row)
    length = f"{row.capability} on {row.unit}: {100 * mean:.0f} % of nominal, cv {cv:.2f}"
    return f"{length}, from {row.num_steps} steps"


def _model_score(score: ModelScore) -> ModelScoreReply:
    return ModelScoreReply(
        score.num_orders, round(score.covered, 4), round(score.crps, 1), round(score.error, 4)
    )
