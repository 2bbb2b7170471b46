"""A wrong clock is found by when its messages arrive, and harms neither state nor sequence."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sites import MONDAY_6, open_example, quote_for
from unikat.events import ClockJudged, Message, StepFinished
from unikat.floor.model import World
from unikat.floor.virtual import open_floor
from unikat.flow import accept, record
from unikat.rehearse import VirtualClock
from unikat.shop import operate
from unikat.terms import MINUTE, CustomerId
from unikat.twin.clocks import FAST, NUM, RIGHT, SLOW, SPAN, SourceClock, hear, judge_clocks

TURN_S = 900


def heard(lates: list[int], every: int, start: SourceClock = RIGHT) -> SourceClock:
    clock = start
    for k, late in enumerate(lates):
        noted = 100_000 + k * every
        clock = hear(clock, noted - late, noted)
    return clock


def offset(clock: SourceClock, at: int = 0, now: int = 10**6) -> int:
    said = [Message("press", 1, 1, at, {})]
    return judge_clocks({"press": clock}, said, now).get("press", clock.offset)


@given(st.integers(SLOW + 1, 10**6), st.lists(st.integers(0, SLOW), min_size=2 * NUM, max_size=60))
def test_a_clock_is_slow_by_what_every_message_is_late(slow, waits):
    clock = heard([slow + wait for wait in waits], SPAN // NUM)
    assert -slow - SLOW <= offset(clock) <= -slow


@given(st.lists(st.integers(0, 10**5), max_size=60), st.integers(0, 90))
def test_one_prompt_message_a_span_clears_a_clock(lates, every):
    assert offset(heard([each for late in lates for each in (late, 0)], every)) == 0


def test_a_backlog_and_an_import_are_no_slow_clock():
    backlog = [86_400 - k * 60 for k in range(200)]
    assert offset(heard(backlog, 10)) == 0
    assert offset(heard([10**6] * 200, 0)) == 0  # a burst: no span of time


@given(st.integers(-1_000, 1_000), st.integers(-1_000, 1_000))
def test_a_clock_is_fast_by_what_a_message_is_ahead(known, ahead):
    found = offset(SourceClock(offset=known), at=1_000 + known + ahead, now=1_000)
    assert found == (known + ahead if ahead > FAST else known)


def test_a_clock_that_is_set_right_is_believed_again():
    clock = heard([120] * 2 * NUM, SPAN // NUM, SourceClock(offset=120))
    assert offset(clock) == 0


def played(world: World):
    """Play four orders to their end; return their site."""
    clock = VirtualClock(MONDAY_6)
    site = open_example(clock=clock).site
    for person in range(4):
        accept(site, quote_for(site, person, Foam=True).id, CustomerId(f"person {person}"))
    floor = open_floor(site.plant, world, seed=1, start=MONDAY_6)
    while site.state().orders:
        until = clock.instant + TURN_S
        while (at := floor.next_at()) is not None and at <= until:
            clock.instant = at
            record(site, floor.advance(at))
        clock.instant = until
        for command in operate(site):
            floor.obey(command)
    return site


def finished(site) -> set[tuple[str, str, int]]:
    events = [r.event for r in site.log.read()]
    return {(e.order_id, e.step, e.at) for e in events if isinstance(e, StepFinished)}


def test_a_floor_with_a_fast_clock_gives_the_state_of_one_that_is_right():
    right, wrong = played(World()), played(World(clock_skew={"M1": 90, "G1": 45}))
    assert finished(wrong) == finished(right)
    judged = [r.event for r in wrong.log.read() if isinstance(r.event, ClockJudged)]
    assert {(e.source, e.offset) for e in judged} == {("floor-M1", 90), ("floor-G1", 45)}
    assert len(judged) == 2
    assert not [r for r in right.log.read() if isinstance(r.event, ClockJudged)]
    sources = wrong.state().floor.sources
    assert sources.keys() == {"floor", "floor-M1", "floor-G1"}
    assert not any(source.is_blind for source in sources.values())


def stop(seq: int, at: int) -> Message:
    body = {"type": "unit_stopped", "unit": "M1", "reason": "test", "until": at + 60}
    return Message("press", 1, seq, at, body)


@pytest.mark.parametrize("skew", [-1_000, 200])
def test_what_a_wrong_clock_says_is_recorded_at_its_true_time(skew):
    clock = VirtualClock(MONDAY_6)
    site = open_example(clock=clock).site
    for seq in range(1, 3 * NUM):
        clock.instant += MINUTE
        record(site, (stop(seq, clock.instant + skew),))
    entry = next(r for r in site.log.read(after=site.log.head() - 1))
    assert (entry.event.at, entry.event.until) == (clock.instant, clock.instant + 60)
    assert site.state().learning.clocks["press"].offset == skew
    assert record(site, (stop(1, clock.instant),)) == ("duplicate",)
