"""`{price 300, unit 'mm', zones [1, 2]}`: the attributes of one feature."""

from collections.abc import Callable
from typing import TypeAlias

from unikat.family.expression import (
    BadExpression,
    Node,
    Tokens,
    parse_expression,
    read_number,
    shown,
)
from unikat.family.lexis import Faults, Token
from unikat.family.model import Attribute

Attributes: TypeAlias = dict[str, tuple[Attribute, Token]]
"""Name -> value and the place of the name."""
TakeRule: TypeAlias = Callable[[Node, Token], None]


def parse_attributes(tokens: Tokens, take_rule: TakeRule, faults: Faults) -> Attributes:
    """Read `{name value, ...}`; `constraint` and `constraints` go to `take_rule`."""
    found: Attributes = {}
    tokens.expect("{")
    while not tokens.at_sign("}"):
        _attribute(tokens, found, take_rule, faults)
        if not tokens.skip(","):
            break
    tokens.expect("}")
    return found


def _attribute(tokens: Tokens, found: Attributes, take_rule: TakeRule, faults: Faults) -> None:
    at = tokens.take()
    if at.kind not in ("name", "quoted"):
        message = f"an attribute name is expected, found {shown(at)}"
        raise BadExpression(at, message, "Write {name value, name value}")
    if at.text == "constraint":
        take_rule(parse_expression(tokens), at)
    elif at.text == "constraints":
        _rules(tokens, take_rule)
    elif at.text in found:
        faults.at(at, f"a second attribute {at.text!r}", "Remove one of them")
        _value(tokens)
    else:
        found[at.text] = (_value(tokens), at)


def _rules(tokens: Tokens, take_rule: TakeRule) -> None:
    tokens.expect("[")
    while not tokens.at_sign("]"):
        at = tokens.peek()
        take_rule(parse_expression(tokens), at)
        if not tokens.skip(","):
            break
    tokens.expect("]")


def _value(tokens: Tokens) -> Attribute:
    if tokens.at_sign(",", "}"):
        return True
    if tokens.at_sign("[", "{"):
        tokens.enter()
        inner = _vector(tokens) if tokens.at_sign("[") else _inner(tokens)
        tokens.leave()
        return inner
    sign = -1 if tokens.skip("-") else 1
    token = tokens.take()
    if token.kind == "number":
        return sign * read_number(token)
    if sign == 1 and token.kind in ("text", "quoted"):
        return token.text[1:-1]
    if sign == 1 and token.text in ("true", "false"):
        return token.text == "true"
    message = f"{shown(token)} is no attribute value"
    raise BadExpression(token, message, "Write true, false, a number, a 'text', {...} or [...]")


def _inner(tokens: Tokens) -> Attribute:
    found = parse_attributes(tokens, _no_rule, Faults(""))
    return {name: value for name, (value, _) in found.items()}


def _vector(tokens: Tokens) -> Attribute:
    tokens.expect("[")
    values = []
    while not tokens.at_sign("]"):
        values.append(_value(tokens))
        if not tokens.skip(","):
            break
    tokens.expect("]")
    return tuple(values)


def _no_rule(node: Node, at: Token) -> None:
    raise BadExpression(
        at, "a rule inside an inner attribute", "Move it to the feature's attributes"
    )
