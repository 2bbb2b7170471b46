"""Exports: orders, the published schedule and the event log as JSON or CSV; the log as EPCIS 2.0,
what the floor did as XES or CSV, the plant and its products as AASX.
"""

import csv
import io
import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING

from unikat.edge.main import OpenSite
from unikat.edge.show import order_facts
from unikat.edge.store.codec import encode_event
from unikat.edge.times import to_iso
from unikat.errors import UnikatError

if TYPE_CHECKING:
    from unikat.edge.formats.epcis_site import Teller

Rows = Iterator[Mapping[str, object]]


class UnknownExport(UnikatError):
    """There is no such export or format."""

    title = "Unknown export"
    status = 422


def export(opened: OpenSite, what: str | None, form: str) -> bytes:
    """Return an export; `what` left out is what the form is for.

    Raises
    ------
    UnknownExport
        If there is no such export, or not in this format.
    """
    if form in STANDARDS and what in (None, STANDARDS[form][0]):
        return STANDARDS[form][1](opened)
    if what == ACTIVITIES and form == "csv":
        return _activities(opened, ".csv")
    return export_text(opened, what or "", form).encode()


def export_text(opened: OpenSite, what: str, form: str) -> str:
    """Return an export as text: `what` is orders, schedule or events, `form` json or csv.

    Raises
    ------
    UnknownExport
        If there is no such export or format.
    """
    if what not in EXPORTS or form not in FORMATS:
        others = "; ".join(f"{each} as {form}" for form, (each, _) in STANDARDS.items())
        asked = f"{what!r} as {form!r}" if what else "of nothing named"
        raise UnknownExport(
            f"export {asked}: choose one of {', '.join(EXPORTS)}"
            f" as {' or '.join(FORMATS)}; {ACTIVITIES} as csv; {others}"
        )
    return FORMATS[form](list(EXPORTS[what](opened)))


def _epcis(opened: OpenSite) -> bytes:
    from unikat.edge.formats.epcis import write_epcis
    from unikat.edge.formats.epcis_site import tell_log

    return write_epcis(tell_log(_teller(opened), opened.site.log.read())).encode()


def _xes(opened: OpenSite) -> bytes:
    return _activities(opened, ".xes")


def _aasx(opened: OpenSite) -> bytes:
    from unikat.edge.formats.aas import describe_site
    from unikat.edge.formats.aasx import write_aasx

    site = opened.site
    return write_aasx(
        describe_site(site.policy.name, site.family.id, site.plant, site.state(), _teller(opened))
    )


def _activities(opened: OpenSite, suffix: str) -> bytes:
    from unikat.edge.formats.log_file import write_log
    from unikat.twin.process_log import site_log

    file = opened.models.file
    log = site_log(tuple(opened.site.log.read()))
    return write_log(log, suffix, epoch=file.epoch, zone=file.zone).encode()


def _teller(opened: OpenSite) -> "Teller":
    from unikat.edge.formats.epcis_site import open_teller

    file = opened.models.file
    return open_teller(opened.site.policy.name, file.epoch, file.zone)


def _orders(opened: OpenSite) -> Rows:
    state = opened.site.state()
    for order in (*state.ended.values(), *state.orders.values()):
        yield order_facts(order, state, opened.models.file)


def _schedule(opened: OpenSite) -> Rows:
    file = opened.models.file
    bookings = opened.site.state().bookings.values()
    for b in sorted(bookings, key=lambda b: (b.unit, b.start, b.order, b.step)):
        yield {
            "unit": b.unit,
            "order": b.order,
            "step": b.step,
            "setup_start": to_iso(b.setup_start, file.epoch, file.zone),
            "start": to_iso(b.start, file.epoch, file.zone),
            "finish": to_iso(b.finish, file.epoch, file.zone),
            "build": b.build,
        }


def _events(opened: OpenSite) -> Rows:
    file = opened.models.file
    for entry in opened.site.log.read():
        name, version, body = encode_event(entry.event)
        yield {
            "seq": entry.seq,
            "id": entry.id,
            "stream": entry.stream,
            "type": name,
            "schema_version": version,
            "at": to_iso(entry.event.at, file.epoch, file.zone),
            "body": json.loads(body),
        }


def _json(rows: Sequence[Mapping[str, object]]) -> str:
    return json.dumps(rows, indent=1) + "\n"


def _csv(rows: Sequence[Mapping[str, object]]) -> str:
    """Return rows as CSV; what a spreadsheet would take for a formula gets an apostrophe."""
    if not rows:
        return ""
    text = io.StringIO()
    writer = csv.DictWriter(text, list(rows[0]), lineterminator="\n")
    writer.writeheader()
    writer.writerows({name: _cell(value) for name, value in row.items()} for row in rows)
    return text.getvalue()


def _cell(value: object) -> object:
    if isinstance(value, (dict, list)):
        return json.dumps(value)
    if isinstance(value, str) and value[:1] in ("=", "+", "-", "@"):
        return "'" + value
    return value


EXPORTS: Mapping[str, Callable[[OpenSite], Rows]] = {
    "orders": _orders,
    "schedule": _schedule,
    "events": _events,
}
FORMATS: Mapping[str, Callable[[Sequence[Mapping[str, object]]], str]] = {
    "json": _json,
    "csv": _csv,
}
ACTIVITIES = "activities"
STANDARDS: Mapping[str, tuple[str, Callable[[OpenSite], bytes]]] = {
    "epcis": ("events", _epcis),
    "xes": (ACTIVITIES, _xes),
    "aasx": ("assets", _aasx),
}
"""A format -> what it is for, and how it is written."""
