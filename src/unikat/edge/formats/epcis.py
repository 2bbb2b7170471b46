"""EPCIS 2.0 documents in JSON-LD: read, checked and written; events get their CBV hash id.

An event is what JSON says, a mapping of the standard's fields; `check_event` names what is wrong.
The checks are our own, after GS1 EPCIS 2.0, sections 7.4 and 9 (types, required fields, times,
URIs, vocabulary); own fields stand in a namespace that the context declares.
"""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from unikat.edge.formats.epcis_check import Event, check_event
from unikat.edge.formats.epcis_hash import FIELDS, hash_event
from unikat.edge.json import Json
from unikat.errors import Fault, InvalidLog

CONTEXT = "https://ref.gs1.org/standards/epcis/2.0.0/epcis-context.jsonld"
DOCUMENT, QUERY = "EPCISDocument", "EPCISQueryDocument"
MOST_FAULTS = 20
HEADS = ("type", "eventID", "eventTime", "eventTimeZoneOffset", "recordTime")


@dataclass(frozen=True, slots=True)
class EpcisDocument:
    """Events with the prefixes of their own fields; `created` is an ISO 8601 time."""

    events: tuple[Event, ...]
    created: str
    namespaces: Mapping[str, str] = field(default_factory=dict)


def read_epcis(text: str | bytes) -> EpcisDocument:
    """Read an EPCIS document or query document in JSON-LD.

    Raises
    ------
    InvalidLog
        With the first faults, each with its place in the document.
    """
    document = _parse(text)
    kind = document.get("type")
    if kind not in (DOCUMENT, QUERY):
        raise _invalid("type", f"is {str(kind)[:40]!r}", f"Give an {DOCUMENT}")
    body = _object(document.get("epcisBody"), "epcisBody")
    if kind == QUERY:
        results = _object(body.get("queryResults"), "epcisBody.queryResults")
        body = _object(results.get("resultsBody"), "epcisBody.queryResults.resultsBody")
    events = body.get("eventList")
    if not isinstance(events, Sequence) or isinstance(events, str):
        raise _invalid("eventList", "is no list", "Give the events as a list")
    namespaces = read_namespaces(document.get("@context"))
    faults: list[Fault] = []
    for number, event in enumerate(events):
        place = f"eventList[{number}]"
        own = _object(event, place)
        known = {**namespaces, **read_namespaces(own.get("@context"))}
        faults += (_fault(f"{place}.{at}", said, do) for at, said, do in check_event(own, known))
        if len(faults) >= MOST_FAULTS:
            break
    if faults:
        raise InvalidLog(faults[:MOST_FAULTS])
    created = str(document.get("creationDate", ""))
    return EpcisDocument(tuple(_object(each, "") for each in events), created, namespaces)


def write_epcis(document: EpcisDocument) -> str:
    """Write an EPCIS document; the same events give the same text."""
    return json.dumps(document_of(document), indent=1, ensure_ascii=False) + "\n"


def document_of(document: EpcisDocument) -> dict[str, Json]:
    """Return an EPCIS document as JSON values, fields in the standard's sequence."""
    return {
        "@context": context_of(document.namespaces),
        "type": DOCUMENT,
        "schemaVersion": "2.0",
        "creationDate": document.created,
        "epcisBody": {"eventList": [in_sequence(event) for event in document.events]},
    }


def query_of(document: EpcisDocument) -> dict[str, Json]:
    """Return events as the answer of a query."""
    results = {"eventList": [in_sequence(event) for event in document.events]}
    return {
        "@context": context_of(document.namespaces),
        "type": QUERY,
        "schemaVersion": "2.0",
        "creationDate": document.created,
        "epcisBody": {"queryResults": {"queryName": "SimpleEventQuery", "resultsBody": results}},
    }


def context_of(namespaces: Mapping[str, str]) -> list[Json]:
    """Return the context that declares the standard's words and the own prefixes."""
    return [CONTEXT, dict(sorted(namespaces.items()))] if namespaces else [CONTEXT]


def read_namespaces(context: Json) -> Mapping[str, str]:
    """Return the prefixes a context declares."""
    parts = context if isinstance(context, list) else [context]
    return {
        prefix: uri
        for part in parts
        if isinstance(part, Mapping)
        for prefix, uri in part.items()
        if isinstance(uri, str) and not prefix.startswith("@")
    }


def with_id(event: Event, namespaces: Mapping[str, str]) -> Event:
    """Return an event with its hash id, if it has no id yet."""
    if "eventID" in event:
        return event
    known = {**namespaces, **read_namespaces(event.get("@context"))}
    return in_sequence({**event, "eventID": hash_event(event, known)})


def in_sequence(event: Event) -> dict[str, Json]:
    """Return an event with its fields in the standard's sequence, own fields last by name."""
    first = [name for name in (*HEADS, *FIELDS) if name in event]
    names = dict.fromkeys((*first, *sorted(event)))
    return {name: event[name] for name in names}


def _parse(text: str | bytes) -> Mapping[str, Json]:
    try:
        found = json.loads(text, parse_constant=_refuse)
        json.dumps(found, ensure_ascii=False).encode()  # half a surrogate pair is no text
    except (ValueError, RecursionError) as error:
        raise _invalid("", f"is no JSON: {str(error)[:120]}", "Give JSON in UTF-8") from error
    return _object(found, "document")


def _refuse(name: str) -> Iterator[None]:
    raise ValueError(f"{name} is no number of JSON")


def _object(value: Json, place: str) -> Mapping[str, Json]:
    if not isinstance(value, Mapping):
        raise _invalid(place, "is no object", "Give an EPCIS 2.0 document in JSON-LD")
    return value


def _fault(key: str, message: str, remedy: str) -> Fault:
    return Fault("epcis", 0, 0, key, message, remedy)


def _invalid(key: str, message: str, remedy: str) -> InvalidLog:
    return InvalidLog([_fault(key, message, remedy)])
