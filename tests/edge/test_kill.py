"""A server killed at any moment keeps what it acknowledged: orders, holds and floor messages."""

import itertools
import json
import os
import random
import signal
import socket
import sqlite3
import subprocess
import sys
import threading
import time
from collections import Counter, defaultdict
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path

import httpx
import pytest

from sites import persons
from unikat.edge.main import OpenSite, open_site
from unikat.events import OrderPlaced, Recorded, WorkUnitStopped
from unikat.fold import fold
from unikat.state import open_state

KILLS = 10
ORDERS = 100
HELD_ONLY = 4
CLIENTS = 4
PATIENCE_S = 300
MEASURES = ("foot_length", "foot_breadth", "heel_breadth", "ball_length")
STATED = ["Foam", "Powder"]

pytestmark = [
    pytest.mark.timeout(2 * PATIENCE_S),
    pytest.mark.skipif(os.name == "nt", reason="SIGKILL is of POSIX"),
]


@dataclass
class Server:
    """`unikat serve` as a process of its own, on one port for all its lives."""

    folder: Path
    port: int
    process: subprocess.Popen | None = None

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def start(self) -> None:
        log = (self.folder.parent / "server.txt").open("a")
        command = [sys.executable, "-m", "unikat.edge.cli", "serve", self.folder]
        with log:
            self.process = subprocess.Popen(
                [*command, "--port", str(self.port)], stdout=log, stderr=log, env=plain_env()
            )

    def kill(self) -> None:
        self.process.send_signal(signal.SIGKILL)
        self.process.wait()

    def end(self) -> None:
        try:
            self.process.send_signal(signal.SIGINT)
            self.process.wait(timeout=60)
        finally:
            self.process.kill()


@dataclass
class Told:
    """What the server acknowledged to its clients."""

    orders: dict[str, tuple[str, dict]] = field(default_factory=dict)  # key -> order id, request
    holds: dict[str, str] = field(default_factory=dict)  # quote -> due date
    lines: set[str] = field(default_factory=set)  # message ids
    is_done: threading.Event = field(default_factory=threading.Event)


def plain_env() -> dict[str, str]:
    """Let the server keep compiled modules, as it does on any machine."""
    return {k: v for k, v in os.environ.items() if k != "PYTHONDONTWRITEBYTECODE"}


def free_port() -> int:
    with closing(socket.socket()) as listener:
        listener.bind(("127.0.0.1", 0))
        return listener.getsockname()[1]


def send(client: httpx.Client, path: str, **request: object) -> httpx.Response:
    """Send until there is an answer: the same request, the same headers."""
    until = time.monotonic() + PATIENCE_S
    while True:
        try:
            reply = client.post(path, **request)
        except httpx.TransportError:
            assert time.monotonic() < until, f"no answer to {path} for {PATIENCE_S} s"
            time.sleep(0.05)
        else:
            assert reply.status_code < 500, reply.text
            return reply


def quote_and_hold(client: httpx.Client, number: int, *, is_held: bool) -> dict | None:
    """Return a quote, held if that is wanted; None where a crash or a rival took it."""
    measures = {name: persons()[number][name] for name in MEASURES}
    wish = {"picks": {STATED[number % 2]: True}, "measurements": measures}
    reply = send(client, "/api/v1/quotes", json=wish)
    assert reply.status_code == 201, reply.text
    if not is_held:
        return reply.json()
    reply = send(client, f"/api/v1/quotes/{reply.json()['id']}/hold", json={"seconds": 7_200})
    assert reply.status_code in {200, 404, 409}, reply.text
    return reply.json() if reply.status_code == 200 else None


def order_until_acknowledged(address: str, number: int, told: Told) -> None:
    """Quote and order until there is an order; every repetition has the key of its request."""
    with httpx.Client(base_url=address, timeout=60) as client:
        for attempt in itertools.count():
            offer = quote_and_hold(client, number, is_held=number % 5 == 0)
            if offer is None:
                continue
            key = f"order-{number}-{attempt}"
            wish = {"quote_id": offer["id"], "customer": f"shopper {number}"}
            reply = send(client, "/api/v1/orders", json=wish, headers={"Idempotency-Key": key})
            assert reply.status_code in {201, 404, 409}, reply.text
            if reply.status_code == 201:
                told.orders[key] = (reply.json()["id"], wish)
                return


def hold_until_acknowledged(address: str, number: int, told: Told) -> None:
    with httpx.Client(base_url=address, timeout=60) as client:
        while (offer := quote_and_hold(client, number, is_held=True)) is None:
            pass
        told.holds[offer["id"]] = offer["promise"]["due"]


def speak_as_floor(address: str, key: str, told: Told) -> None:
    """Say that a mill stops and is back, again and again; repeat each batch until it is heard."""
    headers = {"Authorization": f"Bearer {key}", "Content-Type": "application/x-ndjson"}
    at, until = "2026-03-02T08:00:00+00:00", "2026-03-02T08:01:00+00:00"
    stop = {"type": "unit_stopped", "unit": "M1", "reason": "tool", "until": until}
    seqs = itertools.count(1)
    with httpx.Client(base_url=address, timeout=60) as client:
        while not told.is_done.wait(0.4):
            batch = [
                {"source": "edge-1", "epoch": 1, "seq": seq, "at": at, **body}
                for seq, body in zip(
                    seqs, [stop, {"type": "unit_restarted", "unit": "M1"}] * 2, strict=False
                )
            ]
            content = "\n".join(map(json.dumps, batch)).encode()
            reply = send(client, "/api/v1/events", content=content, headers=headers)
            results = {line["result"] for line in reply.json()["lines"]}
            assert results <= {"recorded", "duplicate"}, reply.text
            told.lines.update(f"edge-1:1:{message['seq']}" for message in batch)


def kill_again_and_again(
    server: Server, told: Told, work: list[Future], moments: random.Random
) -> None:
    """Kill the server at random moments of its lives, once while it starts; leave the last."""
    for life in range(KILLS):
        if life != KILLS // 2:
            wanted = min(len(told.orders) + moments.randint(1, 9), ORDERS - KILLS + life)
            until = time.monotonic() + PATIENCE_S
            while len(told.orders) < wanted:
                assert server.process.poll() is None, "the server ended by itself"
                for each in work:
                    if each.done():
                        each.result()  # raises what a client met
                assert time.monotonic() < until, "the server acknowledges nothing"
                time.sleep(0.01)
        time.sleep(moments.uniform(0.0, 0.3))
        server.kill()
        server.start()


@pytest.fixture(scope="module")
def told_and_kept(tmp_path_factory) -> tuple[Told, OpenSite, list[Recorded]]:
    """Run the whole day of kills once; give what was acknowledged, and the site opened again."""
    folder = tmp_path_factory.mktemp("kill") / "site"
    command = [sys.executable, "-m", "unikat.edge.cli", "init", folder]
    made = subprocess.run(command, capture_output=True, text=True, env=plain_env())
    key = made.stdout.split()[-1]
    told, server = Told(), Server(folder, free_port())
    server.start()
    try:
        with ThreadPoolExecutor(CLIENTS + 1) as pool:
            floor = pool.submit(speak_as_floor, server.address, key, told)
            work = [
                pool.submit(order_until_acknowledged, server.address, number, told)
                for number in range(ORDERS)
            ]
            work += [
                pool.submit(hold_until_acknowledged, server.address, ORDERS + number, told)
                for number in range(HELD_ONLY)
            ]
            try:
                kill_again_and_again(server, told, work, random.Random(20))
                for each in work:
                    each.result()
            finally:
                told.is_done.set()
                for each in work:
                    each.cancel()
            floor.result()
        order_what_is_held(server, told)
        check_retries(server, told)
    finally:
        server.end()
    opened = open_site(folder)
    yield told, opened, list(opened.site.log.read())
    opened.close()


def check_retries(server: Server, told: Told) -> None:
    """Every acknowledged request, sent once more, gets its first answer."""
    with httpx.Client(base_url=server.address, timeout=60) as client:
        for key, (order_id, wish) in told.orders.items():
            reply = send(client, "/api/v1/orders", json=wish, headers={"Idempotency-Key": key})
            assert (reply.status_code, reply.json()["id"]) == (201, order_id)


def order_what_is_held(server: Server, told: Told) -> None:
    """A held quote becomes an order with the date its hold was told; half of them stay held."""
    with httpx.Client(base_url=server.address, timeout=60) as client:
        for quote_id in list(told.holds)[: HELD_ONLY // 2]:
            wish = {"quote_id": quote_id, "customer": "held"}
            reply = send(client, "/api/v1/orders", json=wish)
            assert (reply.status_code, reply.json()["due"]) == (201, told.holds.pop(quote_id))
            told.orders[quote_id] = (reply.json()["id"], wish)


def test_every_acknowledged_order_is_there_once_and_no_other(told_and_kept) -> None:
    told, _, records = told_and_kept
    placed = Counter(r.event.order_id for r in records if isinstance(r.event, OrderPlaced))
    assert len(placed) == ORDERS + HELD_ONLY // 2
    assert placed == Counter(order_id for order_id, _ in told.orders.values())


def test_every_acknowledged_line_of_the_floor_is_there_once(told_and_kept) -> None:
    told, _, records = told_and_kept
    kept = Counter(r.id for r in records)
    assert told.lines
    assert {kept[line] for line in told.lines} == {1}
    assert any(isinstance(r.event, WorkUnitStopped) for r in records)


def test_sequence_and_versions_have_no_gap(told_and_kept) -> None:
    _, _, records = told_and_kept
    assert [r.seq for r in records] == list(range(1, len(records) + 1))
    versions = defaultdict(list)
    for r in records:
        versions[r.stream].append(r.version)
    for stream, found in versions.items():
        assert found == list(range(1, len(found) + 1)), stream


def test_the_fold_of_the_log_is_the_state_and_no_second_is_promised_twice(told_and_kept) -> None:
    _, opened, records = told_and_kept
    site = opened.site
    state = fold(site.plant, open_state(site.plant, site.policy.slack), records)
    assert state == site.state()
    steps = {(o.id, step.step) for o in state.orders.values() for step in o.variant.steps}
    assert state.bookings.keys() == steps
    held = [b for hold in state.holds.values() for b in hold.bookings]
    assert overlaps([*state.bookings.values(), *held]) == []


def test_every_acknowledged_hold_still_holds(told_and_kept) -> None:
    told, opened, _ = told_and_kept
    state = opened.site.state()
    assert len(told.holds) == HELD_ONLY - HELD_ONLY // 2
    assert set(told.holds) <= set(state.held)
    assert set(state.held.values()) == set(state.holds)


def test_the_database_is_whole(told_and_kept) -> None:
    _, opened, _ = told_and_kept
    with closing(sqlite3.connect(opened.folder / "unikat.db")) as connection:
        assert connection.execute("PRAGMA quick_check").fetchall() == [("ok",)]


def overlaps(bookings) -> list:
    spans: dict = defaultdict(dict)
    for b in bookings:
        spans[b.unit][b.build or (b.order, b.step)] = (b.setup_start, b.finish)
    return [
        (unit, one, other)
        for unit, of_unit in spans.items()
        for one, other in itertools.pairwise(sorted(of_unit.values()))
        if other[0] < one[1]
    ]
