"""What a step took is measured from the log: stops, nights and builds are taken out."""

from math import log

import pytest

from floor_strategies import CenterSpec, make_order, make_plant, make_steps
from unikat.events import (
    ModelAccepted,
    ModelProposed,
    ModelRow,
    ModelScore,
    StepFinished,
    StepStarted,
    WorkUnitRestarted,
    WorkUnitStopped,
)
from unikat.terms import HOUR, MINUTE
from unikat.twin.learning import Learning, LearningDraft

PLANT = make_plant(
    [
        CenterSpec("a", cv=0.2),
        CenterSpec("b", calendar="shift", is_interruptible=True),
        CenterSpec("c", batch=3),
    ]
)
WORKS = {"a": HOUR, "b": HOUR, "c": HOUR}
ORDERS = {
    f"O-{k}": make_order(f"O-{k}", make_steps(PLANT, "abc", [HOUR, HOUR, (k + 1) * HOUR]))
    for k in range(3)
}
NOTHING = ModelScore(0, 0.0, 0.0, 0.0)


def learn(*events, learning=None):
    draft = LearningDraft(PLANT, learning or Learning())
    for event in events:
        draft.apply(event, ORDERS)
    return draft.value()


def work(unit, step, start, finish, *, order="O-0", build=None):
    return (
        StepStarted(start, unit, order, step, 0, build, start + HOUR),
        StepFinished(finish, unit, order, step, 0, build),
    )


def ratio_of(learning, key):
    [(_, ratio)] = learning.watches[key].recent
    return ratio


def test_a_stop_is_no_work():
    start, finish = work("a1", "s0", 0, 2 * HOUR)
    stop, back = WorkUnitStopped(600, "a1", "", 900), WorkUnitRestarted(600 + 30 * MINUTE, "a1")
    again = WorkUnitStopped(HOUR, "a1", "", 0), WorkUnitRestarted(HOUR + 30 * MINUTE, "a1")
    found = learn(start, stop, back, *again, finish)
    assert ratio_of(found, ("a", "a1")) == pytest.approx(log(1.0))


def test_a_night_is_no_work_where_work_pauses():
    evening, morning = 13 * HOUR + 30 * MINUTE, 30 * HOUR + 30 * MINUTE
    found = learn(*work("b1", "s1", evening, morning))
    assert ratio_of(found, ("b", "b1")) == pytest.approx(log(1.0))


def test_a_build_counts_once_with_its_longest_member():
    starts, finishes = zip(
        *(work("c1", "s2", 0, 6 * HOUR, order=order, build="B") for order in ORDERS), strict=True
    )
    found = learn(*starts, *finishes)
    assert found.watches["c", "c1"].num == 1
    assert ratio_of(found, ("c", "c1")) == pytest.approx(log(2.0))


def test_a_finish_without_its_start_is_passed_over():
    start, finish = work("a1", "s0", 0, HOUR)
    assert not learn(finish, start).watches
    assert not learn(start, work("a1", "s0", 0, HOUR, order="O-1")[1]).watches


def test_an_accepted_model_starts_its_watches_anew_and_no_others():
    row = ModelRow("a", "a1", 9, 0.3, 0.2)
    proposed = ModelProposed(5, 1, 0, 3, (row,), NOTHING, NOTHING)
    first = learn(*work("a1", "s0", 0, HOUR), *work("b1", "s1", 8 * HOUR, 9 * HOUR))
    told = learn(proposed, learning=first)
    assert told.model.version == 0
    assert learn(ModelAccepted(6, 7, "nobody"), learning=told) == told
    accepted = learn(ModelAccepted(6, 1, "me"), learning=told)
    assert (accepted.model.version, accepted.model.accepted_at) == (1, 6)
    assert accepted.model.row(PLANT, "a", "a1") == row
    assert set(accepted.watches) == {("b", "b1")}
    assert not accepted.proposals


def test_the_share_of_steps_done_again_is_known_after_thirty():
    def passes(count, attempt):
        for k in range(count):
            yield StepStarted(k * HOUR, "a1", "O-0", "s0", attempt, None, (k + 1) * HOUR)
            yield StepFinished((k + 1) * HOUR, "a1", "O-0", "s0", attempt, None)

    early = learn(*passes(20, 0), *passes(9, 1))
    assert early.repeats == {}
    assert learn(*passes(1, 1), learning=early).repeats == {"a": pytest.approx(10 / 30)}
    assert learn(*passes(40, 0)).repeats == {}
