"""Text -> logical lines of tokens, with line and column; faults are collected, never raised."""

import re
from dataclasses import dataclass, field

from unikat.errors import Fault

TAB = 8
MAX_FAULTS = 500
"""Reading stops at so many faults: whoever sent such a text will not correct more at once."""
MAX_REREAD = 1_000_000
"""Most letters read again behind brackets never closed."""
MAX_LETTERS = 16_000_000
"""Longest text that is read; 18,616 features with their rules take 0.8 million."""
_TOKEN = re.compile(
    r"""(?P<newline>\n)
      | (?P<space>[ \t\r\f]+)
      | (?P<comment>//[^\n]*)
      | (?P<block>/\*.*?\*/)
      | (?P<unclosed>/\*)
      | (?P<number>[0-9]+(?:\.[0-9]+)?)
      | (?P<name>[^\W\d][\w\#§%?;]*)
      | (?P<quoted>"[^"\n]*")
      | (?P<text>'[^'\n]*')
      | (?P<sign><=>|=>|==|!=|<=|>=|\.\.|[-+*/<>!&|()\[\]{},.])""",
    re.VERBOSE | re.DOTALL,
)
_OPEN = {"(": ")", "[": "]", "{": "}"}


class TooManyFaults(Exception):
    """Reading on is of no use; caught by the readers of this room."""


@dataclass(slots=True)
class Faults:
    """The faults of one file, collected in any sequence."""

    file: str
    found: list[Fault] = field(default_factory=list)

    def add(self, line: int, column: int, message: str, remedy: str, *, key: str = "") -> None:
        """Note one fault; raises TooManyFaults."""
        self.found.append(Fault(self.file, line, column, key, message, remedy))
        if len(self.found) >= MAX_FAULTS:
            raise TooManyFaults

    def check_length(self, num_letters: int) -> None:
        """Refuse a text that is too long; raises TooManyFaults."""
        if num_letters > MAX_LETTERS:
            message = f"{num_letters} letters; at most {MAX_LETTERS} are read"
            self.add(1, 1, message, "Split the family")
            raise TooManyFaults

    def at(self, token: "Token", message: str, remedy: str, *, key: str = "") -> None:
        """Note a fault at a token, in the file it stands in; raises TooManyFaults."""
        of_file = Faults(token.file or self.file, self.found)
        of_file.add(token.line, token.column, message, remedy, key=key)


@dataclass(frozen=True, slots=True)
class Token:
    """One token; `kind` is number, name, quoted ("..."), text ('...'), sign or end.

    `file` is the imported file it stands in, "" for the family's own. Its place does not count for
    equality.
    """

    kind: str
    text: str
    line: int = field(compare=False)
    column: int = field(compare=False)
    file: str = field(default="", compare=False)


@dataclass(slots=True)
class Line:
    """One logical line: `indent` in columns, tabs expanded; `comment` what follows `//` on it."""

    number: int
    indent: int
    tokens: list[Token]
    source: str = ""
    comment: str = ""


@dataclass(slots=True)
class _Reader:
    text: str
    faults: Faults
    file: str = ""
    lines: list[Line] = field(default_factory=list)
    current: Line | None = None
    brackets: list[Token] = field(default_factory=list)
    number: int = 1
    start: int = 0
    begun_at: int = 0


def read_lines(text: str, faults: Faults, file: str = "") -> list[Line]:
    """Cut a UVL text into logical lines; open brackets join lines, empty lines vanish.

    `file` is what the tokens of an imported file are marked with.
    """
    reader = _Reader(text, faults, file)
    position, num_reread = 0, 0
    while True:
        position = _read_to_end(reader, position)
        if not reader.brackets:
            return reader.lines
        position = _reopen(reader)
        num_reread += len(text) - position
        if num_reread > MAX_REREAD:
            faults.add(reader.number, 1, "reading stops here", "Correct what stands above first")
            raise TooManyFaults


def _read_to_end(reader: _Reader, position: int) -> int:
    text = reader.text
    while position < len(text):
        match = _TOKEN.match(text, position)
        if match is None:
            _unreadable(reader, position)
            position += 1
            continue
        if match.lastgroup == "unclosed":
            column = position - reader.start + 1
            reader.faults.add(reader.number, column, "'/*' is never closed", "Add '*/'")
            break
        position = match.end()
        _take(reader, match)
    if not reader.brackets:
        _finish(reader, position)
    return position


def _take(reader: _Reader, match: re.Match[str]) -> None:
    kind = match.lastgroup or ""
    if kind == "newline":
        if not reader.brackets:
            _finish(reader, match.start())
        reader.number += 1
        reader.start = match.end()
    elif kind == "comment":
        if reader.current is not None:
            reader.current.comment = match.group()[2:].strip()
    elif kind == "block":
        reader.number += match.group().count("\n")
        if "\n" in match.group():
            reader.start = match.start() + match.group().rindex("\n") + 1
    elif kind != "space":
        column = match.start() - reader.start + 1
        token = Token(kind, match.group(), reader.number, column, reader.file)
        _token(reader, token, match.start())


def _token(reader: _Reader, token: Token, position: int) -> None:
    if reader.current is None:
        lead = reader.text[reader.start : position].expandtabs(TAB)
        reader.current = Line(token.line, len(lead), [])
        reader.begun_at = position
    reader.current.tokens.append(token)
    if token.kind == "sign" and token.text in _OPEN:
        reader.brackets.append(token)
    elif token.kind == "sign" and token.text in _OPEN.values():
        _close(reader, token)


def _close(reader: _Reader, token: Token) -> None:
    if reader.brackets and _OPEN[reader.brackets[-1].text] == token.text:
        reader.brackets.pop()
        return
    reader.brackets.clear()
    message = f"{token.text!r} closes nothing that is open"
    reader.faults.add(token.line, token.column, message, "Balance the brackets")


def _finish(reader: _Reader, position: int) -> None:
    if reader.current is not None:
        reader.current.source = reader.text[reader.begun_at : position]
        reader.lines.append(reader.current)
    reader.current = None


def _reopen(reader: _Reader) -> int:
    """Report a bracket never closed, end its line at the line break, and go on behind it."""
    bracket = reader.brackets[0]
    message = f"{bracket.text!r} is never closed"
    reader.faults.add(bracket.line, bracket.column, message, f"Add {_OPEN[bracket.text]!r}")
    line = reader.current
    reader.brackets.clear()
    reader.current = None
    position = 0
    for _ in range(bracket.line):
        position = reader.text.find("\n", position) + 1 or len(reader.text)
    if line is not None:
        line.tokens = [token for token in line.tokens if token.line <= bracket.line]
        line.source = reader.text[reader.begun_at : position].rstrip()
        reader.lines.append(line)
    reader.number = bracket.line + 1
    reader.start = position
    return position


def _unreadable(reader: _Reader, position: int) -> None:
    sign = reader.text[position]
    remedy = "Close the quote on the same line" if sign in "'\"" else "Remove it"
    column = position - reader.start + 1
    reader.faults.add(reader.number, column, f"unreadable character {sign!r}", remedy)


def read_tokens(text: str, faults: Faults, line: int, column: int) -> list[Token]:
    """Cut one formula into tokens; `line`, `column` is where the formula begins in its file."""
    own = Faults(faults.file)
    try:
        tokens = [token for each in read_lines(text, own) for token in each.tokens]
    except TooManyFaults:
        tokens = []
    for fault in own.found:
        at = _shifted(fault.line, fault.column, line, column)
        faults.add(*at, fault.message, fault.remedy)
    return [
        Token(token.kind, token.text, *_shifted(token.line, token.column, line, column))
        for token in tokens
    ]


def _shifted(line: int, column: int, by_line: int, by_column: int) -> tuple[int, int]:
    if by_line == 0:
        return 0, column
    return by_line + line - 1, column + by_column - 1 if line == 1 else column
