"""EPCIS 2.0 through HTTP: captured once and all or nothing, queried by pages, own and others'."""

import json
import re
from pathlib import Path

import pytest

from sites import MONDAY_6
from unikat.edge.formats.epcis import read_epcis
from unikat.events import NewEvent, StepFinished
from unikat.terms import EventId

LD = {"Content-Type": "application/ld+json"}
CAPTURE, EVENTS = "/api/v1/epcis/capture", "/api/v1/epcis/events"
SAMPLE = Path(__file__).parents[1] / "formats/data/epcis.jsonld"


def event(number: int, **changed: object) -> dict[str, object]:
    return {
        "type": "AggregationEvent",
        "eventTime": f"2026-01-05T06:{number:02d}:00+01:00",
        "eventTimeZoneOffset": "+01:00",
        "action": "ADD",
        "bizStep": "packing",
        "parentID": "urn:epc:id:sscc:4012345.0000000333",
        "childEPCs": [f"urn:x:part:{number}"],
        "x:note": "päckchen",
        **changed,
    }


def capture(client, *events: object, headers=LD, key: str | None = None):
    document = {
        "@context": [
            "https://ref.gs1.org/standards/epcis/2.0.0/epcis-context.jsonld",
            {"x": "urn:x:own:"},
        ],
        "type": "EPCISDocument",
        "schemaVersion": "2.0",
        "creationDate": "2026-01-05T06:00:00Z",
        "epcisBody": {"eventList": events},
    }
    body = json.dumps(document).encode()
    return client.send("POST", CAPTURE, content=body, headers=headers, key=key or client.floor_key)


def ask(client, **query: object):
    reply = client.send("GET", EVENTS, params=query, key=client.key)
    assert reply.status_code == 200, reply.text
    return reply


def found(reply) -> list[dict]:
    return reply.json()["epcisBody"]["queryResults"]["resultsBody"]["eventList"]


def test_what_is_captured_is_found_with_its_id_and_what_comes_again_is_known(client):
    reply = capture(client, event(1), event(2))
    assert reply.status_code == 202, reply.text
    assert (reply.json()["captured"], reply.json()["duplicates"]) == (2, 0)
    again = capture(client, event(2), event(3), headers={"Content-Type": "application/json"})
    assert (again.json()["captured"], again.json()["duplicates"]) == (1, 1)
    told = found(ask(client))
    ids = [*reply.json()["eventIDs"], again.json()["eventIDs"][1]]
    assert [each["eventID"] for each in told] == ids
    assert told[0]["x:note"] == "päckchen"
    assert told[0]["recordTime"] == "2026-01-05T06:00:00+01:00"
    assert len(read_epcis(ask(client).content).events) == 3


def test_pages_follow_each_other_to_the_end(client):
    capture(client, *(event(number) for number in range(7)))
    url, pages = f"{EVENTS}?perPage=3&eventType=AggregationEvent", []
    while url:
        reply = client.get(url, key=client.key)
        pages.append(len(found(reply)))
        match = re.fullmatch(r'<(.*)>; rel="next"', reply.headers.get("link", ""))
        url = match[1] if match else None
    assert pages == [3, 3, 1]
    assert ask(client, perPage=7).headers.get("link") is None


def test_events_are_found_by_what_they_say(client):
    capture(client, event(1), event(2, bizStep="urn:x:step:glue"))
    assert len(found(ask(client, EQ_bizStep="packing"))) == 1
    assert len(found(ask(client, MATCH_epc="urn:x:part:2"))) == 1
    assert len(found(ask(client, MATCH_anyEPC="urn:epc:id:sscc:*"))) == 2
    late = "2026-01-05T06:02:00+01:00"
    assert len(found(ask(client, GE_eventTime=late))) == 1
    assert found(ask(client, LT_eventTime=late, eventType="ObjectEvent")) == []


def test_a_document_with_one_fault_is_not_captured_at_all(client, unchanged):
    reply = capture(client, event(1), event(2, action="WATCH", colour="red"))
    assert reply.status_code == 422
    keys = [fault["key"] for fault in reply.json()["faults"]]
    assert keys == ["eventList[1].action", "eventList[1].colour"]


def test_what_the_site_told_itself_does_not_come_back_as_news(client):
    placed = client.order()["id"]
    order = client.opened.site.state().orders[placed]
    step = order.variant.steps[0]
    unit = client.opened.site.plant.eligible_units(step.capability)[0]
    site = client.opened.site
    done = StepFinished(MONDAY_6, unit, order.id, step.step, 0, None)
    site.live.append((NewEvent(EventId("e:1:1"), "floor/e", done),))
    own = found(ask(client))
    assert [each["bizStep"] for each in own] == [f"urn:unikat:insole-works:step:{step.step}"]
    reply = capture(client, *own)
    assert (reply.json()["captured"], reply.json()["duplicates"]) == (0, 1)


@pytest.mark.parametrize("query", ["EQ_colour=red", "GE_eventTime=now"])
def test_unknown_parameters_are_refused(client, query):
    assert client.get(f"{EVENTS}?{query}", key=client.key).status_code == 422
    assert client.get(f"{EVENTS}?perPage=0", key=client.key).status_code == 400


def test_captured_events_stand_in_the_log_of_the_site(client):
    capture(client, event(1))
    [entry] = client.get("/api/v1/events", key=client.floor_key).json()["events"]
    assert entry["type"] == "VisibilityCaptured"
    assert json.loads(entry["event"]["body"])["childEPCs"] == ["urn:x:part:1"]
