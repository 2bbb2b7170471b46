"""What can be offered: features, rules, generic BOM and routing, prices, recipes, compiled once."""

from unikat.family.load import load_family
from unikat.family.model import Family, Feature, Rule, Value

__all__ = ["Family", "Feature", "Rule", "Value", "load_family"]
