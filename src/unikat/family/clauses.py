"""Features and rules -> clauses; every comparison of numbers becomes a literal equivalent to it."""

import math
from collections.abc import Mapping, Sequence
from functools import singledispatchmethod
from itertools import combinations
from typing import Final

from unikat.family.distribute import Distributor
from unikat.family.encoding import MAX_PAIRS, MOST_PAIRS, Encoder, TooFine
from unikat.family.fine_numbers import FineNumbers
from unikat.family.meaning import (
    AtLeast,
    Bool,
    Every,
    Not,
    Same,
    Selected,
    Some,
    TextIs,
    Truth,
    has_division,
)  # fmt: skip
from unikat.family.model import Clauses, Feature, FineRules, Part
from unikat.family.numbers import Numbers, Unsupported
from unikat.terms import FeatureName

_SMALL_GROUP: Final = 6
_MOST_SETS: Final = 300
"""Most clauses for the sets of members that a group forbids; else it counts."""


class Compiler:
    """Compiles conditions; numbers and texts get their variables when first needed.

    With `most_pairs` None numbers are columns of whole numbers; else all their values are literals,
    and so many pairs of values in all rules together are too fine.
    """

    def __init__(self, features: Sequence[Feature], most_pairs: int | None = MOST_PAIRS) -> None:
        self.encoder = Encoder(len(features))
        self.is_fine = most_pairs is None
        self.numbers: Numbers | FineNumbers = (
            FineNumbers(self.encoder, features)
            if most_pairs is None
            else Numbers(self.encoder, features, most_pairs)
        )
        self.features = self.numbers.features
        self.variable = self.numbers.variable
        self.texts: dict[FeatureName, dict[str, int]] = {}
        self.parts: list[Part] = []
        self._comparisons: dict[AtLeast, int] = {}
        self._distributor = Distributor(self.literal, self.encoder.new, self.encoder.true)

    def snapshot(self) -> Clauses:
        """Freeze what was compiled so far."""
        texts: Mapping[FeatureName, Mapping[str, int]] = {
            name: dict(each) for name, each in self.texts.items()
        }
        return Clauses(
            num_vars=self.encoder.num_vars,
            hard=tuple(self.encoder.clauses),
            parts=tuple(self.parts),
            grids=dict(self.numbers.grids),
            texts=texts,
        )

    def snapshot_fine(self) -> FineRules | None:
        """Freeze the rules about columns compiled so far."""
        return self.numbers.snapshot() if isinstance(self.numbers, FineNumbers) else None

    # -- the tree ------------------------------------------------------------------------------

    def add_tree(self) -> None:
        """Add root, child => parent, and one part a group."""
        self.encoder.add(1)
        for feature in self.features.values():
            if feature.parent is not None:
                self.encoder.add(-self.variable[feature.name], self.variable[feature.parent])
                if feature.name == feature.siblings[0]:
                    self._add_group(feature, self.variable[feature.parent])

    def _add_group(self, first: Feature, parent: int) -> None:
        members = [self.variable[name] for name in first.siblings]
        if first.group == "mandatory":
            clauses: list[tuple[int, ...]] = [(-parent, member) for member in members]
        elif first.group == "optional":
            return
        else:
            clauses = self._counted(parent, members, first.least, first.most)
        names = ", ".join(name.strip('"') for name in first.siblings[:_SMALL_GROUP])
        more = ", ..." if len(members) > _SMALL_GROUP else ""
        text = f"{_amount(first)} {names}{more}"
        self.parts.append(
            Part(f"group of {first.parent}", text, is_rule=False, clauses=tuple(clauses))
        )

    def _counted(
        self, parent: int, members: list[int], least: int, most: int
    ) -> list[tuple[int, ...]]:
        clauses: list[tuple[int, ...]] = []
        if most == 1:
            clauses += self.encoder.at_most_one(members)
        if least == 1:
            clauses.append((-parent, *members))
        if least > 1 or 1 != most < len(members):
            clauses += self._cardinality(parent, members, least, most)
        return clauses

    def _cardinality(
        self, parent: int, members: list[int], least: int, most: int
    ) -> list[tuple[int, ...]]:
        if _num_sets(len(members), least, most) <= _MOST_SETS:
            return _by_sets(parent, members, least, most)
        top = most + 1 if most < len(members) else least
        if top * len(members) > MAX_PAIRS:
            raise TooFine
        count = self.encoder.constant(0)
        for member in members:
            one = self.encoder.weight(member, 1)
            count = self.encoder.combine(count, one, lambda a, b: min(a + b, top))
        enough, too_many = self.encoder.reach(count, least), self.encoder.reach(count, most + 1)
        return [(-parent, enough), (-parent, -too_many)]

    # -- rules ---------------------------------------------------------------------------------

    def add_rule(self, rule_id: str, text: str, rule: Bool) -> None:
        """Add a rule as one part."""
        if has_division(rule):
            message = "a division by a number that varies"
            raise Unsupported(message, "Multiply both sides by it")
        clauses = self._distributor.clauses(rule)
        self.parts.append(Part(rule_id, text, is_rule=True, clauses=tuple(clauses)))

    # -- one literal a condition -----------------------------------------------------------------

    @singledispatchmethod
    def literal(self, node: Bool) -> int:
        """Return a literal equivalent to the condition."""
        raise TypeError(node)

    @literal.register
    def _(self, node: Truth) -> int:
        return self.encoder.true if node.value else -self.encoder.true

    @literal.register
    def _(self, node: Selected) -> int:
        return self.variable[node.feature]

    @literal.register
    def _(self, node: Not) -> int:
        return -self.literal(node.item)

    @literal.register
    def _(self, node: Every) -> int:
        return self.encoder.all_of([self.literal(item) for item in node.items])

    @literal.register
    def _(self, node: Some) -> int:
        return -self.encoder.all_of([-self.literal(item) for item in node.items])

    @literal.register
    def _(self, node: Same) -> int:
        left, right = self.literal(node.left), self.literal(node.right)
        same = self.encoder.new()
        for sign in (1, -1):
            self.encoder.add(-same, sign * left, -sign * right)
            self.encoder.add(same, sign * left, sign * right)
        return same

    @literal.register
    def _(self, node: TextIs) -> int:
        name = FeatureName(node.feature)
        length = self.features[name].max_length or 0
        if len(node.text) > length:
            return -self.encoder.true
        if not node.text:
            return -self.numbers.length_reaches(name, 1)
        known = self.texts.setdefault(name, {})
        if node.text not in known:
            known[node.text] = self._text(name, node.text, tuple(known.values()))
        return known[node.text]

    def _text(self, name: FeatureName, text: str, others: tuple[int, ...]) -> int:
        literal = self.encoder.new()
        self.encoder.add(-literal, self.variable[name])
        self.encoder.add(-literal, self.numbers.length_reaches(name, len(text)))
        self.encoder.add(-literal, -self.numbers.length_reaches(name, len(text) + 1))
        for other in others:
            self.encoder.add(-literal, -other)
        return literal

    @literal.register
    def _(self, node: AtLeast) -> int:
        if node not in self._comparisons:
            self._comparisons[node] = self.numbers.reaches(node.left, node.right)
        return self._comparisons[node]


def _num_sets(size: int, least: int, most: int) -> int:
    """Return how many clauses `_by_sets` takes."""
    return math.comb(size, most + 1) + math.comb(size, max(least, 1) - 1)


def _by_sets(parent: int, members: list[int], least: int, most: int) -> list[tuple[int, ...]]:
    """Forbid every set of one more than `most`, and every set that leaves too few others.

    Counters are no help to the repair of a configuration, which flips a variable once: for a member
    that comes they go up, and for another one that leaves they must come down again.
    """
    above = combinations([-each for each in members], most + 1)
    below = combinations(members, max(0, len(members) - least + 1)) if least > 1 else ()
    return [*above, *((-parent, *each) for each in below)]


def _amount(first: Feature) -> str:
    words = {"mandatory": "all of", "alternative": "exactly one of", "or": "at least one of"}
    return words.get(first.group, f"{first.least} to {first.most} of")
