"""The one expression language, as written: tokens -> tree."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Final, TypeAlias

from unikat.family.lexis import Token

MAX_DEPTH = 120
"""Most brackets and signs inside each other; every one takes up to six calls of the reader."""
MAX_LEVELS = 150
"""Most levels of meaning inside each other; every one takes up to four calls of its readers."""
MAX_CHAIN = 60
"""Most items in one chain of `<=>`, `*` or `/`: its meaning nests as deep as it is long."""
MAX_DIGITS = 30
UVL_FUNCTIONS = frozenset({"sum", "avg", "len", "floor", "ceil"})
SHEET_FUNCTIONS = UVL_FUNCTIONS | {"min", "max"}
COMPARISONS = frozenset({"==", "!=", "<", "<=", ">", ">="})
RANKS: Final[Mapping[str, int]] = {
    "<=>": 1,
    "=>": 2,
    "|": 3,
    "&": 4,
    **dict.fromkeys(COMPARISONS, 6),
    **dict.fromkeys(("+", "-"), 7),
    **dict.fromkeys(("*", "/"), 8),
}
"""How tightly the signs between two items bind."""
NOT: Final = 5
"""How tightly `!` binds."""
_ONCE: Final[Mapping[int, tuple[str, str]]] = {
    2: ("a chain of '=>' has no agreed meaning", "Put brackets around one of them"),
    6: ("two comparisons in a row", "Join them with '&'"),
}
"""Ranks whose signs may not follow each other: what is said then."""
_NESTED: Final = frozenset({"<=>", "*", "/"})


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
        self._num = len(tokens)
        self._next = 0
        self.depth = 0
        last = tokens[-1] if tokens else Token("end", "", line, 1)
        column = last.column + len(last.text)
        self._end = Token("end", "the end of the line", last.line, column, last.file)

    def peek(self, ahead: int = 0) -> Token:
        """Return the next token without taking it."""
        place = self._next + ahead
        return self._tokens[place] if place < self._num else self._end

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

    def rank(self) -> int:
        """Return how tightly the next token binds as a sign between two items; 0 if it is none."""
        token = self.peek()
        return RANKS.get(token.text, 0) if token.kind == "sign" else 0

    def enter(self) -> None:
        """Count a bracket or sign; too many inside each other would exhaust the reader."""
        self.depth += 1
        if self.depth > MAX_DEPTH:
            message = f"more than {MAX_DEPTH} brackets and signs inside each other"
            raise BadExpression(self.peek(), message, "Split the line")

    def leave(self) -> None:
        """Count a bracket that closes."""
        self.depth -= 1

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
    is_whole = not tokens.depth
    tokens.enter()
    at = tokens.peek()
    node = _climb(tokens, RANKS["<=>"])
    tokens.leave()
    if is_whole and _levels(node) > MAX_LEVELS:
        raise BadExpression(at, f"more than {MAX_LEVELS} levels of signs", "Split the line")
    return node


def _climb(tokens: Tokens, least: int) -> Node:
    """Read what binds at least as tightly as rank `least` (precedence climbing)."""
    node = _operand(tokens, least)
    while (rank := tokens.rank()) >= least:
        node = _chain(tokens, node, rank)
    return node


def _chain(tokens: Tokens, first: Node, rank: int) -> Chain:
    """Read the signs of one rank, and what they join to `first`."""
    tokens.enter()
    at, items = tokens.peek(), [first]
    signs: list[str] = []
    while tokens.rank() == rank:
        if signs and rank in _ONCE:
            raise BadExpression(tokens.peek(), *_ONCE[rank])
        signs.append(tokens.take().text)
        items.append(_climb(tokens, rank + 1))
    tokens.leave()
    if signs[0] in _NESTED and len(items) > MAX_CHAIN:
        message = f"more than {MAX_CHAIN} in one chain of {signs[0]!r}"
        raise BadExpression(at, message, "Split the line")
    return Chain(tuple(signs), tuple(items), at)


def _operand(tokens: Tokens, least: int) -> Node:
    at = tokens.peek()
    if at.text == "!" and least <= NOT:
        is_negated = False
        while tokens.skip("!"):
            is_negated = not is_negated
        tokens.enter()
        node = _climb(tokens, NOT + 1)
        tokens.leave()
        return Unary("!", node, at) if is_negated else node
    if tokens.skip("-"):
        return Unary("-", _atom(tokens), at)
    return _atom(tokens)


def _levels(node: Node) -> int:
    """Return how deep the meaning of an expression nests."""
    most, waiting = 0, [(1, node)]
    while waiting:
        level, node = waiting.pop()
        most = max(most, level)
        if isinstance(node, Chain):
            level += len(node.items) if node.signs[0] in _NESTED else 1
            waiting += [(level, item) for item in node.items]
        elif isinstance(node, Unary):
            waiting.append((level + 1, node.item))
        elif isinstance(node, Call):
            waiting += [(level + 1, item) for item in node.arguments]
    return most


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
