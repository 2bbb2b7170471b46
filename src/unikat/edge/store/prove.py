"""Proves that a log is whole: every event can be read, and no number is missing."""

import sqlite3
from collections import defaultdict
from collections.abc import Iterable
from contextlib import closing
from pathlib import Path

from unikat.edge.store.codec import decode_event
from unikat.errors import StoreFailure


def prove_log(path: Path) -> int:
    """Read every event of a file, and return how many there are.

    Raises
    ------
    StoreFailure
        If an event cannot be read, or a `seq` or the version of a stream is missing.
    """
    query = "SELECT seq, stream, stream_version, type, schema_version, body FROM event ORDER BY seq"
    with closing(sqlite3.connect(path)) as connection:
        try:
            return _prove(path, connection.execute(query))
        except sqlite3.Error as error:
            raise StoreFailure(f"{path} cannot be read: {error}; use another backup") from error


def _prove(path: Path, rows: Iterable[tuple[int, str, int, str, int, str]]) -> int:
    versions: defaultdict[str, int] = defaultdict(int)
    last = 0
    for seq, stream, version, name, schema_version, body in rows:
        if seq != last + 1:
            raise StoreFailure(f"{path} lacks event {last + 1}; use another backup")
        if version != versions[stream] + 1:
            raise StoreFailure(
                f"{path} lacks version {versions[stream] + 1} of stream {stream}; "
                "use another backup"
            )
        decode_event(name, schema_version, body)
        versions[stream] = version
        last = seq
    return last
