"""UVL or DIMACS text -> tree, syntax checked only: for tools that rewrite texts."""

from collections.abc import Callable, Mapping
from functools import partial

from unikat.errors import InvalidFamily
from unikat.family.dimacs import parse_dimacs
from unikat.family.lexis import Faults, TooManyFaults
from unikat.family.link import read_linked
from unikat.family.syntax import parse_tree
from unikat.family.tree import Tree


def read_uvl(uvl: str, *, imported: Mapping[str, str] | None = None) -> Tree:
    """Read a UVL text as it is written; with `imported`, what it imports is put in.

    Raises
    ------
    InvalidFamily
        With all faults of syntax.
    """
    if imported is None:
        return _read(parse_tree, uvl, Faults("family.uvl"))
    return _read(partial(read_linked, imported=imported), uvl, Faults("family.uvl"))


def read_dimacs(cnf: str) -> Tree:
    """Read a DIMACS CNF: one root, a variable an option, a clause a rule.

    Raises
    ------
    InvalidFamily
        With all faults of syntax.
    """
    return _read(parse_dimacs, cnf, Faults("family.dimacs"))


def _read(parse: Callable[[str, Faults], Tree], text: str, faults: Faults) -> Tree:
    tree = Tree()
    try:
        faults.check_length(len(text))
        tree = parse(text, faults)
    except TooManyFaults:
        pass
    if faults.found:
        raise InvalidFamily(sorted(faults.found))
    return tree
