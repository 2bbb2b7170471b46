"""What machines say read as events, what may move next without deadlock, and a virtual floor."""

from unikat.floor.messages import read_event, write_message
from unikat.floor.model import Command, Dispatch, FloorFigures, Process, Release, World
from unikat.floor.net import build_net
from unikat.floor.supervisor import allowed_moves
from unikat.floor.virtual import VirtualFloor, open_floor

__all__ = [
    "Command",
    "Dispatch",
    "FloorFigures",
    "Process",
    "Release",
    "VirtualFloor",
    "World",
    "allowed_moves",
    "build_net",
    "open_floor",
    "read_event",
    "write_message",
]
