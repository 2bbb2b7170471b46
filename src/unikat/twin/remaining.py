"""When will a job be done, told by nothing but a process log: a forest fitted to ended jobs.

At every end of an activity: what was done so far -> the time to the job's end, its median and an
interval. Inputs are the job's own past (which step, how long, how often) and, with the calendar,
how much of the log's window is left. The window's end is in the answers of a log that is a cut of
a running plant (jobs that look ended there are not); so the calendar helps inside such a window
and says nothing after it.
"""

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from math import ceil

import numpy as np

from unikat.errors import Fault, InvalidLog
from unikat.terms import DAY, Instant, Seconds
from unikat.twin.forest import Floats, Ints, Tree, find_quantiles, grow_forest, weigh_rows
from unikat.twin.process_log import Activity, ProcessLog

FEWEST_JOBS = 10
MOST_STEPS = 10
LEAVES = (60, 30, 15)
"""Leaves of at least a 60th, 30th, 15th of the rows."""
NUM_TREES = 60
"""Trees of each form."""
NEAR = 1.03
"""Forms whose error out of the bag is so near the least are mixed: steadier than to choose one."""
STEP = 8
"""The column of the step just done, by the median of what its jobs still needed."""
SHRINK = 10.0
"""A step seen this often counts half as itself and half as any step."""


@dataclass(frozen=True, slots=True)
class Remaining:
    """The time a job still needs at the end of an activity: median and interval, in seconds."""

    job: str
    at: Instant
    step: str
    low: Seconds
    median: Seconds
    high: Seconds


@dataclass(frozen=True, slots=True, eq=False)
class RemainingModel:
    """A fitted forest, and what makes its inputs.

    `answers` : float64, shape (N,), seconds to the end at the training rows. `medians` is each
    step's shrunk median of them, `typical` the median of all. `widen` is added at both ends of the
    interval of `confidence` (conformal). `ends_at` is the end of the log's window, None without
    calendar; `error` the mean absolute error out of the bag.
    """

    forest: tuple[Tree, ...]
    answers: Floats
    steps: tuple[str, ...]
    medians: Mapping[str, float]
    typical: float
    confidence: float
    widen: float
    ends_at: Instant | None
    error: Seconds


def fit_remaining(
    log: ProcessLog, *, uses_calendar: bool = False, confidence: float = 0.9, seed: int = 1
) -> RemainingModel:
    """Fit the time to a job's end on the ended jobs of a log.

    Trees of several forms are mixed, those whose error on jobs out of the bag is near the least.
    The interval is widened until it covers as stated on these jobs (conformalized quantile
    regression: Romano, Patterson and Candes, NeurIPS 2019).

    Raises
    ------
    InvalidLog
        If fewer than ten jobs have ended: that is too little to learn from.
    """
    jobs = _ended_jobs(log)
    if len(jobs) < FEWEST_JOBS:
        told = f"{len(jobs)} jobs have ended, of {len({a.job for a in log.activities})}"
        remedy = f"Give a log with at least {FEWEST_JOBS} jobs that have ended"
        raise InvalidLog([Fault("log", 0, 0, "", told, remedy)])
    groups: Ints = np.repeat(np.arange(len(jobs)), [len(past) for past in jobs.values()])
    ends = np.array([_finish(past[-1]) for past in jobs.values()], dtype=np.float64)
    answers = ends[groups] - [_finish(a) for past in jobs.values() for a in past]
    names = [a.step for past in jobs.values() for a in past]
    typical = float(np.median(answers))
    blank = RemainingModel(
        forest=(),
        answers=answers,
        steps=tuple(name for name, _ in Counter(sorted(names)).most_common(MOST_STEPS)),
        medians=_shrunk_medians(names, answers, typical),
        typical=typical,
        confidence=confidence,
        widen=0.0,
        ends_at=log.until if uses_calendar else None,
        error=0,
    )
    inputs = np.array([row for past in jobs.values() for row in _rows(blank, past)])
    return _grow(blank, inputs, groups, seed)


def foresee_remaining(model: RemainingModel, log: ProcessLog) -> tuple[Remaining, ...]:
    """Return what the model says at the end of each activity of a log, by job and time."""
    jobs = _jobs(log)
    passed = [a for past in jobs.values() for a in past]
    if not passed:
        return ()
    inputs = np.array([row for past in jobs.values() for row in _rows(model, past)])
    tail = (1.0 - model.confidence) / 2
    said = find_quantiles(weigh_rows(model.forest, inputs), model.answers, (tail, 0.5, 1.0 - tail))
    low, median, high = said.T
    low = np.minimum(np.maximum(low - model.widen, 0.0), median)
    high = np.maximum(high + model.widen, median)
    return tuple(
        Remaining(a.job, _finish(a), a.step, round(q5), round(q50), ceil(q95))
        for a, q5, q50, q95 in zip(passed, low, median, high, strict=True)
    )


def _grow(blank: RemainingModel, inputs: Floats, groups: Ints, seed: int) -> RemainingModel:
    """Return the model whose trees have several forms: large leaves and small, few columns and
    many, or the last step alone, where a job's past tells no more. Of them the good ones are mixed.
    """
    num_rows, num_columns = inputs.shape
    everything = tuple(range(num_columns))
    forms = [
        (leaf, everything, width)
        for leaf in LEAVES
        for width in (max(2, num_columns // 5), num_columns // 2)
    ]
    forests = [
        grow_forest(
            inputs,
            np.sqrt(blank.answers),  # a day more matters less to a long time than to a short
            groups,
            num_trees=NUM_TREES,
            least=max(2, num_rows // leaf),
            num_tried=width,
            columns=columns,
            seed=seed * 100 + number,
        )
        for number, (leaf, columns, width) in enumerate((*forms, (LEAVES[0], (STEP,), 1)))
    ]
    errors = [_calibrate(blank, inputs, forest).error for forest in forests]
    kept = [f for f, error in zip(forests, errors, strict=True) if error <= NEAR * min(errors)]
    return _calibrate(blank, inputs, tuple(tree for forest in kept for tree in forest))


def _calibrate(blank: RemainingModel, inputs: Floats, forest: tuple[Tree, ...]) -> RemainingModel:
    """Return the model with this forest, its error and its widening from jobs out of the bag."""
    weights = weigh_rows(forest, inputs, is_out=True)
    is_seen = weights.sum(axis=1) > 0.5
    tail = (1.0 - blank.confidence) / 2
    said = find_quantiles(weights[is_seen], blank.answers, (tail, 0.5, 1.0 - tail))
    truth = blank.answers[is_seen]
    misses = np.sort(np.maximum(said[:, 0] - truth, truth - said[:, 2]))
    rank = min(len(misses), ceil((len(misses) + 1) * blank.confidence))
    error = round(float(np.abs(said[:, 1] - truth).mean()))
    return replace(blank, forest=forest, widen=float(misses[rank - 1]), error=error)


def _rows(model: RemainingModel, past: tuple[Activity, ...]) -> Iterator[list[float]]:
    """Yield what is known at the end of each activity of a job, in days and counts."""
    counts: Counter[str] = Counter()
    begun, busy, before = past[0].start, 0, past[0].start
    for number, each in enumerate(past, start=1):
        at = _finish(each)
        begun = min(begun, each.start)
        busy += at - each.start
        counts[each.step] += 1
        yield [
            (at - begun) / DAY,
            busy / DAY,
            busy / max(at - begun, 60),
            (at - each.start) / DAY,
            (at - before) / DAY,
            float(number),
            float(len(counts)),
            float(counts[each.step]),
            model.medians.get(each.step, model.typical),
            *(float(counts[step]) for step in model.steps),
            *(() if model.ends_at is None else ((model.ends_at - at) / DAY,)),
        ]
        before = at


def _shrunk_medians(names: list[str], answers: Floats, typical: float) -> Mapping[str, float]:
    by_step: dict[str, list[float]] = {}
    for name, answer in zip(names, answers.tolist(), strict=True):
        by_step.setdefault(name, []).append(answer)
    return {
        name: (float(np.median(found)) * len(found) + typical * SHRINK) / (len(found) + SHRINK)
        for name, found in by_step.items()
    }


def _ended_jobs(log: ProcessLog) -> Mapping[str, tuple[Activity, ...]]:
    return {job: past for job, past in _jobs(log).items() if job not in log.open_jobs}


def _jobs(log: ProcessLog) -> Mapping[str, tuple[Activity, ...]]:
    """Return the finished activities of each job, by their finish."""
    jobs: dict[str, list[Activity]] = {}
    for each in log.activities:
        if each.finish is not None:
            jobs.setdefault(each.job, []).append(each)
    return {
        job: tuple(sorted(past, key=lambda a: (_finish(a), a.start, a.step, a.resource)))
        for job, past in jobs.items()
    }


def _finish(a: Activity) -> Instant:
    return a.start if a.finish is None else a.finish
