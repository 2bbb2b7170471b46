"""The fastest completion: promised no later than the usual one, and its bound is true."""

import pytest

from sites import MONDAY_6, open_example, persons
from unikat import flow
from unikat.configure import choose_all, complete, measured_picks
from unikat.errors import InvalidMeasurements
from unikat.offers import fastest
from unikat.rehearse import VirtualClock


@pytest.fixture(scope="module")
def site():
    with_store = open_example(clock=VirtualClock(MONDAY_6))
    yield with_store.site
    with_store.close()


def choice_of(site, person, **picks):
    measured = measured_picks(site.family, person)
    return choose_all(site.family, {**{str(n): v for n, v in measured.items()}, **picks})


@pytest.mark.parametrize("picks", [{}, {"Powder": True}, {"Leather": True}], ids=str)
def test_the_fastest_is_no_later_than_the_usual_completion(site, picks):
    person = persons()[1]
    choice = choice_of(site, person, **picks)
    found = fastest(site, choice, person)
    usual = flow.quote(site, complete(choice), person)
    assert found.bound <= found.promise.due <= usual.promise.due
    assert set(picks) <= set(found.configuration.selected)
    assert found.num_tried > 1
    assert flow.quote(site, found.configuration, person).promise.due == found.promise.due


def test_without_measures_nothing_is_promised(site):
    choice = choice_of(site, persons()[1], Powder=True)
    with pytest.raises(InvalidMeasurements):
        fastest(site, choice, {})
