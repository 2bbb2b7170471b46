"""What an engineer asks about a family: core, dead and false-optional options, redundant rules."""

from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from random import Random
from typing import Final

from unikat.configure.choice import Choice, choose, open_choice
from unikat.configure.explain import explain
from unikat.configure.rules import droppable_together, find_redundant, find_touched
from unikat.family.model import Family, Rule
from unikat.terms import FeatureName

NUM_REFUSED: Final = 200
"""Refused clicks that tell how often each rule is a reason."""
_FRUITLESS: Final = 20
"""Most shoppers in a row who meet nothing forbidden."""


@dataclass(frozen=True, slots=True)
class Analysis:
    """What follows from the rules alone.

    `core` options are in every valid configuration, `dead` ones in none; `false_optional` are core
    though the tree lets one leave them out while their parent is selected. Each rule of `redundant`
    follows from all the others, and at the least from those it is mapped to (none: from the tree);
    the rules of `droppable` may all go at once. `is_whole` tells whether all rules were looked at.
    `touched` are the options, numbers and texts that each rule reads.
    """

    num_features: int
    num_rules: int
    num_clauses: int
    core: tuple[FeatureName, ...]
    dead: tuple[FeatureName, ...]
    false_optional: tuple[FeatureName, ...]
    redundant: Mapping[str, tuple[str, ...]]
    droppable: tuple[str, ...]
    is_whole: bool
    touched: tuple[tuple[Rule, tuple[FeatureName, ...]], ...]

    @property
    def coverage(self) -> float:
        """The share of all features that take part in at least one rule."""
        return len({name for _, names in self.touched for name in names}) / self.num_features


def analyse(
    family: Family,
    *,
    is_cancelled: Callable[[], bool] = lambda: False,
    progress: Callable[[int, int], None] = lambda done, total: None,
) -> Analysis:
    """Analyse a family; cancelled, it leaves out the rules not looked at yet."""
    statuses = open_choice(family).statuses()
    core = [feature for feature in family.features if statuses[feature.name] == "forced"]
    parts = family.clauses.parts
    touched = [
        names for part, names in zip(parts, find_touched(family), strict=True) if part.is_rule
    ]
    redundant, is_whole = find_redundant(family, is_cancelled=is_cancelled, progress=progress)
    return Analysis(
        num_features=len(family.features),
        num_rules=len(family.rules),
        num_clauses=len(family.clauses.hard) + sum(len(part.clauses) for part in parts),
        core=tuple(feature.name for feature in core),
        dead=tuple(name for name, status in statuses.items() if status == "forbidden"),
        false_optional=tuple(
            feature.name for feature in core if feature.group not in ("root", "mandatory")
        ),
        redundant=redundant,
        droppable=droppable_together(family, redundant),
        is_whole=is_whole,
        touched=tuple(zip(family.rules, touched, strict=True)),
    )


@dataclass(frozen=True, slots=True)
class Bindings:
    """How often each rule was in the minimal reason of a refusal, of `num_refused` refusals."""

    times: Mapping[str, int]
    num_refused: int


def find_bindings(
    family: Family,
    *,
    num_refused: int = NUM_REFUSED,
    seed: int = 1,
    is_cancelled: Callable[[], bool] = lambda: False,
    progress: Callable[[int, int], None] = lambda done, total: None,
) -> Bindings:
    """Let random shoppers pick open options; ask after each pick why one option is forbidden now.

    Options that are dead from the start are not asked about.
    """
    random, times = Random(seed), Counter[str]()
    first = open_choice(family)
    dead = {name for name, status in first.statuses().items() if status == "forbidden"}
    asked, fruitless = 0, 0
    while asked < num_refused and fruitless < _FRUITLESS and not is_cancelled():
        choice, before = first, asked
        while asked < num_refused and not is_cancelled():
            picked = _picked(choice, random)
            if picked is None:
                break
            choice = picked
            forbidden = [
                name
                for name, status in choice.statuses().items()
                if status == "forbidden" and name not in dead
            ]
            free = [name for name in forbidden if name not in dict(choice.picks)]
            if free:
                times.update(set(explain(choice, random.choice(free), value=True).rules))
                asked += 1
                progress(asked, num_refused)
        fruitless = 0 if asked > before else fruitless + 1
    return Bindings(times, asked)


def _picked(choice: Choice, random: Random) -> Choice | None:
    """Return the choice with a random pick more; None: nothing is open."""
    available = [name for name, status in choice.statuses().items() if status == "open"]
    return choose(choice, random.choice(available), value=True) if available else None
