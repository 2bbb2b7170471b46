import numpy as np
import pytest

from process_logs import made_log
from unikat.errors import InvalidLog
from unikat.twin.process_log import Activity, mark_cut, tidy_log
from unikat.twin.remaining import fit_remaining, foresee_remaining
from unikat.twin.remaining_score import cross_validate, ended_jobs, keep_jobs, score_split


@pytest.fixture(scope="module")
def log():
    return made_log(40, 1)


@pytest.fixture(scope="module")
def model(log):
    return fit_remaining(log)


def test_where_a_jobs_past_tells_its_future_the_error_is_well_under_the_medians(log):
    score = score_split(log, made_log(40, 2), uses_calendar=False)
    assert score.num_points == 240
    assert score.error < 0.85 * score.baseline
    assert 0.82 < score.covered <= 1.0


def test_the_same_log_and_seed_give_the_same_answer_and_intervals_hold_their_median(log, model):
    said = foresee_remaining(model, log)
    assert said == foresee_remaining(fit_remaining(log), log)
    assert all(0 <= each.low <= each.median <= each.high for each in said)
    assert len(said) == len(log.activities)


def test_nothing_a_job_does_later_changes_what_is_said_now(log, model):
    whole = [each for each in foresee_remaining(model, log) if each.job == "J005"]
    begun = tidy_log([a for a in log.activities if a.job == "J005"][:3])
    assert list(foresee_remaining(model, begun)) == whole[:3]


def test_the_calendar_is_an_input_only_where_it_is_asked_for(log, model):
    late = tidy_log(
        Activity(a.job, a.step, a.start + 10**6, (a.finish or 0) + 10**6, a.resource)
        for a in log.activities
    )
    assert [r.median for r in foresee_remaining(model, late)] == [
        r.median for r in foresee_remaining(model, log)
    ]
    assert fit_remaining(log, uses_calendar=True).ends_at == log.until


def test_open_jobs_teach_nothing_and_steps_never_seen_get_an_answer(log):
    cut = mark_cut(log, 3 * 86_400)
    assert cut.open_jobs
    model = fit_remaining(cut)
    assert len(model.answers) == sum(a.job not in cut.open_jobs for a in cut.activities)
    strange = tidy_log([Activity("new", "never seen", 0, 60)])
    assert len(foresee_remaining(model, strange)) == 1
    assert foresee_remaining(model, tidy_log([Activity("new", "cut", 0, None)])) == ()


def test_folds_hold_each_ended_job_once(log):
    small = keep_jobs(log, ended_jobs(log)[:24])
    score = cross_validate(small, uses_calendar=False, num_folds=2)
    assert score.num_points == 144
    assert np.isfinite(score.error)


def test_too_few_ended_jobs_are_refused(log):
    few = keep_jobs(log, ended_jobs(log)[:9])
    with pytest.raises(InvalidLog, match="9 jobs have ended"):
        fit_remaining(few)
