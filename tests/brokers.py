"""Brokers for tests: mosquitto as a process on a free port, with a folder it keeps sessions in."""

import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import unikat
from unikat.edge.bus.broker import Broker

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
