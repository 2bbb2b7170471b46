"""A site's events as EPCIS 2.0 events: which thing, where, which business step, with our own ids.

One event of the log gives at most one: its release commissions a part, each finished step and move
observes it, a measurement inspects it, scrap destroys it, delivery ships it. Things and places get
URNs under the site's name; own fields stand in the namespace `unikat`.
"""

import json
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, tzinfo
from types import MappingProxyType
from typing import Never, cast
from urllib.parse import quote

from unikat.edge.formats.epcis import EpcisDocument, with_id
from unikat.edge.formats.epcis_check import Event as EpcisEvent
from unikat.edge.json import Json
from unikat.edge.times import to_iso
from unikat.events import (
    Event,
    LoadMoved,
    OrderDelivered,
    OrderReleased,
    PartMeasured,
    PartScrapped,
    Recorded,
    ReworkOrdered,
    StepFinished,
    VisibilityCaptured,
)
from unikat.terms import Instant

NAMESPACES: Mapping[str, str] = MappingProxyType({"unikat": "urn:unikat:epcis:"})
UNITS: Mapping[str, tuple[str, str]] = {
    "mm": ("Length", "MMT"),
    "g": ("Mass", "GRM"),
    "kg": ("Mass", "KGM"),
    "C": ("Temperature", "CEL"),
}
"""A measure -> the GS1 kind of measurement and its UN/CEFACT unit."""


@dataclass(frozen=True, slots=True)
class Teller:
    """Who tells: the URN its things stand under, and how it writes times."""

    base: str
    epoch: datetime
    zone: tzinfo

    def urn(self, kind: str, name: str) -> str:
        """Return the URN of a part, place or step."""
        return f"{self.base}:{kind}:{quote(name, safe='')}"

    def iso(self, at: Instant) -> str:
        """Return an instant as ISO 8601 with its offset."""
        return to_iso(at, self.epoch, self.zone)


def open_teller(site_name: str, epoch: datetime, zone: tzinfo) -> Teller:
    """Return the teller of a site.

    Examples
    --------
    >>> open_teller("Insole works", datetime(2026, 1, 5), None).urn("part", "O 1")
    'urn:unikat:insole-works:part:O%201'
    """
    slug = re.sub(r"[^a-z0-9]+", "-", site_name.lower()).strip("-") or "site"
    return Teller(f"urn:unikat:{slug}", epoch, zone)


def tell_events(teller: Teller, records: Iterable[Recorded]) -> Iterator[tuple[int, EpcisEvent]]:
    """Yield the EPCIS events of a log with their seq, captured ones as they came."""
    for record in records:
        if isinstance(record.event, VisibilityCaptured):
            captured = json.loads(record.event.body)
            yield record.seq, {**captured, "recordTime": teller.iso(record.recorded_at)}
            continue
        tell = _TELL.get(type(record.event))
        if tell is not None:
            at = teller.iso(record.event.at)
            yield (
                record.seq,
                with_id(
                    {
                        "eventTime": at,
                        "eventTimeZoneOffset": at[-6:],
                        "recordTime": teller.iso(record.recorded_at),
                        **tell(teller, cast("Never", record.event)),
                    },
                    NAMESPACES,
                ),
            )


def tell_log(teller: Teller, records: Iterable[Recorded]) -> EpcisDocument:
    """Return a log as one document, its date the time of its last record."""
    last: list[Instant] = []

    def noted() -> Iterator[Recorded]:
        for record in records:
            last[:] = [record.recorded_at]
            yield record

    events = tuple(event for _, event in tell_events(teller, noted()))
    return EpcisDocument(events, teller.iso(last[0] if last else 0), NAMESPACES)


def _object(
    teller: Teller, action: str, part: str, bizStep: str, *, place: str | None, **more: Json
) -> dict[str, Json]:
    """Return an ObjectEvent about one part; `more` are further fields."""
    where: dict[str, Json] = {}
    if place is not None:
        where = {"readPoint": {"id": teller.urn("place", place)}}
    return {
        "type": "ObjectEvent",
        "epcList": [teller.urn("part", part)],
        "action": action,
        "bizStep": bizStep,
        **where,
        **more,
    }


def _released(teller: Teller, e: OrderReleased) -> dict[str, Json]:
    return _object(teller, "ADD", e.order_id, "commissioning", place=None, disposition="active")


def _finished(teller: Teller, e: StepFinished) -> dict[str, Json]:
    return _object(
        teller,
        "OBSERVE",
        e.order_id,
        teller.urn("step", e.step),
        place=e.unit,
        disposition="in_progress",
        **_own(step=e.step, attempt=e.attempt, build=e.build, good=e.good, scrap=e.scrap),
    )


def _moved(teller: Teller, e: LoadMoved) -> dict[str, Json]:
    return _object(
        teller,
        "OBSERVE",
        e.order_id,
        "arriving",
        place=e.target,
        disposition="in_progress",
        **_own(source=e.source, transporter=e.transporter or None),
    )


def _delivered(teller: Teller, e: OrderDelivered) -> dict[str, Json]:
    return _object(teller, "OBSERVE", e.order_id, "shipping", place=None, disposition="in_transit")


def _measured(teller: Teller, e: PartMeasured) -> dict[str, Json]:
    kind, unit = UNITS.get(e.measure, (None, None))
    is_good = abs(e.measured - e.ordered) <= e.tolerance
    report: dict[str, Json] = {
        "type": kind or teller.urn("characteristic", e.characteristic),
        "value": e.measured,
        **({"uom": unit} if unit else {}),
        **_own(characteristic=e.characteristic, ordered=e.ordered, tolerance=e.tolerance),
    }
    sensor: Json = {"sensorReport": [report]}
    return _object(
        teller,
        "OBSERVE",
        e.serial,
        "inspecting",
        place=e.unit,
        disposition="conformant" if is_good else "non_conformant",
        sensorElementList=[sensor],
        epcList=[teller.urn("part", e.order_id), teller.urn("part", e.serial)],
        **_own(order=e.order_id, step=e.step, attempt=e.attempt),
    )


def _scrapped(teller: Teller, e: PartScrapped) -> dict[str, Json]:
    return _object(
        teller,
        "DELETE",
        e.serial,
        "destroying",
        place=e.unit,
        disposition="destroyed",
        **_own(order=e.order_id, step=e.step, attempt=e.attempt, reason=e.reason),
    )


def _rework(teller: Teller, e: ReworkOrdered) -> dict[str, Json]:
    return _object(
        teller,
        "OBSERVE",
        e.serial,
        "repairing",
        place=e.unit,
        disposition="non_conformant",
        epcList=[teller.urn("part", e.order_id), teller.urn("part", e.serial)],
        **_own(order=e.order_id, step=e.step, attempt=e.attempt, reason=e.reason),
        **{"unikat:again": list(e.again)},
    )


def _own(**fields: Json) -> dict[str, Json]:
    """Return own fields in their namespace; None is left out."""
    return {f"unikat:{name}": value for name, value in fields.items() if value is not None}


# Never: each row takes its own event type, which its key guarantees.
_TELL: Mapping[type[Event], Callable[[Teller, Never], dict[str, Json]]] = MappingProxyType(
    {
        OrderReleased: _released,
        StepFinished: _finished,
        LoadMoved: _moved,
        OrderDelivered: _delivered,
        PartMeasured: _measured,
        PartScrapped: _scrapped,
        ReworkOrdered: _rework,
    }
)
