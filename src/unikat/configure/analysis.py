"""What an engineer asks about a family: core, dead and false-optional options, redundant rules."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

from unikat.configure.choice import open_choice
from unikat.configure.workspace import workspace_of
from unikat.family.model import Family, Part
from unikat.terms import FeatureName

if TYPE_CHECKING:
    from pysat.solvers import Solver


@dataclass(frozen=True, slots=True)
class Analysis:
    """What follows from the rules alone.

    `core` options are in every valid configuration, `dead` ones in none; `false_optional` are core
    though the tree lets one leave them out while their parent is selected. Each rule of `redundant`
    follows from all the others; together they need not be.
    """

    num_features: int
    num_rules: int
    num_clauses: int
    core: tuple[FeatureName, ...]
    dead: tuple[FeatureName, ...]
    false_optional: tuple[FeatureName, ...]
    redundant: tuple[str, ...]


def analyse(family: Family) -> Analysis:
    """Analyse a family."""
    statuses = open_choice(family).statuses()
    core = [feature for feature in family.features if statuses[feature.name] == "forced"]
    parts = family.clauses.parts
    return Analysis(
        num_features=len(family.features),
        num_rules=len(family.rules),
        num_clauses=len(family.clauses.hard) + sum(len(part.clauses) for part in parts),
        core=tuple(feature.name for feature in core),
        dead=tuple(name for name, status in statuses.items() if status == "forbidden"),
        false_optional=tuple(
            feature.name for feature in core if feature.group not in ("root", "mandatory")
        ),
        redundant=_redundant(family),
    )


def _redundant(family: Family) -> tuple[str, ...]:
    solver, parts = workspace_of(family).selecting()
    selectors = list(parts)
    return tuple(
        part.id
        for place, part in enumerate(family.clauses.parts)
        if part.is_rule and _follows(solver, part, selectors[:place] + selectors[place + 1 :])
    )


def _follows(solver: "Solver", part: Part, others: list[int]) -> bool:
    """Whether the clauses of a part hold wherever all other parts do."""
    return not any(
        solver.solve(assumptions=[*others, *(-literal for literal in clause)])
        for clause in part.clauses
    )
