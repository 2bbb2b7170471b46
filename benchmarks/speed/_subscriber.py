"""A subscriber of its own for the bench `ingest`: records what a broker brings, notes when it was
durable. Two of them are a pair: one records, the other stands by. With an embedded broker one is
all there is: broker and site in one process, as in `unikat serve --mqtt embedded`.
"""

import json
import resource
import signal
import sys
import threading
import time
from pathlib import Path

from unikat.edge.bus.broker import read_broker
from unikat.edge.bus.embedded import EmbeddedBroker
from unikat.edge.bus.remote_floor import RemoteFloor
from unikat.edge.clock import ScaledClock
from unikat.edge.equipment import plant_time
from unikat.edge.folders import example_folder
from unikat.edge.main import load_models, open_site
from unikat.edge.standby import lease_path, take_turn
from unikat.edge.store.open import sqlite_path
from unikat.edge.tune import tune_process

NAME = "bench"
FAST = 1_000_000.0
"""The site's clock runs far ahead, so that no message is too early."""


def main(address: str, database: str, notes: str) -> None:
    """Record until ended; a line of `notes` a batch: [ns, first sent_ns, ...]."""
    ended = threading.Event()
    signal.signal(signal.SIGTERM, lambda *_: ended.set())
    folder = example_folder("insoles")
    models = load_models(folder)
    clock = ScaledClock(speed=FAST, start=86_400)
    opened = open_site(folder, models=models, database=database, clock=clock)
    broker = read_broker(address)
    remote = RemoteFloor(opened.site, plant_time(models), broker, NAME)
    handle = remote.client._handle
    tune_process()
    lease = lease_path(sqlite_path(database))
    turn = take_turn(lease, opened.site.live.catch_up, on_wait=lambda: print("ready", flush=True))
    with turn, Path(notes).open("a", buffering=1) as log:

        def hear_and_note(batch):
            handle(batch)
            durable = time.monotonic_ns()
            # The payload is a line that ends with "sent_ns":NUMBER}.
            sent = [int(each.payload[each.payload.rindex(b":") + 1 : -1]) for each in batch]
            log.write(json.dumps([durable, *sent]) + "\n")

        remote.client._handle = hear_and_note
        embedded = EmbeddedBroker(broker, remote.client) if broker.is_embedded else None
        if embedded is not None:
            embedded.start()
        remote.start()
        while not remote.client.is_ready and not ended.is_set():
            time.sleep(0.005)
        used = resource.getrusage(resource.RUSAGE_SELF)
        before = used.ru_utime + used.ru_stime
        print("ready", flush=True)
        ended.wait()
        used = resource.getrusage(resource.RUSAGE_SELF)
        print(used.ru_utime + used.ru_stime - before, flush=True)
        remote.stop()
        if embedded is not None:
            embedded.stop()
    opened.close()


if __name__ == "__main__":
    main(*sys.argv[1:])
