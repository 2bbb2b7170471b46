"""Story: a campaign brings forty shoppers within half an hour.

Each sees a date from what is left; dates grow with the queue; those who hesitate lose the early
seconds and are told the new date; nobody is promised seconds twice, and the plant keeps what it
promised.
"""

import pytest

from sites import MONDAY_6, open_example, quote_for
from unikat.errors import CapacityTaken
from unikat.floor.model import World
from unikat.floor.virtual import open_floor
from unikat.flow import accept, hold
from unikat.insight.audit import audit
from unikat.rehearse import VirtualClock, turn_shop
from unikat.terms import HOUR, CustomerId


def test_dates_grow_with_the_queue_and_are_kept() -> None:
    clock = VirtualClock(MONDAY_6)
    site = open_example(clock=clock).site
    floor = open_floor(site.plant, World(), seed=5, start=clock.now())
    hesitant = quote_for(site, 99, Foam=True)
    holder = hold(site, quote_for(site, 98, Foam=True).id, seconds=2 * HOUR)
    finishes = []
    for person in range(40):
        offer = quote_for(site, person, Foam=True)
        order = accept(site, offer.id, CustomerId(f"c{person}"))
        finishes.append(order.finish)
        clock.instant += 40
    assert finishes[-1] > finishes[0] + 4 * HOUR
    with pytest.raises(CapacityTaken) as taken:
        accept(site, hesitant.id, CustomerId("hesitant"))
    assert taken.value.due is not None
    assert taken.value.due > hesitant.promise.due
    assert accept(site, holder.id, CustomerId("holder")).due == holder.promise.due

    while site.state().orders and clock.now() < MONDAY_6 + 300 * HOUR:
        clock.instant += 400
        turn_shop(site, floor)
    ended = site.state().ended
    assert len(ended) == 41
    assert audit(site.plant, ended, [entry.event for entry in site.log.read()]) == ()
    assert floor.figures().deadlocks == 0
    kept = sum(order.ended_at <= order.due for order in ended.values())
    assert kept >= 38
