"""What is measured of one ordered part after its steps: the characteristics with its own values."""

from collections.abc import Mapping, Sequence
from dataclasses import replace

from unikat.configure.model import Check, Configuration, Step, Variant
from unikat.configure.variant import facts_of, read_measure
from unikat.errors import InvalidMeasurements
from unikat.family.model import Characteristic, Facts, Family
from unikat.terms import StepId

LARGEST = 1e6
"""A measure beyond it is a wrong unit."""


def add_checks(
    family: Family,
    configuration: Configuration,
    measurements: Mapping[str, float],
    variant: Variant,
) -> Variant:
    """Return a variant whose steps say what is measured after them.

    Raises
    ------
    InvalidMeasurements
        Naming every measure that is missing or not finite.
    """
    if not family.characteristics:
        return variant
    facts, faults = facts_of(configuration), list[str]()
    steps = tuple(
        replace(
            step,
            checks=tuple(
                _check(each, variant.steps, facts, measurements, faults)
                for each in family.characteristics
                if each.step == step.step and each.when.holds(facts)
            ),
        )
        for step in variant.steps
    )
    if faults:
        raise InvalidMeasurements("; ".join(faults))
    return replace(variant, steps=steps)


def _check(
    each: Characteristic,
    steps: Sequence[Step],
    facts: Facts,
    measurements: Mapping[str, float],
    faults: list[str],
) -> Check:
    if each.nominal is not None:
        ordered = float(each.nominal.of(facts))
    else:
        ordered = read_measure(
            measurements,
            each.measured or each.id,
            low=0,
            high=LARGEST,
            unit=each.unit,
            faults=faults,
        )
    again = _again(each, [step.step for step in steps])
    return Check(each.id, ordered, each.tolerance, each.sigma, each.unit, again, each.most_reworks)


def _again(each: Characteristic, steps: Sequence[StepId]) -> tuple[StepId, ...]:
    """Return the steps from the first of its rework to the measured one; a part passes all steps
    one after the other.
    """
    last = steps.index(each.step)
    first = min((k for k in range(last + 1) if steps[k] in each.rework), default=last + 1)
    return tuple(steps[first : last + 1])
