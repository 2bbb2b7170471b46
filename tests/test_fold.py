"""The log is the truth: its fold is the same in batches of any size, and after a restart."""

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sites import MONDAY_6, models, open_example, persons, quote_for
from unikat.demand.shoppers import draw_shoppers
from unikat.edge.ids import RandomIds
from unikat.edge.main import OpenSite, open_site
from unikat.events import (
    OrderDelivered,
    PartScrapped,
    Recorded,
    SchedulePublished,
    StepFinished,
    StepStarted,
    WorkUnitStopped,
)
from unikat.floor.messages import write_message
from unikat.floor.model import World
from unikat.flow import accept, drop, hold, record, repair
from unikat.fold import fold
from unikat.order.model import OrderState
from unikat.rehearse import Scenario, VirtualClock, rehearse
from unikat.state import SiteState, open_state
from unikat.terms import DAY, CustomerId


def rehearse_some(opened: OpenSite, clock: VirtualClock, num_orders: int, until: int) -> None:
    traffic = models().file.demo.traffic
    shoppers = draw_shoppers(
        models().family, persons(), traffic, num_orders=num_orders, seed=3, start=MONDAY_6
    )
    scenario = Scenario(tuple(shoppers), seed=3, until=until)
    rehearse(opened.site, scenario, World(late=0.1, duplicated=0.1), clock)


def folded(records) -> SiteState:
    plant, policy = models().plant, models().file.policy
    return fold(plant, open_state(plant, policy.slack), records)


@pytest.fixture(scope="module")
def told() -> tuple[list[Recorded], SiteState]:
    """The log of some orders with holds and breakdowns, stopped in mid-work, and its state."""
    clock = VirtualClock(MONDAY_6)
    opened = open_example(clock=clock)
    site = opened.site
    hold(site, quote_for(site, 7).id, seconds=90 * DAY)
    hold(site, dropped := quote_for(site, 8).id, seconds=90 * DAY)
    rehearse_some(opened, clock, 15, until=MONDAY_6 + int(1.2 * DAY))
    drop(site, dropped)
    for person in (20, 21):
        accept(site, quote_for(site, person).id, CustomerId("late"))
    return list(site.log.read()), site.state()


def test_the_log_holds_what_the_laws_below_are_about(told) -> None:
    records, state = told
    kinds = {type(r.event) for r in records}
    assert {SchedulePublished, WorkUnitStopped, OrderDelivered} <= kinds
    assert state.orders
    assert state.ended
    assert state.holds
    assert {o.state for o in state.ended.values()} == {OrderState.DELIVERED}


def test_the_fold_of_the_log_is_the_state_of_the_site_that_wrote_it(told) -> None:
    records, state = told
    assert folded(records) == state


@given(st.data())
def test_batches_of_any_size_give_the_same_state(told, data) -> None:
    records, state = told
    places = st.integers(0, len(records))
    cuts = sorted(data.draw(st.lists(places, max_size=8), label="cuts"))
    plant = models().plant
    now = open_state(plant, models().file.policy.slack)
    for start, end in zip([0, *cuts], [*cuts, len(records)], strict=True):
        now = fold(plant, now, records[start:end])
    assert now == state


def test_one_event_at_a_time_gives_the_same_state(told) -> None:
    records, state = told
    plant = models().plant
    now = open_state(plant, models().file.policy.slack)
    for entry in records:
        now = fold(plant, now, (entry,))
    assert now == state


def test_a_fold_leaves_the_state_before_it_as_it_was(told) -> None:
    records, _ = told
    middle = len(records) // 2
    before = folded(records[:middle])
    fold(models().plant, before, records[middle:])
    assert before == folded(records[:middle])


def test_a_site_opened_again_is_in_the_state_it_was_left_in(tmp_path) -> None:
    database = "sqlite:///site.db"
    clock = VirtualClock(MONDAY_6)
    first = open_example(clock=clock, database=database, folder=tmp_path)
    hold(first.site, quote_for(first.site, 7).id, seconds=90 * DAY)
    rehearse_some(first, clock, 3, until=MONDAY_6 + DAY // 2)
    left = first.site.state()
    first.close()
    assert left.orders
    second = open_example(clock=clock, database=database, folder=tmp_path)
    assert second.site.state() == left
    accept(second.site, quote_for(second.site, 9).id, CustomerId("next"))
    second.close()


def test_two_processes_on_one_log_see_the_same(tmp_path) -> None:
    sites = [
        open_site(
            tmp_path,
            models=models(),
            database="sqlite:///site.db",
            clock=VirtualClock(MONDAY_6),
            ids=RandomIds(),
        )
        for _ in range(2)
    ]
    turns = random.Random(5)
    for person in range(8):
        opened = turns.choice(sites)
        opened.site.live.catch_up()
        accept(opened.site, quote_for(opened.site, person).id, CustomerId("c"))
    one, other = (opened.site.live.catch_up() for opened in sites)
    assert one == other
    assert len(one.orders) == 8
    for opened in sites:
        opened.close()


def test_a_scrapped_order_is_open_again_is_scheduled_at_once_and_keeps_its_promise() -> None:
    clock = VirtualClock(MONDAY_6)
    opened = open_example(clock=clock)
    site = opened.site
    order = accept(site, quote_for(site, 3).id, CustomerId("c"))
    first, last = order.variant.steps[0], order.variant.steps[-1]
    seq = 0

    def tell(*events) -> None:
        nonlocal seq
        messages = []
        for event in events:
            seq += 1
            messages.append(write_message(event, source="gauge", epoch=1, seq=seq))
            clock.instant = max(clock.instant, event.at)
        assert set(record(site, messages)) == {"recorded"}

    at = MONDAY_6 + 60
    for step in order.variant.steps:
        unit = site.plant.eligible_units(step.capability)[0]
        good = int(step != last)
        done = (unit, order.id, step.step, 0, None)
        tell(StepStarted(at, *done, at + 60), StepFinished(at + 60, *done, good, 1 - good))
        at += 120
    assert site.state().orders[order.id].state is OrderState.STARTED
    assert site.state().disturbed == f"{last.step} of {order.id} is to be made again"
    tell(PartScrapped(at, unit, order.id, last.step, 0, f"{order.id}/1", "torn"))
    assert site.state().disturbed == f"{order.id}/1 is scrap after {last.step}: torn"
    assert not site.state().bookings
    repair(site, seconds=0, seed=1, cause=site.state().disturbed)
    booked = site.state().bookings
    assert {step for _, step in booked} == {step.step for step in order.variant.steps}
    leads = [site.plant.materials[i].lead_s for i in first.items if i in site.plant.materials]
    assert booked[order.id, first.step].not_before == at + max(leads, default=0)
    assert site.state().orders[order.id].due == order.due
    assert folded(list(site.log.read())) == site.state()
