"""EPCIS: what a site tells is valid and reads back; what others tell is checked."""

import json
from collections import Counter
from datetime import datetime
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from unikat.edge.export import export
from unikat.edge.formats.epcis import (
    CONTEXT,
    EpcisDocument,
    in_sequence,
    query_of,
    read_epcis,
    with_id,
    write_epcis,
)
from unikat.edge.formats.epcis_hash import hash_event
from unikat.edge.formats.epcis_query import read_query
from unikat.edge.formats.epcis_site import NAMESPACES, tell_events, tell_log
from unikat.errors import InvalidLog

SAMPLE = Path(__file__).parent / "data/epcis.jsonld"
SHARED = Path(__file__).parents[4] / "shared/data/twin/epcis2_schema/EPCISDocument.schema.json"
needs_schema = pytest.mark.skipif(not SHARED.is_file(), reason="the schema is not beside the copy")
URIS = st.sampled_from(["urn:x:part:1", "urn:epc:id:sgtin:0614141.011111.987", "https://a.b/c%20d"])
WORDS = st.text(st.characters(codec="utf-8"), max_size=8)
NUMBERS = st.integers(-5, 10**6) | st.floats(allow_nan=False, allow_infinity=False)
TIMES = st.datetimes(
    datetime.fromisoformat("1900-01-01"), datetime.fromisoformat("2999-01-01")
).map(lambda t: f"{t.isoformat()}Z")
EVENTS = st.fixed_dictionaries(
    {
        "type": st.just("ObjectEvent"),
        "eventTime": TIMES,
        "eventTimeZoneOffset": st.sampled_from(["+01:00", "-06:30"]),
        "action": st.sampled_from(["OBSERVE", "DELETE"]),
        "epcList": st.lists(URIS, unique=True, max_size=3),
    },
    optional={
        "bizStep": st.sampled_from(["packing", "urn:x:step:glue"]),
        "readPoint": st.fixed_dictionaries({"id": URIS}, optional={"x:note": WORDS}),
        "quantityList": st.lists(
            st.fixed_dictionaries({"epcClass": URIS}, optional={"quantity": NUMBERS}), min_size=1
        ),
        "x:own": WORDS | NUMBERS | st.lists(NUMBERS, max_size=2) | st.booleans(),
    },
)


def schema():
    from jsonschema import Draft7Validator

    return Draft7Validator(json.loads(SHARED.read_text("utf-8")))


@needs_schema
def test_the_export_of_a_rehearsed_site_is_valid_to_the_last_event(rehearsed):
    document = json.loads(export(rehearsed, None, "epcis"))
    assert len(document["epcisBody"]["eventList"]) > 300
    assert not list(schema().iter_errors(document))
    kinds = Counter(event["type"] for event in document["epcisBody"]["eventList"])
    assert kinds.keys() == {"ObjectEvent", "AggregationEvent", "TransformationEvent"}


@needs_schema
def test_every_kind_of_event_is_valid_also_as_the_answer_of_a_query(records, teller):
    document = tell_log(teller, records)
    assert not list(schema().iter_errors(json.loads(write_epcis(document))))
    assert not list(schema().iter_errors(query_of(document)))


def test_the_export_reads_back_as_the_same_document_and_ids_are_their_hashes(rehearsed):
    text = export(rehearsed, None, "epcis")
    document = read_epcis(text)
    assert write_epcis(document).encode() == text
    assert export(rehearsed, "events", "epcis") == text
    ids = {event["eventID"] for event in document.events}
    assert len(ids) == len(document.events)
    assert all(hash_event(e, document.namespaces) == e["eventID"] for e in document.events)


def test_every_kind_of_event_is_told_as_in_the_sample(records, teller):
    assert write_epcis(tell_log(teller, records)) == SAMPLE.read_text("utf-8")
    kinds = [
        (e.get("action", ""), e["bizStep"].rpartition(":")[2])
        for _, e in tell_events(teller, records)
    ]
    assert kinds == [
        ("ADD", "commissioning"),
        ("ADD", "loading"),
        ("", "print"),
        ("", "print"),
        ("", "print"),
        ("OBSERVE", "print"),
        ("DELETE", "unloading"),
        ("OBSERVE", "inspecting"),
        ("OBSERVE", "repairing"),
        ("OBSERVE", "trim"),
        ("DELETE", "destroying"),
        ("OBSERVE", "arriving"),
        ("OBSERVE", "shipping"),
    ]


def test_the_lots_of_a_step_share_its_transformation_and_keep_what_has_no_gs1_unit(records, teller):
    told = [e for _, e in tell_events(teller, records) if e["type"] == "TransformationEvent"]
    [work] = {e["transformationID"] for e in told}
    assert work == "urn:unikat:insole-works:work:O%201%3Aprint%3A0"
    assert [e["inputQuantityList"] for e in told] == [
        [
            {
                "epcClass": "urn:unikat:insole-works:lot:powder%3AL%207",
                "quantity": 80.0,
                "uom": "GRM",
            }
        ],
        [{"epcClass": "urn:unikat:insole-works:lot:binder%3AX-1"}],
        [{"epcClass": "urn:unikat:insole-works:lot:tag%3AT-1", "quantity": 1.0}],
    ]
    assert [e.get("unikat:quantity") for e in told] == [None, 2.0, None]


@given(st.lists(EVENTS, max_size=4))
@settings(max_examples=40)
def test_any_document_reads_back_as_it_was_written(events):
    namespaces = {"x": "urn:x:"}
    found = tuple(in_sequence(with_id(event, namespaces)) for event in events)
    document = EpcisDocument(found, "2026-01-05T00:00:00Z", namespaces)
    assert read_epcis(write_epcis(document)) == document
    assert read_epcis(json.dumps(query_of(document))) == document


def document(**changed: object) -> str:
    event = {
        "type": "ObjectEvent",
        "eventTime": "2026-01-05T06:00:00+01:00",
        "eventTimeZoneOffset": "+01:00",
        "action": "OBSERVE",
        "epcList": ["urn:x:part:1"],
        **changed,
    }
    kept = {name: value for name, value in event.items() if value is not None}
    return json.dumps(
        {
            "@context": [CONTEXT],
            "type": "EPCISDocument",
            "schemaVersion": "2.0",
            "creationDate": "2026-01-05T00:00:00Z",
            "epcisBody": {"eventList": [kept]},
        }
    )


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "is no JSON"),
        ("[]", "is no object"),
        ('{"type": "Order"}', "Give an EPCISDocument"),
        ('{"type": "EPCISDocument", "epcisBody": {}}', "is no list"),
        ('{"type": "EPCISDocument", "epcisBody": {"eventList": [1]}}', "is no object"),
        ('{"type": "EPCISDocument", "epcisBody": {"eventList": [NaN]}}', "NaN is no number"),
        ('{"type": "EPCISDocument", "epcisBody": {"eventList": ["\\ud800"]}}', "is no JSON"),
        (document(action=None), "action.*is missing"),
        (document(action="WATCH"), "is none of ADD"),
        (document(eventTime="yesterday"), "no ISO 8601 time"),
        (document(eventTime="2026-01-05T06:00:00"), "has no offset"),
        (document(eventTime="0001-01-01T00:00:00+14:00"), "years 1900"),
        (document(eventTimeZoneOffset="1"), "no offset such as"),
        (document(epcList=["part 1"]), "is no URI"),
        (document(epcList=None), "names nothing"),
        (document(epcList={"a": 1}), "is no list"),
        (document(bizStep="milling"), "no word of the CBV"),
        (document(colour="red"), "is no field of ObjectEvent"),
        (document(**{"x:colour red": 1}), "unknown prefix 'x'"),
        (document(ilmd={}), "does not ADD"),
        (document(quantityList=[{"quantity": 1}]), "has no epcClass"),
        (document(type="AggregationEvent"), "epcList.*is no field"),
        (document(type="Party"), "is no event type"),
    ],
)
def test_what_is_no_valid_event_is_refused_with_its_place(text, said):
    with pytest.raises(InvalidLog, match=said):
        read_epcis(text)


def asked(events, **query: str) -> list[str]:
    is_wanted = read_query(list(query.items()), NAMESPACES)
    return [event["bizStep"].rpartition(":")[2] for event in events if is_wanted(event)]


def test_a_query_finds_by_type_time_step_place_and_thing(records, teller):
    events = [event for _, event in tell_events(teller, records)]
    everything = asked(events)
    part = "urn:unikat:insole-works:part:O%201"
    assert asked(events, eventType="AggregationEvent") == ["loading", "unloading"]
    assert asked(events, eventType="AggregationEvent|ObjectEvent|TransformationEvent") == everything
    assert asked(events, MATCH_parentID="urn:unikat:insole-works:build:B1") == [
        "loading",
        "unloading",
    ]
    assert asked(events, MATCH_outputEPC=part) == ["print"] * 3
    late = "2026-01-05T00:05:00+01:00"
    assert asked(events, GE_eventTime=late) == ["destroying", "arriving", "shipping"]
    assert asked(events, LT_eventTime=late) == everything[:-3]
    assert asked(events, GE_recordTime="2026-01-05T00:06:45 01:00") == ["shipping"]
    assert asked(events, EQ_bizStep="shipping,inspecting") == ["inspecting", "shipping"]
    for same in ("https://ref.gs1.org/cbv/BizStep-shipping", "urn:epcglobal:cbv:bizstep:shipping"):
        assert asked(events, EQ_bizStep=same) == ["shipping"]
    assert asked(events, EQ_readPoint="urn:unikat:insole-works:place:dock") == ["arriving"]
    assert asked(events, EQ_action="DELETE") == ["unloading", "destroying"]
    assert asked(events, MATCH_epc=part, EQ_action="ADD") == ["commissioning", "loading"]
    assert asked(events, MATCH_epc="urn:x:other") == []
    assert asked(events, MATCH_anyEPC="urn:unikat:insole-works:part:*") == everything


@pytest.mark.parametrize(
    ("name", "value"), [("EQ_colour", "red"), ("GE_eventTime", "now"), ("GE_eventTime", "2026")]
)
def test_a_query_that_is_none_is_refused(name, value):
    with pytest.raises(InvalidLog):
        read_query([(name, value)], NAMESPACES)
