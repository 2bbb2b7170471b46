"""How the site and its floor talk."""

from unikat.edge.bus.in_process import InProcessBus

__all__ = ["InProcessBus"]
