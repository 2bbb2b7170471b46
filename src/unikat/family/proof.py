"""What load proves by SAT: some configuration exists, lines are alive, slots filled once."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import chain, combinations
from typing import TYPE_CHECKING, Final

from unikat.family.clauses import Compiler
from unikat.family.draft import Claim, Need, Presence, Sheet
from unikat.family.interval import interval
from unikat.family.meaning import AtLeast, Bool, Constant, Every, Not, Truth
from unikat.family.model import Clauses, Start
from unikat.family.numbers import Unsupported
from unikat.family.solving import Deciding, SatSolver, Undecided, open_selecting
from unikat.family.table import Table

if TYPE_CHECKING:
    from unikat.family.fine_solver import FineSolver

SMALL: Final = 100
"""Families with fewer features are left to a solver, so that they need no compiled code.

The 47 options and 680 literals of numbers of the example family take 0.5 ms by it, all statuses.
"""
MAX_CONFLICTS: Final = 30_000
"""Most conflicts until it stays undecided whether a family has a configuration: a second or two.

18,616 features take a few.
"""
MORE: Final = 10
"""How many times as many are allowed for the statuses of all options and the sheet together."""


class Prover:
    """One solver over the family; conditions of the sheet are added when asked for."""

    def __init__(self, compiler: Compiler) -> None:
        self.compiler = compiler
        self._sat: SatSolver | None = None
        self._fine: FineSolver | None = None
        self._sent = 0
        self._literals: dict[Bool, int] = {}

    def sat(self) -> SatSolver:
        """Return the SAT solver over all clauses so far; numbers in columns are unknown to it."""
        if self._sat is None:
            parts = (part.clauses for part in self.compiler.parts)
            self._sat = SatSolver(chain.from_iterable(parts), MAX_CONFLICTS)
            self._sent = 0
        self._sat.append_formula(self.compiler.encoder.clauses[self._sent :])
        self._sent = len(self.compiler.encoder.clauses)
        return self._sat

    def fine(self) -> "FineSolver | None":
        """Return the solver that knows columns, if there are any."""
        num_vars = self._fine.num_vars if self._fine is not None else 0
        if self.compiler.is_fine and num_vars < self.compiler.encoder.num_vars:
            from unikat.family.fine_solver import FineSolver

            fine = self.compiler.snapshot_fine()
            if fine is not None:
                variables = self.compiler.variable
                self._fine = FineSolver(self.compiler.snapshot(), fine, variables)
        return self._fine

    def is_possible(self, *literals: int) -> bool:
        """Whether some valid configuration makes all these literals true; may raise Undecided."""
        return (self.fine() or self.sat()).solve(assumptions=literals)

    def allow_more(self) -> None:
        """Allow `MORE` times as many conflicts for the questions to come."""
        if self._sat is not None:
            self._sat.limit = MORE * MAX_CONFLICTS

    def model(self) -> list[int]:
        """Return the configuration that was possible last: entry v - 1 is v or -v."""
        found: list[int] = (self._fine or self.sat()).get_model()
        return found

    def near(self, literals: list[int], phases: list[int]) -> list[int] | None:
        """Return a valid configuration with these literals, near a given one, or None."""
        if phases:
            self.sat().set_phases(phases)
        return self.model() if self.is_possible(*literals) else None

    def literal(self, table: Table, key: str, node: Bool) -> int | None:
        """Compile a condition; None, with a fault, when rules cannot say it."""
        try:
            if node not in self._literals:
                self._literals[node] = self.compiler.literal(node)
            return self._literals[node]
        except Unsupported as unsupported:
            table.fault(key, unsupported.message, unsupported.remedy)
        return None

    def prepare(self, presences: Sequence[Presence]) -> None:
        """Compile conditions together, for a solver that knows columns is built anew after each."""
        for presence in presences:
            self.literal(presence.table, "when", presence.when)

    def close(self) -> None:
        """Free the solver."""
        if self._sat is not None:
            self._sat.delete()


def void_rules(compiler: Compiler) -> tuple[str, ...]:
    """Return a minimal set of rules and groups that no configuration satisfies together.

    Where that takes more than `MAX_CONFLICTS` conflicts of the solver, the set may not be minimal.
    """
    clauses = compiler.snapshot()
    fine = compiler.snapshot_fine()
    solver = open_selecting(clauses, fine, compiler.variable, MAX_CONFLICTS)
    try:
        selector = {clauses.num_vars + 1 + i: part for i, part in enumerate(clauses.parts)}
        return tuple(
            selector[literal].id if selector[literal].is_rule else selector[literal].text
            for literal in minimal_core(_Patient(solver), (), list(selector))
        )
    finally:
        solver.delete()


class _Patient:
    """A solver that stops asking what takes too many conflicts: what it cannot tell may be so."""

    def __init__(self, solver: Deciding) -> None:
        self.solver = solver

    def solve(self, assumptions: Iterable[int] = ()) -> bool:
        """Whether some configuration may have these literals."""
        try:
            return self.solver.solve(assumptions)
        except Undecided:
            return True

    def get_core(self) -> list[int] | None:
        """Return assumptions of the last call that no configuration has together."""
        return self.solver.get_core()


def minimal_core(
    solver: "Deciding | _Patient", fixed: Sequence[int], candidates: Sequence[int]
) -> tuple[int, ...]:
    """Return a minimal part of `candidates` that contradicts `fixed`, dropping from the front."""
    needed = list(candidates)
    if solver.solve(assumptions=[*fixed, *needed]):
        return tuple(needed)
    core = set(solver.get_core() or ())
    needed = [each for each in needed if each in core]
    for each in tuple(needed):
        if each not in needed:
            continue
        rest = [other for other in needed if other != each]
        if not solver.solve(assumptions=[*fixed, *rest]):
            core = set(solver.get_core() or ())
            needed = [other for other in rest if other in core]
    return tuple(needed)


@dataclass(frozen=True, slots=True)
class Proven:
    """Indices of dead features and of core features (in every configuration), and where to start.

    `start` is None for a small family.
    """

    dead: tuple[int, ...]
    core: tuple[int, ...]
    start: Start | None


def find_fixed(prover: Prover, clauses: Clauses, num: int) -> Proven:
    """Find what every configuration has or lacks: by kernels, or by SAT where few features are."""
    fine = prover.fine()
    if fine is not None:
        return _found_finely(fine)
    if num < SMALL:
        return _found_by_sat(prover, num)
    from unikat.family.reach import compile_kernels, reach_of, rules_of
    from unikat.family.tabulate import tabulate

    compile_kernels()
    rules = rules_of(clauses)
    reach = reach_of(rules, num, prover.near)
    standing = reach.first()
    if standing is None:
        raise AssertionError("proven possible before")
    table = tabulate(reach, clauses)
    if table is not None:
        standing = table.first()
    status = standing.status[1 : num + 1]
    dead, core = ((status == value).nonzero()[0].tolist() for value in (-1, 1))
    return Proven(tuple(dead), tuple(core), Start(rules, standing, table))


def _found_finely(solver: "FineSolver") -> Proven:
    settled = solver.settle(())
    if settled is None:
        raise AssertionError("proven possible before")
    dead, core = ((settled.status[1:] == value).nonzero()[0].tolist() for value in (-1, 1))
    return Proven(tuple(dead), tuple(core), None)


def _found_by_sat(prover: Prover, num: int) -> Proven:
    prover.is_possible()
    open_values = {sign * (i + 1) for i in range(num) for sign in (1, -1)}
    open_values.difference_update(prover.model())
    never = []
    while open_values:
        literal = open_values.pop()
        if prover.is_possible(literal):
            open_values.difference_update(prover.model())
        else:
            never.append(literal)
    dead = sorted(literal - 1 for literal in never if literal > 0)
    core = sorted(-literal - 1 for literal in never if literal < 0)
    return Proven(tuple(dead), tuple(core), None)


def prove_sheet(prover: Prover, sheet: Sheet) -> None:
    """Check presence conditions, slots, ranges and recipes; what fails is noted as a fault."""
    prover.prepare(sheet.presences)
    slots = _prove_presences(prover, sheet)
    for (_, slot), lines in slots.items():
        _prove_slot(prover, slot, sheet, lines)
    for name in sorted(set(sheet.slot_conditions) - {slot for _, slot in slots}):
        sheet.family.fault("", f"no line fills slot {name!r}", "Name the slot in its lines")
    for claim in sheet.claims:
        _prove_claim(prover, claim)
    for need in sheet.needs:
        _prove_need(prover, need)


def _prove_presences(
    prover: Prover, sheet: Sheet
) -> dict[tuple[str, str], list[tuple[Presence, int]]]:
    """Check that every line is in some configuration; return the lines of each slot."""
    slots: dict[tuple[str, str], list[tuple[Presence, int]]] = {}
    for presence in sheet.presences:
        literal = prover.literal(presence.table, "when", presence.when)
        if literal is None:
            continue
        if not prover.is_possible(literal):
            presence.table.fault("when", "no valid configuration has this line", "Correct when")
        if presence.slot is not None:
            kind = presence.table.key.partition("[")[0]
            slots.setdefault((kind, presence.slot), []).append((presence, literal))
    return slots


def _prove_need(prover: Prover, need: Need) -> None:
    without = prover.literal(need.table, "recipe", Every((need.when, Not(need.then))))
    if without is not None and prover.is_possible(without):
        message = f"this step is there without its recipe, such as with {_example(prover)}"
        need.table.fault("recipe", message, "Widen the recipe's when, or narrow the step's")


def _prove_slot(
    prover: Prover, slot: str, sheet: Sheet, lines: Sequence[tuple[Presence, int]]
) -> None:
    table = lines[0][0].table
    when = prover.literal(table, "slot", sheet.slot_conditions.get(slot, Truth(value=True)))
    if when is None:
        return
    if prover.is_possible(when, *(-literal for _, literal in lines)):
        example = _example(prover)
        message = f"slot {slot!r} is empty in some valid configurations, such as {example}"
        table.fault("slot", message, "Widen a condition, or give the slot a 'when'")
    for (first, a), (second, b) in combinations(lines, 2):
        if prover.is_possible(when, a, b):
            ids = f"{first.table.content.get('id')!r} and {second.table.content.get('id')!r}"
            message = f"slot {slot!r} is filled by both {ids}, such as in {_example(prover)}"
            second.table.fault("slot", message, "Make the conditions exclude each other")


def _example(prover: Prover) -> str:
    model = prover.model()
    names = [name for name, variable in prover.compiler.variable.items() if model[variable - 1] > 0]
    leaves = [name for name in names if not prover.compiler.features[name].children]
    return ", ".join(leaves)


def _prove_claim(prover: Prover, claim: Claim) -> None:
    low, high = interval(claim.number, prover.compiler.features)
    broken: list[tuple[str, Bool]] = []
    if claim.low is not None and low < claim.low:
        inside = AtLeast(claim.number, Constant(claim.low))
        broken.append((f"can be below {float(claim.low):g}", Not(inside)))
    if claim.high is not None and high > claim.high:
        inside = AtLeast(Constant(claim.high), claim.number)
        broken.append((f"can be above {float(claim.high):g}", Not(inside)))
    for message, outside in broken:
        literal = prover.literal(claim.table, claim.key, Every((claim.when, outside)))
        if literal is not None and prover.is_possible(literal):
            found = f"{claim.key} {message}, such as with {_example(prover)}"
            claim.table.fault(claim.key, found, "Correct the formula, the bounds or 'when'")
