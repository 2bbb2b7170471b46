"""What every event log promises, in memory and on disk."""

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest
from hypothesis import given
from hypothesis import strategies as st

from store_fixtures import STORES, opened
from store_strategies import values
from unikat.errors import VersionConflict
from unikat.events import Event, NewEvent, OrderReleased
from unikat.rehearse import VirtualClock


@pytest.fixture
def clock():
    return VirtualClock(100)


@pytest.fixture(params=STORES)
def log(request, tmp_path, clock):
    with opened(request.param, tmp_path, clock) as store:
        yield store.log


def new(event_id, stream="s"):
    return NewEvent(event_id, stream, OrderReleased(1, f"O-{event_id}"))


def test_a_fresh_log_is_empty(log):
    assert log.head() == 0
    assert list(log.read()) == []


def test_what_was_appended_is_read_in_sequence_with_gapless_numbers(log, clock):
    first = log.append([new("a", "x"), new("b", "y")])
    clock.instant += 5
    second = log.append([new("c", "x")])
    read = list(log.read())
    assert read == [*first, *second]
    assert [event.seq for event in read] == [1, 2, 3]
    assert [(event.stream, event.version) for event in read] == [("x", 1), ("y", 1), ("x", 2)]
    assert [event.recorded_at for event in read] == [100, 100, 105]
    assert log.head() == 3


def test_nothing_appended_is_nothing(log):
    assert log.append([]) == ()
    assert log.head() == 0


def test_reading_begins_after_a_seq_and_ends_at_a_limit(log):
    log.append([new(str(i)) for i in range(10)])
    assert [event.seq for event in log.read(after=7)] == [8, 9, 10]
    assert [event.seq for event in log.read(after=2, limit=3)] == [3, 4, 5]
    assert list(log.read(after=2, limit=0)) == []
    assert list(log.read(after=10)) == []


def test_more_events_than_a_page_are_read_once_each(log):
    log.append([new(str(i)) for i in range(2_345)])
    assert [event.seq for event in log.read()] == list(range(1, 2_346))
    assert [event.seq for event in log.read(after=10, limit=2_000)] == list(range(11, 2_011))


def test_a_known_event_is_left_out_and_the_rest_appended(log):
    log.append([new("a"), new("b")])
    assert [event.id for event in log.append([new("b"), new("c"), new("a"), new("c")])] == ["c"]
    assert [event.version for event in log.read()] == [1, 2, 3]
    assert log.append([new("a")]) == ()


def test_a_stream_at_the_expected_version_takes_the_events(log):
    log.append([new("a")], expected={"s": 0})
    log.append([new("b"), new("c", "other")], expected={"s": 1, "other": 0})
    assert log.head() == 3


@pytest.mark.parametrize("expected", [{"s": 0}, {"s": 2}, {"fresh": 1}, {"fresh": 0, "s": 7}])
def test_a_stream_at_another_version_refuses_all(log, expected):
    log.append([new("a")])
    with pytest.raises(VersionConflict, match="decide again"):
        log.append([new("b"), new("c", "fresh")], expected=expected)
    assert [event.id for event in log.read()] == ["a"]
    assert log.append([new("b")], expected={"s": 1})[0].version == 2


def test_of_rivals_for_one_version_exactly_one_wins(log):
    num_threads, rounds = 8, 15
    barrier = Barrier(num_threads)

    def compete(rival):
        wins = 0
        for turn in range(rounds):
            barrier.wait()
            try:
                log.append([new(f"{rival}-{turn}")], expected={"s": turn})
                wins += 1
            except VersionConflict:
                pass
            barrier.wait()
        return wins

    with ThreadPoolExecutor(num_threads) as pool:
        assert sum(pool.map(compete, range(num_threads))) == rounds
    assert [event.version for event in log.read()] == list(range(1, rounds + 1))


def test_events_of_many_threads_are_there_once_and_each_stream_in_its_writers_sequence(log):
    def write(thread):
        for turn in range(40):
            log.append([new(f"{thread}-{turn}-{part}", f"{thread}") for part in range(3)])

    with ThreadPoolExecutor(6) as pool:
        list(pool.map(write, range(6)))
    read = list(log.read())
    assert [event.seq for event in read] == list(range(1, 6 * 40 * 3 + 1))
    for thread in range(6):
        own = [event for event in read if event.stream == str(thread)]
        assert [event.version for event in own] == list(range(1, 121))
        assert [event.id for event in own] == [
            f"{thread}-{turn}-{part}" for turn in range(40) for part in range(3)
        ]


def test_a_reader_may_stop_halfway_while_others_append(log):
    log.append([new(str(i)) for i in range(1_500)])
    reader = log.read()
    assert next(reader).seq == 1
    log.append([new("late")])
    assert [event.seq for event in reader][:1_499] == list(range(2, 1_501))


@pytest.mark.parametrize("kind", STORES)
def test_batches_of_any_size_leave_the_same_log(kind, tmp_path):
    folders = iter(range(10_000))

    @given(st.lists(values(Event), max_size=8), st.integers(1, 8))
    def same(events, size):
        folder = tmp_path / str(next(folders))
        folder.mkdir()
        every = [NewEvent(f"e{i}", f"s{i % 3}", event) for i, event in enumerate(events)]
        with opened(kind, folder, VirtualClock()) as store:
            for start in range(0, len(every), size):
                store.log.append(every[start : start + size])
            read = list(store.log.read())
        assert [NewEvent(one.id, one.stream, one.event) for one in read] == every
        assert [one.version for one in read] == [i // 3 + 1 for i in range(len(every))]

    same()
