"""Appends from several threads and says each id after it was acknowledged, until it is killed."""

import os
import sys
from itertools import count
from threading import Thread

from unikat.edge.store.open import open_store
from unikat.events import NewEvent, OrderReleased
from unikat.rehearse import VirtualClock


def write(log, life, thread):
    for turn in count():
        ids = [f"{life}-{thread}-{turn}-{part}" for part in range(1 + turn % 3)]
        # Streams are shared by all threads and lives, so that versions are contended.
        log.append([NewEvent(one, f"stream{turn % 2}", OrderReleased(turn, one)) for one in ids])
        os.write(1, "".join(f"{one}\n" for one in ids).encode())


def main(path, life, num_threads):
    log = open_store(path, clock=VirtualClock()).log
    os.write(1, b"ready\n")
    for thread in range(int(num_threads)):
        Thread(target=write, args=(log, life, thread)).start()


if __name__ == "__main__":
    main(*sys.argv[1:])
