"""Which lines of the sheet a configuration has: what many lines ask for is asked once."""

import weakref
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Final, TypeAlias

from unikat.configure.model import BomLine
from unikat.family.meaning import Bool, Constant, Selected, Some, Truth, holds
from unikat.family.model import Condition, Exact, Facts, Family, GenericLine
from unikat.terms import ItemId, StepId

Row: TypeAlias = tuple[str, ItemId, str, str, Callable[[Facts], Exact], int]
Places: TypeAlias = tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Presence:
    """Places of lines by what they need: an option, nothing, or what a condition asks for.

    A line with "this or that" stands under both: it is there when any of them holds.
    """

    by_option: Mapping[str, Places]
    always: Places
    others: tuple[tuple[Callable[[Facts], bool], Places], ...]

    def places(self, facts: Facts) -> list[int]:
        """Return the places of the lines that are present, ascending."""
        found = set(self.always)
        for name in self.by_option.keys() & facts.selected:
            found.update(self.by_option[name])
        for is_held, places in self.others:
            if is_held(facts):
                found.update(places)
        return sorted(found)


@dataclass(frozen=True, slots=True)
class Presences:
    """The presence of BOM lines and of steps; `after[k]` numbers what step k waits for: steps that
    wait for the same ones have the same number, below `num_after`. `rows` holds of each BOM line
    what a variant takes of it side by side: id, item, unit, module, and its quantity's two parts;
    or the line itself where its quantity never varies.
    """

    bom: Presence
    routing: Presence
    after: tuple[int, ...]
    num_after: int
    rows: tuple[Row | BomLine, ...]
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


def _row(line: GenericLine) -> Row | BomLine:
    quantity = line.quantity
    if isinstance(quantity.node, Constant):
        return BomLine(line.id, line.item, float(quantity.node.value), line.unit, line.module)
    return line.id, line.item, line.unit, line.module, quantity.whole, quantity.divisor


def _presence(conditions: Iterable[Condition]) -> Presence:
    by_option: dict[str, list[int]] = {}
    always: list[int] = []
    others: dict[Bool, list[int]] = {}
    for place, when in enumerate(conditions):
        for node in when.node.items if isinstance(when.node, Some) else (when.node,):
            if isinstance(node, Selected):
                by_option.setdefault(node.feature, []).append(place)
            elif node == Truth(value=True):
                always.append(place)
            else:
                others.setdefault(node, []).append(place)
    return Presence(
        {name: tuple(places) for name, places in by_option.items()},
        tuple(always),
        tuple((holds(node), tuple(places)) for node, places in others.items()),
    )
