"""The EPCIS event hash id of CBV 2.0 (section 8.9): an id made of what the event says.

The pre-hash string lists the event's fields in the standard's canonical sequence, without blanks
between them; lists sorted; vocabulary, EPCs and times in one form; own fields last, with their
namespace in braces. Left out are eventID, recordTime, errorDeclaration and certificationInfo.
"""

import hashlib
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from decimal import Decimal

from unikat.edge.formats.epc_keys import canonical_key
from unikat.edge.json import Json

STANDARD: Mapping[str, str] = {
    "cbv": "https://ref.gs1.org/cbv/",
    "epcis": "https://ref.gs1.org/epcis/",
    "gs1": "https://gs1.org/voc/",
}
"""Prefixes every document may use."""
CBV = STANDARD["cbv"]
BARE: Mapping[str, str] = {
    "bizStep": f"{CBV}BizStep-",
    "disposition": f"{CBV}Disp-",
    "set": f"{CBV}Disp-",
    "unset": f"{CBV}Disp-",
    "bizTransactionList": f"{CBV}BTT-",
    "sourceList": f"{CBV}SDT-",
    "destinationList": f"{CBV}SDT-",
    "sensorReport": STANDARD["gs1"],
    "exception": STANDARD["gs1"],
    "component": f"{CBV}Comp-",
}
"""What stands before a bare word of a field (a `type`: of the list it is in)."""
URNS: Mapping[str, str] = {"bizstep": "BizStep-", "disp": "Disp-", "btt": "BTT-", "sdt": "SDT-"}
TIMES = ("eventTime", "time", "startTime", "endTime")
PLACES = ("readPoint", "bizLocation")
EPCS = ("epcList", "inputEPCList", "childEPCs", "outputEPCList")
QUANTITIES = ("quantityList", "childQuantityList", "inputQuantityList", "outputQuantityList")
PAIRS: Mapping[str, str] = {
    "bizTransactionList": "bizTransaction",
    "sourceList": "source",
    "destinationList": "destination",
}
FIELDS = (
    "eventTime", "eventTimeZoneOffset", "epcList", "parentID", "inputEPCList", "childEPCs",
    "quantityList", "childQuantityList", "inputQuantityList", "outputEPCList",
    "outputQuantityList", "action", "transformationID", "bizStep", "disposition",
    "persistentDisposition", "readPoint", "bizLocation", "bizTransactionList", "sourceList",
    "destinationList", "sensorElementList", "ilmd",
)  # fmt: skip
METADATA = (
    "time", "startTime", "endTime", "deviceID", "deviceMetadata", "rawData",
    "dataProcessingMethod", "bizRules",
)  # fmt: skip
REPORT = (
    "type", "exception", "deviceID", "deviceMetadata", "rawData", "dataProcessingMethod", "time",
    "microorganism", "chemicalSubstance", "value", "component", "stringValue", "booleanValue",
    "hexBinaryValue", "uriValue", "minValue", "maxValue", "meanValue", "sDev", "percRank",
    "percValue", "uom", "coordinateReferenceSystem",
)  # fmt: skip
Object = Mapping[str, Json]


def hash_event(event: Object, namespaces: Mapping[str, str] | None = None) -> str:
    """Return the id of an event; `namespaces` are the prefixes of its document's context."""
    digest = hashlib.sha256(prehash(event, namespaces).encode()).hexdigest()
    return f"ni:///sha-256;{digest}?ver=CBV2.0"


def prehash(event: Object, namespaces: Mapping[str, str] | None = None) -> str:
    """Return the string that is hashed."""
    known = {**STANDARD, **(namespaces or {})}
    parts = (
        _WRITERS.get(name, _plain)(name, event[name], known) for name in FIELDS if name in event
    )
    own = sorted(_extensions(event, known))
    return "".join((f"eventType={event['type']}", *parts, *own))


def _plain(name: str, value: Json, known: Mapping[str, str], kind: str = "") -> str:
    """Return key=value; a `type` is expanded as a word of `kind`."""
    if name in TIMES:
        return f"{name}={utc(str(value))}"
    if isinstance(value, str):
        return f"{name}={expand(value.strip(), BARE.get(kind or name), known)}"
    return f"{name}={_scalar(value)}"


def _epcs(name: str, value: Json, known: Mapping[str, str]) -> str:
    return name + "".join(sorted(f"epc={expand(str(epc), None, known)}" for epc in _list(value)))


def _quantities(name: str, value: Json, known: Mapping[str, str]) -> str:
    return name + "".join(
        sorted(
            "quantityElement" + _fields(each, ("epcClass", "quantity", "uom"), known)
            for each in _objects(value)
        )
    )


def _pairs(name: str, value: Json, known: Mapping[str, str]) -> str:
    """Return a list of values with their types: the type comes after the value."""
    fields = (PAIRS[name], "type")
    return name + "".join(sorted(_fields(each, fields, known, name) for each in _objects(value)))


def _place(name: str, value: Json, known: Mapping[str, str]) -> str:
    return name + "".join(_fields(each, ("id",), known) for each in _objects([value]))


def _dispositions(name: str, value: Json, known: Mapping[str, str]) -> str:
    parts = [name]
    for each in _objects([value]):
        for key in ("set", "unset"):
            words = (_plain(key, word, known) for word in _list(each.get(key, [])))
            parts += sorted(words)
    return "".join(parts)


def _sensors(name: str, value: Json, known: Mapping[str, str]) -> str:
    return name + "".join(sorted(_sensor(each, known) for each in _objects(value)))


def _sensor(element: Object, known: Mapping[str, str]) -> str:
    text = "sensorElement"
    for metadata in _objects([element.get("sensorMetadata")]):
        text += "sensorMetadata" + _fields(metadata, METADATA, known)
    reports = _objects(element.get("sensorReport", []))
    return text + "".join(
        sorted("sensorReport" + _fields(each, REPORT, known, "sensorReport") for each in reports)
    )


def _ilmd(name: str, value: Json, known: Mapping[str, str]) -> str:
    found = (part for each in _objects([value]) for part in _own(each, known))
    return name + "".join(sorted(found))


def _fields(each: Object, names: Sequence[str], known: Mapping[str, str], kind: str = "") -> str:
    return "".join(
        _plain(name, each[name], known, kind if name == "type" else "")
        for name in names
        if name in each
    )


def _extensions(event: Object, known: Mapping[str, str]) -> Iterator[str]:
    """Yield the own fields of an event, and of the standard fields that may have some."""
    yield from _own(event, known)
    for place in PLACES:
        for each in _objects([event.get(place)]):
            yield from (place + part for part in _own(each, known))
    for element in _objects(event.get("sensorElementList", [])):
        before = "sensorElementListsensorElement"
        yield from (before + part for part in _own(element, known))
        for metadata in _objects([element.get("sensorMetadata")]):
            yield from (f"{before}sensorMetadata{part}" for part in _own(metadata, known))
        for report in _objects(element.get("sensorReport", [])):
            yield from (f"{before}sensorReport{part}" for part in _own(report, known))


def _own(each: Object, known: Mapping[str, str]) -> Iterator[str]:
    """Yield the fields of a mapping that stand in a namespace."""
    for key, value in each.items():
        if ":" in key:
            prefix, _, local = key.partition(":")
            name = f"{{{known[prefix]}}}{local}" if prefix in known else f"{{{prefix}:}}{local}"
            yield from _own_values(name, value, known)


def _own_values(name: str, value: Json, known: Mapping[str, str]) -> Iterator[str]:
    if isinstance(value, Mapping):
        yield name + "".join(sorted(_own(value, known)))
    elif isinstance(value, Sequence) and not isinstance(value, str):
        yield "".join(sorted(part for each in value for part in _own_values(name, each, known)))
    else:
        yield f"{name}={_scalar(value)}"


def _scalar(value: Json) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float):
        digits = format(Decimal(repr(value)), "f")  # never 1e-05
        return digits.rstrip("0").rstrip(".") if "." in digits else digits
    return str(value).strip()


def expand(value: str, bare: str | None, known: Mapping[str, str]) -> str:
    """Return a value in its one form: bare words and prefixes expanded, EPCs as Digital Links."""
    if bare is not None and re.fullmatch(r"[A-Za-z0-9_]+", value):
        return bare + value
    prefix, colon, rest = value.partition(":")
    if colon and prefix in known and not rest.startswith("//"):
        return known[prefix] + rest
    match = re.fullmatch(r"urn:epcglobal:cbv:(\w+):(.+)", value)
    if match and match[1] in URNS:
        return CBV + URNS[match[1]] + match[2]
    return canonical_key(value)


def utc(text: str) -> str:
    """Return a time in UTC with milliseconds.

    Examples
    --------
    >>> utc("2020-03-04T11:00:30+01:00")
    '2020-03-04T10:00:30.000Z'
    """
    moment = datetime.fromisoformat(text).astimezone(UTC)
    rounded = moment + timedelta(microseconds=500)
    return rounded.strftime("%Y-%m-%dT%H:%M:%S.") + f"{rounded.microsecond // 1000:03d}Z"


def _list(value: Json) -> Sequence[Json]:
    is_list = isinstance(value, Sequence) and not isinstance(value, str)
    return value if is_list else [value]  # type: ignore[return-value]


def _objects(value: Json) -> Iterator[Object]:
    return (each for each in _list(value) if isinstance(each, Mapping))


_WRITERS: Mapping[str, Callable[[str, Json, Mapping[str, str]], str]] = {
    **dict.fromkeys(EPCS, _epcs),
    **dict.fromkeys(QUANTITIES, _quantities),
    **dict.fromkeys(PAIRS, _pairs),
    **dict.fromkeys(PLACES, _place),
    "persistentDisposition": _dispositions,
    "sensorElementList": _sensors,
    "ilmd": _ilmd,
}
