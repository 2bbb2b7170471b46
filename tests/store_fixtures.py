"""The stores every contract is run on."""

from contextlib import contextmanager

from unikat.edge.store.open import open_store

STORES = ("memory", "sqlite")


@contextmanager
def opened(kind, folder, clock):
    store = open_store("memory:" if kind == "memory" else folder / "site.db", clock=clock)
    try:
        yield store
    finally:
        store.close()
