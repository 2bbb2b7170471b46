"""A quote made sooner by moving others: shown first, done only when it is accepted."""

import pytest

from sites import open_example, persons, quote_for
from unikat.configure.choice import choose_all
from unikat.configure.variant import measured_picks
from unikat.errors import CapacityTaken
from unikat.flow import accept, hold, hurry
from unikat.offers import option_dates
from unikat.terms import CustomerId

ANNA = CustomerId("anna")


def busy_site(num_orders=14):
    site = open_example().site
    for person in range(num_orders):
        offer = quote_for(site, person % 10, Foam=True, FoamFirm=True)
        accept(site, offer.id, ANNA)
    return site


def finishes(site):
    state = site.state()
    return {
        order: max(b.finish for b in state.bookings.values() if b.order == order)
        for order in state.orders
    }


@pytest.mark.parametrize("may_break", [False, True])
def test_what_a_hurry_shows_is_what_the_schedule_says_afterwards(may_break) -> None:
    site = busy_site()
    plain = quote_for(site, 3, Foam=True, FoamFirm=True)
    offer, before = hurry(site, plain.id, may_break=may_break), finishes(site)
    assert offer.promise.due <= plain.promise.due
    assert finishes(site) == before, "nothing moves before it is accepted"
    placed, after = accept(site, offer.id, ANNA), finishes(site)
    assert after.pop(placed.id) == offer.promise.finish
    shown = {delay.order: (delay.before, delay.after) for delay in offer.promise.delays}
    assert {o: (before[o], after[o]) for o in after if after[o] > before[o]} == shown
    if not may_break:
        assert not any(delay.is_broken for delay in offer.promise.delays)
    else:
        assert offer.promise.due < plain.promise.due
        assert shown


def test_a_hurried_quote_cannot_be_held_and_is_refused_once_it_would_do_more_harm() -> None:
    site = busy_site()
    plain = quote_for(site, 3, Foam=True, FoamFirm=True)
    offers = [hurry(site, plain.id, may_break=True) for _ in range(2)]
    with pytest.raises(CapacityTaken, match="cannot be held"):
        hold(site, offers[0].id, seconds=600)
    accept(site, offers[0].id, ANNA)
    with pytest.raises(CapacityTaken, match="ask again"):
        accept(site, offers[1].id, ANNA)


def test_each_other_value_says_how_much_sooner_it_would_be_there() -> None:
    site = busy_site()
    measurements = persons()[3]
    picks = {**measured_picks(site.family, measurements), "Foam": True, "FoamFirm": True}
    choice = choose_all(site.family, picks)
    due, dates = option_dates(site, choice, ["Foam"], measurements)
    assert dates
    for each in dates:
        wanted = dict.fromkeys((each.option.feature,), True)
        offer = quote_for(site, 3, **wanted)
        assert each.sooner_s == due - each.due
        if offer.configuration == each.option.configuration:
            assert offer.promise.due == each.due
