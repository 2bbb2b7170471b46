"""Two writers of one log: the slower one is told, has caught up, and decides again."""

import pytest

from sites import MONDAY_6, models, quote_for
from unikat.edge.ids import RandomIds
from unikat.edge.main import OpenSite, open_site
from unikat.errors import StoreFailure, VersionConflict
from unikat.events import NewEvent, OrderCancelled, OrderPlaced, WorkUnitRestarted
from unikat.flow import accept, cancel
from unikat.rehearse import VirtualClock
from unikat.site import append_to_book
from unikat.state import BOOK
from unikat.terms import CustomerId, EventId, OrderId, UnitId

ANNA = CustomerId("anna")


def opened(folder) -> OpenSite:
    return open_site(
        folder,
        models=models(),
        database="sqlite:///site.db",
        clock=VirtualClock(MONDAY_6),
        ids=RandomIds(),
    )


@pytest.fixture
def rivals(tmp_path):
    both = opened(tmp_path), opened(tmp_path)
    yield tuple(each.site for each in both)
    for each in both:
        each.close()


def restarted(number: int) -> NewEvent:
    return NewEvent(EventId(f"m:1:{number}"), "floor/m", WorkUnitRestarted(MONDAY_6, UnitId("M1")))


def test_a_decision_on_an_old_book_is_refused_and_the_state_has_caught_up(rivals) -> None:
    slow, fast = rivals
    stale = slow.state()
    order = accept(fast, quote_for(fast).id, ANNA)
    event = OrderCancelled(MONDAY_6, OrderId("O-x"), "decided on the old book")
    with pytest.raises(VersionConflict):
        append_to_book(slow, stale, event)
    assert slow.state() == fast.state()
    assert list(slow.state().orders) == [order.id]
    assert slow.log.head() == 1


def test_after_the_refusal_the_same_use_case_succeeds(rivals) -> None:
    slow, fast = rivals
    offer = quote_for(slow)
    order = accept(fast, quote_for(fast, 1).id, ANNA)
    accept(slow, offer.id, ANNA)
    cancel(fast, offer.order_id, "by the other process")
    assert list(fast.state().orders) == [order.id]
    assert fast.state().book_version == fast.log.head() == 3


def test_events_that_need_no_version_pass_another_writer_and_fold_his_too(rivals) -> None:
    slow, fast = rivals
    fast.live.append((restarted(1),))
    recorded = slow.live.append((restarted(2),))
    assert [r.seq for r in recorded] == [2]
    assert slow.state().seq == 2
    assert slow.state() == fast.live.catch_up()


def test_known_events_are_left_out_and_the_state_stays(rivals) -> None:
    slow, fast = rivals
    fast.live.append((restarted(1),))
    assert slow.live.append((restarted(1),)) == ()
    assert slow.state().seq == slow.log.head() == 1


def test_a_log_that_cannot_be_written_acknowledges_nothing(tmp_path) -> None:
    one = opened(tmp_path)
    offer = quote_for(one.site)
    before = one.site.state()
    one.close()
    with pytest.raises(StoreFailure):
        accept(one.site, offer.id, ANNA)
    assert one.site.state() == before


def test_reading_needs_no_lock(rivals) -> None:
    one, _ = rivals
    with one.live.lock:
        state = one.state()
        placed = accept(one, quote_for(one).id, ANNA)
    assert state.orders == {}
    assert one.state().orders == {placed.id: placed}
    assert [r.stream for r in one.log.read() if isinstance(r.event, OrderPlaced)] == [BOOK]
