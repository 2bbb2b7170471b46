"""Which EPCIS events are asked for: the parameters of the standard's SimpleEventQuery.

GS1 EPCIS 2.0, section 8.2.7.1. A parameter may be given several times or hold a list with `,` or
`|` between values; an event must fit all parameters, and one value of each.
"""

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import datetime

from unikat.edge.formats.epc_keys import canonical_key
from unikat.edge.formats.epcis import read_namespaces
from unikat.edge.formats.epcis_check import Event
from unikat.edge.formats.epcis_hash import BARE, STANDARD, expand
from unikat.edge.json import Json
from unikat.errors import Fault, InvalidLog

Test = Callable[[Event], bool]
WORDS = ("bizStep", "disposition")
PLACES = ("readPoint", "bizLocation")
EPC_LISTS: Mapping[str, tuple[str, ...]] = {
    "MATCH_epc": ("epcList", "childEPCs"),
    "MATCH_inputEPC": ("inputEPCList",),
    "MATCH_outputEPC": ("outputEPCList",),
    "MATCH_anyEPC": ("epcList", "childEPCs", "inputEPCList", "outputEPCList", "parentID"),
    "MATCH_parentID": ("parentID",),
}
TIMES = ("GE_eventTime", "LT_eventTime", "GE_recordTime", "LT_recordTime")
EQUALS = tuple(f"EQ_{name}" for name in ("action", "eventID", "transformationID", *WORDS, *PLACES))
PARAMETERS = ("eventType", *TIMES, *EQUALS, *EPC_LISTS)


def read_query(
    parameters: Sequence[tuple[str, str]], namespaces: Mapping[str, str]
) -> Callable[[Event], bool]:
    """Return the test of a query's parameters.

    Raises
    ------
    InvalidLog
        With every parameter that is unknown, and every time that is none.
    """
    wanted: dict[str, list[str]] = {}
    for name, text in parameters:
        wanted.setdefault(name, []).extend(each for each in re.split(r"[,|]", text) if each)
    faults = [
        Fault("query", 0, 0, name[:40], "is no parameter", f"Known: {', '.join(PARAMETERS)}")
        for name in wanted
        if name not in PARAMETERS
    ]
    faults += [
        Fault("query", 0, 0, name, f"{text[:40]!r} is no time with offset", "Write ISO 8601")
        for name in TIMES
        for text in wanted.get(name, [])
        if _moment(text) is None
    ]
    if faults:
        raise InvalidLog(faults)
    tests = [_test(name, values, namespaces) for name, values in wanted.items() if values]
    return lambda event: all(test(event) for test in tests)


def _test(name: str, values: Sequence[str], namespaces: Mapping[str, str]) -> Test:
    if name == "eventType":
        return lambda event: event.get("type") in values
    operator, _, field = name.partition("_")
    if operator == "EQ":
        forms = {_form(field, value, namespaces) for value in values}
        return lambda event: _form(field, _plain(event.get(field)), _known(event)) in forms
    if operator == "MATCH":
        return _match(EPC_LISTS[name], values)
    bound = next(moment for value in values if (moment := _moment(value)))

    def is_within(event: Event) -> bool:
        at = _moment(str(event.get(field, "")))
        return at is not None and (at >= bound if operator == "GE" else at < bound)

    return is_within


def _match(fields: Sequence[str], values: Sequence[str]) -> Test:
    """Return the test that one of an event's EPCs is one of the values, or fits a pattern."""
    keys = {canonical_key(value) for value in values}
    parts = [value.replace("urn:epc:idpat:", "urn:epc:id:") for value in values if "*" in value]
    patterns = [re.compile(re.escape(part).replace(r"\*", "[^:]*")) for part in parts]

    def matches(event: Event) -> bool:
        return any(
            canonical_key(epc) in keys or any(each.fullmatch(epc) for each in patterns)
            for field in fields
            for epc in _epcs(event.get(field))
        )

    return matches


def _epcs(value: Json) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, Sequence):
        yield from (each for each in value if isinstance(each, str))


def _form(field: str, value: str, namespaces: Mapping[str, str]) -> str:
    return expand(value, BARE.get(field), {**STANDARD, **namespaces}) if value else ""


def _plain(value: Json) -> str:
    """Return a value, of a place its id."""
    inside = value.get("id") if isinstance(value, Mapping) else value
    return inside if isinstance(inside, str) else ""


def _known(event: Event) -> Mapping[str, str]:
    return read_namespaces(event.get("@context"))


def _moment(text: str) -> datetime | None:
    try:
        moment = datetime.fromisoformat(text.replace(" ", "+"))  # a + in an address is a blank
    except ValueError:
        return None
    return moment if moment.utcoffset() is not None else None
