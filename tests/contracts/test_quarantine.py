"""What every quarantine promises, in memory and on disk."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from store_fixtures import STORES, opened
from unikat.events import Message
from unikat.rehearse import VirtualClock

_WORDS = st.text(max_size=5)
_BODIES = st.dictionaries(
    _WORDS, st.one_of(_WORDS, st.integers(), st.floats(), st.booleans(), st.none()), max_size=3
)
_MESSAGES = st.builds(
    Message, source=_WORDS, epoch=st.integers(), seq=st.integers(), at=st.integers(), body=_BODIES
)


@pytest.fixture(params=STORES)
def quarantine(request, tmp_path):
    with opened(request.param, tmp_path, VirtualClock()) as store:
        yield store.quarantine


def test_a_fresh_quarantine_is_empty(quarantine):
    assert list(quarantine.list()) == []


def test_bad_messages_are_listed_oldest_first(quarantine):
    for seq in (3, 1, 2):
        quarantine.keep(Message("printer", 1, seq, 5, {"what": "?"}), f"fault {seq}")
    assert [(message.seq, fault) for message, fault in quarantine.list()] == [
        (3, "fault 3"),
        (1, "fault 1"),
        (2, "fault 2"),
    ]


def test_the_same_message_sent_again_is_kept_once_with_its_newest_fault(quarantine):
    message = Message("printer", 1, 1, 5, {"what": "?"})
    quarantine.keep(message, "no unit")
    quarantine.keep(Message("printer", 1, 1, 5, {"what": "!"}), "no unit")
    quarantine.keep(message, "no such unit")
    assert [fault for _, fault in quarantine.list()] == ["no such unit", "no unit"]


@pytest.mark.parametrize(
    "body",
    [{"x": math.nan}, {"x": math.inf}, {"x": 10**40}, {"\ud800": "\udfff"}, {"x": "\0"}, {}],
)
def test_even_what_no_json_should_hold_is_kept(quarantine, body):
    message = Message("printer", 1, 1, 5, body)
    quarantine.keep(message, "bad \ud800")
    ((kept, _),) = quarantine.list()
    assert repr(kept) == repr(message)


@pytest.mark.parametrize("kind", STORES)
def test_every_message_is_kept_as_it_was_sent(kind, tmp_path):
    with opened(kind, tmp_path, VirtualClock()) as store:

        @given(_MESSAGES)
        def kept(message):
            store.quarantine.keep(message, "bad")
            assert repr(message) in {repr(one) for one, _ in store.quarantine.list()}

        kept()


def test_bad_messages_on_disk_are_there_after_the_store_was_closed(tmp_path):
    message = Message("printer", 1, 1, 5, {"what": None})
    with opened("sqlite", tmp_path, VirtualClock()) as store:
        store.quarantine.keep(message, "no unit")
    with opened("sqlite", tmp_path, VirtualClock()) as store:
        assert store.quarantine.list() == ((message, "no unit"),)
