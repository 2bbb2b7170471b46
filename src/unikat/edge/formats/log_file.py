"""A process log in a file: .csv with its table of columns, or .xes."""

from datetime import UTC, datetime, tzinfo
from pathlib import Path

from unikat.edge.formats.csv_log import EPOCH, read_columns, read_csv_log, write_csv_log
from unikat.edge.formats.xes import read_xes, write_xes
from unikat.errors import Fault, InvalidLog
from unikat.twin.process_log import ProcessLog

COLUMNS = "columns.toml"
SUFFIXES = (".csv", ".xes")


def read_log_file(path: Path, columns: Path | None = None) -> ProcessLog:
    """Read a process log by the suffix of its file.

    `columns` names the table of a CSV file; left out, a `columns.toml` beside it, if there is one.

    Raises
    ------
    InvalidLog
        If the file is neither, is no UTF-8, or has faults.
    """
    if path.suffix not in SUFFIXES:
        raise _invalid(path, f"is no {' or '.join(SUFFIXES)}")
    try:
        if path.suffix == ".xes":
            with path.open("rb") as file:
                return read_xes(file)
        beside = path.parent / COLUMNS
        table = columns or (beside if beside.is_file() else None)
        text = path.read_text("utf-8")
        return read_csv_log(text, read_columns(table.read_text("utf-8")) if table else None)
    except UnicodeDecodeError as error:
        raise _invalid(path, f"is no UTF-8: {error.reason}") from error


def write_log(log: ProcessLog, suffix: str, *, epoch: datetime = EPOCH, zone: tzinfo = UTC) -> str:
    """Return a process log as the text of a .csv or .xes file.

    Raises
    ------
    InvalidLog
        If the suffix is neither.
    """
    if suffix not in SUFFIXES:
        raise _invalid(Path(f"log{suffix}"), f"is no {' or '.join(SUFFIXES)}")
    write = write_xes if suffix == ".xes" else write_csv_log
    return write(log, epoch=epoch, zone=zone)


def _invalid(path: Path, message: str) -> InvalidLog:
    return InvalidLog([Fault(path.name, 0, 0, "", message, "Give a process log as CSV or XES")])
