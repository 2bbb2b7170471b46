"""What stands before the features: namespace, language levels, imports."""

import re
from collections.abc import Mapping
from typing import Final

from unikat.family.expression import BadExpression, Tokens, parse_name, shown
from unikat.family.lexis import Faults, Line, TooManyFaults, read_lines
from unikat.family.tree import ImportNode, Tree

LEVELS: Final[Mapping[str, frozenset[str]]] = {
    "Boolean": frozenset({"group-cardinality"}),
    "Arithmetic": frozenset({"aggregate-function"}),
    "Type": frozenset({"numeric-constraints", "string-constraints"}),
    "SAT-level": frozenset({"group-cardinality"}),
    "SMT-level": frozenset({"aggregate-function"}),
}
"""Known language levels and their sublevels; `*` stands for all sublevels."""
_IMPORTS: Final = re.compile(r"^imports\b.*\n(?P<lines>(?:[ \t\r\f/*].*\n|\n)*)", re.MULTILINE)
_FILE: Final = re.compile(r"[\w-]+")


def read_preamble(tree: Tree, section: str, head: Line, lines: list[Line], faults: Faults) -> None:
    """Read one of the sections `namespace`, `include` and `imports`."""
    if section == "namespace":
        _read_namespace(tree, head, lines, faults)
    else:
        read = _read_level if section == "include" else _read_import
        for line in lines:
            try:
                read(tree, line, faults)
            except BadExpression as bad:
                faults.at(bad.token, bad.message, bad.remedy)
                tree.is_whole &= section != "imports"


def import_names(text: str) -> tuple[str, ...]:
    """Return the names of the models a UVL text imports, without reading the rest of it."""
    found = _IMPORTS.search(text)
    tree, faults = Tree(), Faults("")
    try:
        lines = read_lines(found["lines"], faults) if found else []
        read_preamble(tree, "imports", Line(1, 0, []), lines, faults)
    except TooManyFaults:
        return ()
    return tuple(dict.fromkeys(each.name for each in tree.imports))


def _read_namespace(tree: Tree, head: Line, lines: list[Line], faults: Faults) -> None:
    tokens = Tokens(head.tokens, head.number)
    tokens.take()
    try:
        tree.namespace = ".".join(parse_name(tokens).parts)
        tokens.end()
    except BadExpression as bad:
        faults.at(bad.token, bad.message, "Write one name behind 'namespace'")
    for line in lines:
        faults.at(line.tokens[0], f"{shown(line.tokens[0])} below 'namespace'", "Remove it")


def _read_level(tree: Tree, line: Line, faults: Faults) -> None:
    name = "".join(token.text for token in line.tokens)
    level, dot, sublevel = name.partition(".")
    if sublevel == "feature-cardinality":
        message = f"language level {name!r} is not supported"
        remedy = "Use an Integer feature for the number of copies"
        faults.at(line.tokens[0], message, remedy)
    elif level not in LEVELS or (dot and sublevel not in LEVELS[level] | {"*"}):
        known = LEVELS.get(level)
        names = ", ".join(f"{level}.{each}" for each in sorted(known)) if known else None
        remedy = f"Known: {names or ', '.join(LEVELS)}"
        faults.at(line.tokens[0], f"unknown language level {name!r}", remedy)
    else:
        tree.levels.append(name)


def _read_import(tree: Tree, line: Line, faults: Faults) -> None:
    tokens = Tokens(line.tokens, line.number)
    parts = parse_name(tokens).parts
    at = known_at = line.tokens[0]
    alias = ".".join(parts)
    if tokens.peek().text == "as":
        tokens.take()
        known_at = tokens.peek()
        name = parse_name(tokens)
        alias = name.parts[0]
        if len(name.parts) > 1:
            raise BadExpression(
                known_at, f"the alias {'.'.join(name.parts)!r} has a dot", "Remove it"
            )
    tokens.end()
    files = [part.strip('"') for part in parts]
    if not all(map(_FILE.fullmatch, files)):
        message = f"{'.'.join(parts)!r} names no file"
        remedy = "Name it by letters, digits, _ and - (in quotes), folders with a dot between"
        raise BadExpression(at, message, remedy)
    if any(each.alias == alias for each in tree.imports):
        faults.at(known_at, f"a second import known as {alias!r}", "Give it another name: as other")
    else:
        tree.imports.append(ImportNode(".".join(files), alias, at))
