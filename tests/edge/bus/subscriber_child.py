"""A server's share of the bus alone: records what comes over a broker until it is ended."""

import signal
import sys
import threading

from brokers import until
from sites import MONDAY_6, models, open_example
from unikat.edge.bus.broker import read_broker
from unikat.edge.bus.embedded import EmbeddedBroker
from unikat.edge.bus.remote_floor import RemoteFloor
from unikat.edge.equipment import plant_time
from unikat.rehearse import VirtualClock
from unikat.terms import DAY


def main(address: str, database: str) -> None:
    clock = VirtualClock(MONDAY_6 + DAY)
    opened = open_example(clock=clock, database=f"sqlite:///{database}")
    broker = read_broker(address)
    remote = RemoteFloor(opened.site, plant_time(models()), broker, "works")
    embedded = EmbeddedBroker(broker, remote.client) if broker.is_embedded else None
    ended = threading.Event()
    signal.signal(signal.SIGTERM, lambda *_: ended.set())
    if embedded is not None:
        embedded.start()
    remote.start()
    until(lambda: remote.client.is_ready)
    print("ready", flush=True)
    ended.wait()
    remote.stop()
    if embedded is not None:
        embedded.stop()
    opened.close()


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2])
