"""What can be offered: the product family as text, compiled once to features, rules, BOM, routing, prices and recipes."""

from unikat.family.load import load_family
from unikat.family.model import Family, Feature, Rule, Value

__all__ = ["Family", "Feature", "Rule", "Value", "load_family"]
