"""The past of a floor: at every instant what was recorded by then, whatever the checkpoints."""

import pytest

from sites import MONDAY_6, open_example, quote_for
from unikat import flow
from unikat.edge import replay
from unikat.edge.replay import Replay
from unikat.floor.model import World
from unikat.floor.virtual import open_floor
from unikat.rehearse import VirtualClock, turn_shop
from unikat.terms import CustomerId
from unikat.twin.state import apply_events, empty_state, hash_state


@pytest.fixture(scope="module")
def morning():
    """A site after six hours' work on a few orders."""
    clock = VirtualClock(MONDAY_6)
    site = open_example(clock=clock).site
    for person in range(3):
        offer = quote_for(site, person)
        flow.accept(site, offer.id, CustomerId(f"C{person}"))
    floor = open_floor(site.plant, World(), seed=1, start=clock.now())
    for _ in range(24):
        clock.instant += 900
        turn_shop(site, floor)
    return site


@pytest.mark.parametrize("every", [7, 2_000])
def test_every_instant_shows_what_was_recorded_by_then(morning, monkeypatch, every):
    monkeypatch.setattr(replay, "EVERY", every)
    records = tuple(morning.log.read())
    past = Replay(morning.plant, morning.log)
    first, last = past.span()
    assert (first, last) == (records[0].recorded_at, records[-1].recorded_at)
    for instant in {first - 1, *range(first, last + 1, 1_700), last, last + 5}:
        known = [record for record in records if record.recorded_at <= instant]
        moment = past.at(instant)
        assert moment.seq == len(known)
        floor = apply_events(empty_state(morning.plant), known)
        assert hash_state(moment.floor) == hash_state(floor)
        assert moment.latest == tuple(known[-40:])


def test_the_last_instant_is_the_floor_as_it_is(morning):
    moment = Replay(morning.plant, morning.log).at(morning.clock.now())
    assert hash_state(moment.floor) == hash_state(morning.state().floor)
