"""The exact status of every option of a large family, kept up to date by kernels and a SAT solver.

Imported inside functions only, for it brings numba: small families never come here.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from itertools import chain
from typing import Final, TypeAlias

import numpy as np
from numpy.typing import NDArray

from unikat.family import _kernels
from unikat.family._kernels import Held, Lits, Rules, Signs, Space
from unikat.family.model import Clauses, Standing

Solve: TypeAlias = Callable[[list[int], list[int]], list[int] | None]
"""Find a valid configuration with some literals, near others: entry v - 1 is v or -v."""
_FLIPS: Final = 400


@dataclass(slots=True, eq=False)
class Reach:
    """One thread's arrays over the rules of one family; nothing visible depends on what they hold.

    Features come first among the variables; the status of the others need not be exact. `current`
    is what the arrays hold, `usual` the last completion.
    """

    rules: Rules
    space: Space
    solve: Solve
    current: Standing | None = None
    usual: Signs | None = None
    held: Held = field(init=False)

    def __post_init__(self) -> None:
        """Find the addresses."""
        self.held = self.rules.memory.ctypes.data, self.space.memory.ctypes.data

    def first(self) -> Standing | None:
        """Return what stands before any pick, or None for a void family."""
        model = self.solve([], [])
        if model is None:
            return None
        sizes = np.diff(self.rules.clause_ptr)
        units = self.rules.clause_lit[self.rules.clause_ptr[:-1][sizes == 1]]
        self._take_model(model)
        _kernels.propagate(self.held, units, units.size, self.space.trail)
        num_vars = self.space.status.size - 1
        self.space.region[:num_vars] = np.arange(1, num_vars + 1)
        self.space.counts[_kernels.NUM_REGION] = num_vars
        _kernels.settle(self.held)
        self._ask([])
        return self._frozen()

    def goto(self, at: Standing) -> None:
        """Move the arrays to a standing."""
        _kernels.goto(self.held, at.values)

    def go_on(self, literal: int, others: Callable[[], list[int]]) -> Standing | None:
        """Add a literal to the others, which stand at `current`; None: as `apply`."""
        self.current = None
        result = _kernels.go_on(self.held, literal)
        if result != _kernels.DONE:
            result = self._finish(result, [*others(), literal])
        return self._frozen() if result != _kernels.REFUSED else None

    def apply(self, at: Standing, picks: Sequence[int], num_added: int) -> Standing | None:
        """Add the last literals of `picks` to the others, which stand at `at`.

        None: no valid configuration has them all.
        """
        self.current = None
        result = _kernels.click(self.held, at.values, coded(picks), num_added)
        if result != _kernels.DONE:
            result = self._finish(result, picks)
        return self._frozen() if result != _kernels.REFUSED else None

    def _finish(self, result: int, picks: Sequence[int]) -> int:
        if result == _kernels.NO_WITNESS:
            result = self._find_witness(picks)
        if result == _kernels.UNSURE:
            self._ask(picks)
        return result

    def take_wanted(
        self, at: Standing, picks: Sequence[int], wanted_ptr: NDArray[np.int64], wanted: Lits
    ) -> Signs:
        """Return the valid configuration that has the wanted literals of every selected feature as
        far as possible, the first ones first; read-only.
        """
        self.current = None
        self._goto_usual(at)
        _kernels.agree(self.held, coded(picks), len(picks))
        place, is_refused = 0, False
        while True:
            place = _kernels.take_wanted(self.held, wanted_ptr, wanted, place, is_refused)
            if place == wanted.size:
                self.usual = frozen(self.space.witness)
                return self.usual
            lits = [*picks, *self._signed(self.space.status), decoded(int(wanted[place]))]
            model = self.solve(lits, self._signed(self.space.witness))
            is_refused = model is None
            if model is not None:
                self._take_model(model)

    def _goto_usual(self, at: Standing) -> None:
        """Move to a standing, with the last completion as witness where a few flips allow that.

        Most wanted literals hold in it, so few are left to decide.
        """
        if self.usual is not None:
            _kernels.goto(self.held, frozen(np.concatenate((at.status, self.usual))))
            differ = np.flatnonzero(at.status * self.usual < 0)
            lits = (2 * differ + (at.status[differ] < 0)).astype(np.int32)
            if _kernels.repair(self.held, lits, lits.size, _FLIPS):
                return
        self.goto(at)

    @staticmethod
    def _signed(signs: Signs) -> list[int]:
        """Return v or -v for every variable that has a value."""
        numbers = np.arange(signs.size) * signs
        found: list[int] = numbers[numbers != 0].tolist()
        return found

    def _find_witness(self, picks: Sequence[int]) -> int:
        """Let a solver find what repair could not, or withdraw the click."""
        model = self.solve(list(picks), self._signed(self.space.witness))
        if model is None:
            size = self.space.counts[_kernels.NUM_TRAIL]
            _kernels.undo(self.held, self.space.trail, size, size)
            return _kernels.REFUSED
        self._take_model(model)
        _kernels.find_region(self.held)
        return int(_kernels.settle(self.held))

    def _ask(self, picks: Sequence[int]) -> None:
        """Decide by a solver what neither repair nor propagation could."""
        at = 0
        while True:
            lit, at = _kernels.next_unsure(self.held, at)
            if lit < 0:
                return
            model = self.solve([*picks, decoded(lit)], self._signed(self.space.witness))
            if model is None:
                _kernels.refute(self.held, lit)
            else:
                self._take_model(model)

    def _take_model(self, model: list[int]) -> None:
        signs = np.empty(self.space.witness.size, np.int8)
        signs[0] = 0
        signs[1:] = np.sign(np.array(model[: signs.size - 1], np.int32))
        _kernels.adopt(self.held, signs)

    def _frozen(self) -> Standing:
        self.current = Standing(frozen(self.space.values))
        return self.current


def frozen(values: Signs) -> Signs:
    """Return a read-only copy."""
    copy = values.copy()
    copy.setflags(write=False)
    return copy


def coded(literals: Sequence[int]) -> Lits:
    """Return literals as kernels write them: 2v, or 2v + 1 for not v."""
    return np.array([2 * abs(each) + (each < 0) for each in literals], np.int32)


def decoded(literal: int) -> int:
    """Return a kernel's literal as solvers write it."""
    return -(literal >> 1) if literal & 1 else literal >> 1


def rules_of(clauses: Clauses) -> Rules:
    """Return the clauses as arrays, by clause and by literal."""
    every = [*clauses.hard, *chain.from_iterable(part.clauses for part in clauses.parts)]
    sizes = np.fromiter(map(len, every), np.int64, len(every))
    flat = np.fromiter(chain.from_iterable(every), np.int32, int(sizes.sum()))
    lits = (2 * np.abs(flat) + (flat < 0)).astype(np.int32)
    rows = np.repeat(np.arange(len(every)), sizes)
    order = np.lexsort((lits, rows))
    lits, rows = lits[order], rows[order]
    again = np.zeros(lits.size, bool)
    again[1:] = (rows[1:] == rows[:-1]) & (lits[1:] == lits[:-1])
    opposed = np.zeros(lits.size, bool)
    opposed[1:] = (rows[1:] == rows[:-1]) & (lits[1:] == (lits[:-1] | 1)) & (lits[:-1] & 1 == 0)
    always = np.zeros(len(every), bool)
    always[rows[opposed]] = True
    kept = ~again & ~always[rows]
    lits, rows = lits[kept], rows[kept]
    rows = np.cumsum(np.diff(rows, prepend=rows[:1]) != 0)
    clause_ptr = _pointers(rows, int(rows[-1]) + 1 if rows.size else 0)
    by_lit = np.argsort(lits, kind="stable")
    return _rules(
        clause_ptr, lits, _pointers(lits, 2 * clauses.num_vars + 2), rows[by_lit].astype(np.int32)
    )


def _rules(*arrays: NDArray[np.int32]) -> Rules:
    """Pack arrays into one memory."""
    memory = _kernels.packed([4 * each.size for each in arrays])
    rules = _kernels.rules_in.py_func(memory)
    for part, each in zip(rules[1:], arrays, strict=True):
        part[:] = each
    return rules


def _pointers(keys: NDArray[np.int64] | Lits, size: int) -> NDArray[np.int32]:
    pointers = np.zeros(size + 1, np.int32)
    np.cumsum(np.bincount(keys, minlength=size), out=pointers[1:])
    return pointers


def reach_of(rules: Rules, num_shown: int, solve: Solve) -> Reach:
    """Return fresh arrays: nothing fixed, a witness of only false (to be replaced by a model).

    `num_shown` features come first among the variables.
    """
    num_vars, num_clauses = rules.occur_ptr.size // 2 - 1, rules.clause_ptr.size - 1
    sizes = np.diff(rules.clause_ptr)
    space = _kernels.space_in.py_func(_kernels.packed(_kernels.space_bytes(num_vars, num_clauses)))
    space.witness[:] = -1
    space.num_left[:] = sizes
    if num_clauses:
        space.support[:] = np.add.reduceat(rules.clause_lit & 1, rules.clause_ptr[:-1])
    space.counts[_kernels.DRAW] = 0x9E3779B9
    space.counts[_kernels.NUM_SHOWN] = num_shown
    return Reach(rules, space, solve)


def compile_kernels() -> None:
    """Compile every kernel, or load what was compiled, before the first click needs it."""
    rules = rules_of(Clauses(3, ((1,), (1, 2), (-2, 3)), (), {}, {}))
    reach = reach_of(rules, 3, lambda literals, phases: [1, 2, 3] if phases else [1, -2, -3])
    first = reach.first()
    if first is None:
        raise AssertionError("a model was given")
    for at in (first, reach.current or first):
        reach.apply(at, [2], 1)
    reach.go_on(3, list)
    for _ in range(2):
        reach.take_wanted(first, [], np.array([0, 0, 1, 2, 2], np.int64), coded([2, 3]))
    reach.goto(first)
    _kernels.propagate(reach.held, coded([2]), 1, reach.space.trail)
    reach.space.counts[_kernels.NUM_TRAIL] = 1
    _kernels.undo(reach.held, reach.space.trail, 1, 1)
    _kernels.find_region(reach.held)
    _kernels.refute(reach.held, int(coded([-3])[0]))
