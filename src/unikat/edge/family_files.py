"""Families in files: a text with what it imports from beside it, never more than can be read."""

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from unikat.errors import Fault, InvalidFamily

if TYPE_CHECKING:
    from unikat.family.model import Family

EMPTY_SHEET = 'family = { id = "family", version = 1 }'
DIMACS = (".cnf", ".dimacs")


def load_family_file(file: Path, sheet: Path | None = None) -> "Family":
    """Read a family.uvl with its imports, or a DIMACS file; without sheet it has no lines.

    Raises
    ------
    InvalidFamily
        With all faults of all files.
    """
    from unikat.family.load import load_dimacs, load_family

    text = read_family_text(file)
    lines = EMPTY_SHEET if sheet is None else read_family_text(sheet)
    if file.suffix in DIMACS:
        return load_dimacs(text, lines)
    return load_family(text, lines, imported=read_imports(file.parent, text))


def read_family_text(file: Path) -> str:
    """Return a text, cut one letter behind the longest that loads: the reader says so then.

    Raises
    ------
    InvalidFamily
        If there is no such file.
    """
    from unikat.family.lexis import MAX_LETTERS

    try:
        with file.open(encoding="utf-8-sig", errors="replace") as opened:
            return opened.read(MAX_LETTERS + 1)
    except OSError as error:
        fault = Fault(str(file), 0, 0, "", f"cannot be read: {error.strerror}", "Name a text file")
        raise InvalidFamily([fault]) from error


def read_imports(folder: Path, text: str) -> Mapping[str, str]:
    """Return the texts of all models that a text imports, and these import, by name.

    Read are files inside of `folder`; what is not there is missing in the result, which the reader
    of the family tells with its place.
    """
    from unikat.family.lexis import MAX_LETTERS
    from unikat.family.preamble import import_names
    from unikat.family.tree import import_file

    home = folder.resolve()
    found: dict[str, str] = {}
    waiting, num_letters = list(import_names(text)), 0
    while waiting and num_letters <= MAX_LETTERS:
        name = waiting.pop()
        path = (home / import_file(name)).resolve()
        if name not in found and path.is_file() and path.is_relative_to(home):
            found[name] = read_family_text(path)
            num_letters += len(found[name])
            waiting += import_names(found[name])
    return found
