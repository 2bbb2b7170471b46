"""EPCIS 2.0: capture what other systems tell, query what they and this site told."""

import hashlib
import json
from collections.abc import Iterator, Mapping
from urllib.parse import urlencode

import msgspec
from starlette.responses import Response

from unikat.edge.formats.epcis import EpcisDocument, context_of, query_of, read_epcis, with_id
from unikat.edge.formats.epcis_check import Event
from unikat.edge.formats.epcis_query import PARAMETERS, read_query
from unikat.edge.formats.epcis_site import NAMESPACES, Teller, open_teller, tell_events
from unikat.edge.times import from_iso
from unikat.edge.web.call import Call, answer
from unikat.edge.web.endpoint import JSON, Endpoint
from unikat.edge.web.problems import BadRequest
from unikat.edge.web.scopes import Scope
from unikat.events import NewEvent, VisibilityCaptured
from unikat.terms import EventId

LD = "application/ld+json"
EPCIS_BODY = 8_000_000
PER_PAGE, MOST_PER_PAGE = 30, 1_000
STREAM = "epcis"
VERSION = {"GS1-EPCIS-Version": "2.0.0", "GS1-CBV-Version": "2.0.0"}


class CaptureReply(msgspec.Struct, frozen=True):
    """What became of a document's events, after all is durable: how many are new, and the id of
    each, in its sequence.
    """

    captured: int
    duplicates: int
    event_ids: tuple[str, ...] = msgspec.field(name="eventIDs")


def capture_events(call: Call) -> Response:
    """Capture all events of a document, or none if one is faulty; known ids are passed over."""
    document = read_epcis(call.body)
    events = [with_id(event, document.namespaces) for event in document.events]
    told = _own_ids(call, events)
    site, settings = call.site, call.web.settings
    new = {
        _log_id(event): NewEvent(
            _log_id(event),
            STREAM,
            VisibilityCaptured(
                from_iso(str(event["eventTime"]), settings.epoch, settings.zone),
                str(event["type"]),
                _body(event, document.namespaces),
            ),
        )
        for event in events
        if event["eventID"] not in told
    }
    captured = len(site.live.append(tuple(new.values())))
    ids = tuple(str(event["eventID"]) for event in events)
    return answer(CaptureReply(captured, len(events) - captured, ids), 202, VERSION)


def find_events(call: Call) -> Response:
    """Return a page of the events that fit, own and captured, in the sequence of the log."""
    per_page = call.number("perPage", PER_PAGE, least=1, most=MOST_PER_PAGE)
    after = call.number("nextPageToken", 0, least=0, most=1 << 62)
    parameters = [
        (name, value)
        for name, value in call.request.query_params.multi_items()
        if name not in ("perPage", "nextPageToken")
    ]
    is_wanted = read_query(parameters, NAMESPACES)
    told = tell_events(_teller(call), call.site.log.read(after=after))
    page, following = _take(((seq, e) for seq, e in told if is_wanted(e)), per_page)
    document = EpcisDocument(page, call.web.iso(call.site.clock.now()), NAMESPACES)
    headers = {**VERSION, "Content-Type": LD, "Cache-Control": "no-store"}
    if following is not None:
        query = urlencode([*parameters, ("perPage", per_page), ("nextPageToken", following)])
        path = f"{call.web.settings.root_path}/api/v1/epcis/events"
        headers["Link"] = f'<{path}?{query}>; rel="next"'
    return Response(msgspec.json.encode(query_of(document)), 200, headers)


def _take(told: Iterator[tuple[int, Event]], per_page: int) -> tuple[tuple[Event, ...], int | None]:
    """Return a page of events, and the seq after which the next page begins, if there is one; a
    page does not part the events of one seq.
    """
    page: list[Event] = []
    last = 0
    for seq, event in told:
        if len(page) >= per_page and seq != last:
            return tuple(page), last
        page.append(event)
        last = seq
    return tuple(page), None


def _teller(call: Call) -> Teller:
    settings = call.web.settings
    return open_teller(call.site.policy.name, settings.epoch, settings.zone)


def _own_ids(call: Call, events: list[Event]) -> frozenset[str]:
    """Return the ids of what this site told itself, if an event seems to come back from there."""
    teller = _teller(call)
    if not any(teller.base in json.dumps(event) for event in events):
        return frozenset()
    told = tell_events(teller, call.site.log.read())
    return frozenset(str(event["eventID"]) for _, event in told)


def _body(event: Event, namespaces: Mapping[str, str]) -> str:
    """Return an event as it is kept: with the prefixes of its document."""
    context = {} if "@context" in event or not namespaces else {"@context": context_of(namespaces)}
    try:
        return json.dumps({**context, **event}, ensure_ascii=False)
    except ValueError as error:
        raise BadRequest(f"an event cannot be kept: {error}") from error


def _log_id(event: Event) -> EventId:
    return EventId("epcis:" + hashlib.sha256(str(event["eventID"]).encode()).hexdigest())


ENDPOINTS = (
    Endpoint(
        "POST",
        "/api/v1/epcis/capture",
        (Scope.FLOOR,),
        capture_events,
        "Capture an EPCIS 2.0 document (JSON-LD): all its events or none, answered when durable",
        reply=CaptureReply,
        media=LD,
        also=(JSON,),
        status=202,
        limit=EPCIS_BODY,
        faults=(413, 415, 422),
    ),
    Endpoint(
        "GET",
        "/api/v1/epcis/events",
        (Scope.FLOOR, Scope.PLANNER),
        find_events,
        "Query EPCIS 2.0 events, own and captured: the parameters of SimpleEventQuery, by pages",
        produces=LD,
        query=(*PARAMETERS, "perPage", "nextPageToken"),
        faults=(400, 422),
    ),
)
