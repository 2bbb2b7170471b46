"""Events a second the log acknowledges in group commits, against one commit an event."""

import argparse
import csv
import json
import os
import platform
import sqlite3
import statistics
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import closing, contextmanager
from itertools import count, islice
from pathlib import Path
from random import Random
from threading import Thread

from unikat.edge.clock import ManualClock
from unikat.edge.store.codec import encode_event
from unikat.edge.store.open import open_store
from unikat.events import Event, NewEvent, StepFinished, StepStarted
from unikat.ports import EventLog

SCHEMA = (
    "PRAGMA journal_mode = WAL;"
    "PRAGMA synchronous = FULL;"
    "CREATE TABLE event (seq INTEGER PRIMARY KEY, event_id TEXT UNIQUE, stream TEXT,"
    " stream_version INTEGER, type TEXT, body TEXT, UNIQUE (stream, stream_version))"
)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, help="folder with production_log.csv; else generated")
    parser.add_argument("--seconds", type=float, default=3.0, help="for each of the four runs")
    parser.add_argument("--seed", type=int, default=1, help="of the generated events")
    parser.add_argument("--threads", type=int, default=16, help="writers at the same time")
    parser.add_argument("--batch", type=int, default=10, help="events of one floor message batch")
    parser.add_argument("--json", action="store_true", help="last line is one JSON object")
    options = parser.parse_args()
    events = read_events(options.data) if options.data else make_events(options.seed)
    measures, peers = measure(events, options.seconds, options.threads, options.batch)
    for name, value in [*measures.items(), *peers["sqlite3_commit_each"].items()]:
        print(f"{name:32} {value:12.2f}")
    if options.json:
        machine = {"cpus": os.cpu_count(), "python": platform.python_version()}
        data = str(options.data) if options.data else None
        line = {"bench": "eventlog", "data": data, "machine": machine}
        print(json.dumps({**line, "measures": measures, "peers": peers}))


def measure(events: list[Event], seconds: float, threads: int, batch: int):
    group, waits = run_store(events, seconds, threads=threads, batch=batch)
    each, _ = run_store(events, seconds, threads=threads, batch=1)
    single, commits = run_store(events, seconds, threads=1, batch=1)
    measures = {
        "events_per_s_group_commit": group,
        "events_per_s_one_each": each,
        "events_per_s_single": single,
        "ratio": group / single,
        "ack_p50_ms": 1e3 * statistics.median(waits),
        "ack_p99_ms": 1e3 * quantile(waits, 0.99),
        "single_commit_p50_ms": 1e3 * statistics.median(commits),
        "fdatasync_p50_ms": 1e3 * probe_disk(),
    }
    return measures, {"sqlite3_commit_each": {"events_per_s": run_peer(events, seconds)}}


def run_store(events, seconds, *, threads, batch) -> tuple[float, list[float]]:
    """Append from several threads; each acknowledged event is there once, versions gapless."""
    with folder() as place:
        store = open_store(place / "log.db", clock=ManualClock())
        waits: list[list[float]] = [[] for _ in range(threads)]
        start = time.perf_counter()
        writers = [
            Thread(target=write, args=(store.log, events, i, batch, start + seconds, waits[i]))
            for i in range(threads)
        ]
        for writer in writers:
            writer.start()
        for writer in writers:
            writer.join()
        took = time.perf_counter() - start
        check(store.log, events, [len(one) * batch for one in waits])
        store.close()
    every = [wait for one in waits for wait in one]
    return len(every) * batch / took, every


def write(log: EventLog, events, thread, batch, until, waits) -> None:
    rows = numbered(events, thread)
    while (start := time.perf_counter()) < until:
        log.append(list(islice(rows, batch)))
        waits.append(time.perf_counter() - start)


def numbered(events, thread) -> Iterator[NewEvent]:
    for i in count():
        event = events[i % len(events)]
        yield NewEvent(f"{thread}:{i}", f"{event.unit}/{thread}", event)


def check(log: EventLog, events, written: list[int]) -> None:
    versions: Counter[str] = Counter()
    seen: Counter[str] = Counter()
    for seq, record in enumerate(log.read(), start=1):
        thread, _, number = record.id.partition(":")
        assert record.seq == seq
        assert int(number) == seen[thread]
        assert record.event == events[int(number) % len(events)]
        versions[record.stream] += 1
        seen[thread] += 1
        assert record.version == versions[record.stream]
    assert [seen[str(thread)] for thread in range(len(written))] == written


def run_peer(events, seconds) -> float:
    """What one writes without a group commit: the same rows, a transaction each."""
    with folder() as place, closing(sqlite3.connect(place / "log.db")) as connection:
        connection.executescript(SCHEMA)
        until = time.perf_counter() + seconds
        start, num_events = time.perf_counter(), 0
        for new in numbered(events, 0):
            if time.perf_counter() > until:
                break
            name, _, body = encode_event(new.event)
            connection.execute(
                "INSERT INTO event (event_id, stream, stream_version, type, body)"
                " SELECT ?1, ?2, 1 + coalesce(max(stream_version), 0), ?3, ?4"
                " FROM event WHERE stream = ?2",
                (new.id, new.stream, name, body),
            )
            connection.commit()
            num_events += 1
        return num_events / (time.perf_counter() - start)


def make_events(seed: int) -> list[Event]:
    draw = Random(seed)
    pairs = [
        step(f"unit-{draw.randrange(20)}", f"O-{i // 6}", f"step-{i % 6}", 60 * i, 60 * i + 600)
        for i in range(3_000)
    ]
    return [event for pair in pairs for event in pair]


def read_events(place: Path) -> list[Event]:
    """Each interval of a production log as the start and finish of a step."""
    with (place / "production_log.csv").open() as lines:
        rows = list(csv.DictReader(lines))
    begin = min(moment(row["start_timestamp"]) for row in rows)
    pairs = [
        step(
            row["user"],
            row["caseid"],
            row["task"],
            moment(row["start_timestamp"]) - begin,
            moment(row["end_timestamp"]) - begin,
        )
        for row in rows
    ]
    return [event for pair in pairs for event in pair]


def step(unit, order, name, start, finish) -> tuple[Event, Event]:
    return (
        StepStarted(start, unit, order, name, 1, None, finish),
        StepFinished(finish, unit, order, name, 1, None),
    )


def moment(text: str) -> int:
    return int(time.mktime(time.strptime(text[:19], "%Y/%m/%d %H:%M:%S")))


def probe_disk() -> float:
    """The median seconds of writing 4 KB and synchronising them."""
    with folder() as place, (place / "probe").open("wb", buffering=0) as file:
        waits = []
        for _ in range(100):
            file.write(b"x" * 4_096)
            start = time.perf_counter()
            os.fdatasync(file.fileno())
            waits.append(time.perf_counter() - start)
    return statistics.median(waits)


@contextmanager
def folder() -> Iterator[Path]:
    """A folder on the disk of the working folder: a temporary one may lie in memory."""
    with tempfile.TemporaryDirectory(dir=Path.cwd()) as name:
        yield Path(name)


def quantile(values: list[float], share: float) -> float:
    return sorted(values)[min(int(share * len(values)), len(values) - 1)]


if __name__ == "__main__":
    main()
