"""Saves choices and publishes versions, and says each after it was acknowledged, until killed."""

import os
import sys
from itertools import count
from threading import Thread

from unikat.configure.saved import Saved
from unikat.edge.store.choices import SavedChoice
from unikat.edge.store.open import open_store
from unikat.edge.store.versions import Version
from unikat.rehearse import VirtualClock


def save(choices, life, thread):
    for turn in count():
        name = f"C-{life}-{thread}-{turn}"
        choices.save(SavedChoice(name, Saved("f", 1, (("A", True),), name, turn), {}, turn))
        os.write(1, f"{name}\n".encode())


def publish(versions):
    known = versions.list("f")
    for number in count(known[-1].version + 1 if known else 1):
        versions.publish(Version("f", number, f"features {number}\n" * 5_000, "# sheet"))
        os.write(1, f"{number}\n".encode())


def main(path, life):
    store = open_store(path, clock=VirtualClock())
    os.write(1, b"ready\n")
    Thread(target=publish, args=(store.versions,)).start()
    for thread in range(2):
        Thread(target=save, args=(store.choices, life, thread)).start()


if __name__ == "__main__":
    main(*sys.argv[1:])
