"""The price of a configuration: exact cents, itemised."""

import math
from fractions import Fraction

from unikat.configure.model import Configuration, Price, PriceLine
from unikat.configure.variant import facts_of
from unikat.family.model import Exact, Family
from unikat.terms import Cents


def price(family: Family, configuration: Configuration) -> Price:
    """Add the `price` of the selected features and the price lines whose condition holds."""
    facts = facts_of(configuration)
    lines = [
        PriceLine(feature.title, int(cents))
        for feature in family.features
        if feature.name in facts.selected
        and isinstance(cents := feature.attributes.get("price"), Fraction)
    ]
    lines += [
        PriceLine(entry.text, round_cents(entry.cents.of(facts)))
        for entry in family.prices
        if entry.when.holds(facts)
    ]
    return Price(tuple(lines), sum(line.cents for line in lines))


def round_cents(amount: Exact) -> Cents:
    """Round half away from zero."""
    if isinstance(amount, int):
        return amount
    size = math.floor(abs(amount) + Fraction(1, 2))
    return size if amount >= 0 else -size
