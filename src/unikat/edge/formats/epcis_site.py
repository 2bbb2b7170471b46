"""A site's events as EPCIS 2.0 events: which thing, where, which business step, with our own ids.

Its release commissions a part, each finished step and move observes it, a measurement inspects it,
scrap destroys it, delivery ships it. A build holds its parts from start to finish of its step; a
step that takes material of a lot transforms it into the part. Things and places get
URNs under the site's name; own fields stand in the namespace `unikat`.
"""

import json
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
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
    MaterialUsed,
    OrderDelivered,
    OrderReleased,
    PartMeasured,
    PartScrapped,
    Recorded,
    ReworkOrdered,
    StepFinished,
    StepStarted,
    VisibilityCaptured,
)
from unikat.terms import Instant

NAMESPACES: Mapping[str, str] = MappingProxyType({"unikat": "urn:unikat:epcis:"})
PIECES = ("", "piece", "pieces", "pcs", "each")
"""Measures that count: EPCIS has no unit for them."""
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
        at = teller.iso(record.event.at)
        for tell in _TELL.get(type(record.event), ()):
            told = tell(teller, cast("Never", record.event))
            if told is not None:
                when = {"eventTime": at, "eventTimeZoneOffset": at[-6:]}
                noted = {"recordTime": teller.iso(record.recorded_at)}
                yield record.seq, with_id({**when, **noted, **told}, NAMESPACES)


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


def _gathered(teller: Teller, e: StepStarted) -> dict[str, Json] | None:
    return _in_build(teller, "ADD", "loading", e)


def _parted(teller: Teller, e: StepFinished) -> dict[str, Json] | None:
    return _in_build(teller, "DELETE", "unloading", e)


def _in_build(
    teller: Teller, action: str, bizStep: str, e: StepStarted | StepFinished
) -> dict[str, Json] | None:
    """Return that a part comes into the build of its step, or out of it; None without a build."""
    if e.build is None:
        return None
    return {
        "type": "AggregationEvent",
        "parentID": teller.urn("build", e.build),
        "childEPCs": [teller.urn("part", e.order_id)],
        "action": action,
        "bizStep": bizStep,
        "readPoint": {"id": teller.urn("place", e.unit)},
        "disposition": "in_progress",
        **_own(step=e.step, attempt=e.attempt),
    }


def _used(teller: Teller, e: MaterialUsed) -> dict[str, Json]:
    """Return that a lot went into a part; all lots of one step share its transformation."""
    lot: dict[str, Json] = {"epcClass": teller.urn("lot", f"{e.item}:{e.lot}")}
    unit = UNITS.get(e.measure, (None, None))[1]
    if e.quantity and (unit or e.measure in PIECES):
        lot |= {"quantity": e.quantity, **({"uom": unit} if unit else {})}
        e = replace(e, quantity=0.0, measure="")
    return {
        "type": "TransformationEvent",
        "inputQuantityList": [lot],
        "outputEPCList": [teller.urn("part", e.order_id)],
        "transformationID": teller.urn("work", f"{e.order_id}:{e.step}:{e.attempt}"),
        "bizStep": teller.urn("step", e.step),
        "readPoint": {"id": teller.urn("place", e.unit)},
        "disposition": "in_progress",
        **_own(step=e.step, attempt=e.attempt, item=e.item, lot=e.lot),
        **_own(quantity=e.quantity or None, measure=e.measure or None),
    }


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
_TELL: Mapping[type[Event], tuple[Callable[[Teller, Never], dict[str, Json] | None], ...]] = (
    MappingProxyType(
        {
            OrderReleased: (_released,),
            StepStarted: (_gathered,),
            MaterialUsed: (_used,),
            StepFinished: (_finished, _parted),
            LoadMoved: (_moved,),
            OrderDelivered: (_delivered,),
            PartMeasured: (_measured,),
            PartScrapped: (_scrapped,),
            ReworkOrdered: (_rework,),
        }
    )
)
