"""The floor as its events tell it, when each order will finish, and how much slack a date needs."""

from unikat.twin.forecast import forecast
from unikat.twin.slack import PromiseScore, learn_slack
from unikat.twin.state import FloorState, apply_events, empty_state, hash_state, progress_of

__all__ = [
    "FloorState",
    "PromiseScore",
    "apply_events",
    "empty_state",
    "forecast",
    "hash_state",
    "learn_slack",
    "progress_of",
]
