"""Numbers of rules -> columns of whole numbers with rows and products, where values are many.

The same service as `numbers`, which gives every value a literal of its own; here a number is one
column, and every comparison a literal equivalent to a row over columns.
"""

import math
from collections.abc import Sequence
from fractions import Fraction
from functools import singledispatchmethod
from typing import Final, TypeAlias

from unikat.family.encoding import Encoder
from unikat.family.form import Form, whole
from unikat.family.interval import interval, is_always
from unikat.family.meaning import (
    Constant,
    Divide,
    Extreme,
    LengthOf,
    Mean,
    Num,
    NumberOf,
    Plus,
    Rounded,
    Times,
    Weight,
    exact,
)  # fmt: skip
from unikat.family.model import Exact, Feature, FineRules, Grid
from unikat.family.numbers import Unsupported, linear, mean_side, only_mean
from unikat.terms import FeatureName

LARGEST: Final = 1 << 62
"""No sum of a row may reach further, so that kernels and solvers stay exact in 64 bits."""
FIRST_PLACE: Final = 1 << 40
"""Literals above are no variables but "column >= value" of a grid."""
MAX_OWNERS: Final = 40
"""Most owners of an attribute whose mean is compared with something that varies."""

Row: TypeAlias = tuple[tuple[tuple[int, int], ...], int, int]
"""(column, factor) pairs, bound, and the literal under which their sum is at most the bound."""


class FineNumbers:
    """The numbers of one family; variables are columns above 0, whole numbers columns below."""

    def __init__(self, encoder: Encoder, features: Sequence[Feature]) -> None:
        self.encoder = encoder
        self.features: dict[str, Feature] = {each.name: each for each in features}
        self.variable: dict[str, int] = {each.name: i + 1 for i, each in enumerate(features)}
        self.grids: dict[FeatureName, Grid] = {}
        self.columns: dict[FeatureName, tuple[int, int]] = {}
        self.rows: list[Row] = []
        self.products: dict[tuple[int, int], int] = {}
        self._ranges: list[tuple[int, int]] = []
        self._literals: dict[tuple[tuple[tuple[int, int], ...], int], int] = {}
        self._forms: dict[Num, Form] = {}
        self._next_place = FIRST_PLACE

    def snapshot(self) -> FineRules:
        """Return what was compiled so far as arrays."""
        import numpy as np

        num_vars = self.encoder.num_vars

        def place(column: int) -> int:
            return column if column > 0 else num_vars - column

        bounds = [(0, 0), *([(0, 1)] * num_vars), *self._ranges]
        sizes = [len(items) for items, _, _ in self.rows]
        pairs = [pair for items, _, _ in self.rows for pair in items]
        products = [(place(z), place(x), place(y)) for (x, y), z in self.products.items()]
        return FineRules(
            low=np.array([low for low, _ in bounds], np.int64),
            high=np.array([high for _, high in bounds], np.int64),
            row_ptr=np.cumsum([0, *sizes], dtype=np.int64),
            row_column=np.array([place(column) for column, _ in pairs], np.int32),
            row_factor=np.array([factor for _, factor in pairs], np.int64),
            row_bound=np.array([bound for _, bound, _ in self.rows], np.int64),
            row_when=np.array([when for _, _, when in self.rows], np.int32),
            products=np.array(products, np.int32).reshape(-1, 3),
            columns={name: (place(column), by) for name, (column, by) in self.columns.items()},
        )

    # -- comparisons -----------------------------------------------------------------------------

    def reaches(self, left: Num, right: Num) -> int:
        """Return a literal equivalent to left >= right."""
        parts: dict[Num, Exact] = {}
        constant = linear(left, 1, parts) + linear(right, -1, parts)
        mean = only_mean(parts)
        if mean is not None:
            whole_side = self.reaches(mean_side(mean, parts[mean], constant), Constant(0))
            return (
                whole_side if constant >= 0 else self.encoder.all_of([whole_side, self._some(mean)])
            )
        return self.at_least_zero(self._quotient(parts, constant)[0])

    def _some(self, mean: Mean) -> int:
        return -self.encoder.all_of([-self.variable[item.feature] for item in mean.items])

    def length_reaches(self, name: FeatureName, length: int) -> int:
        """Return a literal equivalent to: the text has at least this many letters."""
        return self.at_least_zero(self.value(name).plus(Form({}, -length)))

    def at_least_zero(self, form: Form) -> int:
        """Return a literal equivalent to form >= 0."""
        if not form.parts:
            return self.encoder.true if form.constant >= 0 else -self.encoder.true
        items, bound, _ = whole(form)
        low, high = self._range(items)
        if low >= bound:
            return self.encoder.true
        if high < bound:
            return -self.encoder.true
        (column, factor), *others = items
        if column > 0 and not others:
            return column if factor > 0 else -column
        if factor < 0:
            return -self._reaching(tuple((each, -by) for each, by in items), 1 - bound)
        return self._reaching(items, bound)

    def _reaching(self, items: tuple[tuple[int, int], ...], bound: int) -> int:
        key = (items, bound)
        if key not in self._literals:
            self._literals[key] = literal = self.encoder.new()
            self._row(tuple((column, -factor) for column, factor in items), -bound, literal)
            self._row(items, bound - 1, -literal)
        return self._literals[key]

    def _row(self, items: tuple[tuple[int, int], ...], bound: int, when: int = 0) -> None:
        reach = sum(abs(factor) * max(map(abs, self._of(column))) for column, factor in items)
        if reach + abs(bound) > LARGEST:
            message = "the numbers of this rule add up to more than 2^62"
            raise Unsupported(message, "Use a larger unit, a coarser step or smaller factors")
        self.rows.append((items, bound, when))

    # -- columns -----------------------------------------------------------------------------------

    def _of(self, column: int) -> tuple[int, int]:
        return (0, 1) if column > 0 else self._ranges[-column - 1]

    def _range(self, items: tuple[tuple[int, int], ...]) -> tuple[int, int]:
        corners = [sorted(factor * each for each in self._of(column)) for column, factor in items]
        return sum(low for low, _ in corners), sum(high for _, high in corners)

    def _new(self, low: int, high: int) -> int:
        if max(abs(low), abs(high)) > LARGEST:
            raise Unsupported("a number of this rule is above 2^62", "Use a larger unit or step")
        self._ranges.append((low, high))
        return -len(self._ranges)

    def value(self, name: FeatureName) -> Form:
        """Return the value of a number or the length of a text; 0 when it is not selected."""
        node = NumberOf(name)
        if node not in self._forms:
            self._forms[node] = self._value(self.features[name])
        return self._forms[node]

    def _value(self, feature: Feature) -> Form:
        low, step = feature.low or Fraction(0), feature.step or Fraction(1)
        num = feature.max_length or 0
        if feature.high is not None:
            num = int((feature.high - low) / step)
        always, selected = is_always(feature, self.features), self.variable[feature.name]
        is_multiple = (low / step).denominator == 1 and (always or low >= 0)
        shift = int(low / step) if is_multiple else 0
        column = self._new(shift if always else min(shift, 0), shift + num)
        self.grids[feature.name] = Grid(self._next_place, num, low, step)
        self._next_place += num + 1
        self.columns[feature.name] = (column, shift)
        if not always:
            self._row(((selected, -shift - num), (column, 1)), 0)
            self._row(((selected, shift), (column, -1)), 0)
        form = Form({column: exact(step)}, 0)
        if is_multiple:
            return form
        return form.plus(Form({}, exact(low)) if always else Form({selected: exact(low)}, 0))

    def _factor(self, form: Form) -> tuple[int, Exact, Exact]:
        """Return a column >= 0 with what makes the form of it: form = by x column + constant."""
        if len(form.parts) == 1 and not form.constant:
            [(column, by)] = form.parts.items()
            if by > 0 and self._of(column)[0] >= 0:
                return column, by, 0
        items, bound, scale = whole(form, keep_constant=True)
        low, high = self._range(items)
        shift = min(low - bound, 0)
        column = self._new(low - bound - shift, high - bound - shift)
        self._equal(((column, -1), *items), bound + shift)
        return column, exact(1 / Fraction(scale)), exact(Fraction(shift) / scale)

    def _equal(self, items: tuple[tuple[int, int], ...], bound: int, when: int = 0) -> None:
        self._row(items, bound, when)
        self._row(tuple((column, -factor) for column, factor in items), -bound, when)

    def times(self, left: Form, right: Form) -> Form:
        """Return the product of two numbers of any sign."""
        if not left.parts:
            return right.scaled(left.constant)
        if not right.parts:
            return left.scaled(right.constant)
        (x, by, constant), (y, factor, other) = self._factor(left), self._factor(right)
        key = (min(x, y), max(x, y))
        if key not in self.products:
            (low, high), (least, most) = self._of(x), self._of(y)
            self.products[key] = self._new(low * least, high * most)
        whole_part = Form({self.products[key]: exact(by * factor)}, 0)
        return (
            whole_part.plus(Form({x: exact(by)}, constant).scaled(other))
            .plus(Form({y: exact(factor)}, 0).scaled(constant))
        )  # fmt: skip

    # -- terms -------------------------------------------------------------------------------------

    def _quotient(self, parts: dict[Num, Exact], constant: Exact) -> tuple[Form, Form]:
        """Return a sum as one fraction, whose lower side is above 0."""
        upper, lower = Form({}, constant), Form({}, 1)
        for part, factor in parts.items():
            if isinstance(part, Divide):
                top, bottom = self._divided(part)
                upper = self.times(upper, bottom).plus(self.times(top.scaled(factor), lower))
                lower = self.times(lower, bottom)
            elif factor:
                upper = upper.plus(self.times(self.form(part).scaled(factor), lower))
        return upper, lower

    def _divided(self, node: Divide) -> tuple[Form, Form]:
        low, high = interval(node.right, self.features)
        if low <= 0 <= high:
            raise Unsupported("a divisor that can be 0", "Bound it, or multiply both sides by it")
        sign = 1 if low > 0 else -1
        return self.form(node.left).scaled(sign), self.form(node.right).scaled(sign)

    def form(self, node: Num) -> Form:
        """Return a number as a sum of columns."""
        if node not in self._forms:
            self._forms[node] = self._form(node)
        return self._forms[node]

    @singledispatchmethod
    def _form(self, node: Num) -> Form:
        raise TypeError(node)

    @_form.register
    def _(self, node: Constant) -> Form:
        return Form({}, node.value)

    @_form.register
    def _(self, node: Weight) -> Form:
        return Form({self.variable[node.feature]: node.value}, 0)

    @_form.register
    def _(self, node: NumberOf | LengthOf) -> Form:
        return self.value(FeatureName(node.feature))

    @_form.register
    def _(self, node: Plus) -> Form:
        total = Form({}, 0)
        for item in node.items:
            total = total.plus(self.form(item))
        return total

    @_form.register
    def _(self, node: Times) -> Form:
        left, right = self.form(node.left), self.form(node.right)
        if left.parts and right.parts:
            for item in (node.left, node.right):
                if interval(item, self.features)[0] < 0:
                    message = "a product of two numbers that can be negative"
                    raise Unsupported(message, "Multiply numbers >= 0 only, or by a constant")
        return self.times(left, right)

    @_form.register
    def _(self, node: Divide) -> Form:
        message = "a division by a number that varies, inside a product, min, max or avg"
        raise Unsupported(message, "Compare the quotient itself")

    @_form.register
    def _(self, node: Rounded) -> Form:
        sign = 1 if node.function == "floor" else -1
        parts: dict[Num, Exact] = {}
        constant = linear(node.item, sign, parts)
        low, high = sorted(sign * each for each in interval(node, self.features))
        upper, lower = self._quotient(parts, constant)
        scale = math.lcm(upper.denominator, lower.denominator)
        column = self._new(int(low), int(high))
        down = self.times(Form({column: 1}, 0), lower).scaled(scale)
        rest = upper.scaled(scale).plus(down.scaled(-1))
        self._hold(rest)
        self._hold(lower.scaled(scale).plus(rest.scaled(-1)).plus(Form({}, -1)))
        return Form({column: sign}, 0)

    def _hold(self, form: Form, when: int = 0) -> None:
        """Let form >= 0 hold, or wherever a literal does."""
        if form.parts:
            items, bound, _ = whole(form)
            self._row(tuple((column, -factor) for column, factor in items), -bound, when)
        elif form.constant < 0:
            self.encoder.add(-when)

    @_form.register
    def _(self, node: Extreme) -> Form:
        sign = 1 if node.function == "max" else -1
        forms = [self.form(item).scaled(sign) for item in node.items]
        scale = math.lcm(*(each.denominator for each in forms))
        ranges = [
            sorted(sign * each for each in interval(item, self.features)) for item in node.items
        ]
        low, high = (max(each[side] for each in ranges) * scale for side in (0, 1))
        top = Form({self._new(math.floor(low), math.ceil(high)): Fraction(1, scale)}, 0)
        reached = [self.encoder.new() for _ in forms]
        for form, literal in zip(forms, reached, strict=True):
            rest = top.plus(form.scaled(-1))
            self._hold(rest)
            self._hold(rest.scaled(-1), literal)
        self.encoder.add(*reached)
        return top.scaled(sign)

    @_form.register
    def _(self, node: Mean) -> Form:
        if len(node.items) > MAX_OWNERS:
            message = f"avg over {len(node.items)} features beside another number"
            raise Unsupported(message, "Compare avg with a constant, or use sum")
        total = self.form(Plus(node.items))
        count = Form({self.variable[item.feature]: 1 for item in node.items}, 0)
        num = len(node.items)
        scale = math.lcm(total.denominator, *range(1, num + 1))
        low, high = interval(node, self.features)
        mean = Form({self._new(int(low * scale), int(high * scale)): Fraction(1, scale)}, 0)
        reached = [self.at_least_zero(count.plus(Form({}, -each))) for each in range(num + 2)]
        for each in range(num + 1):
            exactly = self.encoder.all_of([reached[each], -reached[each + 1]])
            rest = mean.scaled(max(each, 1)).plus(total.scaled(-1) if each else Form({}, 0))
            self._hold(rest, exactly)
            self._hold(rest.scaled(-1), exactly)
        return mean
