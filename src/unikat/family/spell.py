"""The expression language, written: tree -> text, with no more brackets than needed."""

from collections.abc import Mapping
from typing import Final

from unikat.family.expression import NOT, RANKS, Call, Chain, Name, Node, Number, Text, Unary
from unikat.family.features import shown_number

_RANKS: Final[Mapping[str, int]] = {**RANKS, "!": NOT}
_ATOM: Final = 10


def spell(node: Node) -> str:
    """Write a rule or formula; reading it again gives an equal tree."""
    if isinstance(node, Number):
        return shown_number(node.value)
    if isinstance(node, Text):
        return f"'{node.value}'"
    if isinstance(node, Name):
        return ".".join(node.parts)
    if isinstance(node, Call):
        return f"{node.function}({', '.join(map(spell, node.arguments))})"
    if isinstance(node, Unary):
        return node.sign + _inside(node.item, _ATOM - 1)
    rank = _RANKS[node.signs[0]]
    first, *others = (_inside(item, rank) for item in node.items)
    return first + "".join(f" {sign} {item}" for sign, item in zip(node.signs, others, strict=True))


def _inside(node: Node, rank: int) -> str:
    text = spell(node)
    return text if _rank(node) > rank else f"({text})"


def _rank(node: Node) -> int:
    if isinstance(node, Chain):
        return _RANKS[node.signs[0]]
    if isinstance(node, Unary):
        return NOT if node.sign == "!" else 9
    return _ATOM
