"""Completions by how long their making takes: the longest chain of steps, then all work."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import TYPE_CHECKING, Final

from unikat.configure.choice import Choice, complete
from unikat.configure.model import Configuration, Variant
from unikat.configure.optimise import SECONDS, formulas_of
from unikat.configure.settle import settle, value_of
from unikat.configure.variant import derive_variant
from unikat.family.model import GenericStep
from unikat.terms import Capability, Seconds, StepId

if TYPE_CHECKING:
    from unikat.configure.formula_model import FormulaModel
    from unikat.configure.rule_model import Whole

_PACE: Final = 1_000


@dataclass(frozen=True, slots=True)
class Candidate:
    """A completion and the seconds of its longest chain of steps, without any waiting."""

    configuration: Configuration
    chain: Seconds


@dataclass(frozen=True, slots=True)
class LeastWork:
    """Completions with different steps, the shortest chain first; no completion has a chain shorter
    than `bound`.
    """

    candidates: tuple[Candidate, ...]
    bound: Seconds


def least_work(
    choice: Choice,
    *,
    num: int = 4,
    paces: Mapping[Capability, int] = MappingProxyType({}),
    unsure: Collection[StepId] = (),
    seconds: float = SECONDS,
) -> LeastWork:
    """Find up to `num` completions that are made fastest, each with other steps than those before.

    `paces` holds the pace, per mille, of the fastest unit of a capability (else 1000). The work of
    `unsure` steps is not what the sheet says and counts 0.
    """
    formulas = formulas_of(choice)
    model = _Chains(formulas, choice.family.routing, paces, unsure)
    found: list[Configuration] = []
    bound = model.chain.low
    while len(found) < num and model.objective.terms:
        solved = formulas.rules.solve(model.objective, seconds=seconds)
        if not found:
            bound = max(bound, solved.bound // model.weight)
        if solved.values:
            found.append(settle(choice, formulas, solved.values))
        if not solved.values or not model.forbid(solved.values):
            break
    candidates = tuple(
        Candidate(each, longest_chain(derive_variant(choice.family, each), paces, unsure))
        for each in found or [complete(choice)]
    )
    return LeastWork(candidates, min(bound, *(each.chain for each in candidates)))


def longest_chain(
    variant: Variant, paces: Mapping[Capability, int], unsure: Collection[StepId]
) -> Seconds:
    """Return the seconds of the longest chain of steps."""
    finish: dict[StepId, Seconds] = {}
    for step in variant.steps:
        ready = max((finish[each] for each in step.after), default=0)
        work = 0 if step.step in unsure else step.work
        finish[step.step] = ready - (-work * _PACE // paces.get(step.capability, _PACE))
    return max(finish.values(), default=0)


class _Chains:
    """The finish of every step if none ever waits for a machine, and the objective: the last one,
    and as a small part all work.
    """

    def __init__(
        self,
        formulas: "FormulaModel",
        routing: tuple[GenericStep, ...],
        paces: Mapping[Capability, int],
        unsure: Collection[StepId],
    ) -> None:
        self.rules, self.formulas = formulas.rules, formulas
        self.present = [formulas.condition(step.when.node) for step in routing]
        finishes: dict[StepId, Whole] = {}
        nothing = self.rules.whole({})
        works = []
        for step, present in zip(routing, self.present, strict=True):
            work = nothing
            if step.id not in unsure:
                pace = paces.get(step.capability, _PACE)
                work = formulas.chosen(present, self._seconds(step, pace), nothing)
            works.append(work)
            finishes[step.id] = self._finish(work, [finishes[each] for each in step.after])
        self.chain = self._finish(nothing, list(finishes.values()))
        total = self.rules.sum(*((work, 1) for work in works))
        self.weight = total.high + 1
        self.objective = self.rules.sum((self.chain, self.weight), (total, 1))

    def _seconds(self, step: GenericStep, pace: int) -> "Whole":
        """Return the seconds of a step, rounded up as for a variant, then by its pace."""
        from unikat.configure.rule_model import TooLarge

        try:
            work = self.formulas.ceiling(step.seconds.node)
        except TooLarge:
            return self.rules.whole({})
        negative = self.rules.sum((work, -_PACE))
        return self.rules.sum((self.formulas.floor(negative, self.rules.whole({}, pace)), -1))

    def _finish(self, work: "Whole", before: list["Whole"]) -> "Whole":
        """Return the earliest finish of work that starts when all before it have finished."""
        if not before:
            return work
        low = max(each.low for each in before) + work.low
        high = max(each.high for each in before) + work.high
        finish = self.rules.whole({self.rules.variable(low, high): 1})
        for each in before:
            self.rules.at_most(self.rules.sum((each, 1), (work, 1), (finish, -1)), 0)
        return finish

    def forbid(self, values: tuple[int, ...]) -> bool:
        """Ask for other steps than these from now on; False when there are no others."""
        unsure = [each for each in self.present if each.terms]
        same = self.rules.sum(*((each, 1 if value_of(each, values) else -1) for each in unsure))
        most = sum(value_of(each, values) for each in unsure)
        if not unsure:
            return False
        self.rules.at_most(same, most - 1)
        return True
