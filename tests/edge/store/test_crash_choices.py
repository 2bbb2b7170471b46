"""Killed at any moment, a store keeps every choice and every version it acknowledged, whole."""

import os
import random
import signal
import sqlite3
import subprocess
import sys
import time
from contextlib import closing
from pathlib import Path

import pytest

from store_fixtures import opened
from unikat.rehearse import VirtualClock

CHILD = Path(__file__).with_name("crash_choices_child.py")
KILLS = 4


@pytest.mark.skipif(os.name == "nt", reason="SIGKILL is of POSIX")
def test_saved_choices_and_published_versions_survive_kills(tmp_path):
    path = tmp_path / "site.db"
    moments = random.Random(3)
    told = []
    for life in range(KILLS):
        child = subprocess.Popen(
            [sys.executable, CHILD, path, f"life{life}"], stdout=subprocess.PIPE, text=True
        )
        assert child.stdout.readline() == "ready\n"
        time.sleep(moments.uniform(0.02, 0.3))
        child.send_signal(signal.SIGKILL)
        rest = child.stdout.read()
        child.wait()
        child.stdout.close()
        told += rest[: rest.rfind("\n") + 1].split()
    with opened("sqlite", tmp_path, VirtualClock()) as store:
        choices = {each.id: each for each in store.choices.read()}
        versions = {str(each.version): each for each in store.versions.list("f")}
        assert told
        assert [each for each in told if each not in choices and each not in versions] == []
        assert all(each.saved.key == name for name, each in choices.items())
        assert all(store.choices.find(name) == each for name, each in choices.items())
    assert list(versions) == [str(k) for k in range(1, len(versions) + 1)]
    assert all(each.uvl == f"features {name}\n" * 5_000 for name, each in versions.items())
    with closing(sqlite3.connect(path)) as connection:
        kept = connection.execute("SELECT version, sha256 FROM family_version").fetchall()
    assert {str(number): sha for number, sha in kept} == {k: v.sha256 for k, v in versions.items()}
