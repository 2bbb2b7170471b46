"""Any value of a stored type: what JSON can hold, small, and nothing registered for other tests."""

import types
import typing
from collections.abc import Mapping
from dataclasses import is_dataclass
from enum import Enum
from fractions import Fraction

from hypothesis import strategies as st

_PLAIN = {
    bool: st.booleans(),
    int: st.integers(-(2**63), 2**63 - 1),
    float: st.floats(allow_nan=False, allow_infinity=False),
    str: st.text(st.characters(exclude_categories=["Cs"]), max_size=8),
    Fraction: st.fractions(),
    types.NoneType: st.none(),
}


def values(kind):
    """All values of a type built from dataclasses, tuples, mappings, unions and plain types."""
    if isinstance(kind, typing.NewType):
        return values(kind.__supertype__)
    if kind in _PLAIN:
        return _PLAIN[kind]
    if is_dataclass(kind):
        hints = typing.get_type_hints(kind)
        return st.builds(kind, **{name: values(hint) for name, hint in hints.items()})
    if isinstance(kind, type) and issubclass(kind, Enum):
        return st.sampled_from(kind)
    return _generic(typing.get_origin(kind), typing.get_args(kind))


def _generic(origin, inner):
    if origin in (typing.Union, types.UnionType):
        return st.one_of([values(kind) for kind in inner])
    if origin is frozenset:
        return st.frozensets(values(inner[0]), max_size=3)
    if origin is Mapping:
        return st.dictionaries(*map(values, inner), max_size=3)
    assert origin is tuple, origin
    if inner[-1] is Ellipsis:
        return st.lists(values(inner[0]), max_size=2).map(tuple)
    return st.tuples(*map(values, inner))
