"""Set the interpreter for short answers: few long collections, quick turns between threads."""

import gc
import sys

SWITCH_S = 0.0005
"""How long a computing thread keeps the interpreter from the event loop; Python's own 5 ms is a
hand-over's worth of waiting on every read and write while the floor computes."""
YOUNG = 50_000
"""Allocations between two collections: a full one walks all orders and events, 140 ms on a day's
log, and quotes leave no cycles behind."""


def tune_process() -> None:
    """Set the interpreter for short answers beside a computing thread, once all is loaded.

    What is loaded is not walked again: a full collection of it halts every thread for 70 to 200 ms.
    """
    sys.setswitchinterval(SWITCH_S)
    gc.collect()
    gc.freeze()
    gc.set_threshold(YOUNG, 20, 100)
