"""The date promised from finite capacity, with its bookings, reasons and confidence."""

from unikat.promise.model import Delay, Promise, Reason, Slack
from unikat.promise.place import finish_times
from unikat.promise.promise import promise_due_date, slack_for
from unikat.promise.routing import Routings, compile_routings
from unikat.promise.rush import promise_within_slack, rush
from unikat.promise.wish import promise_wished

__all__ = [
    "Delay",
    "Promise",
    "Reason",
    "Routings",
    "Slack",
    "compile_routings",
    "finish_times",
    "promise_due_date",
    "promise_wished",
    "promise_within_slack",
    "rush",
    "slack_for",
]
