"""The thread of a running server: it delivers what a crash left, plays the floor, and goes on."""

import itertools
import time
from dataclasses import replace

from sites import MONDAY_6, models, open_example, persons, quote_for
from unikat.demand.shoppers import Shopper, draw_shoppers
from unikat.edge.clock import ScaledClock
from unikat.edge.live import ShopThread
from unikat.events import NewEvent, OrderDelivered, StepFinished, StepStarted
from unikat.floor.model import World
from unikat.floor.virtual import open_floor
from unikat.flow import accept
from unikat.order.model import OrderState
from unikat.rehearse import VirtualClock
from unikat.site import Site
from unikat.terms import CustomerId, EventId


def until(is_true, seconds: float = 60.0) -> None:
    end = time.monotonic() + seconds
    while not is_true():
        assert time.monotonic() < end
        time.sleep(0.02)


def finish_all_steps(site: Site) -> None:
    """Write what the floor said just before a crash: all is done, nothing is delivered yet."""
    (order,) = site.state().orders.values()
    at, number = MONDAY_6 + 60, itertools.count(1)
    for step in order.variant.steps:
        unit = site.plant.eligible_units(step.capability)[0]
        work = (unit, order.id, step.step, 1, None)
        site.live.append(
            [
                NewEvent(EventId(f"f:1:{next(number)}"), "floor/f", event)
                for event in (StepStarted(at, *work, at + 9), StepFinished(at + 9, *work))
            ]
        )
        at += 10


def shoppers(count: int, *, at: int) -> list[Shopper]:
    drawn = draw_shoppers(
        models().family,
        persons(),
        models().file.demo.traffic,
        num_orders=count,
        seed=1,
        start=MONDAY_6,
    )
    return [replace(shopper, at=at, buys=True) for shopper in itertools.islice(drawn, count)]


def test_the_start_delivers_what_a_crash_left_finished() -> None:
    clock = VirtualClock(MONDAY_6)
    site = open_example(clock=clock).site
    order = accept(site, quote_for(site).id, CustomerId("anna"))
    finish_all_steps(site)
    clock.instant += 3_600
    assert site.state().orders[order.id].state is OrderState.FINISHED
    for _ in range(2):
        shop = ShopThread(site)
        shop.start()
        shop.stop()
    assert site.state().ended[order.id].state is OrderState.DELIVERED
    assert sum(isinstance(r.event, OrderDelivered) for r in site.log.read()) == 1


def test_shoppers_visit_when_their_time_comes() -> None:
    clock = VirtualClock(MONDAY_6)
    site = open_example(clock=clock).site
    first, second = shoppers(2, at=MONDAY_6)
    shop = ShopThread(site, shoppers=iter([first, replace(second, at=MONDAY_6 + 900)]))
    shop.start()
    shop.stop()
    assert len(site.state().orders) <= 1
    shop.turn()
    assert len(site.state().orders) == 1
    clock.instant += 900
    shop.turn()
    assert len(site.state().orders) == 2


def test_a_shopper_with_an_impossible_wish_stops_nobody() -> None:
    site = open_example().site
    wrong, good = shoppers(2, at=MONDAY_6)
    wrong = replace(wrong, picks={**wrong.picks, "Foam": True, "Powder": True})
    shop = ShopThread(site, shoppers=iter([wrong, good]))
    shop.start()
    until(lambda: site.state().orders)
    shop.stop()
    assert [order.customer for order in site.state().orders.values()] == [good.name]


def test_a_running_shop_with_a_floor_ships_what_is_ordered() -> None:
    clock = ScaledClock(speed=20_000.0, start=MONDAY_6)
    site = open_example(clock=clock).site
    floor = open_floor(site.plant, World(has_breakdowns=False), seed=1, start=MONDAY_6)
    accept(site, quote_for(site, Foam=True).id, CustomerId("anna"))
    shop = ShopThread(site, floor, iter(shoppers(2, at=MONDAY_6)))
    shop.start()
    until(lambda: len(site.state().ended) == 3, seconds=120)
    shop.stop()
    assert not shop._thread.is_alive()
    assert {o.state for o in site.state().ended.values()} == {OrderState.DELIVERED}
