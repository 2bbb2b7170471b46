"""How good is what the log's model says? Scored beside the plainest rule on jobs it never saw."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from statistics import fmean, median

from unikat.terms import DAY, Instant
from unikat.twin.process_log import ProcessLog
from unikat.twin.remaining import Remaining, fit_remaining, foresee_remaining


@dataclass(frozen=True, slots=True)
class RemainingScore:
    """Errors and interval of `num_points` ends of activities, in days.

    `baseline` is the mean absolute error of the median by last step, learnt from the same jobs;
    `covered` the share of truths in the interval, `width` its mean width.
    """

    num_points: int
    error: float
    baseline: float
    covered: float
    width: float


def score_split(
    fit: ProcessLog, score: ProcessLog, *, uses_calendar: bool, seed: int = 1
) -> RemainingScore:
    """Fit on one log, score the ended jobs of another, at every end of an activity.

    Raises
    ------
    InvalidLog
        If too few jobs of `fit` have ended.
    """
    model = fit_remaining(fit, uses_calendar=uses_calendar, seed=seed)
    asked = keep_jobs(score, ended_jobs(score))
    said = foresee_remaining(model, asked)
    ends = _ends(asked)
    truths = [ends[each.job] - each.at for each in said]
    medians, typical = _medians_by_step(fit)
    guesses = [medians.get(each.step, typical) for each in said]
    return _score(said, truths, guesses)


def cross_validate(
    log: ProcessLog, *, uses_calendar: bool, num_folds: int = 5, seed: int = 1
) -> RemainingScore:
    """Score each fold of jobs (the k-th, k + 5-th ... by first start) by the others' model.

    Raises
    ------
    InvalidLog
        If too few jobs have ended.
    """
    jobs = ended_jobs(log)
    scores = [
        score_split(
            keep_jobs(log, [job for i, job in enumerate(jobs) if i % num_folds != fold]),
            keep_jobs(log, jobs[fold::num_folds]),
            uses_calendar=uses_calendar,
            seed=seed,
        )
        for fold in range(num_folds)
        if jobs[fold::num_folds]
    ]
    return pool_scores(scores)


def pool_scores(scores: Sequence[RemainingScore]) -> RemainingScore:
    """Return the score of all points of several scores."""
    total = sum(each.num_points for each in scores)

    def mean(values: Sequence[float]) -> float:
        pairs = zip(values, scores, strict=True)
        return sum(v * each.num_points for v, each in pairs) / max(total, 1)

    return RemainingScore(
        num_points=total,
        error=mean([each.error for each in scores]),
        baseline=mean([each.baseline for each in scores]),
        covered=mean([each.covered for each in scores]),
        width=mean([each.width for each in scores]),
    )


def ended_jobs(log: ProcessLog) -> list[str]:
    """Return the jobs that ended, by their first start."""
    first: dict[str, Instant] = {}
    for each in log.activities:
        first[each.job] = min(first.get(each.job, each.start), each.start)
    return sorted(set(first) - log.open_jobs, key=lambda job: (first[job], job))


def keep_jobs(log: ProcessLog, jobs: Sequence[str]) -> ProcessLog:
    """Return what a log tells of some jobs."""
    kept = set(jobs)
    return ProcessLog(tuple(a for a in log.activities if a.job in kept), log.open_jobs & kept)


def _ends(log: ProcessLog) -> Mapping[str, Instant]:
    ends: dict[str, Instant] = {}
    for each in log.activities:
        ends[each.job] = max(ends.get(each.job, each.start), each.finish or each.start)
    return ends


def _medians_by_step(log: ProcessLog) -> tuple[Mapping[str, float], float]:
    ended = keep_jobs(log, ended_jobs(log))
    ends = _ends(ended)
    left: dict[str, list[int]] = {}
    for each in ended.activities:
        if each.finish is not None:
            left.setdefault(each.step, []).append(ends[each.job] - each.finish)
    return (
        {step: median(found) for step, found in left.items()},
        median([value for found in left.values() for value in found]),
    )


def _score(
    said: Sequence[Remaining], truths: Sequence[int], guesses: Sequence[float]
) -> RemainingScore:
    rows = list(zip(said, truths, guesses, strict=True))
    return RemainingScore(
        num_points=len(rows),
        error=fmean(abs(each.median - truth) for each, truth, _ in rows) / DAY,
        baseline=fmean(abs(guess - truth) for _, truth, guess in rows) / DAY,
        covered=fmean(each.low <= truth <= each.high for each, truth, _ in rows),
        width=fmean(each.high - each.low for each, _, _ in rows) / DAY,
    )
