"""From picks to a valid configuration, its variant and its price; no pick leads into a dead end."""

from unikat.configure.choice import Choice, choose, choose_all, complete, open_choice, unchoose
from unikat.configure.explain import Conflict, explain
from unikat.configure.price import price
from unikat.configure.variant import derive_variant, measured_picks, recipe_calls

__all__ = [
    "Choice",
    "Conflict",
    "choose",
    "choose_all",
    "complete",
    "derive_variant",
    "explain",
    "measured_picks",
    "open_choice",
    "price",
    "recipe_calls",
    "unchoose",
]
