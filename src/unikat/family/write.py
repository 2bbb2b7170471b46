"""Family -> UVL text in one normal form; reading it again gives an equal tree."""

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Final

from unikat.errors import Fault, InvalidFamily
from unikat.family.expression import Node, Tokens, parse_expression
from unikat.family.features import shown_number
from unikat.family.lexis import Faults, Token, read_tokens
from unikat.family.model import Attribute, Family, Feature
from unikat.family.spell import spell
from unikat.family.tree import FeatureNode, GroupNode, RuleNode, Tree

_ID: Final = re.compile(r"[A-Za-z][\w.-]*")
_NOWHERE: Final = Token("end", "", 0, 0)


def write_uvl(source: Tree | Family) -> str:
    """Write a UVL text, tabs for depth: comments vanish, rules keep their ids and reasons.

    Rules without an id of their own get none. A `Family` is written with its imports joined.

    Raises
    ------
    InvalidFamily
        If a text attribute holds both kinds of quotes or a line break; no text read from UVL does.
    """
    tree = source if isinstance(source, Tree) else tree_of(source)
    return "\n".join(_lines(tree)) + "\n"


def _lines(tree: Tree) -> Iterator[str]:
    if tree.namespace:
        yield f"namespace {tree.namespace}"
    if tree.levels:
        yield "include"
        yield from (f"\t{level}" for level in tree.levels)
    if tree.imports:
        yield "imports"
        for each in tree.imports:
            is_own = each.alias.replace('"', "") == each.name
            yield f"\t{each.alias}" if is_own else f"\t{each.written} as {each.alias}"
    yield "features"
    yield from _features(tree.root)
    if tree.rules:
        yield "constraints"
        yield from (f"\t{spell(rule.node)}{_comment(rule)}" for rule in tree.rules)


def _features(root: FeatureNode | None) -> Iterator[str]:
    waiting: list[tuple[int, FeatureNode | GroupNode]] = [(1, root)] if root else []
    while waiting:
        depth, node = waiting.pop()
        yield "\t" * depth + (_group(node) if isinstance(node, GroupNode) else _feature(node))
        waiting.extend((depth + 1, each) for each in reversed(_below(node)))


def _below(node: FeatureNode | GroupNode) -> Sequence[FeatureNode | GroupNode]:
    return node.members if isinstance(node, GroupNode) else node.groups


def _group(node: GroupNode) -> str:
    if node.kind != "cardinality":
        return node.kind
    if node.least == node.most:
        return f"[{node.least}]"
    return f"[{node.least}..{'*' if node.most is None else node.most}]"


def _feature(node: FeatureNode) -> str:
    kind = "" if node.kind == "Boolean" else f"{node.kind} "
    values = {name: value for name, (value, _) in node.attributes.items()}
    return f"{kind}{node.name}" + (f" {_attributes(values)}" if values else "")


def _attributes(values: Mapping[str, Attribute]) -> str:
    each = (name if value is True else f"{name} {_value(value)}" for name, value in values.items())
    return "{" + ", ".join(each) + "}"


def _value(value: Attribute) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, str):
        return _text(value)
    if isinstance(value, tuple):
        return "[" + ", ".join(map(_value, value)) + "]"
    return _attributes(value) if isinstance(value, Mapping) else shown_number(value)


def _text(value: str) -> str:
    quote = '"' if "'" in value else "'"
    if quote in value or "\n" in value:
        message = f"{value!r} cannot be written as a text"
        remedy = "Leave out line breaks and one kind of quotes"
        raise InvalidFamily([Fault("family.uvl", 0, 0, "", message, remedy)])
    return f"{quote}{value}{quote}"


def _comment(rule: RuleNode) -> str:
    if _ID.fullmatch(rule.id):
        return f" // {rule.id}: {rule.text}".rstrip()
    return f" // {rule.text}" if rule.text else ""


def tree_of(family: Family) -> Tree:
    """Return the tree a family was read from, imports joined."""
    nodes = {
        feature.name: FeatureNode(
            feature.name,
            feature.kind,
            {name: (value, _NOWHERE) for name, value in feature.attributes.items()},
            _NOWHERE,
        )
        for feature in family.features
    }
    for feature in family.features:
        if feature.parent is not None and feature.name == feature.siblings[0]:
            members = [nodes[name] for name in feature.siblings]
            nodes[feature.parent].groups.append(_group_of(feature, members))
    rules = [
        RuleNode(rule.id, rule.text, rule.source, _node(rule.source), _NOWHERE)
        for rule in family.rules
    ]
    return Tree(next(iter(nodes.values()), None), rules)


def _group_of(first: Feature, members: list[FeatureNode]) -> GroupNode:
    """Return the group of a feature with the bounds its word stands for."""
    if first.group == "cardinality":
        return GroupNode(first.group, first.least, first.most, _NOWHERE, members)
    least = 0 if first.group == "optional" else 1
    return GroupNode(
        first.group, least, 1 if first.group == "alternative" else None, _NOWHERE, members
    )


def _node(source: str) -> Node:
    return parse_expression(Tokens(read_tokens(source, Faults("family.uvl"), 1, 1)))
