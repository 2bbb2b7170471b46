"""A rehearsal ends with the last delivery, repeats itself from its seed, and can be stopped."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sites import MONDAY_6, models, open_example, persons
from unikat.demand.shoppers import draw_shoppers
from unikat.events import (
    OrderPlaced,
    PartMeasured,
    PartScrapped,
    ReworkOrdered,
    SchedulePublished,
)
from unikat.floor.model import Process, World
from unikat.insight.audit import audit
from unikat.order.model import OrderState
from unikat.rehearse import Rehearsal, Scenario, VirtualClock, rehearse
from unikat.site import Site
from unikat.terms import DAY, HOUR, Capability, Instant
from unikat.twin.facts import rank_of

NUM = 5
PLAIN = World()


class Enough(Exception):
    pass


def run(
    *,
    seed: int = 4,
    until: Instant = MONDAY_6 + 90 * DAY,
    progress=None,
    world: World = PLAIN,
    num: int = NUM,
) -> tuple[Site, Rehearsal, Instant]:
    clock = VirtualClock(MONDAY_6)
    site = open_example(clock=clock).site
    shoppers = draw_shoppers(
        models().family,
        persons(),
        models().file.demo.traffic,
        num_orders=num,
        seed=seed,
        start=MONDAY_6,
    )
    scenario = Scenario(tuple(shoppers), seed, until)
    done = rehearse(site, scenario, world, clock, progress=progress)
    return site, done, clock.now()


def test_it_ends_within_a_turn_of_the_last_delivery() -> None:
    site, done, ended = run()
    state = site.state()
    assert not state.orders
    assert len(state.ended) == NUM
    assert {order.state for order in state.ended.values()} == {OrderState.DELIVERED}
    last = max(order.ended_at for order in state.ended.values())
    assert last <= ended <= last + 900
    assert len(done.quotes) >= NUM
    assert done.num_refused == 0
    assert done.floor.figures().deadlocks == 0


def test_the_same_seed_is_the_same_log_and_another_is_another() -> None:
    (_, one, _), (_, again, _), (_, other, _) = run(), run(), run(seed=5)
    assert list(one.log.read()) == list(again.log.read())
    assert one.quotes == again.quotes
    assert list(one.log.read()) != list(other.log.read())


def test_rework_and_scrap_are_made_up_for_and_no_promised_date_moves() -> None:
    rough = World(
        flawed={Capability("glue"): 0.3},
        scrapped={Capability("finish"): 0.3},
        processes={"length": Process(1.8)},
    )
    site, done, _ = run(world=rough, num=15)
    state = site.state()
    assert not state.orders
    assert len(state.ended) == 15
    told = [record.event for record in done.log.read()]
    kinds = {type(event) for event in told}
    assert {PartMeasured, PartScrapped, ReworkOrdered} <= kinds
    orders = {**state.orders, **state.ended}
    assert audit(site.plant, orders, told) == ()
    dues = {event.order_id: event.due for event in told if isinstance(event, OrderPlaced)}
    assert {order.id: order.due for order in orders.values()} == dues
    causes = [event.cause for event in told if isinstance(event, SchedulePublished)]
    assert any("is scrap after" in cause for cause in causes)
    assert any("is reworked after" in cause for cause in causes)
    assert done.floor.figures().deadlocks == 0


@settings(max_examples=3)
@given(seed=st.integers(1, 999))
def test_a_line_with_every_fault_loses_nothing_and_ends_as_the_floor_is(seed) -> None:
    world = World(
        duplicated=0.05,
        swapped=0.1,
        late=0.05,
        lost=0.02,
        outage_s=900,
        outage_every_s=6 * HOUR,
        scrapped={Capability("inspect"): 0.1},
    )
    site, done, _ = run(seed=seed, world=world)
    state = site.state()
    assert not state.orders
    assert {order.state for order in state.ended.values()} == {OrderState.DELIVERED}
    assert state.floor.blind_sources == ()
    assert state.floor.num_repaired == 0
    assert audit(site.plant, state.ended, _as_it_was(done)) == ()


def _as_it_was(done: Rehearsal):
    """Return what happened in the sequence of its happening."""
    records = sorted(done.log.read(), key=lambda r: rank_of(r.event.at, r.id))
    return [record.event for record in records]


def test_it_stops_at_its_end_with_work_left() -> None:
    site, _, ended = run(until=MONDAY_6 + 6 * HOUR)
    assert ended == MONDAY_6 + 6 * HOUR
    assert len(site.state().ended) < NUM


def test_it_tells_its_progress_and_can_be_cancelled() -> None:
    told = []

    def progress(done: int, total: int) -> None:
        told.append((done, total))
        if done >= 2:
            raise Enough

    with pytest.raises(Enough):
        run(progress=progress)
    assert told[-1][0] in {2, 3, 4, NUM}
    assert [done for done, _ in told] == sorted(done for done, _ in told)
    assert {total for _, total in told} >= {told[0][1]}
