import pytest
from hypothesis import given
from hypothesis import strategies as st

from unikat.errors import BadMessage
from unikat.events import (
    LoadMoved,
    MaterialUsed,
    Message,
    OrderReleased,
    PartMeasured,
    PartScrapped,
    ReworkOrdered,
    SetupStarted,
    StepFinished,
    StepStarted,
    WorkUnitRestarted,
    WorkUnitStopped,
)
from unikat.floor.messages import LARGEST, LATEST, read_event, write_message

TEXTS = st.text(st.characters(codec="ascii", exclude_categories=["C"]), min_size=1, max_size=20)
TIMES = st.integers(0, LATEST // 2)
LATER = st.integers(LATEST // 2, LATEST)
COUNTS = st.integers(0, 9)
BUILDS = st.none() | TEXTS
IDS = st.text("abc_", min_size=1, max_size=5)
NUMBERS = st.floats(-LARGEST, LARGEST)
PART = (TIMES, TEXTS, TEXTS, TEXTS, COUNTS, TEXTS)
EVENTS = st.one_of(
    st.builds(SetupStarted, TIMES, TEXTS, TEXTS, TEXTS, TEXTS),
    st.builds(StepStarted, TIMES, TEXTS, TEXTS, TEXTS, COUNTS, BUILDS, LATER),
    st.builds(StepFinished, TIMES, TEXTS, TEXTS, TEXTS, COUNTS, BUILDS, COUNTS, COUNTS),
    st.builds(PartMeasured, *PART, TEXTS, NUMBERS, NUMBERS, NUMBERS.map(abs), TEXTS),
    st.builds(MaterialUsed, *PART[:-1], TEXTS, TEXTS, st.floats(0, LARGEST), TEXTS | st.just("")),
    st.builds(PartScrapped, *PART, TEXTS | st.just("")),
    st.builds(ReworkOrdered, *PART, st.lists(IDS, min_size=1, max_size=3).map(tuple), TEXTS),
    st.builds(LoadMoved, TIMES, TEXTS | st.just(""), TEXTS, TEXTS, TEXTS),
    st.builds(WorkUnitStopped, TIMES, TEXTS, TEXTS | st.just(""), LATER),
    st.builds(WorkUnitRestarted, TIMES, TEXTS),
)
SCALARS = st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=300)
NAMES = [
    "type",
    "unit",
    "order",
    "step",
    "attempt",
    "build",
    "family",
    "until",
    "reason",
    "transporter",
    "source",
    "target",
    "good",
    "scrap",
    "serial",
    "characteristic",
    "ordered",
    "measured",
    "tolerance",
    "measure",
    "again",
    "item",
    "lot",
    "quantity",
]
TYPES = [
    "setup_started",
    "step_started",
    "step_finished",
    "load_moved",
    "unit_stopped",
    "unit_restarted",
    "part_measured",
    "part_scrapped",
    "rework_ordered",
    "material_used",
]
BODIES = st.dictionaries(st.sampled_from(NAMES), SCALARS)
STARTED = StepStarted(60, "P1", "O-1", "print", 0, None, 90)


@given(EVENTS, st.integers(0, 5), st.integers(0, 10**9))
def test_reading_what_was_written_gives_the_event_back(event, epoch, seq):
    message = write_message(event, source="edge-1", epoch=epoch, seq=seq)
    assert read_event(message) == event
    assert message.id == f"edge-1:{epoch}:{seq}"


@given(BODIES, st.sampled_from(TYPES) | SCALARS, st.integers() | st.floats())
def test_a_fuzzed_message_is_read_or_is_bad(body, kind, at):
    message = Message("edge-1", 1, 1, at, {**body, "type": kind})
    try:
        event = read_event(message)
    except BadMessage:
        return
    again = write_message(event, source="edge-1", epoch=1, seq=1)
    assert read_event(again) == event


@pytest.mark.parametrize("field", ["type", "unit", "order", "step", "attempt", "build", "until"])
def test_each_missing_field_is_named(field):
    message = write_message(STARTED, source="edge-1", epoch=1, seq=1)
    body = {name: value for name, value in message.body.items() if name != field}
    with pytest.raises(BadMessage, match=field):
        read_event(Message("edge-1", 1, 1, 60, body))


@pytest.mark.parametrize(
    ("changes", "at"),
    [
        ({"until": 59}, 60),
        ({"until": 10**12}, 60),
        ({"unit": ""}, 60),
        ({"unit": 7}, 60),
        ({"attempt": -1}, 60),
        ({"attempt": True}, 60),
        ({"attempt": 1.5}, 60),
        ({"build": ""}, 60),
        ({"type": "exploded"}, 60),
        ({}, -1),
        ({}, 10**12),
        ({}, float("nan")),
    ],
)
def test_a_wrong_value_is_bad(changes, at):
    message = write_message(STARTED, source="edge-1", epoch=1, seq=1)
    with pytest.raises(BadMessage):
        read_event(Message("edge-1", 1, 1, at, {**message.body, **changes}))


@pytest.mark.parametrize(("source", "epoch", "seq"), [("", 1, 1), ("e", -1, 1), ("e", 1, -1)])
def test_a_message_without_a_proper_origin_is_bad(source, epoch, seq):
    body = write_message(STARTED, source="e", epoch=1, seq=1).body
    with pytest.raises(BadMessage):
        read_event(Message(source, epoch, seq, 60, body))


def test_an_event_of_the_office_is_no_floor_message():
    with pytest.raises(BadMessage, match="OrderReleased"):
        write_message(OrderReleased(1, "O-1"), source="e", epoch=1, seq=1)


MEASURED = PartMeasured(60, "I1", "O-1", "inspect", 0, "O-1/1", "length", 250, 250.4, 0.5, "mm")


@pytest.mark.parametrize(
    "changes",
    [
        {"tolerance": -0.1},
        {"measured": float("nan")},
        {"measured": float("inf")},
        {"measured": 1e13},
        {"measured": True},
        {"measured": "250"},
        {"serial": ""},
    ],
)
def test_a_wrong_measure_is_bad(changes):
    body = {**write_message(MEASURED, source="gauge", epoch=1, seq=1).body, **changes}
    with pytest.raises(BadMessage, match=next(iter(changes))):
        read_event(Message("gauge", 1, 1, 60, body))


def test_a_machine_that_counts_no_parts_made_a_good_one():
    body = {"type": "step_finished", "unit": "P1", "order": "O-1", "step": "print"}
    event = read_event(Message("edge-1", 1, 1, 60, {**body, "attempt": 0, "build": None}))
    assert (event.good, event.scrap) == (1, 0)


def test_a_rework_names_its_steps_in_one_text():
    event = ReworkOrdered(
        60, "I1", "O-1", "inspect", 0, "O-1/1", ("trim", "inspect"), "length 251 mm"
    )
    message = write_message(event, source="gauge", epoch=1, seq=1)
    assert message.body["again"] == "trim,inspect"
    with pytest.raises(BadMessage, match="again is empty"):
        read_event(Message("gauge", 1, 1, 60, {**message.body, "again": "trim,,inspect"}))
