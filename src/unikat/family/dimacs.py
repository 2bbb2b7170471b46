"""DIMACS CNF text -> the tree that UVL gives: one root, a variable an option, a clause a rule.

Comments `c 12 Name` name variables, as exporters of feature models write them; a name that UVL
cannot write as it stands is put into double quotes.
"""

import re
from dataclasses import dataclass, field
from typing import Final

from unikat.family.expression import Chain, Name, Node, Unary
from unikat.family.lexis import Faults, Token
from unikat.family.tree import FeatureNode, GroupNode, RuleNode, Tree

ROOT: Final = "Model"
MAX_VARIABLES: Final = 200_000
_HEAD: Final = re.compile(r"p\s+cnf\s+(\d{1,9})\s+(\d{1,9})\s*", re.ASCII)
_NAME: Final = re.compile(r"c\s+(\d{1,9})\$?\s+(\S.*?)\s*", re.ASCII)
_LITERAL: Final = re.compile(r"-?\d{1,9}", re.ASCII)
_PLAIN: Final = re.compile(r"[^\W\d][\w#§%?;]*(\.[^\W\d][\w#§%?;]*)*")
_WORDS: Final = frozenset({"mandatory", "optional", "or", "alternative", "true", "false"})


@dataclass(slots=True)
class _Reader:
    faults: Faults
    tree: Tree = field(default_factory=Tree)
    names: dict[int, Token] = field(default_factory=dict)
    head: Token | None = None
    num_vars: int = 0
    num_clauses: int = 0
    literals: list[int] = field(default_factory=list)


def parse_dimacs(text: str, faults: Faults) -> Tree:
    """Read a DIMACS CNF; every fault is noted with its place, and reading goes on."""
    reader = _Reader(faults)
    number = 0
    for number, line in enumerate(text.split("\n"), start=1):
        if line.startswith("c") or not line.strip():
            _read_name(reader, line, number)
        elif line.startswith("p"):
            _read_head(reader, line, number)
        elif line.startswith("%"):
            break
        else:
            _read_clauses(reader, line, number)
    _check_end(reader, number)
    reader.tree.root = _root(reader)
    return reader.tree


def _read_name(reader: _Reader, line: str, number: int) -> None:
    named = _NAME.fullmatch(line)
    if named:
        name = named[2].replace('"', "'")
        is_plain = _PLAIN.fullmatch(name) and name not in _WORDS
        text = name if is_plain else f'"{name}"'
        reader.names[int(named[1])] = Token("name", text, number, named.start(2) + 1)


def _read_head(reader: _Reader, line: str, number: int) -> None:
    head, faults = _HEAD.fullmatch(line), reader.faults
    if head is None or reader.head is not None:
        faults.add(number, 1, f"{line[:40]!r} is no first problem line", "Write: p cnf 3 2, once")
        return
    reader.head = Token("name", "p", number, 1)
    reader.num_vars, reader.num_clauses = int(head[1]), int(head[2])
    if reader.num_vars > MAX_VARIABLES:
        faults.add(number, 1, f"more than {MAX_VARIABLES} variables", "Split the family")
        reader.num_vars = 0


def _read_clauses(reader: _Reader, line: str, number: int) -> None:
    """Add the literals of a line to the clause that is open, and end it at every 0."""
    for found in re.finditer(r"\S+", line):
        word, column = found.group(), found.start() + 1
        if not _LITERAL.fullmatch(word) or abs(int(word)) > reader.num_vars:
            message = f"{word[:20]!r} is no literal"
            remedy = f"Write -{reader.num_vars}..{reader.num_vars}"
            reader.faults.add(number, column, message, remedy)
        elif int(word) != 0:
            reader.literals.append(int(word))
        else:
            reader.tree.rules.append(_rule(reader, Token("name", word, number, column)))
            reader.literals.clear()


def _check_end(reader: _Reader, number: int) -> None:
    faults, num_read = reader.faults, len(reader.tree.rules)
    if reader.literals:
        faults.add(number, 1, "the last clause has no end", "End it with 0")
    if reader.head is None:
        faults.add(1, 1, "no problem line", "Begin with: p cnf VARIABLES CLAUSES")
    elif num_read != reader.num_clauses and not faults.found:
        message = f"{reader.num_clauses} clauses are announced, {num_read} follow"
        faults.at(reader.head, message, "Correct the number, or look for what is missing")


def _rule(reader: _Reader, at: Token) -> RuleNode:
    rule = f"clause {len(reader.tree.rules) + 1}"
    items: list[Node] = []
    for literal in reader.literals:
        name = _named(_name(reader, abs(literal)).text, at)
        items.append(name if literal > 0 else Unary("!", name, at))
    source = " | ".join(
        ("" if literal > 0 else "!") + _name(reader, abs(literal)).text
        for literal in reader.literals
    )
    if not items:
        return RuleNode(rule, "", "false", Name(("false",), at), at)
    node = items[0] if len(items) == 1 else Chain(("|",) * (len(items) - 1), tuple(items), at)
    return RuleNode(rule, "", source, node, at)


def _named(name: str, at: Token) -> Name:
    return Name((name,) if name.startswith('"') else tuple(name.split(".")), at)


def _name(reader: _Reader, variable: int) -> Token:
    return reader.names.get(variable) or Token("name", f"x{variable}", 1, 1)


def _root(reader: _Reader) -> FeatureNode:
    at = reader.head or Token("name", ROOT, 1, 1)
    names = (_name(reader, each) for each in range(1, reader.num_vars + 1))
    members = [FeatureNode(name.text, "Boolean", {}, name) for name in names]
    name = ROOT
    while any(each.name == name for each in members):
        name += "_"
    root = FeatureNode(name, "Boolean", {}, at)
    if members:
        root.groups.append(GroupNode("optional", 0, None, at, members))
    return root
