"""UVL text -> tree of features and list of rules; a fault skips to the next line."""

import re
from dataclasses import dataclass
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
from unikat.family.preamble import read_preamble
from unikat.family.spell import spell
from unikat.family.tree import FeatureNode, GroupNode, RuleNode, Tree

KINDS: Final = frozenset({"Boolean", "Integer", "Real", "String"})
GROUPS: Final = frozenset({"mandatory", "optional", "or", "alternative"})
SECTIONS: Final = ("namespace", "include", "imports", "features", "constraints")
_RULE_ID: Final = re.compile(r"([A-Za-z][\w.-]*)\s*:\s*(.*)")


@dataclass(slots=True)
class _Open:
    """A feature or group whose deeper lines follow; the first of them gives `child_indent`."""

    indent: int
    node: FeatureNode | GroupNode
    child_indent: int | None = None


def parse_tree(text: str, faults: Faults, file: str = "") -> Tree:
    """Read one UVL file; every fault is noted with its place, and reading goes on.

    `file` is what the places in an imported file are marked with.
    """
    tree = Tree()
    for section, head, lines in _sections(read_lines(text, faults, file), faults):
        if section == "features":
            _read_features(tree, head, lines, faults)
        elif section == "constraints":
            _read_rules(tree, lines, faults)
        else:
            read_preamble(tree, section, head, lines, faults)
        if section != "namespace" and len(head.tokens) > 1:
            message = f"{shown(head.tokens[1])} stands behind {section!r}"
            faults.at(head.tokens[1], message, "Write it in the next line, indented")
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
                faults.at(first, message, "Join it with the first one")
            found.append((first.text, line, []))
        elif line.indent == 0 or not found:
            message = f"{shown(first)} stands outside of every section"
            remedy = f"Indent it, or begin one of {', '.join(SECTIONS)}"
            faults.at(first, message, remedy)
        else:
            found[-1][2].append(line)
    return found


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
            faults.at(bad.token, bad.message, bad.remedy)
            node = _rescued(line, above)
        stack.append(_Open(line.indent, node))
    if not lines:
        at = head.tokens[0]
        faults.at(at, "no root feature", "Write one feature below 'features'")


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
        faults.at(first, message, f"Indent it by {above.child_indent} columns")
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
        attributes = parse_attributes(tokens, lambda node, token: _inner(tree, node, token), faults)
    tokens.end("Remove it, or put a name with such signs into double quotes")
    return FeatureNode(name, kind, attributes, at)


def _inner(tree: Tree, node: Node, at: Token) -> None:
    """Take a rule written as an attribute."""
    name = f"line {at.line}"
    if tree.rules and tree.rules[-1].at.line == at.line:
        _, _, count = tree.rules[-1].id.partition(".")
        name += f".{int(count or 1) + 1}"
    tree.rules.append(RuleNode(name, "", spell(node), node, at))


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
    tokens.end("Write the features of the group below it")
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
            faults.at(first, message, "Give every rule its own id")
        seen.add(rule_id)
        try:
            tokens = Tokens(line.tokens, line.number)
            node = parse_expression(tokens)
            tokens.end()
        except BadExpression as bad:
            faults.at(bad.token, bad.message, bad.remedy)
            continue
        tree.rules.append(RuleNode(rule_id, text, _source(line, node), node, first))


def _source(line: Line, node: Node) -> str:
    """Return a rule as written, without comments."""
    source = line.source.rstrip().removesuffix(line.comment).rstrip()
    source = source.removesuffix("//").rstrip()
    is_plain = not any(each in source for each in ("//", "/*", "\n"))
    return source if is_plain else spell(node)
