"""Process logs as XES (IEEE 1849-2023): trace = job, event = start or end of an activity.

Read are `concept:name`, `concept:instance`, `time:timestamp`, `lifecycle:transition` and
`org:resource`; an end without a start is an activity of length zero. Starts and ends of the same
name meet by their instance, else first in, first out. `unikat:open` on a trace says that the job
is not finished.
"""

import io
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta, tzinfo
from typing import IO
from xml.etree.ElementTree import Element, ParseError
from xml.sax.saxutils import quoteattr

from defusedxml import DefusedXmlException
from defusedxml.ElementTree import iterparse

from unikat.edge.formats.csv_log import EPOCH
from unikat.edge.times import to_iso
from unikat.errors import Fault, InvalidLog
from unikat.terms import Instant
from unikat.twin.process_log import Activity, ProcessLog, tidy_log

STARTS = ("start", "resume")
ENDS = ("complete", "suspend", "ate_abort", "pi_abort")
EXTENSIONS = (
    ("Concept", "concept"),
    ("Time", "time"),
    ("Lifecycle", "lifecycle"),
    ("Organizational", "org"),
)
HEAD = '<?xml version="1.0" encoding="UTF-8"?>\n<log xes.version="1849.2023" xes.features="">\n'


def read_xes(
    source: bytes | IO[bytes], *, epoch: datetime = EPOCH, zone: tzinfo = UTC
) -> ProcessLog:
    """Read a process log from XES, one trace at a time in memory.

    `zone` is that of times without an offset.

    Raises
    ------
    InvalidLog
        If it is no XES, or an event has no name or no time.
    """
    stream = io.BytesIO(source) if isinstance(source, bytes) else source
    activities: list[Activity] = []
    open_jobs: set[str] = set()
    try:
        for number, trace in enumerate(_traces(stream), start=1):
            facts = _facts(trace)
            job = facts.get("concept:name") or f"trace {number}"
            activities += _read_trace(job, trace, epoch, zone)
            if facts.get("unikat:open") == "true":
                open_jobs.add(job)
    except ParseError as error:
        line, column = error.position
        raise _invalid(str(error), "Give XES as XML", line, column + 1) from error
    except DefusedXmlException as error:
        remedy = "Give XES without document type and entities"
        raise _invalid(f"is refused: {type(error).__name__}", remedy) from error
    return tidy_log(activities, open_jobs)


def write_xes(log: ProcessLog, *, epoch: datetime = EPOCH, zone: tzinfo = UTC) -> str:
    """Write a process log as XES; the same log gives the same text."""
    lines = [HEAD]
    lines += [
        f'  <extension name="{name}" prefix="{prefix}"'
        f' uri="http://www.xes-standard.org/{prefix}.xesext"/>\n'
        for name, prefix in EXTENSIONS
    ]
    lines.append('  <classifier name="step" scope="event" keys="concept:name"/>\n')
    lines.append('  <string key="concept:name" value="unikat"/>\n')
    job = None
    for number, a in enumerate(log.activities):
        if a.job != job:
            lines += ["" if job is None else "  </trace>\n", "  <trace>\n"]
            lines.append(_value("string", "concept:name", a.job, 4))
            if a.job in log.open_jobs:
                lines.append(_value("boolean", "unikat:open", "true", 4))
            job = a.job
        lines += _event(a, "start", to_iso(a.start, epoch, zone), number)
        if a.finish is not None:
            lines += _event(a, "complete", to_iso(a.finish, epoch, zone), number)
    lines += ["" if job is None else "  </trace>\n", "</log>\n"]
    return "".join(lines)


def _event(a: Activity, transition: str, at: str, number: int) -> Iterator[str]:
    yield "    <event>\n"
    yield _value("string", "concept:name", a.step, 6)
    yield _value("string", "concept:instance", str(number), 6)
    yield _value("string", "lifecycle:transition", transition, 6)
    yield _value("date", "time:timestamp", at, 6)
    if a.resource:
        yield _value("string", "org:resource", a.resource, 6)
    yield "    </event>\n"


def _value(kind: str, key: str, value: str, indent: int) -> str:
    return f'{" " * indent}<{kind} key="{key}" value={quoteattr(value)}/>\n'


def _traces(stream: IO[bytes]) -> Iterator[Element]:
    """Yield each trace, cleared from memory before the next.

    Raises
    ------
    InvalidLog
        If the document is no log.
    """
    root: Element | None = None
    for moment, element in iterparse(stream, events=("start", "end"), forbid_dtd=True):
        if root is None:
            root = element
            if _local(root) != "log":
                raise _invalid(f"begins with <{_local(root)[:40]}>", "Give XES: its root is <log>")
        if moment == "end" and _local(element) == "trace":
            yield element
            root.clear()


def _read_trace(job: str, trace: Element, epoch: datetime, zone: tzinfo) -> Iterator[Activity]:
    """Yield the activities of a trace; a start without an end is one that still runs."""
    waiting: dict[tuple[str, str], list[tuple[Instant, str]]] = {}
    for event in trace:
        if _local(event) != "event":
            continue
        facts = _facts(event)
        transition = facts.get("lifecycle:transition", "complete").lower()
        if transition not in (*STARTS, *ENDS):
            continue
        step, at = _name_and_time(job, facts, epoch, zone)
        resource = facts.get("org:resource", "")
        key = (step, facts.get("concept:instance", ""))
        if transition in STARTS:
            waiting.setdefault(key, []).append((at, resource))
        elif waiting.get(key):
            start, who = waiting[key].pop(0)
            yield Activity(job, step, start, max(at, start), resource or who)
        else:
            yield Activity(job, step, at, at, resource)
    for (step, _), starts in waiting.items():
        yield from (Activity(job, step, start, None, who) for start, who in starts)


def _name_and_time(
    job: str, facts: Mapping[str, str], epoch: datetime, zone: tzinfo
) -> tuple[str, Instant]:
    name, time = facts.get("concept:name", "").strip(), facts.get("time:timestamp", "")
    if not name:
        raise _invalid(f"an event of trace {job[:40]!r} has no concept:name", "Name its step")
    try:
        moment = datetime.fromisoformat(time)
        aware = moment if moment.utcoffset() is not None else moment.replace(tzinfo=zone)
        return name, (aware - epoch) // timedelta(seconds=1)
    except (ValueError, OverflowError) as error:
        told = f"an event of trace {job[:40]!r} has time:timestamp {time[:40]!r}"
        raise _invalid(told, "Write it like 2026-11-22T14:30:00+01:00") from error


def _facts(element: Element) -> Mapping[str, str]:
    """Return the attributes of a trace or event that stand directly in it."""
    return {child.get("key", ""): child.get("value", "") for child in element}


def _local(element: Element) -> str:
    return str(element.tag).rpartition("}")[2]


def _invalid(message: str, remedy: str, line: int = 0, column: int = 0) -> InvalidLog:
    return InvalidLog([Fault("log.xes", line, column, "", message, remedy)])
