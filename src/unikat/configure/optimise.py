"""The best completion by a measure: the cheapest, and the nearest to a list of wishes; proven."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from fractions import Fraction
from typing import TYPE_CHECKING, Final

from unikat.configure.choice import Choice, complete, find_feature, open_choice
from unikat.configure.model import Configuration
from unikat.configure.price import price, round_cents
from unikat.configure.settle import settle
from unikat.family.interval import interval
from unikat.family.meaning import TextIs, exact
from unikat.family.model import Exact, Family, Feature, PriceEntry, Value
from unikat.family.values import read_value

if TYPE_CHECKING:
    from unikat.configure.formula_model import FormulaModel
    from unikat.configure.rule_model import Solved, Whole

SECONDS: Final = 10.0
"""Default limit: seconds of the solver's steady clock, the same on every machine."""
_UNIT: Final = 1_000_000
_LARGEST: Final = 2**50
_TIES: Final = 200
"""Most features among which a tie is broken by the defaults; it takes a second search."""


@dataclass(frozen=True, slots=True)
class Best:
    """A best completion: no other has an objective below `bound`; `is_optimal`: nor has any below
    `objective`.
    """

    configuration: Configuration
    objective: Exact
    bound: Exact
    is_optimal: bool


@dataclass(frozen=True, slots=True)
class Wish:
    """A value that a feature should have: true, false, a number or a text.

    Left unmet it costs its weight. A selected number costs that part of it which its distance is of
    its whole range.
    """

    feature: str
    value: bool | float | Fraction | str
    weight: int = 1


def cheapest(choice: Choice, *, seconds: float = SECONDS) -> Best:
    """Complete a choice at the lowest price, in cents; what bears no price follows the defaults.

    Where time runs out, or a formula's numbers are too large for the solver, the bound says how
    much cheaper another completion could be at most.
    """
    formulas = formulas_of(choice)
    objective = price_of(formulas)

    def cents(configuration: Configuration) -> int:
        return price(choice.family, configuration).total

    return _best(choice, formulas, objective, cents, seconds)


def nearest(
    family: Family,
    wishes: Iterable[Wish],
    *,
    under: Choice | None = None,
    seconds: float = SECONDS,
) -> Best:
    """Find the valid configuration that leaves least of the wishes unmet, by weight.

    `under` holds picks that must stay; what was not wished for follows the defaults.

    Raises
    ------
    UnknownFeature
        When the family has no such feature or the feature cannot take the value.
    """
    choice = open_choice(family) if under is None else under
    read = [_read(family, wish) for wish in wishes]
    formulas = formulas_of(choice)
    costs = [_unmet(formulas, *each) for each in read]

    def missed(configuration: Configuration) -> int:
        return sum(_missed(configuration, *each) for each in read)

    best = _best(choice, formulas, formulas.rules.sum(*((c, 1) for c in costs)), missed, seconds)
    objective, bound = (exact(Fraction(each) / _UNIT) for each in (best.objective, best.bound))
    return Best(best.configuration, objective, bound, best.is_optimal)


def load_solver() -> None:
    """Import what the first question would wait a second for."""
    from ortools.sat.python import cp_model
    from scipy.sparse import csgraph

    _ = cp_model, csgraph


def formulas_of(choice: Choice) -> "FormulaModel":
    """Return the rules and formulas of a choice's family, for one question."""
    from unikat.configure.formula_model import FormulaModel
    from unikat.configure.rule_model import RuleModel

    return FormulaModel(RuleModel(choice.family, choice.picks, choice.standing))


def _best(
    choice: Choice,
    formulas: "FormulaModel",
    objective: "Whole",
    measure: Callable[[Configuration], int],
    seconds: float,
) -> Best:
    """Minimise; the measure of what was found, not the solver's word for it, is the objective."""
    if not objective.terms:
        configuration = complete(choice)
        found = measure(configuration)
        return Best(configuration, found, objective.low, is_optimal=found == objective.low)
    solved = formulas.rules.solve(objective, seconds=seconds)
    if not solved.values:
        configuration = complete(choice)
        return Best(configuration, measure(configuration), solved.bound, is_optimal=False)
    values = _by_default(choice, formulas, objective, solved, seconds) or solved.values
    configuration = settle(choice, formulas, values)
    found = measure(configuration)
    return Best(configuration, found, min(solved.bound, found), is_optimal=found <= solved.bound)


def _by_default(
    choice: Choice, formulas: "FormulaModel", objective: "Whole", solved: "Solved", seconds: float
) -> tuple[int, ...]:
    """Among completions as good as the one found, find the nearest to the one by the defaults."""
    rules, family = formulas.rules, choice.family
    asked = [family.features[each - 1] for each in rules.asked if each <= len(family.features)]
    if len(asked) > _TIES:
        return ()
    usual = complete(choice)
    known: dict[str, Value] = dict.fromkeys(usual.selected, True)
    known.update(usual.numbers)
    costs = []
    for feature in asked:
        value: Value = known.get(feature.name, False)
        costs.append(
            _unmet(formulas, feature, value if feature.name in rules.places else bool(value), _UNIT)
        )
    rules.at_most(objective, solved.objective)
    return rules.solve(rules.sum(*((each, 1) for each in costs)), seconds=seconds).values


# -- price -----------------------------------------------------------------------------------------


def price_of(formulas: "FormulaModel") -> "Whole":
    """Return the price as a solver's number: exact, or never above it."""
    rules, family = formulas.rules, formulas.family
    parts = [
        (rules.literal(variable), int(cents))
        for variable, feature in enumerate(family.features, start=1)
        if isinstance(cents := feature.attributes.get("price"), Fraction) and int(cents)
    ]
    parts += [(_entry(formulas, entry), 1) for entry in family.prices]
    return rules.sum(*parts)


def _entry(formulas: "FormulaModel", entry: PriceEntry) -> "Whole":
    from unikat.configure.rule_model import TooLarge

    nothing = formulas.rules.whole({})
    try:
        when = formulas.condition(entry.when.node)
        if not when.terms and not when.constant:
            return nothing
        return formulas.chosen(when, formulas.cents(entry.cents.node), nothing)
    except TooLarge:
        features: Mapping[str, Feature] = {each.name: each for each in formulas.family.features}
        low, high = (round_cents(end) for end in interval(entry.cents.node, features))
        ends = max(min(low, 0), -_LARGEST), min(max(high, 0), _LARGEST)
        return formulas.rules.whole({formulas.rules.variable(*ends): 1})


# -- wishes ----------------------------------------------------------------------------------------


def _read(family: Family, wish: Wish) -> tuple[Feature, Value, int]:
    feature = find_feature(family, wish.feature)
    return feature, read_value(feature, wish.value), wish.weight * _UNIT


def _unmet(formulas: "FormulaModel", feature: Feature, value: Value, weight: int) -> "Whole":
    """Return what a wish costs, as a solver's number."""
    rules = formulas.rules
    selected = rules.literal(formulas.family.index[feature.name] + 1)
    whole = rules.whole({}, weight)
    if value is False:
        return rules.sum((selected, weight))
    if isinstance(value, str):
        is_met = formulas.every([selected, formulas.condition(TextIs(feature.name, value))])
        return rules.sum((whole, 1), (is_met, -weight))
    unselected = rules.sum((whole, 1), (selected, -weight))
    if value is True:
        return unselected
    num, wanted = _places(feature, value)
    if num == 0:
        return unselected
    place, distance = rules.place(feature.name), rules.whole({rules.variable(0, num): 1})
    rules.at_most(rules.sum((place, 1), (distance, -1)), wanted, selected)
    rules.at_most(rules.sum((place, -1), (distance, -1)), -wanted, selected)
    return rules.sum((unselected, 1), (distance, -(-weight // num)))


def _places(feature: Feature, value: Fraction) -> tuple[int, int]:
    """Return how many steps a number's grid has, and at which of them a value lies."""
    low, high, step = feature.low, feature.high, feature.step
    if low is None or high is None or step is None:
        raise AssertionError(f"{feature.name} has no grid")
    return int((high - low) / step), int((value - low) / step)


def _missed(configuration: Configuration, feature: Feature, value: Value, weight: int) -> int:
    """Return what a wish costs in a configuration."""
    is_on = feature.name in configuration.selected
    if isinstance(value, bool):
        return 0 if is_on == value else weight
    if not is_on:
        return weight
    if isinstance(value, str):
        return 0 if dict(configuration.texts).get(feature.name) == value else weight
    num, wanted = _places(feature, value)
    _, found = _places(feature, dict(configuration.numbers)[feature.name])
    return abs(found - wanted) * -(-weight // num) if num else 0
