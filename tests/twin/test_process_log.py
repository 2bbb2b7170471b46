from hypothesis import given, settings

from process_logs import logs
from unikat.events import OrderDelivered, Recorded, StepFinished, StepStarted
from unikat.terms import HOUR, EventId, OrderId, StepId, UnitId
from unikat.twin.process_log import (
    Activity,
    ProcessLog,
    facts_of,
    mark_cut,
    site_log,
    tidy_log,
    tidy_name,
)


def test_names_get_single_blanks_duplicates_go_and_overlaps_stay():
    log = tidy_log(
        [
            Activity("C1", "SETUP     Turning", 10, 20, "A"),
            Activity("C1", "SETUP Turning", 10, 20, "A"),
            Activity("C1", "Lapping", 15, 15, "B"),
            Activity("C2", "Lapping", 30, None, "B"),
        ]
    )
    facts = facts_of(log)
    assert (facts.jobs, facts.activities, facts.steps, facts.resources) == (2, 3, 2, 2)
    assert (facts.overlaps, facts.zero_length, facts.running, facts.open_jobs) == (1, 1, 1, 1)


@given(logs)
@settings(max_examples=25)
def test_a_tidy_log_stays_as_it_is(log):
    assert tidy_log(log.activities, log.open_jobs) == log
    assert all(tidy_name(a.job) == a.job for a in log.activities)


def test_jobs_active_at_the_end_are_marked_as_cut():
    log = tidy_log([Activity("old", "a", 0, HOUR), Activity("new", "a", 0, 10 * HOUR)])
    assert mark_cut(log, 2 * HOUR).open_jobs == {"new"}
    assert mark_cut(log, 10 * HOUR).open_jobs == {"old", "new"}


def test_an_empty_log_is_a_log():
    assert tidy_log([]) == ProcessLog(())
    assert ProcessLog(()).until == 0


def test_a_sites_events_make_a_log_in_whatever_sequence_they_come():
    def started(order, step, at):
        return StepStarted(at, UnitId("F1"), OrderId(order), StepId(step), 0, None, at + 9)

    def finished(order, step, at):
        return StepFinished(at, UnitId("F1"), OrderId(order), StepId(step), 0, None)

    events = [
        finished("O-1", "print", 50),
        started("O-1", "print", 10),
        started("O-1", "pack", 60),  # its finish was lost
        OrderDelivered(90, OrderId("O-1"), on_time=True),
        finished("O-2", "print", 70),  # its start was lost
        started("O-2", "pack", 80),
    ]
    records = [Recorded(i, i, EventId(f"e{i}"), "floor", 0, e) for i, e in enumerate(events)]
    log = site_log(records)
    assert log == site_log(records[::-1])
    assert log.activities == (
        Activity("O-1", "print", 10, 50, "F1"),
        Activity("O-2", "print", 70, 70, "F1"),
        Activity("O-2", "pack", 80, None, "F1"),
    )
    assert log.open_jobs == {"O-2"}
