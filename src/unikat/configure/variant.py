"""Generic BOM and routing -> BOM lines and steps of one configuration, without search; recipes."""

import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from fractions import Fraction
from types import MappingProxyType

from unikat.configure.model import BomLine, Configuration, RecipeCall, Step, Variant
from unikat.configure.presence import presences_of
from unikat.errors import InvalidMeasurements
from unikat.family.meaning import exact
from unikat.family.model import Exact, Facts, Family, Feature, GenericLine, GenericStep, Parameter
from unikat.terms import FeatureName, ItemId, StepId


def facts_of(configuration: Configuration) -> Facts:
    """Return what formulas read of a configuration."""
    numbers: dict[str, Exact] = {name: exact(value) for name, value in configuration.numbers}
    texts: dict[str, str] = dict(configuration.texts)
    return Facts(configuration.selected, numbers, texts)


def derive_variant(family: Family, configuration: Configuration) -> Variant:
    """Return the BOM lines and steps whose condition holds.

    A predecessor that is absent gives way to its own predecessors.
    """
    facts = facts_of(configuration)
    bom = tuple(_lines(family, facts))
    items = {line.line: line.item for line in bom}
    return Variant(configuration.key, bom, _steps(family, facts, items))


def _lines(family: Family, facts: Facts) -> Iterator[BomLine]:
    """Yield the present lines; below a parent, quantities multiply."""
    presences = presences_of(family)
    places = presences.bom.places(facts)
    if presences.has_parents:
        yield from _multiplied([family.bom[place] for place in places], facts)
        return
    rows = presences.rows
    for place in places:
        row = rows[place]
        if isinstance(row, BomLine):
            yield row
        else:
            line, item, unit, module, whole, divisor = row
            yield BomLine(line, item, float(whole(facts) / divisor), unit, module)


def _multiplied(lines: Sequence[GenericLine], facts: Facts) -> Iterator[BomLine]:
    present = {line.id: line for line in lines}
    for line in lines:
        quantity = line.quantity
        top, bottom = quantity.whole(facts), quantity.divisor
        parent = line.parent
        while parent is not None and (above := present.get(parent)) is not None:
            top, bottom = top * above.quantity.whole(facts), bottom * above.quantity.divisor
            parent = above.parent
        if parent is None:
            yield BomLine(line.id, line.item, float(top / bottom), line.unit, line.module)


def _steps(family: Family, facts: Facts, items: Mapping[str, ItemId]) -> tuple[Step, ...]:
    """Return the present steps; steps with the same `after` wait for the same ones."""
    presences = presences_of(family)
    present = set(presences.routing.places(facts))
    steps: list[Step] = []
    before: dict[StepId, tuple[StepId, ...]] = {}
    ancestors: dict[StepId, int] = {}
    waits: list[tuple[StepId, ...] | None] = [None] * presences.num_after
    for place, (step, number) in enumerate(zip(family.routing, presences.after, strict=True)):
        after = waits[number]
        if after is None:
            after = _latest([each for name in step.after for each in before[name]], ancestors)
            waits[number] = after
        if place in present:
            before[step.id] = (step.id,)
            ancestors[step.id] = _with_all(after, ancestors) | 1 << place
            steps.append(_step(step, facts, after, items))
        else:
            before[step.id] = after
    return tuple(steps)


def _latest(steps: list[StepId], ancestors: Mapping[StepId, int]) -> tuple[StepId, ...]:
    """Drop steps that another of them waits for: each arc left is a hand-over on the floor.

    Bit k of `ancestors` says that a step is step k of the routing, or waits for it.
    """
    once = tuple(dict.fromkeys(steps))
    if len(once) < 2:
        return once
    return tuple(
        each
        for each in once
        if not any(
            other != each and ancestors[each] & ancestors[other] == ancestors[each]
            for other in once
        )
    )


def _with_all(steps: Iterable[StepId], ancestors: Mapping[StepId, int]) -> int:
    found = 0
    for each in steps:
        found |= ancestors[each]
    return found


def _step(
    step: GenericStep, facts: Facts, after: tuple[StepId, ...], items: Mapping[str, ItemId]
) -> Step:
    return Step(
        step=step.id,
        capability=step.capability,
        work=int(-(-step.seconds.whole(facts) // step.seconds.divisor)),
        setup=step.setup,
        after=after,
        items=tuple(items[line] for line in step.uses if line in items),
        recipe=step.recipe,
    )


def recipe_calls(
    family: Family, configuration: Configuration, measurements: Mapping[str, float]
) -> tuple[RecipeCall, ...]:
    """Return the recipes of a configuration with their parameters filled.

    Raises
    ------
    InvalidMeasurements
        Naming every measure that is missing, not finite or outside of what the recipe can build.
    """
    facts = facts_of(configuration)
    faults: list[str] = []
    calls = []
    for recipe in family.recipes:
        if recipe.when.holds(facts):
            values = {
                each.name: _parameter(each, facts, measurements, faults)
                for each in recipe.parameters
            }
            calls.append(RecipeCall(recipe.id, recipe.version, MappingProxyType(values)))
    if faults:
        raise InvalidMeasurements("; ".join(faults))
    return tuple(calls)


def _parameter(
    parameter: Parameter, facts: Facts, measurements: Mapping[str, float], faults: list[str]
) -> float:
    if parameter.value is not None:
        return float(parameter.value.of(facts))
    name = parameter.measured or parameter.name
    return read_measure(
        measurements,
        name,
        low=parameter.low,
        high=parameter.high,
        unit=parameter.unit,
        faults=faults,
    )


def read_measure(
    measurements: Mapping[str, float],
    name: str,
    *,
    low: float,
    high: float,
    unit: str,
    faults: list[str],
) -> float:
    """Return one measure; what is wrong with it goes to `faults`."""
    allowed = f"measure it again; allowed: {low:g} to {high:g} {unit}".rstrip()
    value = measurements.get(name)
    if value is None:
        faults.append(f"{name} is missing; {allowed}")
    elif low <= value <= high:
        return float(value)
    else:
        faults.append(f"{name} = {value!r:.20} is no number within the range; {allowed}")
    return low


def measured_picks(
    family: Family, measurements: Mapping[str, float]
) -> Mapping[FeatureName, Fraction]:
    """Return the picks that the family fills from measures, rounded to their grid (halves up).

    Raises
    ------
    InvalidMeasurements
        Naming every measure that is missing, not finite or beyond what the feature offers.
    """
    faults: list[str] = []
    found: dict[FeatureName, Fraction] = {}
    for each in family.measured:
        feature = family.feature(each.feature)
        found[each.feature] = _measured(feature, each.source, measurements, faults)
    if faults:
        raise InvalidMeasurements("; ".join(faults))
    return found


def _measured(
    feature: Feature, source: str, measurements: Mapping[str, float], faults: list[str]
) -> Fraction:
    low, high, step = (each or Fraction(0) for each in (feature.low, feature.high, feature.step))
    value = read_measure(
        measurements,
        source,
        low=float(low),
        high=float(high),
        unit=feature.unit or "",
        faults=faults,
    )
    places = math.floor((Fraction(value) - low) / step + Fraction(1, 2))
    return low + places * step
