"""Floor messages through a broker to SQLite: how soon durable, none lost or doubled by kill -9."""

import argparse
import json
import os
import platform
import shutil
import socket
import sqlite3
import subprocess
import sys
import tempfile
import time
from collections import Counter
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from unikat.edge.bus.broker import Broker
from unikat.edge.bus.mqtt import MqttClient

CHILD = Path(__file__).with_name("_subscriber.py")
SBIN = "/usr/sbin:/usr/local/sbin:/opt/homebrew/sbin"
TOPIC = "unikat/bench/floor/edge"
UNITS = ("M1", "P1", "P2")
CONFIG = """\
listener {port} 127.0.0.1
allow_anonymous true
persistence true
persistence_location {folder}/
max_queued_messages 0
max_inflight_messages 0
set_tcp_nodelay true
"""
STEP_S = 0.005
"""The publisher sends what is due this often, so that it never waits for its own clock."""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--broker", choices=("mosquitto", "amqtt"), default="mosquitto")
    parser.add_argument("--rate", default="2000", help="messages a second, or max")
    parser.add_argument("--kill", type=int, default=2, help="times the subscriber is killed (-9)")
    parser.add_argument("--seconds", type=float, default=20.0, help="of each part of the run")
    parser.add_argument("--seed", type=int, default=1, help="not used: the messages are counted")
    parser.add_argument("--data", help="not used: the messages are made here")
    parser.add_argument("--json", action="store_true", help="last line is one JSON object")
    options = parser.parse_args()
    with folder() as place:
        measures = measure(place, options)
    for name, value in measures.items():
        print(f"{name:32} {value:12.2f}")
    if options.json:
        machine = {"cpus": os.cpu_count(), "python": platform.python_version()}
        line = {"bench": "ingest", "data": None, "machine": machine, "measures": measures}
        print(json.dumps({**line, "peers": {}}))


def measure(place: Path, options) -> dict[str, float]:
    """First a calm part, whose delays count; then one in which the subscriber is killed."""
    run = Run(place, options.broker)
    try:
        run.open()
        steady = run.send(options.rate, options.seconds)
        run.wait_for(run.count)
        busy_s = run.stop_subscriber()
        num_commits, calm = delays_ms(place / "notes.jsonl")
        run.start_subscriber()
        for _ in range(options.kill):
            run.send(options.rate, options.seconds / (options.kill + 1))
            run.kill_subscriber()
        run.send(options.rate, options.seconds / (options.kill + 1))
        run.wait_for(run.count)
        run.stop_subscriber()
    finally:
        run.close()
    ids = stored(run.database)
    return {
        "messages": float(run.count),
        "sent_per_s": steady,
        "publish_commit_p50_ms": quantile(calm, 0.50),
        "publish_commit_p99_ms": quantile(calm, 0.99),
        "publish_commit_max_ms": max(calm),
        "messages_per_cpu_s": len(calm) / busy_s,
        "messages_per_commit": len(calm) / num_commits,
        "kills": float(options.kill),
        "lost": float(run.count - len(ids.keys() & {f"edge:1:{k + 1}" for k in range(run.count)})),
        "doubled": float(sum(ids.values()) - len(ids)),
        "fdatasync_p50_ms": probe_disk(place),
    }


@dataclass
class Run:
    """A broker, a publisher here, and a subscriber as a process of its own."""

    place: Path
    kind: str
    count: int = 0
    port: int = 0
    processes: dict[str, subprocess.Popen] = field(default_factory=dict)
    speaker: MqttClient | None = None

    @property
    def database(self) -> Path:
        return self.place / "site.db"

    def open(self) -> None:
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.port = probe.getsockname()[1]
        self.start_broker()
        self.start_subscriber()
        version = 5 if self.kind == "mosquitto" else 4
        broker = Broker("127.0.0.1", self.port, version=version)
        self.speaker = MqttClient(broker, "speaker", [], lambda _: None)
        self.speaker.start()
        while not self.speaker.is_ready:
            time.sleep(0.01)

    def start_broker(self) -> None:
        if self.kind == "amqtt":
            self.spawn("broker", "broker", f"embedded://127.0.0.1:{self.port}")
            return
        program = shutil.which("mosquitto") or shutil.which("mosquitto", path=SBIN)
        if program is None:
            raise SystemExit("no mosquitto; Debian, Ubuntu: apt-get install mosquitto")
        self.place.chmod(0o777)
        config = self.place / "mosquitto.conf"
        config.write_text(CONFIG.format(port=self.port, folder=self.place))
        quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
        self.processes["broker"] = subprocess.Popen([program, "-c", config], **quiet)
        time.sleep(0.5)

    def spawn(self, name: str, *arguments: str) -> None:
        command = [sys.executable, CHILD, *arguments]
        self.processes[name] = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
        assert self.processes[name].stdout.readline() == "ready\n"

    def start_subscriber(self) -> None:
        version = "" if self.kind == "mosquitto" else "?version=3.1.1"
        address = f"mqtt://127.0.0.1:{self.port}{version}"
        notes = str(self.place / "notes.jsonl")
        self.spawn("subscriber", address, f"sqlite:///{self.database}", notes)

    def kill_subscriber(self) -> None:
        self.processes["subscriber"].kill()
        self.processes["subscriber"].wait()
        self.start_subscriber()

    def stop_subscriber(self) -> float:
        """End it, and return the CPU seconds it used since it was ready."""
        self.processes["subscriber"].terminate()
        used = float(self.processes["subscriber"].stdout.readline())
        self.processes["subscriber"].wait()
        return used

    def send(self, rate: str, seconds: float) -> float:
        """Publish for a while, at a rate or as fast as the broker takes it; return the rate."""
        began = time.monotonic()
        per_s = float("inf") if rate == "max" else float(rate)
        sent = 0
        while (passed := time.monotonic() - began) < seconds:
            due = sent + 200 if rate == "max" else int(passed * per_s)
            for _ in range(due - sent):
                self.count += 1
                self.speaker.publish(TOPIC, line(self.count))
            sent = due
            while len(self.speaker._client._out_messages) > 2_000:
                time.sleep(0.001)
            if rate != "max":
                time.sleep(STEP_S)
        return sent / seconds

    def wait_for(self, count: int, patience_s: float = 120.0) -> None:
        """Wait until so many are stored, or none came for a long time: then some are lost."""
        last, until = -1, time.monotonic() + patience_s
        with closing(sqlite3.connect(self.database, timeout=30)) as connection:
            query = "SELECT count(*) FROM event WHERE stream = 'floor/edge'"
            while (now := connection.execute(query).fetchone()[0]) < count:
                if now > last:
                    last, until = now, time.monotonic() + patience_s
                if time.monotonic() > until:
                    return
                time.sleep(0.2)

    def close(self) -> None:
        if self.speaker is not None:
            self.speaker.stop()
        for process in self.processes.values():
            process.kill()
            process.wait()


def line(seq: int) -> bytes:
    """A unit stops or restarts, one message a plant second."""
    kind = b'"unit_stopped","reason":"bench","until":%d' % (seq + 60)
    return (
        b'{"v":1,"source":"edge","epoch":1,"seq":%d,"at":%d,"type":%b,"unit":"%b","sent_ns":%d}'
        % (
            seq,
            seq,
            kind if seq % 2 else b'"unit_restarted"',
            UNITS[seq // 2 % len(UNITS)].encode(),
            time.monotonic_ns(),
        )
    )


def delays_ms(notes: Path) -> tuple[int, list[float]]:
    """The commits, and how long after the publisher's call each message was durable."""
    batches = [json.loads(text) for text in notes.read_text().splitlines()]
    return len(batches), [(d - sent) / 1e6 for d, *batch in batches for sent in batch]


def stored(database: Path) -> Counter[str]:
    with closing(sqlite3.connect(database)) as connection:
        query = "SELECT event_id FROM event WHERE stream = 'floor/edge'"
        return Counter(row[0] for row in connection.execute(query))


def probe_disk(place: Path) -> float:
    with (place / "probe").open("wb", buffering=0) as file:
        waits = []
        for _ in range(100):
            file.write(b"x" * 4_096)
            start = time.perf_counter()
            os.fdatasync(file.fileno())
            waits.append(time.perf_counter() - start)
    return 1e3 * quantile(waits, 0.5)


@contextmanager
def folder():
    """A folder on the disk of the working folder: a temporary one may lie in memory."""
    with tempfile.TemporaryDirectory(dir=Path.cwd(), ignore_cleanup_errors=True) as name:
        yield Path(name)


def quantile(values: list[float], share: float) -> float:
    return sorted(values)[min(int(share * len(values)), len(values) - 1)]


if __name__ == "__main__":
    main()
