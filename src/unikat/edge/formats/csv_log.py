"""Process logs as CSV, with the columns a TOML table names.

The table, all but `job`, `step` and `finish` may be left out::

    job = "caseid"                       # the names of columns
    step = "task"
    start = "start_timestamp"            # left out: activities of length zero
    finish = "end_timestamp"             # an empty cell: it still runs
    resource = "user"
    open = "is_open"                     # 1, true or yes: the job is not finished
    time = "%Y/%m/%d %H:%M:%S"           # as strptime; left out: ISO 8601
    zone = "Europe/Berlin"               # of times without offset; left out: UTC
    separator = ";"                      # left out: a comma
"""

import csv
import io
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, fields
from datetime import UTC, datetime, timedelta, tzinfo
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from unikat.edge.times import to_iso
from unikat.errors import Fault, InvalidLog
from unikat.terms import Instant
from unikat.twin.process_log import Activity, ProcessLog, tidy_log, tidy_name

EPOCH = datetime(1970, 1, 5, tzinfo=UTC)
"""Plant time 0 of logs that belong to no site: a Monday."""
MOST_FAULTS = 20
TRUE = ("1", "true", "yes")


@dataclass(frozen=True, slots=True)
class Columns:
    """Which column holds what ("": there is none), and how times are written ("": ISO 8601)."""

    job: str = "job"
    step: str = "step"
    start: str = "start"
    finish: str = "finish"
    resource: str = "resource"
    open: str = "open"
    time: str = ""
    zone: tzinfo = field(default=UTC)
    separator: str = ","


def read_columns(text: str) -> Columns:
    """Read the TOML table of columns.

    Raises
    ------
    InvalidLog
        With every fault: malformed TOML, unknown or missing keys, an unknown zone.
    """
    try:
        table = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise InvalidLog([_fault(0, "", str(error), "Correct the TOML there")]) from error
    known = [each.name for each in fields(Columns)]
    faults = [
        _fault(0, key, "is no known key", f"Known: {', '.join(known)}")
        if key not in known
        else _fault(0, key, f"is {value!r}", "Give a text")
        for key, value in table.items()
        if key not in known or not isinstance(value, str)
    ]
    faults += [
        _fault(0, key, "is missing", f'Add {key} = "the name of its column"')
        for key in ("job", "step", "finish")
        if not table.get(key)
    ]
    zone: tzinfo = UTC
    try:
        zone = ZoneInfo(str(table.get("zone", "UTC")))
    except (ZoneInfoNotFoundError, ValueError, OSError):
        remedy = 'Give a name such as "Europe/Berlin"'
        faults.append(_fault(0, "zone", f"{table['zone']!r} is unknown", remedy))
    if len(str(table.get("separator", ","))) != 1:
        faults.append(_fault(0, "separator", "is not one letter", 'Give "," or ";"'))
    if faults:
        raise InvalidLog(faults)
    none = {"start": "", "resource": "", "open": ""}
    return Columns(**{**none, **table, "zone": zone})


def read_csv_log(
    text: str, columns: Columns | None = None, *, epoch: datetime = EPOCH
) -> ProcessLog:
    """Read a process log from CSV; without `columns` as `write_csv_log` writes it.

    Raises
    ------
    InvalidLog
        With the first faults: missing columns, rows without job or step, times that are none.
    """
    columns = columns or Columns()
    reader = csv.DictReader(io.StringIO(text.removeprefix("\ufeff")), delimiter=columns.separator)
    faults: list[Fault] = []
    activities: list[Activity] = []
    open_jobs: set[str] = set()
    try:
        _check_header(reader.fieldnames or (), columns)
        for row in reader:
            activity = _read_row(row, columns, epoch, reader.line_num, faults)
            if len(faults) >= MOST_FAULTS:
                break
            if activity is not None:
                activities.append(activity)
                if str(row.get(columns.open) or "").strip().lower() in TRUE:
                    open_jobs.add(activity.job)
    except csv.Error as error:
        faults.append(_fault(reader.line_num, "", str(error), "Give CSV in UTF-8"))
    if faults:
        raise InvalidLog(faults)
    return tidy_log(activities, open_jobs)


def write_csv_log(log: ProcessLog, *, epoch: datetime = EPOCH, zone: tzinfo = UTC) -> str:
    """Write a process log as CSV: job, step, start, finish, resource, open; times in ISO 8601."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(["job", "step", "start", "finish", "resource", "open"])
    for a in log.activities:
        finish = "" if a.finish is None else to_iso(a.finish, epoch, zone)
        is_open = "1" if a.job in log.open_jobs else ""
        writer.writerow([a.job, a.step, to_iso(a.start, epoch, zone), finish, a.resource, is_open])
    return text.getvalue()


def _check_header(found: Sequence[str], columns: Columns) -> None:
    needed = (columns.job, columns.step, columns.finish)
    optional = () if columns == Columns() else (columns.start, columns.resource, columns.open)
    missing = [name for name in (*needed, *optional) if name and name not in found]
    if missing:
        shown = ", ".join(name[:40] for name in found[:20]) or "none"
        remedy = "Name the columns in a TOML table: --columns FILE"
        raise InvalidLog(
            [_fault(1, name, f"is no column; there are: {shown}", remedy) for name in missing]
        )


def _read_row(
    row: Mapping[str, str | None],
    columns: Columns,
    epoch: datetime,
    line: int,
    faults: list[Fault],
) -> Activity | None:
    """Return the activity of a row, or add its faults."""

    def cell(name: str) -> str:
        return (row.get(name) or "").strip()

    def instant(name: str) -> Instant | None:
        if not cell(name):
            return None
        try:
            return _instant(cell(name), columns, epoch)
        except (ValueError, OverflowError):
            form = columns.time or "ISO 8601"
            faults.append(_fault(line, name, f"{cell(name)[:40]!r} is no time", f"Write {form}"))
            return None

    before = len(faults)
    faults += [
        _fault(line, name, "is empty", "Give each row a job and a step")
        for name in (columns.job, columns.step)
        if not tidy_name(cell(name))
    ]
    start, finish = instant(columns.start), instant(columns.finish)
    first = finish if start is None else start
    if len(faults) > before:
        return None
    if first is None:
        faults.append(_fault(line, columns.start, "is empty", "Give a start or a finish"))
        return None
    if finish is not None and finish < first:
        faults.append(_fault(line, columns.finish, "is before its start", "Correct the times"))
        return None
    step, resource = tidy_name(cell(columns.step)), tidy_name(cell(columns.resource))
    return Activity(tidy_name(cell(columns.job)), step, first, finish, resource)


def _instant(text: str, columns: Columns, epoch: datetime) -> Instant:
    """Return the instant of a cell; a time without offset is in the zone of the columns."""
    moment = datetime.strptime(text, columns.time) if columns.time else datetime.fromisoformat(text)  # noqa: DTZ007 - the zone comes next
    if moment.utcoffset() is None:
        moment = moment.replace(tzinfo=columns.zone)
    return (moment - epoch) // timedelta(seconds=1)


def _fault(line: int, key: str, message: str, remedy: str) -> Fault:
    return Fault(
        "log.csv" if line else "columns.toml", line, 1 if line else 0, key, message, remedy
    )
