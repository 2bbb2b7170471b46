"""Find the line on which a key of a TOML text stands, so that a fault can point at it."""

import re
from collections.abc import Mapping

Path = tuple[str, ...]

_HEADER = re.compile(r"^\s*\[\[?\s*([^\[\],=]+?)\s*\]\]?\s*(#.*)?$")
_KEY = re.compile(r"""(?<![\w-])([A-Za-z0-9_-]++|"[^"]*"|'[^']*')\s*+(?==)""")
_STRING = re.compile(r'"(?:[^"\\]|\\.)*"(?!\s*=)|\'[^\']*\'(?!\s*=)')


def find_lines(text: str) -> Mapping[Path, int]:
    """Return the line (from 1) of each table and key; keys of inline tables stand below their
    key.
    """
    lines: dict[Path, int] = {}
    table: Path = ()
    owner: Path = ()
    depth = 0
    for number, raw in enumerate(text.splitlines(), start=1):
        line = _STRING.sub('""', raw).split("#", 1)[0]
        header = _HEADER.match(line) if depth == 0 else None
        if header:
            table = owner = tuple(_bare(part) for part in header.group(1).split("."))
            lines.setdefault(table, number)
            continue
        keys = [_bare(match.group(1)) for match in _KEY.finditer(line)]
        if depth == 0 and keys:
            owner = (*table, keys.pop(0))
            lines.setdefault(owner, number)
        for key in keys:
            lines.setdefault((*owner, key), number)
        depth = max(0, depth + sum(map(line.count, "[{")) - sum(map(line.count, "]}")))
    return lines


def line_of(lines: Mapping[Path, int], path: Path) -> int:
    """Return the line of a path, or of the nearest table above it; 0 if none is known."""
    for end in range(len(path), 0, -1):
        if path[:end] in lines:
            return lines[path[:end]]
    return 0


def _bare(key: str) -> str:
    return key.strip().strip("\"'")
