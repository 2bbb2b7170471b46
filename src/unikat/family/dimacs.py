"""DIMACS CNF text -> the tree that UVL gives: one root, a variable an option, a clause a rule.

Comments `c 12 Name` name variables, as exporters of feature models write them.
"""

import re
from typing import Final

from unikat.family.expression import Chain, Name, Node, Unary
from unikat.family.lexis import Faults, Token
from unikat.family.tree import FeatureNode, GroupNode, RuleNode, Tree

ROOT: Final = "Model"
MAX_VARIABLES: Final = 1_000_000
_HEAD: Final = re.compile(r"p\s+cnf\s+(\d{1,9})\s+(\d{1,9})\s*")
_NAME: Final = re.compile(r"c\s+(\d{1,9})\$?\s+(\S.*?)\s*")
_LITERAL: Final = re.compile(r"-?\d{1,9}")


def parse_dimacs(text: str, faults: Faults) -> Tree:
    """Read a DIMACS CNF; every fault is noted with its line, and reading goes on."""
    tree, names, num_vars = Tree(), dict[int, str](), None
    literals: list[int] = []
    for number, line in enumerate(text.splitlines(), start=1):
        if line.startswith("c") or not line.strip():
            named = _NAME.fullmatch(line)
            names.update({int(named[1]): named[2]} if named else {})
        elif line.startswith("p"):
            num_vars = _num_variables(line, number, num_vars, faults)
        elif line.startswith("%"):
            break
        else:
            _read_clauses(tree, (line, number), literals, (names, num_vars or 0), faults)
    if literals:
        at = text.count("\n") + 1
        faults.add(at, 1, "the last clause has no end", "End it with 0")
    if num_vars is None:
        faults.add(1, 1, "no problem line", "Begin with: p cnf VARIABLES CLAUSES")
    tree.root = _root(names, num_vars or 0)
    return tree


def _num_variables(line: str, number: int, known: int | None, faults: Faults) -> int | None:
    head = _HEAD.fullmatch(line)
    if head is None or known is not None:
        faults.add(number, 1, f"{line[:40]!r} is no first problem line", "Write: p cnf 3 2, once")
        return known
    if int(head[1]) > MAX_VARIABLES:
        faults.add(number, 1, f"more than {MAX_VARIABLES} variables", "Split the family")
        return 0
    return int(head[1])


def _read_clauses(
    tree: Tree,
    line: tuple[str, int],
    literals: list[int],
    known: tuple[dict[int, str], int],
    faults: Faults,
) -> None:
    """Add the literals of a line to the clause that is open, and end it at every 0."""
    (content, number), (names, num_vars) = line, known
    for word in content.split():
        if not _LITERAL.fullmatch(word) or abs(int(word)) > num_vars:
            faults.add(number, 1, f"{word[:20]!r} is no literal", f"Write -{num_vars}..{num_vars}")
        elif int(word) != 0:
            literals.append(int(word))
        else:
            rule = f"clause {len(tree.rules) + 1}"
            tree.rules.append(_rule(rule, number, literals, names))
            literals.clear()


def _rule(rule: str, number: int, literals: list[int], names: dict[int, str]) -> RuleNode:
    at = Token("name", rule, number, 1)
    items: list[Node] = []
    for literal in literals:
        name = Name((_name(names, abs(literal)),), at)
        items.append(name if literal > 0 else Unary("!", name, at))
    source = " | ".join(
        ("" if literal > 0 else "!") + _name(names, abs(literal)) for literal in literals
    )
    if not items:
        return RuleNode(rule, "", "false", Name(("false",), at), at)
    node = items[0] if len(items) == 1 else Chain(("|",) * (len(items) - 1), tuple(items), at)
    return RuleNode(rule, "", source, node, at)


def _name(names: dict[int, str], variable: int) -> str:
    return names.get(variable, f"x{variable}")


def _root(names: dict[int, str], num_vars: int) -> FeatureNode:
    at = Token("name", ROOT, 1, 1)
    members = [
        FeatureNode(_name(names, each), "Boolean", {}, at) for each in range(1, num_vars + 1)
    ]
    root = FeatureNode(ROOT, "Boolean", {}, at)
    if members:
        root.groups.append(GroupNode("optional", 0, None, at, members))
    return root
