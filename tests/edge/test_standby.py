"""Of two processes one has the turn; the other keeps up, and takes over when the first ends."""

import os
import subprocess
import sys
import threading
import time
import urllib.request
from contextlib import ExitStack
from pathlib import Path

import pytest
from typer.testing import CliRunner

from brokers import free_port
from unikat.edge.cli import app
from unikat.edge.demo import run_demo
from unikat.edge.folders import copy_example
from unikat.edge.main import database_path
from unikat.edge.standby import ServedElsewhere, lease_path, take_free_turn, take_turn
from unikat.edge.warmup import warm_up_kernels
from unikat.errors import StoreFailure

pytestmark = pytest.mark.skipif(os.name == "nt", reason="the locks are of POSIX")

HOLD = """
import sys, time
from pathlib import Path
from unikat.edge.cli import app
from unikat.edge.folders import copy_example
from unikat.edge.standby import take_turn
with take_turn(Path(sys.argv[1]), lambda: None, on_wait=lambda: None):
    print("mine", flush=True)
    time.sleep(600)
"""


def nothing() -> None:
    """Have nothing to keep up with."""


def test_the_turn_is_taken_at_once_when_its_holder_is_killed(tmp_path: Path):
    lease = lease_path(tmp_path / "site.db")
    kept_up, waits, taken = [], threading.Event(), threading.Event()

    def stand_by() -> None:
        with take_turn(lease, lambda: kept_up.append(taken.is_set()), on_wait=waits.set):
            taken.set()

    command = [sys.executable, "-c", HOLD, str(lease)]
    with subprocess.Popen(command, stdout=subprocess.PIPE) as holder:
        assert holder.stdout.readline() == b"mine\n"
        thread = threading.Thread(target=stand_by)
        thread.start()
        assert waits.wait(60)
        while not kept_up:
            time.sleep(0.01)
        assert not taken.is_set()
        holder.kill()
        assert taken.wait(60)
        thread.join()
    assert len(kept_up) >= 2  # while it waited, and once more when its turn began


def test_a_free_turn_is_taken_without_waiting_and_given_back(tmp_path: Path):
    lease = tmp_path / "site.db.lease"
    for _ in range(2):
        with take_turn(lease, nothing, on_wait=pytest.fail):
            assert lease.read_text() == f"{os.getpid()}\n"


def test_a_lease_that_cannot_be_written_is_told(tmp_path: Path):
    with pytest.raises(StoreFailure, match="serve without standby"):
        take_turn(tmp_path / "nowhere" / "site.db.lease", nothing, on_wait=nothing)


def test_a_server_that_is_killed_is_followed_by_the_one_that_stands_by(tmp_path: Path):
    warm_up_kernels(str)  # else they say how that goes
    site = tmp_path / "site"
    copy_example("insoles", site)
    command = [sys.executable, "-m", "unikat.edge.cli", "serve", site, "--standby", "--port"]
    with ExitStack() as stack:

        def start() -> subprocess.Popen:
            process = subprocess.Popen(
                [*command, port], stdout=subprocess.PIPE, stderr=subprocess.PIPE
            )
            stack.enter_context(process)
            stack.callback(process.kill)
            return process

        port = str(free_port())
        first = start()
        address = first.stdout.readline()
        second = start()
        assert second.stderr.readline().endswith(b"standing by.\n")
        first.kill()
        assert second.stdout.readline() == address != b""
        with urllib.request.urlopen(f"{address.decode().strip()}readyz") as reply:
            assert reply.status == 200


def test_an_embedded_broker_cannot_be_shared_with_a_standby(tmp_path: Path):
    site = tmp_path / "site"
    copy_example("insoles", site)
    reply = CliRunner().invoke(app, ["serve", str(site), "--standby", "--mqtt", "embedded"])
    assert reply.exit_code == 2
    assert "ends with its server" in reply.output


def test_a_site_is_not_served_twice_nor_removed_while_it_is_served(tmp_path: Path):
    warm_up_kernels(str)
    site = tmp_path / "site"
    copy_example("insoles", site)
    lease = lease_path(database_path(site))
    with take_turn(lease, nothing, on_wait=pytest.fail):
        reply = CliRunner().invoke(app, ["serve", str(site), "--port", str(free_port())])
        assert reply.exit_code == 1
        assert f"process {os.getpid()} serves this site" in str(reply.exception)
        with pytest.raises(ServedElsewhere):
            run_demo("insoles", site, seed=1, port=free_port(), speed=None)
        assert (site / "site.toml").exists()
    with take_free_turn(lease):
        assert lease.read_text() == f"{os.getpid()}\n"
