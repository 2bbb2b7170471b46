"""The recipes a family may name, by name and version."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from unikat.design.insole import INSOLE
from unikat.design.model import Recipe
from unikat.errors import Unprintable

RECIPES: Final[Mapping[tuple[str, int], Recipe]] = MappingProxyType(
    {(recipe.name, recipe.version): recipe for recipe in (INSOLE,)}
)


def find_recipe(name: str, version: int) -> Recipe:
    """Return the recipe of this name and version.

    Raises
    ------
    Unprintable
        There is none; the message lists those there are.
    """
    recipe = RECIPES.get((name, version))
    if recipe is None:
        known = ", ".join(f"{known} version {number}" for known, number in sorted(RECIPES))
        raise Unprintable(f"there is no recipe {name} version {version}; use one of: {known}")
    return recipe


def default_parameters(recipe: Recipe) -> Mapping[str, float]:
    """Return the parameters of a typical part, for a preview before anything is measured."""
    return {parameter.name: parameter.default for parameter in recipe.parameters}
