"""From a solver's values back to a configuration: what was not asked for follows the defaults."""

from collections.abc import Iterator
from dataclasses import replace
from fractions import Fraction
from string import ascii_letters
from typing import TYPE_CHECKING

from unikat.configure.choice import Choice, choose_all, complete
from unikat.configure.model import Configuration
from unikat.configure.workspace import Picks
from unikat.family.model import Family, Feature, Value
from unikat.terms import FeatureName

if TYPE_CHECKING:
    from unikat.configure.formula_model import FormulaModel
    from unikat.configure.rule_model import Whole


def settle(choice: Choice, formulas: "FormulaModel", values: tuple[int, ...]) -> Configuration:
    """Complete a choice with all that a question asked for as the solver answered it."""
    picks = dict(choice.picks)
    rules, features = formulas.rules, choice.family.features
    for variable in sorted(each for each in rules.asked if each <= len(features)):
        feature = features[variable - 1]
        is_on = rules.is_true(variable, values)
        if not is_on or feature.name not in picks or picks[feature.name] is True:
            picks[feature.name] = is_on and _value(feature, formulas, values)
    return complete(choose_all(choice.family, {str(name): each for name, each in picks.items()}))


def value_of(number: "Whole", values: tuple[int, ...]) -> int:
    """Return what a number comes to."""
    return number.constant + sum(factor * values[index] for index, factor in number.terms)


def _value(feature: Feature, formulas: "FormulaModel", values: tuple[int, ...]) -> Value:
    if feature.kind == "Boolean" or feature.name not in formulas.rules.places:
        return True
    place = value_of(formulas.rules.places[feature.name], values)
    if feature.is_number and feature.low is not None and feature.step is not None:
        return Fraction(feature.low + place * feature.step)
    return _text(feature, place, formulas, values)


def _text(feature: Feature, length: int, formulas: "FormulaModel", values: tuple[int, ...]) -> str:
    """Return the text whose literal holds, else one of this length that no rule or formula names,
    the default first.
    """
    rules = formulas.rules
    by_rules = rules.named_texts(feature.name)
    used = {text: rules.literal(literal) for text, literal in by_rules.items()}
    used.update(formulas.texts.get(feature.name, {}))
    for text, literal in used.items():
        if value_of(literal, values):
            return text
    default = feature.default if isinstance(feature.default, str) else ""
    tried = (default, *(letter * length for letter in ascii_letters))
    return next(text for text in tried if len(text) == length and text not in used)


def picks_to(choice: Choice, configuration: Configuration) -> Picks:
    """Return picks that `complete` leads to a configuration: those of a choice that hold in it, and
    as few others as that takes, roughly.
    """
    family = choice.family
    kept = {name: each for name, each in choice.picks if has(configuration, name, each)}
    values: dict[FeatureName, Value] = {**dict(configuration.numbers), **dict(configuration.texts)}
    for more in (_selected, _left_out, _all):
        usual = complete(choose_all(family, {str(name): each for name, each in kept.items()}))
        if usual.key == configuration.key:
            break
        known: dict[FeatureName, Value] = {**dict(usual.numbers), **dict(usual.texts)}
        kept.update({name: each for name, each in values.items() if known.get(name) != each})
        kept.update(more(family, usual, configuration))
    return tuple(kept.items())


def has(configuration: Configuration, name: FeatureName, value: Value) -> bool:
    """Whether a configuration has a pick."""
    if isinstance(value, bool):
        return (name in configuration.selected) is value
    values: dict[FeatureName, Value] = {**dict(configuration.numbers), **dict(configuration.texts)}
    return values.get(name) == value


def _selected(
    family: Family, usual: Configuration, wanted: Configuration
) -> Iterator[tuple[FeatureName, Value]]:
    for feature in family.features:
        is_new = feature.name in wanted.selected and feature.name not in usual.selected
        if is_new and feature.kind == "Boolean" and feature.group != "mandatory":
            yield feature.name, True


def _left_out(
    family: Family, usual: Configuration, wanted: Configuration
) -> Iterator[tuple[FeatureName, Value]]:
    for feature in family.features:
        is_left = feature.name in usual.selected and feature.name not in wanted.selected
        if is_left and feature.parent in wanted.selected:
            yield feature.name, False


def _all(
    family: Family, usual: Configuration, wanted: Configuration
) -> Iterator[tuple[FeatureName, Value]]:
    yield from _selected(family, replace(usual, selected=frozenset()), wanted)
    everything = frozenset(feature.name for feature in family.features)
    yield from _left_out(family, replace(usual, selected=everything), wanted)
    yield from wanted.numbers
    yield from wanted.texts
