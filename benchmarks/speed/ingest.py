"""Floor messages through a broker to SQLite: how soon durable, none lost or doubled by kill -9.

First a calm part (`steady_`), then one as long in which the subscriber is killed while messages go
on coming. `publish_commit_` is of all messages of that part, its outages included; `outside_` of
those published before a kill, or after its outage and more than a second after it. An outage lasts
from a kill to the next commit. A second process stands by, as with two `unikat serve --standby`;
with `--alone` the killed one is started anew. amqtt is a part of the process that is killed, as in
`unikat serve --mqtt embedded`: nobody stands by, and an outage lasts until Python has started and
the publisher tries to connect again.
"""

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
    parser.add_argument("--alone", action="store_true", help="no second process stands by")
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
    """First a calm part, then one in which the subscriber is killed."""
    run = Run(place, options.broker, options.alone or options.broker == "amqtt")
    try:
        run.open()
        sent_per_s = run.send(options.rate, options.seconds)
        run.wait_for(run.count)
        busy_s = run.stop_subscribers()
        num_commits, calm = read_notes(place / "notes.jsonl")
        run.start_subscribers()
        run.await_speaker()
        begun = time.monotonic_ns()
        if options.kill:
            sent_per_s = min(sent_per_s, run.send(options.rate, options.seconds, options.kill))
        run.wait_for(run.count)
        run.stop_subscribers()
    finally:
        run.close()
    ids = stored(run.database)
    noted = read_notes(place / "notes.jsonl")[1]
    rough = {sent: ns for sent, ns in noted.items() if sent > begun} or calm
    outages = [run.outage_ms(kill) for kill in run.kills]
    ends = [kill + max(1e9, 1e6 * ms) for kill, ms in zip(run.kills, outages, strict=True)]
    spans = list(zip(run.kills, ends, strict=True))
    outside = [delay for sent, delay in rough.items() if not any(a <= sent < b for a, b in spans)]
    steady, delays = list(calm.values()), list(rough.values())
    return {
        "messages": float(run.count),
        "sent_per_s": sent_per_s,
        "publish_commit_p50_ms": quantile(delays, 0.50),
        "publish_commit_p99_ms": quantile(delays, 0.99),
        "publish_commit_max_ms": max(delays),
        "outside_p99_ms": quantile(outside, 0.99),
        "steady_p50_ms": quantile(steady, 0.50),
        "steady_p99_ms": quantile(steady, 0.99),
        "steady_max_ms": max(steady),
        "longest_outage_ms": max(outages, default=0.0),
        "messages_per_cpu_s": len(calm) / busy_s,
        "messages_per_commit": len(calm) / num_commits,
        "kills": float(len(run.kills)),
        "lost": float(run.count - len(ids.keys() & {f"edge:1:{k + 1}" for k in range(run.count)})),
        "doubled": float(sum(ids.values()) - len(ids)),
        "fdatasync_p50_ms": probe_disk(place),
    }


@dataclass
class Run:
    """A broker, a publisher here, and subscribers as processes of their own, the active one first.

    `kills` are the instants of the kills.
    """

    place: Path
    kind: str
    is_alone: bool = False
    count: int = 0
    port: int = 0
    processes: list[subprocess.Popen] = field(default_factory=list)
    subscribers: list[subprocess.Popen] = field(default_factory=list)
    kills: list[int] = field(default_factory=list)
    speaker: MqttClient | None = None

    @property
    def database(self) -> Path:
        return self.place / "site.db"

    def open(self) -> None:
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.port = probe.getsockname()[1]
        if self.kind == "mosquitto":
            self.start_broker()
        self.start_subscribers()
        broker = Broker("127.0.0.1", self.port, version=5 if self.kind == "mosquitto" else 4)
        self.speaker = MqttClient(broker, "speaker", [], lambda _: None)
        self.speaker.start()
        self.await_speaker()

    def await_speaker(self) -> None:
        while not self.speaker.is_ready:
            time.sleep(0.01)

    def start_broker(self) -> None:
        program = shutil.which("mosquitto") or shutil.which("mosquitto", path=SBIN)
        if program is None:
            raise SystemExit("no mosquitto; Debian, Ubuntu: apt-get install mosquitto")
        self.place.chmod(0o777)
        config = self.place / "mosquitto.conf"
        config.write_text(CONFIG.format(port=self.port, folder=self.place))
        quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
        self.processes.append(subprocess.Popen([program, "-c", config], **quiet))
        time.sleep(0.5)

    def start_subscriber(self) -> None:
        scheme = "embedded" if self.kind == "amqtt" else "mqtt"
        address = f"{scheme}://127.0.0.1:{self.port}"
        notes = str(self.place / "notes.jsonl")
        command = [sys.executable, CHILD, address, f"sqlite:///{self.database}", notes]
        self.subscribers.append(subprocess.Popen(command, stdout=subprocess.PIPE, text=True))

    def start_subscribers(self) -> None:
        """Start one that records, and one that stands by."""
        self.start_subscriber()
        await_ready(self.subscribers[0])
        if not self.is_alone:
            self.start_subscriber()
            await_ready(self.subscribers[1])

    def kill_subscriber(self) -> None:
        """Kill the active one, and start another, without waiting for it."""
        active = self.subscribers.pop(0)
        active.kill()
        self.kills.append(time.monotonic_ns())
        self.processes.append(active)
        self.start_subscriber()

    def outage_ms(self, kill: int) -> float:
        """Return how long after a kill the next batch was durable."""
        texts = (self.place / "notes.jsonl").read_text().splitlines()
        return (
            min(durable - kill for text in texts if (durable := json.loads(text)[0]) > kill) / 1e6
        )

    def stop_subscribers(self) -> float:
        """End them, and return the CPU seconds the active one used since it was ready."""
        active, *others = self.subscribers
        for each in others:
            each.kill()
            each.wait()
        active.terminate()
        *_, used = active.stdout.read().split()
        active.wait()
        self.subscribers.clear()
        return float(used)

    def send(self, rate: str, seconds: float, num_kills: int = 0) -> float:
        """Publish for a while, at a rate or as fast as the broker takes it; return the rate.

        Kills are spread evenly, and nothing waits for what was killed.
        """
        began = time.monotonic()
        per_s = float("inf") if rate == "max" else float(rate)
        sent, kills = 0, [seconds * (k + 1) / (num_kills + 1) for k in range(num_kills)]
        while (passed := time.monotonic() - began) < seconds:
            if kills and passed > kills[0]:
                kills.pop(0)
                self.kill_subscriber()
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

    def wait_for(self, count: int, patience_s: float = 30.0) -> None:
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
        for process in (*self.subscribers, *self.processes):
            process.kill()
            process.wait()


def await_ready(process: subprocess.Popen) -> None:
    assert process.stdout.readline() == "ready\n"


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


def read_notes(notes: Path) -> tuple[int, dict[int, float]]:
    """Return the number of commits, and of each message how long after its sending it was durable.

    A batch that a killed process stored but could not note any more comes again: the later note of
    its messages counts.
    """
    batches = [json.loads(text) for text in notes.read_text().splitlines() if text[-1:] == "]"]
    found: dict[int, float] = {}
    for durable, *batch in batches:
        for sent in batch:
            found.setdefault(sent, (durable - sent) / 1e6)
    return len(batches), found


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
