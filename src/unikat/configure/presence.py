"""Which lines of the sheet a configuration has: those that hang on one option are looked up."""

import weakref
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Final, TypeAlias

from unikat.family.meaning import Selected, Truth
from unikat.family.model import Condition, Exact, Facts, Family, GenericLine
from unikat.terms import ItemId, StepId

Row: TypeAlias = tuple[str, ItemId, str, str, Callable[[Facts], Exact], int]


@dataclass(frozen=True, slots=True)
class Presence:
    """Places of lines by the option they need, of lines always there; the others' conditions."""

    by_option: Mapping[str, tuple[int, ...]]
    always: tuple[int, ...]
    others: tuple[tuple[int, Callable[[Facts], bool]], ...]

    def places(self, facts: Facts) -> list[int]:
        """Return the places of the lines that are present, ascending."""
        found = list(self.always)
        for name in self.by_option.keys() & facts.selected:
            found += self.by_option[name]
        found += [place for place, holds in self.others if holds(facts)]
        found.sort()
        return found


@dataclass(frozen=True, slots=True)
class Presences:
    """The presence of BOM lines and of steps; `after[k]` numbers what step k waits for: steps that
    wait for the same ones have the same number, below `num_after`. `rows` holds of each BOM line
    what a variant takes of it side by side: id, item, unit, module, and its quantity's two parts.
    """

    bom: Presence
    routing: Presence
    after: tuple[int, ...]
    num_after: int
    rows: tuple[Row, ...]
    has_parents: bool


_KNOWN: Final[weakref.WeakKeyDictionary[Family, Presences]] = weakref.WeakKeyDictionary()


def presences_of(family: Family) -> Presences:
    """Return the presences of a family; found once."""
    known = _KNOWN.get(family)
    if known is None:
        numbers: dict[tuple[StepId, ...], int] = {}
        after = tuple(numbers.setdefault(each.after, len(numbers)) for each in family.routing)
        known = _KNOWN[family] = Presences(
            _presence(line.when for line in family.bom),
            _presence(step.when for step in family.routing),
            after,
            len(numbers),
            tuple(_row(line) for line in family.bom),
            any(line.parent is not None for line in family.bom),
        )
    return known


def _row(line: GenericLine) -> Row:
    quantity = line.quantity
    return line.id, line.item, line.unit, line.module, quantity.whole, quantity.divisor


def _presence(conditions: Iterable[Condition]) -> Presence:
    by_option: dict[str, tuple[int, ...]] = {}
    always = []
    others = []
    for place, when in enumerate(conditions):
        if isinstance(when.node, Selected):
            name = when.node.feature
            by_option[name] = (*by_option.get(name, ()), place)
        elif when.node == Truth(value=True):
            always.append(place)
        else:
            others.append((place, when.holds))
    return Presence(by_option, tuple(always), tuple(others))
