"""What JSON can hold, as the web speaks of it."""

from unikat.edge.json import Json

__all__ = ["Json"]
