"""What is wrong with an EPCIS 2.0 event: a table of fields and their checks, and a few rules."""

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import datetime
from typing import TypeAlias

from unikat.edge.json import Json

Event: TypeAlias = Mapping[str, Json]
Complaint: TypeAlias = tuple[str, str, str]
"""Where, what is wrong, what to do."""
Check: TypeAlias = Callable[[Json], str | None]
URI = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:[^\s<>\"{}|\\^`]+")
OFFSET = re.compile(r"[+-](?:(?:0[0-9]|1[0-3]):[0-5][0-9]|14:00)")
FIRST_YEAR, LAST_YEAR = 1900, 2999
ACTIONS = ("ADD", "OBSERVE", "DELETE")


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


BIZ_STEPS = _words(
    """
    accepting arriving assembling collecting commissioning consigning creating_class_instance
    cycle_counting decommissioning departing destroying disassembling dispensing encoding
    entering_exiting holding inspecting installing killing loading other packing picking receiving
    removing repackaging repairing replacing reserving retail_selling sampling sensor_reporting
    shipping staging_outbound stock_taking stocking storing transporting unloading unpacking
    void_shipping
    """
)
DISPOSITIONS = _words(
    """
    active available completeness_inferred completeness_verified conformant container_closed
    container_open damaged destroyed dispensed disposed encoded expired in_progress in_transit
    inactive mismatch_class mismatch_instance mismatch_quantity needs_replacement
    no_pedigree_match non_conformant non_sellable_other partially_dispensed recalled reserved
    retail_sold returned sellable_accessible sellable_not_accessible stolen unavailable unknown
    """
)
COMMON = ("type", "eventTime", "eventTimeZoneOffset")
REQUIRED: Mapping[str, tuple[str, ...]] = {
    "ObjectEvent": ("action",),
    "AggregationEvent": ("action",),
    "TransactionEvent": ("action", "bizTransactionList"),
    "TransformationEvent": (),
    "AssociationEvent": ("action", "parentID"),
}
TOLD: Mapping[str, tuple[str, ...]] = {
    "ObjectEvent": ("epcList", "quantityList", "sensorElementList"),
    "AggregationEvent": ("childEPCs", "childQuantityList"),
    "TransactionEvent": ("epcList", "quantityList"),
    "TransformationEvent": (
        "inputEPCList", "inputQuantityList", "outputEPCList", "outputQuantityList",
    ),
    "AssociationEvent": ("childEPCs", "childQuantityList"),
}  # fmt: skip
"""An event names one of these, unless its action is DELETE and it has a parent."""
ANYWHERE = (
    "@context", *COMMON, "recordTime", "eventID", "certificationInfo", "errorDeclaration",
    "bizStep", "disposition", "persistentDisposition", "readPoint", "bizLocation",
    "bizTransactionList", "sourceList", "destinationList", "sensorElementList",
)  # fmt: skip
ALLOWED: Mapping[str, frozenset[str]] = {
    "ObjectEvent": frozenset((*ANYWHERE, "epcList", "quantityList", "action", "ilmd")),
    "AggregationEvent": frozenset(
        (*ANYWHERE, "parentID", "childEPCs", "childQuantityList", "action")
    ),
    "TransactionEvent": frozenset((*ANYWHERE, "parentID", "epcList", "quantityList", "action")),
    "TransformationEvent": frozenset(
        (*ANYWHERE, *TOLD["TransformationEvent"], "transformationID", "ilmd")
    ),
    "AssociationEvent": frozenset(
        (*ANYWHERE, "parentID", "childEPCs", "childQuantityList", "action")
    ),
}


def check_event(event: Event, namespaces: Mapping[str, str]) -> Iterator[Complaint]:
    """Yield what is wrong with an event, given the prefixes of its context."""
    kind = event.get("type")
    required = (*COMMON, *REQUIRED.get(str(kind), ()))
    yield from ((name, "is missing", "Add it") for name in required if name not in event)
    for name, value in event.items():
        said = FIELDS[name](value) if name in FIELDS else None
        if said is not None:
            yield (name, f"{str(value)[:60]!r} {said}", "See GS1 EPCIS 2.0, section 7.4")
        if name not in FIELDS or (kind in ALLOWED and name not in ALLOWED[str(kind)]):
            yield from _check_own(name, str(kind), namespaces)
    if kind in REQUIRED:
        yield from _check_what(str(kind), event)


def _check_own(name: str, kind: str, namespaces: Mapping[str, str]) -> Iterator[Complaint]:
    """Yield what is wrong with a field that is not one of this event type's."""
    prefix, colon, _ = name.partition(":")
    if not colon:
        yield (name, f"is no field of {kind[:40]}", "Put own fields into a namespace: example:name")
    elif prefix not in namespaces and not URI.fullmatch(name):
        yield (name, f"has the unknown prefix {prefix[:40]!r}", "Declare it in @context")


def _check_what(kind: str, event: Event) -> Iterator[Complaint]:
    is_ending = event.get("action") == "DELETE" and "parentID" in event
    if not is_ending and not any(name in event for name in TOLD[kind]):
        yield ("type", f"{kind} names nothing", f"Add one of {', '.join(TOLD[kind])}")
    if "ilmd" in event and kind == "ObjectEvent" and event.get("action") != "ADD":
        yield ("ilmd", "stands on an event that does not ADD", "Leave it out")


def _time(value: Json) -> str | None:
    try:
        moment = datetime.fromisoformat(str(value))
    except ValueError:
        return "is no ISO 8601 time"
    if not FIRST_YEAR <= moment.year <= LAST_YEAR:
        return f"is not in the years {FIRST_YEAR} to {LAST_YEAR}"
    return None if moment.utcoffset() is not None and "T" in str(value) else "has no offset"


def _uri(value: Json) -> str | None:
    return None if isinstance(value, str) and URI.fullmatch(value) else "is no URI"


def _word(words: frozenset[str]) -> Check:
    def check(value: Json) -> str | None:
        if isinstance(value, str) and (value in words or URI.fullmatch(value)):
            return None
        return "is no word of the CBV and no URI"

    return check


def _kind(value: Json) -> str | None:
    return None if value in REQUIRED or _uri(value) is None else "is no event type"


def _action(value: Json) -> str | None:
    return None if value in ACTIONS else f"is none of {', '.join(ACTIONS)}"


def _offset(value: Json) -> str | None:
    return None if OFFSET.fullmatch(str(value)) else "is no offset such as +01:00"


def _list_of(check: Check) -> Check:
    def check_list(value: Json) -> str | None:
        if isinstance(value, str) or not isinstance(value, Sequence):
            return "is no list"
        return next((said for each in value if (said := check(each))), None)

    return check_list


def _object_with(**checks: Check) -> Check:
    """Return the check of an object whose fields have checks; those in `needed_` must be there."""

    def check_object(value: Json) -> str | None:
        if not isinstance(value, Mapping):
            return "is no object"
        for name, check in checks.items():
            key = name.removeprefix("needed_")
            if key not in value:
                if name != key:
                    return f"has no {key}"
            elif said := check(value[key]):
                return f"{key} {said}"
        return None

    return check_object


def _number(value: Json) -> str | None:
    is_number = isinstance(value, int | float) and not isinstance(value, bool)
    return None if is_number else "is no number"


def _unit(value: Json) -> str | None:
    return None if re.fullmatch(r"[A-Z0-9]{2,3}", str(value)) else "is no unit such as GRM"


def _any(value: Json) -> str | None:
    return None


_EPCS = _list_of(_uri)
_QUANTITIES = _list_of(_object_with(needed_epcClass=_uri, quantity=_number, uom=_unit))
_PLACE = _object_with(needed_id=_uri)
_DISPOSITION = _word(DISPOSITIONS)
_SENSOR = _object_with(
    sensorMetadata=_object_with(time=_time, startTime=_time, endTime=_time, deviceID=_uri),
    needed_sensorReport=_list_of(_object_with(time=_time, value=_number, deviceID=_uri)),
)
FIELDS: Mapping[str, Check] = {
    "@context": _any,
    "type": _kind,
    "eventID": _uri,
    "eventTime": _time,
    "recordTime": _time,
    "eventTimeZoneOffset": _offset,
    "certificationInfo": _any,
    "errorDeclaration": _object_with(needed_declarationTime=_time),
    "epcList": _EPCS,
    "inputEPCList": _EPCS,
    "outputEPCList": _EPCS,
    "childEPCs": _EPCS,
    "quantityList": _QUANTITIES,
    "inputQuantityList": _QUANTITIES,
    "outputQuantityList": _QUANTITIES,
    "childQuantityList": _QUANTITIES,
    "parentID": _uri,
    "transformationID": _uri,
    "action": _action,
    "bizStep": _word(BIZ_STEPS),
    "disposition": _DISPOSITION,
    "persistentDisposition": _object_with(set=_list_of(_DISPOSITION), unset=_list_of(_DISPOSITION)),
    "readPoint": _PLACE,
    "bizLocation": _PLACE,
    "bizTransactionList": _list_of(_object_with(needed_bizTransaction=_uri)),
    "sourceList": _list_of(_object_with(needed_source=_uri, needed_type=_any)),
    "destinationList": _list_of(_object_with(needed_destination=_uri, needed_type=_any)),
    "sensorElementList": _list_of(_SENSOR),
    "ilmd": _object_with(),
}
