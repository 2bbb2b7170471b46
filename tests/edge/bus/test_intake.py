"""What came is recorded once each, or kept with its reason; nothing is ever dropped."""

from dataclasses import replace

import pytest

from sites import MONDAY_6, open_example
from unikat.edge.bus.intake import AHEAD, take_in
from unikat.edge.bus.ndjson import unreadable
from unikat.edge.store.memory import MemoryLog
from unikat.errors import StoreFailure
from unikat.events import Message
from unikat.site import Site

STOP = {"type": "unit_stopped", "unit": "M1", "reason": "x", "until": MONDAY_6 + 60}


def stop(seq: int, at: int = MONDAY_6) -> Message:
    return Message("edge", 1, seq, at, {**STOP, "until": at + 60})


def test_each_reading_is_answered_in_its_place():
    site = open_example().site
    results = take_in(
        site, (stop(1), unreadable(b"?", "no json", 0), stop(1), stop(2, MONDAY_6 + AHEAD + 1))
    )
    assert [result.partition(":")[0] for result in results] == [
        "recorded",
        "quarantined",
        "duplicate",
        "quarantined",
    ]
    assert "ahead of the site's clock" in results[3]
    assert [fault for _, fault in site.quarantine.list()] == [
        "no json",
        f"at lies {AHEAD + 1} s ahead of the site's clock; set the clock of the source",
    ]


def test_a_clock_that_is_a_little_fast_is_believed():
    site = open_example().site
    assert take_in(site, (stop(1, MONDAY_6 + AHEAD),)) == ("recorded",)


class PickyLog(MemoryLog):
    """A log with a fault of its own at one message, and one on which nothing can be written."""

    def append(self, events, *, expected=None):
        if any(new.id == "edge:1:3" for new in events):
            raise ZeroDivisionError("a fault of ours")
        if any(new.id == "edge:1:9" for new in events):
            raise StoreFailure("the disk is full")
        return super().append(events, expected=expected)


def picky_site() -> Site:
    site = open_example().site
    log = PickyLog(site.clock)
    return replace(site, log=log, live=replace(site.live, log=log))


def test_one_message_that_breaks_something_costs_the_others_nothing(caplog):
    site = picky_site()
    results = take_in(site, tuple(stop(seq) for seq in range(1, 6)))
    assert [result.partition(":")[0] for result in results] == [
        *("recorded", "recorded", "quarantined", "recorded", "recorded")
    ]
    assert "a fault of ours" in site.quarantine.list()[0][1]


def test_a_store_that_fails_is_told_and_nothing_is_quarantined():
    site = picky_site()
    with pytest.raises(StoreFailure):
        take_in(site, (stop(9),))
    assert site.quarantine.list() == ()
