"""Clauses and fine rules for CP-SAT: the last resort where a search near what is known gives up."""

from typing import TYPE_CHECKING

import numpy as np

from unikat.family._kernels_narrow import Ints, Net

if TYPE_CHECKING:
    from ortools.sat.python.cp_model import CpModel, IntVar, LiteralT


class ExactModel:
    """The rules of one `Net` as a model that is built once; column c is variable c."""

    def __init__(self, net: Net, low: Ints, high: Ints) -> None:
        from ortools.sat.python import cp_model

        self.model = model = cp_model.CpModel()
        self.num_vars = net.occur_ptr.size // 2 - 1
        bounds = zip(low.tolist(), high.tolist(), strict=True)
        self.columns = [
            model.new_bool_var("") if 0 < i <= self.num_vars else model.new_int_var(*each, "")
            for i, each in enumerate(bounds)
        ]
        for begin, end in zip(net.clause_ptr, net.clause_ptr[1:], strict=False):
            model.add_bool_or([self._literal(int(lit)) for lit in net.clause_lit[begin:end]])
        for row in range(net.row_bound.size):
            self._add_row(net, row)
        for z, x, y in net.products.tolist():
            factors = [self.columns[x], self.columns[y]]
            model.add_multiplication_equality(self.columns[z], factors)

    def _literal(self, lit: int) -> "LiteralT":
        column = self.columns[lit >> 1]
        return ~column if lit & 1 else column

    def _add_row(self, net: Net, row: int) -> None:
        part = slice(net.row_ptr[row], net.row_ptr[row + 1])
        pairs = zip(net.row_column[part].tolist(), net.row_factor[part].tolist(), strict=True)
        total = sum(factor * self.columns[column] for column, factor in pairs)
        rule = self.model.add(total <= int(net.row_bound[row]))
        if net.row_when[row] >= 0:
            rule.only_enforce_if(self._literal(int(net.row_when[row])))

    def find(self, low: Ints, high: Ints, near: Ints) -> Ints | None:
        """Return values of all columns within bounds, or None: there are none."""
        return self._solved(self._cut(low, high, near))

    def extreme(self, low: Ints, high: Ints, near: Ints, column: int, sign: int) -> Ints | None:
        """Return values with the smallest sign x column within bounds, or None."""
        model = self._cut(low, high, near)
        model.minimize(sign * self._in(model, column))
        return self._solved(model)

    def _in(self, model: "CpModel", column: int) -> "IntVar":
        return model.get_int_var_from_proto_index(self.columns[column].index)

    def _cut(self, low: Ints, high: Ints, near: Ints) -> "CpModel":
        model = self.model.clone()
        for column in range(1, len(self.columns)):
            model.add_hint(self._in(model, column), int(near[column]))
            model.add_linear_constraint(
                self._in(model, column), int(low[column]), int(high[column])
            )
        return model

    def _solved(self, model: "CpModel") -> Ints | None:
        from ortools.sat.python import cp_model

        solver = cp_model.CpSolver()
        solver.parameters.num_workers = 1
        status = solver.solve(model)
        if status == cp_model.INFEASIBLE:
            return None
        if status != cp_model.OPTIMAL:
            raise AssertionError(f"no limit was set, yet the solver says {status}")
        return np.array(solver.response_proto.solution, np.int64)
