"""What two versions of a family allow, over the options both have: less, more, the same, or other.

(Classes of edits: Thuem, Batory and Kaestner, ICSE 2009.) A configuration of one is looked for that
the other refuses whatever its own new options are: a solver proposes one that no known answer of
the other fits, the other answers by values of its new options, and so on (counterexample-guided
abstraction refinement for quantified formulas: Janota and Marques-Silva, SAT 2011).
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from fractions import Fraction
from random import Random
from typing import Final, Literal, TypeAlias

from unikat.configure.choice import Choice, choose, choose_all, complete, open_choice
from unikat.configure.joint import Joint, common_picks, is_possible_value
from unikat.configure.model import Configuration
from unikat.configure.workspace import Picks, Workspace, workspace_of
from unikat.errors import InvalidChoice
from unikat.family.model import Family
from unikat.family.proof import minimal_core
from unikat.terms import FeatureName

Relation: TypeAlias = Literal[
    "refactoring", "specialisation", "generalisation", "arbitrary edit", "not decided"
]
Names: TypeAlias = Mapping[FeatureName, FeatureName]
"""The common options: name in one family -> name in the other."""

_ROUNDS: Final = 200
_TRIES: Final = 100
_PICKS: Final = 6


@dataclass(frozen=True, slots=True)
class Example:
    """A configuration that only one of two families allows.

    The other one refuses `picks`, a minimal part of it in its own names, because of `rules`.
    """

    configuration: Configuration
    picks: Picks
    rules: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Comparison:
    """What two families allow over their common options; new ones may be chosen freely."""

    relation: Relation
    num_common: int
    only_old: Example | None
    only_new: Example | None


def compare(
    old: Family,
    new: Family,
    names: Names,
    *,
    is_cancelled: Callable[[], bool] = lambda: False,
) -> Comparison:
    """Compare what two families allow; `names` maps the common options, old to new.

    refactoring: the same; specialisation: new allows less; generalisation: more; arbitrary edit:
    each allows something that the other refuses. not decided: cancelled, or with numbers too fine
    for clauses, and no example was found on one side.
    """
    only_old, is_sure = _only(old, new, names, is_cancelled)
    back = {there: here for here, there in names.items()}
    only_new, is_sure_too = _only(new, old, back, is_cancelled)
    relation: Relation = "not decided"
    if only_old is not None and only_new is not None:
        relation = "arbitrary edit"
    elif is_sure and is_sure_too:
        relation = "refactoring"
        if only_old is not None:
            relation = "specialisation"
        if only_new is not None:
            relation = "generalisation"
    return Comparison(relation, len(names), only_old, only_new)


def _only(
    here: Family, there: Family, names: Names, is_cancelled: Callable[[], bool]
) -> tuple[Example | None, bool]:
    """Return an example that only `here` allows, and whether the answer is sure."""
    if here.fine is not None or there.fine is not None:
        found = _tried(here, there, names, is_cancelled)
        return found, found is not None
    joint = Joint(here, there, names)
    try:
        for _ in range(_ROUNDS):
            picks = joint.propose()
            if picks is None:
                return None, joint.is_sure
            space = workspace_of(there)
            model = joint.answer(space, picks)
            if model is None:
                return _example(here, there, names, picks), True
            if is_cancelled() or not joint.learn(model):
                break
    finally:
        joint.close()
    found = _tried(here, there, names, is_cancelled)
    return found, found is not None


def _tried(
    here: Family, there: Family, names: Names, is_cancelled: Callable[[], bool]
) -> Example | None:
    """Try random configurations."""
    random = Random(1)
    space = workspace_of(there)
    for _ in range(_TRIES):
        if is_cancelled():
            break
        picks = common_picks(here, there, names, complete(_random_choice(here, random)))
        if any(not is_possible_value(there.feature(name), value) for name, value in picks):
            return _example(here, there, names, picks)
        if not space.is_possible(space.literals(there, picks)):
            return _example(here, there, names, picks)
    return None


def _random_choice(family: Family, random: Random) -> Choice:
    choice = open_choice(family)
    for _ in range(_PICKS):
        free = [name for name, status in choice.statuses().items() if status == "open"]
        if free:
            choice = choose(choice, random.choice(free), value=random.random() < 0.5)
    return choice


def _example(here: Family, there: Family, names: Names, picks: Picks) -> Example:
    """Return an example from common picks (in the names of `there`) that `there` refuses."""
    space = workspace_of(there)
    unknown = [pick for pick in picks if not is_possible_value(there.feature(pick[0]), pick[1])]
    needed = tuple(unknown[:1]) or _needed(space, there, picks)
    rules = () if unknown else _rules(space, there, space.literals(there, needed))
    back = {name: own for own, name in names.items()}
    own: dict[str, bool | float | Fraction | str] = {back[name]: value for name, value in needed}
    try:
        configuration = complete(choose_all(here, own))
    except InvalidChoice:
        raise AssertionError("the picks come from a configuration of this family") from None
    return Example(configuration, needed, rules)


def _needed(space: Workspace, family: Family, picks: Picks) -> Picks:
    """Return a minimal part of picks that the family refuses: selections, else values, else all."""
    tiers = (
        tuple(pick for pick in picks if pick[1] is True),
        tuple(pick for pick in picks if not isinstance(pick[1], bool)),
        tuple(pick for pick in picks if pick[1] is False),
    )
    needed: Picks = ()
    for tier in tiers:
        needed = (*tier, *needed)
        if not space.is_possible(space.literals(family, needed)):
            break
    for pick in needed:
        rest = tuple(each for each in needed if each != pick)
        if pick in needed and not space.is_possible(space.literals(family, rest)):
            core = space.core()
            needed = tuple(e for e in rest if not core.isdisjoint(space.literals(family, [e])))
    return needed


def _rules(space: Workspace, family: Family, fixed: list[int]) -> tuple[str, ...]:
    solver, parts = space.selecting()
    of_rules = [each for each, i in parts.items() if family.clauses.parts[i].is_rule]
    of_groups = [each for each, i in parts.items() if not family.clauses.parts[i].is_rule]
    if solver.solve(assumptions=[*fixed, *of_groups, *of_rules]):
        return ()
    needed = minimal_core(solver, [*fixed, *of_groups], of_rules)
    return tuple(family.clauses.parts[parts[each]].id for each in needed)
