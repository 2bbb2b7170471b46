"""Read one TOML table with checks: each wrong value becomes a fault, and reading goes on."""

import math
from collections.abc import Iterable, Mapping
from difflib import get_close_matches

from unikat.errors import Fault
from unikat.plant.lines import Path, line_of

FILE = "plant.toml"


class Faults:
    """All faults found so far, each with the line of its key."""

    def __init__(self, lines: Mapping[Path, int]) -> None:
        self._lines = lines
        self.found: list[Fault] = []

    def add(self, path: Path, message: str, remedy: str) -> None:
        """Keep a fault at a key."""
        line = line_of(self._lines, path)
        self.found.append(Fault(FILE, line, 0, ".".join(path), message, remedy))


class Table:
    """A table being read: `take_*` a key each, then `close` reports the keys nobody took.

    A missing or wrong value is reported and replaced by a harmless one, so that all faults are
    found in one pass.
    """

    def __init__(self, raw: object, path: Path, faults: Faults) -> None:
        self.path = path
        self.faults = faults
        self._taken: dict[str, None] = {}
        self._raw: dict[str, object] = {}
        if isinstance(raw, dict):
            self._raw = raw
        else:
            faults.add(path, f"expected a table, found {raw!r}", "write it as { key = value }")

    def has(self, key: str) -> bool:
        """Return whether an optional key is written."""
        self._taken[key] = None
        return key in self._raw

    def fault(self, key: str, message: str, remedy: str) -> None:
        """Report a fault of one key of this table."""
        self.faults.add((*self.path, key), message, remedy)

    def names(self) -> tuple[str, ...]:
        """Return the keys in the text's sequence."""
        return tuple(self._raw)

    def take(self, key: str, default: object = None) -> object:
        """Return a raw value; a missing one without default is a fault."""
        self._taken[key] = None
        if key in self._raw:
            return self._raw[key]
        if default is None:
            self.faults.add(self.path, f"{key} is missing", f"add {key} = ...")
        return default

    def take_integer(self, key: str, default: int | None = None, *, low: int = 0) -> int:
        """Return a whole number >= `low`."""
        value = self.take(key, default)
        if value is None:
            return low
        return self.whole(key, value, low=low)

    def whole(self, key: str, value: object, *, low: int = 0) -> int:
        """Return `value` if it is a whole number >= `low`."""
        if isinstance(value, bool) or not isinstance(value, int):
            self.fault(key, f"{value!r} is no whole number", "write a whole number without a point")
            return low
        if not low <= value < 2**53:
            self.fault(key, f"{value} is below {low} or absurdly large", f"write {low} or more")
            return low
        return value

    def take_number(self, key: str, default: float | None = None) -> float:
        """Return a finite number >= 0."""
        value = self.take(key, default)
        if value is None:
            return 0.0
        if isinstance(value, bool) or not isinstance(value, int | float):
            self.fault(key, f"{value!r} is no number", "write a number")
            return 0.0
        if not math.isfinite(value) or value < 0:
            self.fault(key, f"{value} is not allowed", "write a finite number, 0 or more")
            return 0.0
        return float(value)

    def take_text(self, key: str, default: str | None = None) -> str:
        """Return a text that is not empty."""
        value = self.take(key, default)
        if value is None or value == default:
            return default or ""
        return self.word(key, value)

    def word(self, key: str, value: object) -> str:
        """Return `value` if it is a text that is not empty."""
        if isinstance(value, str) and value.strip():
            return value
        self.fault(key, f"{value!r} is no text", 'write it as "text"')
        return ""

    def take_words(self, key: str, *, may_be_empty: bool = False) -> tuple[str, ...]:
        """Return an array of different texts; an empty one is a fault unless allowed."""
        words = tuple(self.word(key, value) for value in self.take_array(key))
        for word in sorted({word for word in words if words.count(word) > 1}):
            self.fault(key, f'"{word}" stands here twice', "name each once")
        if not words and not may_be_empty:
            self.fault(key, "the array is empty", "name at least one")
        return tuple(word for word in dict.fromkeys(words) if word)

    def take_array(self, key: str, default: object = None) -> tuple[object, ...]:
        """Return an array's raw values."""
        value = self.take(key, default)
        if isinstance(value, list | tuple):
            return tuple(value)
        if value is not None:
            self.fault(key, f"{value!r} is no array", "write it as [ ... ]")
        return ()

    def take_boolean(self, key: str, *, default: bool) -> bool:
        """Return true or false."""
        value = self.take(key, default)
        if isinstance(value, bool):
            return value
        self.fault(key, f"{value!r} is neither true nor false", "write true or false")
        return default

    def take_table(self, key: str, default: object = None) -> "Table":
        """Return a table below this one; a missing one without default is a fault."""
        value = self.take(key, default)
        return Table({} if value is None else value, (*self.path, key), self.faults)

    def take_tables(self, key: str) -> dict[str, "Table"]:
        """Return the tables of a table of tables by name; nothing if it is missing."""
        parent = self.take_table(key, {})
        return {name: parent.take_table(name) for name in parent.names()}

    def close(self) -> None:
        """Report every key that nobody took."""
        for key in self._raw:
            if key not in self._taken:
                self.fault(key, f"unknown key {key}", suggest(key, self._taken))


def suggest(word: str, known: Iterable[str]) -> str:
    """Return the remedy for an unknown word: the nearest known one, or all of them."""
    names = list(known)
    near = get_close_matches(word, names, n=1)
    if near:
        return f"write {near[0]}"
    return "use one of: " + (", ".join(names) or "(there is none)")
