"""What every bus promises."""

from concurrent.futures import ThreadPoolExecutor

import pytest

from unikat.edge.bus import InProcessBus
from unikat.events import Message


@pytest.fixture
def bus():
    return InProcessBus()


def message(seq, source="printer"):
    return Message(source, 1, seq, seq, {})


def test_a_message_reaches_every_listener_of_its_topic_and_nobody_else(bus):
    first, second, other = [], [], []
    bus.subscribe("floor", first.append)
    bus.subscribe("floor", second.append)
    bus.subscribe("commands", other.append)
    bus.publish("floor", message(1))
    assert first == second == [message(1)]
    assert other == []


def test_a_listener_hears_what_is_sent_after_it_came(bus):
    heard = []
    bus.publish("floor", message(1))
    bus.subscribe("floor", heard.append)
    bus.publish("floor", message(2))
    assert heard == [message(2)]


def test_all_listeners_hear_one_sequence_even_if_one_answers_at_once(bus):
    first, second = [], []

    def answer(sent):
        first.append(sent.seq)
        if sent.seq < 10:
            bus.publish("floor", message(sent.seq + 10))

    bus.subscribe("floor", answer)
    bus.subscribe("floor", lambda sent: second.append(sent.seq))
    for seq in (1, 2, 3):
        bus.publish("floor", message(seq))
    assert first == second == [1, 11, 2, 12, 3, 13]


def test_a_listener_that_fails_costs_nobody_a_message_and_is_logged(bus, caplog):
    heard = []

    def fail(sent):
        raise ValueError("a bad listener")

    bus.subscribe("floor", fail)
    bus.subscribe("floor", heard.append)
    bus.publish("floor", message(1))
    bus.publish("floor", message(2))
    assert heard == [message(1), message(2)]
    assert [record.message for record in caplog.records] == [
        "a listener of topic floor failed on message printer:1:1",
        "a listener of topic floor failed on message printer:1:2",
    ]


def test_messages_of_many_threads_arrive_once_each_sender_in_sequence(bus):
    heard = []
    bus.subscribe("floor", heard.append)

    def send(source):
        for seq in range(300):
            bus.publish("floor", message(seq, str(source)))

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(send, range(4)))
    assert len(heard) == 1_200
    for source in range(4):
        own = [sent.seq for sent in heard if sent.source == str(source)]
        assert own == list(range(300))
