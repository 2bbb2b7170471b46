"""A writer killed at any moment loses nothing it acknowledged."""

import os
import random
import signal
import sqlite3
import subprocess
import sys
import time
from collections import Counter
from contextlib import closing
from pathlib import Path

import pytest

from store_fixtures import opened
from unikat.edge.store.prove import prove_log
from unikat.rehearse import VirtualClock

CHILD = Path(__file__).with_name("crash_child.py")
KILLS = 10


def start(path, life, num_threads=4):
    return subprocess.Popen(
        [sys.executable, CHILD, path, life, str(num_threads)], stdout=subprocess.PIPE, text=True
    )


def acknowledged_until_killed(child, seconds):
    time.sleep(seconds)
    child.send_signal(signal.SIGKILL)
    rest = child.stdout.read()
    child.wait()
    child.stdout.close()
    return rest[: rest.rfind("\n") + 1].split()


def check_whole(path, acknowledged):
    with closing(sqlite3.connect(path)) as connection:
        assert connection.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
    with opened("sqlite", path.parent, VirtualClock()) as store:
        read = list(store.log.read())
        assert store.log.head() == len(read)
    times = Counter(event.id for event in read)
    assert set(times.values()) == {1}
    assert [event_id for event_id in acknowledged if event_id not in times] == []
    assert prove_log(path) == len(read)


@pytest.mark.skipif(os.name == "nt", reason="SIGKILL is of POSIX")
def test_what_was_acknowledged_survives_ten_kills_at_random_moments(tmp_path):
    path = tmp_path / "site.db"
    moments = random.Random(7)
    acknowledged = []
    for life in range(KILLS):
        child = start(path, f"life{life}")
        assert child.stdout.readline() == "ready\n"
        acknowledged += acknowledged_until_killed(child, moments.uniform(0.01, 0.4))
        check_whole(path, acknowledged)
    assert len(acknowledged) > KILLS


@pytest.mark.skipif(os.name == "nt", reason="SIGKILL is of POSIX")
def test_two_processes_write_to_one_file_and_one_is_killed(tmp_path):
    path = tmp_path / "site.db"
    children = [start(path, f"twin{twin}") for twin in range(2)]
    acknowledged = []
    for child in children:
        assert child.stdout.readline() == "ready\n"
        acknowledged += child.stdout.readline().split()
    for child in children:
        acknowledged += acknowledged_until_killed(child, 0.2)
    assert {event_id[:5] for event_id in acknowledged} == {"twin0", "twin1"}
    check_whole(path, acknowledged)
