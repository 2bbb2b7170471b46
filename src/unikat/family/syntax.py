"""UVL text -> tree of features and list of rules; a fault skips to the next line."""

import re
from dataclasses import dataclass, field
from typing import Final

from unikat.family.attributes import Attributes, parse_attributes
from unikat.family.expression import (
    MAX_DIGITS,
    BadExpression,
    Node,
    Tokens,
    parse_expression,
    parse_name,
    shown,
)
from unikat.family.lexis import Faults, Line, Token, read_lines

KINDS: Final = frozenset({"Boolean", "Integer", "Real", "String"})
GROUPS: Final = frozenset({"mandatory", "optional", "or", "alternative"})
SECTIONS: Final = ("namespace", "include", "imports", "features", "constraints")
_LEVELS: Final = frozenset({"Boolean", "Arithmetic", "Type", "SAT-level", "SMT-level"})
_SUBLEVELS: Final = frozenset(
    {"*", "group-cardinality", "aggregate-function", "numeric-constraints", "string-constraints"}
)
_RULE_ID: Final = re.compile(r"([A-Za-z][\w.-]*)\s*:\s*(.*)")


@dataclass(slots=True)
class FeatureNode:
    """A feature as written."""

    name: str
    kind: str
    attributes: Attributes
    at: Token
    groups: list["GroupNode"] = field(default_factory=list)


@dataclass(slots=True)
class GroupNode:
    """A group as written; `most` is None for `*`."""

    kind: str
    least: int
    most: int | None
    at: Token
    members: list[FeatureNode] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class RuleNode:
    """A rule as written; `id` is "line 42" when no comment names it."""

    id: str
    text: str
    source: str
    node: Node
    at: Token


@dataclass(slots=True)
class Tree:
    """A UVL text as written; `is_whole` is False when a feature line could not be read."""

    root: FeatureNode | None = None
    rules: list[RuleNode] = field(default_factory=list)
    is_whole: bool = True


@dataclass(slots=True)
class _Open:
    """A feature or group whose deeper lines follow; the first of them gives `child_indent`."""

    indent: int
    node: FeatureNode | GroupNode
    child_indent: int | None = None


def parse_tree(text: str, faults: Faults) -> Tree:
    """Read a family.uvl; every fault is noted with its place, and reading goes on."""
    tree = Tree()
    for section, head, lines in _sections(read_lines(text, faults), faults):
        if section == "features":
            _read_features(tree, head, lines, faults)
        elif section == "constraints":
            _read_rules(tree, lines, faults)
        else:
            _read_preamble(section, head, lines, faults)
    if tree.root is None and tree.is_whole:
        faults.add(1, 1, "no features", "Begin with 'features' and one root feature below it")
    return tree


def _sections(lines: list[Line], faults: Faults) -> list[tuple[str, Line, list[Line]]]:
    found: list[tuple[str, Line, list[Line]]] = []
    for line in lines:
        first = line.tokens[0]
        if line.indent == 0 and first.text in SECTIONS:
            if any(section == first.text for section, _, _ in found):
                message = f"a second {first.text!r}"
                faults.add(first.line, first.column, message, "Join it with the first one")
            found.append((first.text, line, []))
        elif line.indent == 0 or not found:
            message = f"{shown(first)} stands outside of every section"
            remedy = f"Indent it, or begin one of {', '.join(SECTIONS)}"
            faults.add(first.line, first.column, message, remedy)
        else:
            found[-1][2].append(line)
    return found


def _read_preamble(section: str, head: Line, lines: list[Line], faults: Faults) -> None:
    first = head.tokens[0]
    if section == "imports":
        remedy = "Copy the imported features into this file"
        faults.add(first.line, first.column, "imports are not supported", remedy)
    elif section == "include":
        for line in lines:
            _check_level(line, faults)
    else:
        for line in lines:
            at = line.tokens[0]
            faults.add(at.line, at.column, f"{shown(at)} below 'namespace'", "Remove it")


def _check_level(line: Line, faults: Faults) -> None:
    at = line.tokens[0]
    level, _, sublevel = "".join(token.text for token in line.tokens).partition(".")
    if level not in _LEVELS or (sublevel and sublevel not in _SUBLEVELS):
        name = f"{level}.{sublevel}" if sublevel else level
        remedy = f"Known: {', '.join(sorted(_LEVELS))}; for a feature cardinality use an Integer"
        faults.add(at.line, at.column, f"unknown language level {name!r}", remedy)


def _read_features(tree: Tree, head: Line, lines: list[Line], faults: Faults) -> None:
    stack: list[_Open] = []
    for line in lines:
        while stack and stack[-1].indent >= line.indent:
            stack.pop()
        above = stack[-1] if stack else None
        try:
            node = _read_node(tree, line, above, faults)
        except BadExpression as bad:
            tree.is_whole = False
            faults.add(bad.token.line, bad.token.column, bad.message, bad.remedy)
            node = _rescued(line, above)
        stack.append(_Open(line.indent, node))
    if not lines:
        at = head.tokens[0]
        faults.add(at.line, at.column, "no root feature", "Write one feature below 'features'")


def _read_node(
    tree: Tree, line: Line, above: _Open | None, faults: Faults
) -> FeatureNode | GroupNode:
    first = line.tokens[0]
    if above is None:
        node = _feature(line, tree, faults)
        if tree.root is not None:
            raise BadExpression(first, "a second root feature", "Indent it below the first one")
        tree.root = node
        return node
    if above.child_indent is None:
        above.child_indent = line.indent
    elif above.child_indent != line.indent:
        message = "indentation differs from the lines beside it"
        faults.add(first.line, first.column, message, f"Indent it by {above.child_indent} columns")
    if isinstance(above.node, GroupNode):
        node = _feature(line, tree, faults)
        above.node.members.append(node)
        return node
    group = _group(line)
    above.node.groups.append(group)
    return group


def _rescued(line: Line, above: _Open | None) -> FeatureNode | GroupNode:
    """Stand in for an unreadable line, so that the lines below it are still read."""
    first = line.tokens[0]
    if above is not None and isinstance(above.node, FeatureNode):
        return GroupNode("optional", 0, None, first)
    return FeatureNode("", "Boolean", {}, first)


def _feature(line: Line, tree: Tree, faults: Faults) -> FeatureNode:
    tokens = Tokens(line.tokens, line.number)
    kind = "Boolean"
    if tokens.peek().text in KINDS and tokens.peek(1).kind in ("name", "quoted"):
        kind = tokens.take().text
    at = tokens.peek()
    if at.text in GROUPS and at.kind == "name":
        message = f"{at.text!r} stands where a feature is expected"
        raise BadExpression(at, message, "A group holds features, not groups")
    name = ".".join(parse_name(tokens).parts)
    if tokens.peek().text == "cardinality":
        message = "feature cardinalities are not supported"
        raise BadExpression(
            tokens.peek(), message, "Use an Integer feature for the number of copies"
        )
    attributes: Attributes = {}
    if tokens.at_sign("{"):
        attributes = parse_attributes(
            tokens, lambda node, token: _inner(tree, line, node, token), faults
        )
    tokens.end()
    return FeatureNode(name, kind, attributes, at)


def _inner(tree: Tree, line: Line, node: Node, at: Token) -> None:
    """Take a rule written as an attribute."""
    count = sum(rule.at.line == at.line for rule in tree.rules)
    name = f"line {at.line}" + (f".{count + 1}" if count else "")
    tree.rules.append(RuleNode(name, "", line.source, node, at))


def _group(line: Line) -> GroupNode:
    tokens = Tokens(line.tokens, line.number)
    at = tokens.take()
    if at.kind == "name" and at.text in GROUPS:
        least = 0 if at.text == "optional" else 1
        most = 1 if at.text == "alternative" else None
        group = GroupNode(at.text, least, most, at)
    elif at.text == "[":
        group = GroupNode("cardinality", *_range(tokens, at), at)
    else:
        message = f"{shown(at)} stands where a group is expected"
        remedy = "Write mandatory, optional, or, alternative or [n..m] between feature and features"
        raise BadExpression(at, message, remedy)
    tokens.end()
    return group


def _range(tokens: Tokens, at: Token) -> tuple[int, int | None]:
    least = _count(tokens)
    most: int | None = least
    if tokens.skip(".."):
        most = None if tokens.skip("*") else _count(tokens)
    tokens.expect("]")
    if most is not None and most < least:
        message = f"[{least}..{most}] holds no number"
        raise BadExpression(at, message, "Write the smaller number first")
    return least, most


def _count(tokens: Tokens) -> int:
    token = tokens.take()
    if token.kind != "number" or "." in token.text or len(token.text) > MAX_DIGITS:
        raise BadExpression(token, f"a whole number expected, found {shown(token)}", "Write [n..m]")
    return int(token.text)


def _read_rules(tree: Tree, lines: list[Line], faults: Faults) -> None:
    seen: set[str] = set()
    for line in lines:
        first = line.tokens[0]
        named = _RULE_ID.fullmatch(line.comment)
        rule_id, text = (named[1], named[2]) if named else (f"line {line.number}", line.comment)
        if rule_id in seen:
            message = f"a second rule {rule_id!r}"
            faults.add(first.line, first.column, message, "Give every rule its own id")
        seen.add(rule_id)
        try:
            tokens = Tokens(line.tokens, line.number)
            node = parse_expression(tokens)
            tokens.end()
        except BadExpression as bad:
            faults.add(bad.token.line, bad.token.column, bad.message, bad.remedy)
            continue
        tree.rules.append(RuleNode(rule_id, text, line.source.split("//")[0].strip(), node, first))
