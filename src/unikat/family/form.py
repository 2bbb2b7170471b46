"""A sum of columns with exact factors, and its form in whole numbers."""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction

from unikat.family.meaning import exact
from unikat.family.model import Exact


@dataclass(frozen=True, slots=True)
class Form:
    """The sum of factor x column over `parts`, plus `constant`."""

    parts: Mapping[int, Exact]
    constant: Exact

    def plus(self, other: "Form") -> "Form":
        """Return the sum of two forms."""
        parts = dict(self.parts)
        for column, factor in other.parts.items():
            parts[column] = exact(parts.get(column, 0) + factor)
            if not parts[column]:
                del parts[column]
        return Form(parts, exact(self.constant + other.constant))

    def scaled(self, factor: Exact) -> "Form":
        """Return factor x this form."""
        if not factor:
            return Form({}, 0)
        parts = {column: exact(factor * each) for column, each in self.parts.items()}
        return Form(parts, exact(factor * self.constant))

    @property
    def denominator(self) -> int:
        """The smallest number that makes all factors and the constant whole."""
        return math.lcm(*(each.denominator for each in (self.constant, *self.parts.values())))


def whole(
    form: Form, *, keep_constant: bool = False
) -> tuple[tuple[tuple[int, int], ...], int, Exact]:
    """Return (column, factor) pairs, a bound and a scale, all whole and as small as may be.

    form >= 0 exactly where the sum of the pairs is at least the bound. With `keep_constant`, sum
    - bound = scale x form.
    """
    kept = (form.constant,) if keep_constant else ()
    scale = math.lcm(*(each.denominator for each in (*form.parts.values(), *kept)))
    common = math.gcd(*(int(each * scale) for each in (*form.parts.values(), *kept)))
    by = Fraction(scale, common)
    items = tuple(sorted((column, int(by * each)) for column, each in form.parts.items()))
    return items, math.ceil(-form.constant * by), exact(by)
