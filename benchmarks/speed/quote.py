"""Latency of a quote over HTTP (validity, price, geometry, date), while the virtual floor runs.

Three runs on one server with a day of orders behind it. `quote_*`: shoppers who think for `think_s`
between two quotes (half to one and a half times that), `shoppers` of them.
`quote_saturated_*`: as many connections that never pause, so the wait is the queue: shoppers times
the processor time of a quote. `quote_alone_*`: one such connection.
"""

import argparse
import asyncio
import json
import multiprocessing
import os
import platform
import socket
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from random import Random

import psutil

from unikat.configure import choose_all
from unikat.demand.shoppers import draw_shoppers
from unikat.edge.clock import ScaledClock
from unikat.edge.folders import copy_example, examples_folder
from unikat.edge.live import ShopThread
from unikat.edge.main import Models, load_models, open_site, read_persons
from unikat.edge.once import START
from unikat.edge.web.choosing import read_picks
from unikat.edge.web.form import build_form
from unikat.errors import UnikatError
from unikat.floor.model import World
from unikat.floor.virtual import open_floor
from unikat.terms import DAY

ORDERS = 10_000
TURN_S = 900
WARM_UP_S = 3.0
DISTINCT = 2_500


@dataclass(frozen=True, slots=True)
class Load:
    """How shoppers ask: how many at once, for how long, how long each thinks between quotes."""

    shoppers: int
    seconds: float
    think_s: float


@dataclass(slots=True)
class Heard:
    """What the shoppers heard: seconds of each answer, and the statuses that were no quote."""

    times: list[float]
    wrong: list[int]
    took: float = 0.0


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, help="site folder; else examples/insoles")
    parser.add_argument("--shoppers", type=int, default=20, help="at the same time")
    parser.add_argument("--seconds", type=float, default=15.0, help="of each run")
    parser.add_argument("--think", type=float, default=0.5, help="seconds between two quotes")
    parser.add_argument("--speed", type=float, help="plant seconds a second; else site.toml's")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--json", action="store_true", help="last line is one JSON object")
    options = parser.parse_args()
    example = options.data or examples_folder() / "insoles"
    models = load_models(example)
    bodies = make_bodies(models, example, options.seed)
    port, pid, stop = serving(example, options.seed, options.speed or models.file.demo.speed)
    try:
        ask(port, bodies, Load(options.shoppers, WARM_UP_S, 0.0))
        thinking = ask(port, bodies, Load(options.shoppers, options.seconds, options.think))
        before = cpu_seconds(pid)
        saturated = ask(port, bodies, Load(options.shoppers, options.seconds, 0.0))
        spent = cpu_seconds(pid) - before
        alone = ask(port, bodies, Load(1, min(5.0, options.seconds), 0.0))
    finally:
        floor_events = stop()
    measures = {
        **figures("", thinking),
        **figures("saturated_", saturated),
        **figures("alone_", alone),
        "server_cpu_ms_per_quote": spent / len(saturated.times) * 1e3,
        "shoppers": options.shoppers,
        "think_s": options.think,
        "floor_events": floor_events,
    }
    for name, value in measures.items():
        print(f"{name:24} {value:12.2f}")
    if options.json:
        machine = {"cpus": os.cpu_count(), "python": platform.python_version()}
        data = str(options.data) if options.data else None
        line = {"bench": "quote", "data": data, "machine": machine}
        print(json.dumps({**line, "measures": measures, "peers": {}}))


def cpu_seconds(pid: int) -> float:
    """Return the processor time a process has used, all its threads: the floor's too."""
    times = psutil.Process(pid).cpu_times()
    return times.user + times.system


def figures(prefix: str, heard: Heard) -> Mapping[str, float]:
    """Return p50, p99 and rate; a bench without answers has failed."""
    if len(heard.times) < 2:
        sys.exit(f"no quote was answered; statuses: {sorted(set(heard.wrong))}")
    cuts = statistics.quantiles(heard.times, n=100)
    return {
        f"quote_{prefix}p50_ms": cuts[49] * 1e3,
        f"quote_{prefix}p99_ms": cuts[98] * 1e3,
        f"{prefix}quotes_per_s": len(heard.times) / heard.took,
        f"{prefix}errors": len(heard.wrong),
    }


def make_bodies(models: Models, folder: Path, seed: int) -> Sequence[bytes]:
    """Return distinct valid wishes of simulated shoppers, each with its own foot."""
    family = models.family
    known = [measure.name for measure in build_form(family).measures]
    persons = read_persons(folder / models.file.demo.persons)
    demo = models.file.demo.traffic
    rng = Random(seed)

    def wishes() -> Iterator[bytes]:
        drawn = draw_shoppers(family, persons, demo, num_orders=ORDERS, seed=seed, start=START)
        for shopper in drawn:
            measured = {each.feature for each in family.measured}
            picks = {name: v for name, v in shopper.picks.items() if name not in measured}
            for _ in range(8):
                foot = {
                    name: round(shopper.measurements[name] + rng.uniform(-3.0, 3.0), 2)
                    for name in known
                }
                try:
                    choose_all(family, read_picks(family, picks, foot))
                except UnikatError:
                    continue
                yield json.dumps({"picks": picks, "measurements": foot}).encode()

    return list(islice(wishes(), DISTINCT))


# --- the server, in its own process ----------------------------------------------------------


def serving(example: Path, seed: int, speed: float) -> tuple[int, int, Callable[[], int]]:
    """Start the server; return its port and process, and what stops it and tells its events."""
    context = multiprocessing.get_context("spawn")
    here, there = context.Pipe()
    process = context.Process(target=serve, args=(there, example, seed, speed), daemon=True)
    process.start()
    if not here.poll(120):
        sys.exit("the server did not start within 120 s")
    port = here.recv()

    def stop() -> int:
        here.send("stop")
        num_events = here.recv() if here.poll(60) else 0
        process.join(20)
        return num_events

    return port, process.pid or 0, stop


@dataclass(slots=True)
class DayClock:
    """A clock that is set through the first day, and runs from then on."""

    instant: int = START
    running: ScaledClock | None = None

    def now(self) -> int:
        return self.instant if self.running is None else self.running.now()

    def run(self, speed: float) -> None:
        self.running = ScaledClock(speed=speed, start=self.instant)


def serve(pipe, example: Path, seed: int, speed: float) -> None:
    """Serve a copy of the site with the demo's shoppers and virtual floor, until told to stop."""
    import threading

    import uvicorn

    from unikat.edge.web import WebSettings, create_app

    with tempfile.TemporaryDirectory() as folder:
        copy = Path(folder) / "site"
        copy_example(example.name, copy)
        models = load_models(copy)
        clock = DayClock()
        opened = open_site(copy, models=models, clock=clock)
        floor = open_floor(models.plant, World(), seed=seed, start=START)
        persons = read_persons(copy / models.file.demo.persons)
        shoppers = draw_shoppers(
            models.family,
            persons,
            models.file.demo.traffic,
            num_orders=ORDERS,
            seed=seed,
            start=START,
        )
        file = models.file
        settings = WebSettings(epoch=file.epoch, zone=file.zone, quotes_per_minute=10_000_000)
        app = create_app(opened.site, opened.store, settings)
        listener = socket.create_server(("127.0.0.1", 0), backlog=512)
        listener.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        server = uvicorn.Server(
            uvicorn.Config(app, log_level="warning", access_log=False, timeout_graceful_shutdown=2)
        )
        running = threading.Thread(target=server.run, kwargs={"sockets": [listener]})
        shop = ShopThread(opened.site, floor, shoppers)
        while clock.now() < START + DAY:
            clock.instant += TURN_S
            shop.turn()
        begun = opened.site.log.head()
        clock.run(speed)
        shop.start()
        running.start()
        pipe.send(listener.getsockname()[1])
        pipe.recv()
        server.should_exit = True
        running.join()
        shop.stop()
        pipe.send(opened.site.log.head() - begun)
        opened.close()


# --- the shoppers ------------------------------------------------------------------------------


def ask(port: int, bodies: Sequence[bytes], load: Load) -> Heard:
    """Let shoppers ask for quotes over loopback, each on its own connection."""
    return asyncio.run(_ask(port, bodies, load))


async def _ask(port: int, bodies: Sequence[bytes], load: Load) -> Heard:
    heard = Heard([], [])
    began = time.perf_counter()
    end = began + load.seconds
    rng = Random(str(load))
    offset = rng.randrange(len(bodies))
    await asyncio.gather(
        *(
            _shop(port, bodies[(offset + k) % len(bodies) :: load.shoppers], load, end, heard)
            for k in range(load.shoppers)
        )
    )
    heard.took = time.perf_counter() - began
    return heard


async def _shop(port: int, bodies: Sequence[bytes], load: Load, end: float, heard: Heard) -> None:
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    rng = Random(bodies[0])
    await asyncio.sleep(rng.uniform(0.0, load.think_s))
    asked = 0
    while time.perf_counter() < end:
        body = bodies[asked % len(bodies)]
        asked += 1
        head = (
            "POST /api/v1/quotes HTTP/1.1\r\nHost: shop\r\nContent-Type: application/json\r\n"
            f"Content-Length: {len(body)}\r\n\r\n"
        )
        sent = time.perf_counter()
        writer.write(head.encode() + body)
        status = await _read_answer(reader)
        heard.times.append(time.perf_counter() - sent)
        if status != 201:
            heard.wrong.append(status)
        if load.think_s:
            await asyncio.sleep(rng.uniform(0.5, 1.5) * load.think_s)
    writer.close()


async def _read_answer(reader: asyncio.StreamReader) -> int:
    head = await reader.readuntil(b"\r\n\r\n")
    fields = dict(line.lower().split(b": ", 1) for line in head.split(b"\r\n")[1:] if b": " in line)
    await reader.readexactly(int(fields[b"content-length"]))
    return int(head.split(b" ", 2)[1])


if __name__ == "__main__":
    main()
