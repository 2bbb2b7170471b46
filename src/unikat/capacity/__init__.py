"""When a resource is free: calendars, timelines, bookings and holds."""

from unikat.capacity.calendar import NEVER, WorkingTime, working_time
from unikat.capacity.model import Booking, Hold, Stop
from unikat.capacity.timeline import (
    Capacity,
    add_bookings,
    fits,
    move_now,
    open_capacity,
    remove_orders,
)

__all__ = [
    "NEVER",
    "Booking",
    "Capacity",
    "Hold",
    "Stop",
    "WorkingTime",
    "add_bookings",
    "fits",
    "move_now",
    "open_capacity",
    "remove_orders",
    "working_time",
]
