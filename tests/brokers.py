"""Brokers for tests, and who speaks over them: mosquitto as a process on a free port; equipment
that says what is asked of it; a process that records and may be killed.
"""

import os
import shutil
import signal
import socket
import sqlite3
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path

import unikat
from sites import MONDAY_6, open_example
from unikat.edge.bus.broker import Broker
from unikat.edge.bus.mqtt import Handle, MqttClient

SBIN = "/usr/sbin:/usr/local/sbin:/opt/homebrew/sbin"
CONFIG = """\
listener {port} 127.0.0.1
allow_anonymous true
persistence true
persistence_location {folder}/
autosave_interval 1
autosave_on_changes true
max_queued_messages 0
set_tcp_nodelay true
"""


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


@dataclass
class Mosquitto:
    """A mosquitto that may be killed and started again on its port."""

    folder: Path
    port: int
    process: subprocess.Popen | None = None

    @property
    def broker(self) -> Broker:
        return Broker("127.0.0.1", self.port)

    @property
    def address(self) -> str:
        return f"mqtt://127.0.0.1:{self.port}"

    def start(self) -> None:
        program = shutil.which("mosquitto") or shutil.which("mosquitto", path=SBIN)
        assert program, "no mosquitto: `python3 run.py test` says how to get it"
        self.folder.chmod(0o777)  # as root it gives up its rights
        config = self.folder / "mosquitto.conf"
        config.write_text(CONFIG.format(port=self.port, folder=self.folder))
        self.process = subprocess.Popen(
            [program, "-c", config], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        )
        wait_for(self.port)

    def stop(self) -> None:
        if self.process is not None:
            self.process.terminate()
            self.process.wait()
            self.process = None


def wait_for(port: int, seconds: float = 20.0) -> None:
    until = time.monotonic() + seconds
    while True:
        try:
            socket.create_connection(("127.0.0.1", port), timeout=1).close()
        except OSError:
            assert time.monotonic() < until, "the broker does not answer"
            time.sleep(0.02)
        else:
            return


def until(is_true, seconds: float = 60.0) -> None:
    end = time.monotonic() + seconds
    while not is_true():
        assert time.monotonic() < end
        time.sleep(0.01)


@contextmanager
def playing(folder: Path, broker: Mosquitto) -> Iterator[None]:
    """Let `unikat floor play` stand for all machines of a site, in a process of its own."""
    player = subprocess.Popen(
        [sys.executable, "-m", "unikat.edge.cli", "floor", "play", str(folder), "--calm"],
        env={
            **os.environ,
            "UNIKAT_MQTT": broker.address,
            "PYTHONPATH": str(Path(unikat.__file__).parents[1]),
        },
        stdout=subprocess.PIPE,
        text=True,
    )
    try:
        assert "Playing" in player.stdout.readline()
        yield
        player.send_signal(signal.SIGINT)
        assert "Said" in player.communicate(timeout=30)[0]
        assert player.returncode == 0
    finally:
        player.kill()


def open_client(
    broker: Broker, name: str, handle: Handle, topics: Sequence[tuple[str, int]] = ()
) -> MqttClient:
    client = MqttClient(broker, name, topics, handle)
    client.start()
    until(lambda: client.is_ready)
    return client


def stop_line(seq: int) -> bytes:
    at = MONDAY_6 + seq
    return (
        b'{"source":"edge","epoch":1,"seq":%d,"at":%d,"type":"unit_stopped","unit":"M1",'
        b'"reason":"test","until":%d}' % (seq, at, at + 60)
    )


@contextmanager
def recording(address: str, database: Path) -> Iterator[subprocess.Popen]:
    """A process that records, and is ended; its end by a kill is waited for."""
    here = Path(__file__).parent
    path = os.pathsep.join([str(here), *filter(None, [os.environ.get("PYTHONPATH")])])
    program = here / "edge/bus/subscriber_child.py"
    child = subprocess.Popen(
        [sys.executable, program, address, str(database)],
        env={**os.environ, "PYTHONPATH": path},
        stdout=subprocess.PIPE,
    )
    try:
        with child.stdout:
            assert child.stdout.readline() == b"ready\n"
        yield child
        child.terminate()
        child.wait()
    finally:
        child.kill()


def ids(database: Path) -> list[str]:
    """What was recorded of `edge`."""
    opened = open_example(database=f"sqlite:///{database}")
    found = [record.id for record in opened.site.log.read() if record.stream == "floor/edge"]
    opened.close()
    return sorted(found)


def recorded(database: Path) -> int:
    with closing(sqlite3.connect(database, timeout=10)) as connection:
        return connection.execute("SELECT count(*) FROM event").fetchone()[0]
