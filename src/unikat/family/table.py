"""One table of a TOML text, read key by key; faults carry their key and, where found, place."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal

from unikat.family.expression import SHEET_FUNCTIONS, BadExpression, Node, Tokens, parse_expression
from unikat.family.lexis import Faults, read_tokens

_HUGE = 10**30


@dataclass(slots=True)
class Table:
    """A TOML table and what has been read of it; `key` names it, as in `bom[3]`."""

    key: str
    content: Mapping[str, object]
    source: str
    faults: Faults
    used: set[str] = field(default_factory=set)

    def fault(self, key: str, message: str, remedy: str) -> None:
        """Note a fault of one key."""
        line, column = self.place(key)
        where = ".".join(part for part in (self.key, key) if part)
        self.faults.add(line, column, message, remedy, key=where)

    def place(self, key: str) -> tuple[int, int]:
        """Find where the value of a key stands: the nearest such text behind this table's id."""
        value = self.content.get(key, self.content.get("id"))
        if not isinstance(value, str):
            return 0, 0
        quoted = re.compile(r"['\"]+" + re.escape(value) + r"['\"]")
        starts = [match.end() for match in self._id_matches()] or [0]
        found = [
            (match.start() - start, match)
            for start in starts
            for match in [quoted.search(self.source, start if key in self.content else 0)]
            if match is not None
        ]
        if not found:
            return 0, 0
        match = min(found, key=lambda pair: pair[0])[1]
        at = match.start() + len(match.group()) - len(value) - 1
        return self.source.count("\n", 0, at) + 1, at - self.source.rfind("\n", 0, at)

    def _id_matches(self) -> Iterator[re.Match[str]]:
        own = self.content.get("id", self.content.get("name"))
        if not isinstance(own, str):
            return iter(())
        return re.finditer(r"\b(?:id|name)\s*=\s*['\"]" + re.escape(own) + "(?=['\"])", self.source)

    def _get(self, key: str, kind: str, default: object) -> object:
        self.used.add(key)
        if key not in self.content and default is None:
            self.fault(key, f"{key} is missing", f"Add {key} = {kind}")
        return self.content.get(key, default)

    def text(self, key: str, default: str | None = None) -> str:
        """Read a text; required without a default."""
        value = self._get(key, '"..."', default)
        if value is not None and not isinstance(value, str):
            self.fault(key, f"{key} = {value!r} is no text", "Put it in quotes")
        return value if isinstance(value, str) else default or ""

    def optional(self, key: str) -> str | None:
        """Read a text that may be missing."""
        self.used.add(key)
        return self.text(key) if key in self.content else None

    def whole(self, key: str) -> int:
        """Read a whole number >= 1."""
        value = self._get(key, "1", None)
        if isinstance(value, int) and not isinstance(value, bool) and value >= 1:
            return value
        if value is not None:
            self.fault(key, f"{key} = {value!r} is no whole number >= 1", "Write 1, 2, 3, ...")
        return 1

    def real(self, key: str) -> float:
        """Read a finite number."""
        value = self._get(key, "1.0", None)
        if isinstance(value, int | float) and abs(value) < _HUGE and not isinstance(value, bool):
            return float(value)
        if value is not None:
            self.fault(key, f"{key} = {value!r} is no finite number", "Write a number")
        return 0.0

    def flag(self, key: str) -> bool:
        """Read true or false; false when missing."""
        value = self._get(key, "true", default=False)
        if not isinstance(value, bool):
            self.fault(key, f"{key} = {value!r} is neither true nor false", "Write true or false")
        return value is True

    def texts(self, key: str) -> tuple[str, ...]:
        """Read a list of texts; empty when missing."""
        value = self._get(key, "[]", default=[])
        if isinstance(value, list) and all(isinstance(each, str) for each in value):
            return tuple(value)
        self.fault(key, f"{key} is no list of texts", 'Write ["a", "b"]')
        return ()

    def tables(self, key: str) -> tuple["Table", ...]:
        """Read a list of tables; empty when missing."""
        value = self._get(key, "[]", default=[])
        if not isinstance(value, list) or not all(isinstance(each, dict) for each in value):
            self.fault(key, f"{key} is no list of tables", f"Write [[{key}]] or {key} = [{{...}}]")
            return ()
        prefix = f"{self.key}.{key}" if self.key else key
        return tuple(
            Table(f"{prefix}[{i + 1}]", each, self.source, self.faults)
            for i, each in enumerate(value)
        )

    def table(self, key: str) -> "Table":
        """Read one inner table; empty when missing."""
        value = self._get(key, "{}", default={})
        if not isinstance(value, dict):
            self.fault(key, f"{key} is no table", f"Write [{key}]")
            value = {}
        return Table(f"{self.key}.{key}" if self.key else key, value, self.source, self.faults)

    def expression(self, key: str, default: str | None = None) -> Node | None:
        """Read a formula; None when it cannot be read."""
        value = self._get(key, '"..."', default)
        if isinstance(value, int | float) and not isinstance(value, bool):
            value = format(Decimal(str(value)), "f")
        if not isinstance(value, str):
            if value is not None:
                self.fault(key, f"{key} = {value!r} is no formula", "Put it in quotes")
            return None
        line, column = self.place(key) if key in self.content else (0, 0)
        tokens = Tokens(read_tokens(value, self.faults, line, column), line, SHEET_FUNCTIONS)
        try:
            node = parse_expression(tokens)
            tokens.end()
        except BadExpression as bad:
            self.bad(key, bad)
            return None
        return node

    def bad(self, key: str, bad: BadExpression) -> None:
        """Note what is wrong with the formula of a key."""
        where = f"{self.key}.{key}"
        line, column = (bad.token.line, bad.token.column) if bad.token.line else (0, 0)
        self.faults.add(line, column, bad.message, bad.remedy, key=where)

    def close(self) -> None:
        """Note the keys that nobody read."""
        for key in self.content:
            if key not in self.used:
                known = ", ".join(sorted(self.used))
                self.fault(key, f"unknown key {key!r}", f"Known: {known}")


def unique(tables: Sequence[Table], what: str) -> None:
    """Note ids that occur twice."""
    seen: dict[str, str] = {}
    for table in tables:
        own = str(table.content.get("id"))
        if own in seen:
            table.fault("id", f"a second {what} {own!r}, the first is {seen[own]}", "Rename one")
        seen.setdefault(own, table.key)
