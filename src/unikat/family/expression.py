"""The one expression language, as written: tokens -> tree."""

from collections.abc import Callable
from dataclasses import dataclass, field
from fractions import Fraction
from typing import TypeAlias

from unikat.family.lexis import Token

MAX_DEPTH = 60
MAX_DIGITS = 30
UVL_FUNCTIONS = frozenset({"sum", "avg", "len", "floor", "ceil"})
SHEET_FUNCTIONS = UVL_FUNCTIONS | {"min", "max"}
COMPARISONS = frozenset({"==", "!=", "<", "<=", ">", ">="})


class BadExpression(Exception):
    """The expression cannot be read at `token`; caught by the readers of this room."""

    def __init__(self, token: Token, message: str, remedy: str) -> None:
        self.token = token
        self.message = message
        self.remedy = remedy
        super().__init__(message)


@dataclass(frozen=True, slots=True)
class Number:
    """A number, exact as written."""

    value: Fraction
    at: Token = field(compare=False)


@dataclass(frozen=True, slots=True)
class Text:
    """A text in single quotes."""

    value: str
    at: Token = field(compare=False)


@dataclass(frozen=True, slots=True)
class Name:
    """A feature, or feature.attribute; the quotes of a quoted name belong to it."""

    parts: tuple[str, ...]
    at: Token = field(compare=False)


@dataclass(frozen=True, slots=True)
class Unary:
    """`! x` or `- x`."""

    sign: str
    item: "Node"
    at: Token = field(compare=False)


@dataclass(frozen=True, slots=True)
class Chain:
    """Items joined by signs of one level: `signs[i]` stands before `items[i + 1]`."""

    signs: tuple[str, ...]
    items: tuple["Node", ...]
    at: Token = field(compare=False)


@dataclass(frozen=True, slots=True)
class Call:
    """A function with its arguments."""

    function: str
    arguments: tuple["Node", ...]
    at: Token = field(compare=False)


Node: TypeAlias = Number | Text | Name | Unary | Chain | Call


class Tokens:
    """A cursor over the tokens of one line; `functions` are those it may call."""

    def __init__(
        self, tokens: list[Token], line: int = 1, functions: frozenset[str] = UVL_FUNCTIONS
    ) -> None:
        self.functions = functions
        self._tokens = tokens
        self._next = 0
        self._depth = 0
        last = tokens[-1] if tokens else Token("end", "", line, 1)
        column = last.column + len(last.text)
        self._end = Token("end", "the end of the line", last.line, column, last.file)

    def peek(self, ahead: int = 0) -> Token:
        """Return the next token without taking it."""
        place = self._next + ahead
        return self._tokens[place] if place < len(self._tokens) else self._end

    def take(self) -> Token:
        """Take the next token."""
        token = self.peek()
        self._next += 1
        return token

    def at_sign(self, *signs: str) -> bool:
        """Whether the next token is one of these signs."""
        token = self.peek()
        return token.kind == "sign" and token.text in signs

    def skip(self, sign: str) -> bool:
        """Take this sign if it is next."""
        found = self.at_sign(sign)
        self._next += found
        return found

    def expect(self, sign: str) -> Token:
        """Take this sign or fail."""
        if not self.at_sign(sign):
            token = self.peek()
            raise BadExpression(
                token, f"{sign!r} expected, found {shown(token)}", f"Write {sign!r} here"
            )
        return self.take()

    def enter(self) -> None:
        """Count a bracket that opens; too many inside each other would exhaust the reader."""
        self._depth += 1
        if self._depth > MAX_DEPTH:
            message = f"more than {MAX_DEPTH} brackets inside each other"
            raise BadExpression(self.peek(), message, "Split the line")

    def leave(self) -> None:
        """Count a bracket that closes."""
        self._depth -= 1

    def end(self, remedy: str = "Remove it or join it with an operator") -> None:
        """Fail unless all tokens are taken."""
        token = self.peek()
        if token.kind != "end":
            raise BadExpression(token, f"{shown(token)} is not expected here", remedy)


def shown(token: Token) -> str:
    """Return the token as a message shows it."""
    return token.text if token.kind == "end" else repr(token.text)


def parse_expression(tokens: Tokens) -> Node:
    """Read one rule or formula: the whole grammar from `<=>` down to a number."""
    tokens.enter()
    node = _short(_chain(tokens, ("<=>",), _implication))
    tokens.leave()
    return node


def _implication(tokens: Tokens) -> Node:
    left = _either(tokens)
    if not tokens.at_sign("=>"):
        return left
    at = tokens.take()
    right = _either(tokens)
    if tokens.at_sign("=>"):
        message = "a chain of '=>' has no agreed meaning"
        raise BadExpression(tokens.peek(), message, "Put brackets around one of them")
    return Chain(("=>",), (left, right), at)


def _either(tokens: Tokens) -> Node:
    return _chain(tokens, ("|",), _both)


def _both(tokens: Tokens) -> Node:
    return _chain(tokens, ("&",), _negation)


def _negation(tokens: Tokens) -> Node:
    at = tokens.peek()
    is_negated = False
    while tokens.skip("!"):
        is_negated = not is_negated
    node = _comparison(tokens)
    return Unary("!", node, at) if is_negated else node


def _comparison(tokens: Tokens) -> Node:
    left = _sum(tokens)
    if not tokens.at_sign(*COMPARISONS):
        return left
    at = tokens.take()
    right = _sum(tokens)
    if tokens.at_sign(*COMPARISONS):
        raise BadExpression(tokens.peek(), "two comparisons in a row", "Join them with '&'")
    return Chain((at.text,), (left, right), at)


def _sum(tokens: Tokens) -> Node:
    return _chain(tokens, ("+", "-"), _product)


def _product(tokens: Tokens) -> Node:
    return _short(_chain(tokens, ("*", "/"), _signed))


def _short(node: Node) -> Node:
    """Refuse a chain whose meaning nests as deep as it is long."""
    if not isinstance(node, Chain) or node.signs[0] not in ("<=>", "*", "/"):
        return node
    if len(node.items) > MAX_DEPTH:
        message = f"more than {MAX_DEPTH} in one chain of {node.signs[0]!r}"
        raise BadExpression(node.at, message, "Split the line")
    return node


def _chain(tokens: Tokens, signs: tuple[str, ...], part: Callable[[Tokens], Node]) -> Node:
    items = [part(tokens)]
    used = []
    at = tokens.peek()
    while tokens.at_sign(*signs):
        used.append(tokens.take().text)
        items.append(part(tokens))
    return items[0] if not used else Chain(tuple(used), tuple(items), at)


def _signed(tokens: Tokens) -> Node:
    if tokens.at_sign("-"):
        at = tokens.take()
        return Unary("-", _atom(tokens), at)
    return _atom(tokens)


def _atom(tokens: Tokens) -> Node:
    token = tokens.peek()
    if tokens.skip("("):
        node = parse_expression(tokens)
        tokens.expect(")")
        return node
    if token.kind == "number":
        tokens.take()
        return Number(read_number(token), token)
    if token.kind == "text":
        tokens.take()
        return Text(token.text[1:-1], token)
    if token.kind == "name" and tokens.peek(1).text == "(":
        return _call(tokens)
    return parse_name(tokens)


def read_number(token: Token) -> Fraction:
    """Return the number of a token, exact as written."""
    if len(token.text) > MAX_DIGITS:
        raise BadExpression(token, f"a number of more than {MAX_DIGITS} digits", "Shorten it")
    return Fraction(token.text)


def _call(tokens: Tokens) -> Node:
    token = tokens.take()
    if token.text not in tokens.functions:
        known = ", ".join(sorted(tokens.functions))
        raise BadExpression(token, f"unknown function {token.text!r}", f"Known here: {known}")
    tokens.expect("(")
    arguments = [parse_expression(tokens)]
    while tokens.skip(","):
        arguments.append(parse_expression(tokens))
    tokens.expect(")")
    return Call(token.text, tuple(arguments), token)


def parse_name(tokens: Tokens) -> Name:
    """Read `name {"." name}`."""
    token = tokens.peek()
    parts = []
    while True:
        part = tokens.take()
        if part.kind not in ("name", "quoted"):
            message = f"a name is expected, found {shown(part)}"
            raise BadExpression(part, message, "Write a feature, a number or a bracket")
        parts.append(part.text)
        if not tokens.skip("."):
            return Name(tuple(parts), token)
