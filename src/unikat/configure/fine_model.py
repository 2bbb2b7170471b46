"""Rules about numbers too fine for clauses, for CP-SAT: columns, rows and products."""

from collections.abc import Sequence
from fractions import Fraction

import numpy as np

from unikat.configure.rule_model import RuleModel
from unikat.family.model import FineRules
from unikat.terms import FeatureName


def send_fine(model: RuleModel, fine: FineRules) -> list[int]:
    """Add fine rules to a model; return the solver's variable of each column."""
    columns = _columns(model, fine)
    for variable in np.flatnonzero(model.status).tolist():
        is_true = model.expression(model.whole({columns[variable]: 1}))
        model.model.add(is_true == int(model.status[variable] > 0))
    for row in range(fine.row_bound.size):
        _row(model, fine, row, columns)
    for z, x, y in fine.products.tolist():
        factors = [model.int_var(columns[x]), model.int_var(columns[y])]
        model.model.add_multiplication_equality(model.int_var(columns[z]), factors)
    return columns


def _columns(model: RuleModel, fine: FineRules) -> list[int]:
    picked = {
        column: shift + place
        for name, (column, shift) in fine.columns.items()
        if (place := _place(model, name)) is not None
    }
    found = [-1]
    for column in range(1, fine.low.size):
        if column <= model.family.clauses.num_vars:
            found.append(model.boolean_of(column))
            continue
        low, high = picked.get(column, fine.low[column]), picked.get(column, fine.high[column])
        found.append(model.variable(int(low), int(high)))
    return found


def _place(model: RuleModel, name: FeatureName) -> int | None:
    """Return the place that an own pick gives a number or a text's length."""
    picked = model.picks.get(name)
    grid = model.family.clauses.grids[name]
    if isinstance(picked, Fraction):
        return int((picked - grid.low) / grid.step)
    return len(picked) if isinstance(picked, str) else None


def _row(model: RuleModel, fine: FineRules, row: int, columns: Sequence[int]) -> None:
    terms: dict[int, int] = {}
    for k in range(int(fine.row_ptr[row]), int(fine.row_ptr[row + 1])):
        index = columns[int(fine.row_column[k])]
        terms[index] = terms.get(index, 0) + int(fine.row_factor[k])
    when = int(fine.row_when[row])
    condition = model.literal(when) if when else None
    model.at_most(model.whole(terms), int(fine.row_bound[row]), condition)
