"""The date promised from finite capacity, with its bookings, reasons and confidence."""

from unikat.promise.model import Promise, Reason, Slack
from unikat.promise.promise import promise_due_date, slack_for

__all__ = ["Promise", "Reason", "Slack", "promise_due_date", "slack_for"]
