"""Text -> logical lines of tokens, with line and column; faults are collected, never raised."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Final

from unikat.errors import Fault

TAB = 8
MAX_FAULTS = 500
"""Reading stops at so many faults: whoever sent such a text will not correct more at once."""
MAX_TOLD = 300
"""Longest message; longer names are cut."""
MAX_REREAD = 1_000_000
"""Most letters read again behind brackets never closed."""
MAX_LETTERS = 16_000_000
"""Longest text that is read; 18,616 features with their rules take 0.8 million."""
MAX_TOKENS = 1_000_000
"""Most names, numbers and signs of a text; 18,616 features with their rules take 26,000."""
_TOKEN = re.compile(
    r"""[ \t\r\f]*+
      (?:(?P<newline>\n)
      | (?P<name>[^\W\d][\w\#§%?;]*)
      | (?P<comment>//[^\n]*)
      | (?P<block>/\*.*?\*/)
      | (?P<unclosed>/\*.*)
      | (?P<number>[0-9]+(?:\.[0-9]+)?)
      | (?P<quoted>"[^"\n]*")
      | (?P<text>'[^'\n]*')
      | (?P<open>[(\[{])
      | (?P<close>[)\]}])
      | (?P<sign><=>|=>|==|!=|<=|>=|\.\.|[-+*/<>!&|,.])
      | (?P<end>\Z)
      | (?P<unreadable>.))""",
    re.VERBOSE | re.DOTALL,
)
_KINDS = {index: kind for kind, index in _TOKEN.groupindex.items()}
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
        key, message, remedy = _cut(key), _cut(message), _cut(remedy)
        self.found.append(Fault(self.file, line, column, key, message, remedy))
        if len(self.found) >= MAX_FAULTS:
            raise TooManyFaults

    def check_length(self, num_letters: int, most: int | None = None) -> None:
        """Refuse a text that is too long; raises TooManyFaults."""
        most = MAX_LETTERS if most is None else most
        if num_letters > most:
            message = f"more than {most} letters; at most {most} are read"
            self.add(1, 1, message, "Split the family")
            raise TooManyFaults

    def at(self, token: "Token", message: str, remedy: str, *, key: str = "") -> None:
        """Note a fault at a token, in the file it stands in; raises TooManyFaults."""
        of_file = Faults(token.file or self.file, self.found)
        of_file.add(token.line, token.column, message, remedy, key=key)


def _cut(text: str) -> str:
    return text if len(text) <= MAX_TOLD else f"{text[:MAX_TOLD]}..."


@dataclass(slots=True)
class Token:
    """One token; `kind` is number, name, quoted ("..."), text ('...'), sign or end.

    Never changed; not frozen, because a million of them are made three times as fast.

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
    brackets: list[tuple[Token, int]] = field(default_factory=list)
    num_tokens: int = 0
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
    for match in _TOKEN.finditer(reader.text, position):
        group = match.lastindex or 0
        kind = _KINDS[group]
        take = _TAKE.get(kind)
        if take is None:
            _token(reader, kind, match[group], match.start(group))
        else:
            take(reader, match[group], match.start(group))
    if not reader.brackets:
        _finish(reader, len(reader.text))
    return len(reader.text)


def _token(reader: _Reader, kind: str, text: str, start: int) -> Token:
    token = Token(kind, text, reader.number, start - reader.start + 1, reader.file)
    if reader.current is None:
        reader.current = _begin(reader, start)
    reader.current.tokens.append(token)
    reader.num_tokens += 1
    if reader.num_tokens > MAX_TOKENS:
        message = f"more than {MAX_TOKENS} names, numbers and signs"
        reader.faults.add(reader.number, 1, message, "Split the family")
        raise TooManyFaults
    return token


def _begin(reader: _Reader, start: int) -> Line:
    lead = reader.text[reader.start : start].expandtabs(TAB)
    reader.begun_at = start
    reader.num_tokens += 2  # so much more a line costs
    return Line(reader.number, len(lead), [])


def _newline(reader: _Reader, text: str, start: int) -> None:
    if not reader.brackets:
        _finish(reader, start)
    reader.number += 1
    reader.start = start + 1


def _comment(reader: _Reader, text: str, start: int) -> None:
    if reader.current is not None:
        reader.current.comment = text[2:].strip()


def _block(reader: _Reader, text: str, start: int) -> None:
    reader.number += text.count("\n")
    if "\n" in text:
        reader.start = start + text.rindex("\n") + 1


def _unclosed(reader: _Reader, text: str, start: int) -> None:
    column = start - reader.start + 1
    reader.faults.add(reader.number, column, "'/*' is never closed", "Add '*/'")


def _unreadable(reader: _Reader, text: str, start: int) -> None:
    remedy = "Close the quote on the same line" if text in "'\"" else "Remove it"
    column = start - reader.start + 1
    reader.faults.add(reader.number, column, f"unreadable character {text!r}", remedy)


def _open(reader: _Reader, text: str, start: int) -> None:
    reader.brackets.append((_token(reader, "sign", text, start), start))


def _close(reader: _Reader, text: str, start: int) -> None:
    token = _token(reader, "sign", text, start)
    if reader.brackets and _OPEN[reader.brackets[-1][0].text] == text:
        reader.brackets.pop()
        return
    reader.brackets.clear()
    message = f"{text!r} closes nothing that is open"
    reader.faults.add(token.line, token.column, message, "Balance the brackets")


def _end(reader: _Reader, text: str, start: int) -> None:
    """Nothing follows."""


_TAKE: Final[Mapping[str, Callable[[_Reader, str, int], None]]] = {
    "newline": _newline,
    "comment": _comment,
    "block": _block,
    "unclosed": _unclosed,
    "open": _open,
    "close": _close,
    "end": _end,
    "unreadable": _unreadable,
}
"""What a match does that is no plain token."""


def _finish(reader: _Reader, position: int) -> None:
    if reader.current is not None:
        reader.current.source = reader.text[reader.begun_at : position]
        reader.lines.append(reader.current)
    reader.current = None


def _reopen(reader: _Reader) -> int:
    """Report a bracket never closed, end its line at the line break, and go on behind it."""
    bracket, position = reader.brackets[0]
    message = f"{bracket.text!r} is never closed"
    reader.faults.add(bracket.line, bracket.column, message, f"Add {_OPEN[bracket.text]!r}")
    line = reader.current
    reader.brackets.clear()
    reader.current = None
    position = reader.text.find("\n", position) + 1 or len(reader.text)
    if line is not None:
        line.tokens = [token for token in line.tokens if token.line <= bracket.line]
        line.source = reader.text[reader.begun_at : position].rstrip()
        reader.lines.append(line)
    reader.number = bracket.line + 1
    reader.start = position
    return position


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
