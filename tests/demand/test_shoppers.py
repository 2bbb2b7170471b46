"""Simulated shoppers: valid wishes, the same for the same seed, arrivals at the stated rate."""

from hypothesis import given, settings
from hypothesis import strategies as st

from sites import models, persons
from unikat.configure.choice import choose_all, complete
from unikat.configure.variant import measured_picks
from unikat.demand.shoppers import Traffic, draw_shoppers
from unikat.terms import DAY

FLAT = Traffic(orders_per_day=40.0, surge_factor=1.0, looks_per_order=0.5)


def draw(num_orders: int, seed: int, traffic: Traffic = FLAT) -> list:
    return list(
        draw_shoppers(
            models().family, persons(), traffic, num_orders=num_orders, seed=seed, start=0
        )
    )


@settings(max_examples=5)
@given(st.integers(0, 10_000))
def test_every_wish_is_a_valid_choice_that_holds_its_measures(seed: int) -> None:
    family = models().family
    for shopper in draw(4, seed):
        numbers = dict(complete(choose_all(family, shopper.picks)).numbers)
        for feature, value in measured_picks(family, shopper.measurements).items():
            assert numbers[feature] == value


def test_a_longer_day_begins_with_the_same_visits() -> None:
    short, long = draw(5, 7), draw(9, 7)
    assert long[: len(short)] == short
    assert draw(5, 8) != short


def test_as_many_buy_as_asked_and_some_only_look() -> None:
    shoppers = draw(300, 1)
    assert sum(shopper.buys for shopper in shoppers) == 300
    assert 390 < len(shoppers) < 520  # 450 expected, sd 15
    assert [s.at for s in shoppers] == sorted(s.at for s in shoppers)


def test_arrivals_come_at_the_stated_rate_and_surge_in_the_campaign() -> None:
    flat = draw(400, 2)
    assert abs(flat[-1].at / DAY - 10) < 1.5  # 400 orders at 40 a day; sd about 0.5 day
    surge = Traffic(40.0, surge_day=2, surge_days=2, surge_factor=3.0, looks_per_order=0.0)
    days = [shopper.at // DAY for shopper in draw(400, 3, surge)]
    assert days.count(2) + days.count(3) > 2 * (days.count(0) + days.count(1))


def test_shoppers_differ() -> None:
    picks = [tuple(sorted(map(str, shopper.picks.items()))) for shopper in draw(50, 4)]
    assert len(set(picks)) > 45
