import pytest

from unikat.design.part import check_parameters
from unikat.design.recipes import RECIPES, default_parameters, find_recipe
from unikat.errors import Unprintable


def test_a_recipe_is_found_by_name_and_version():
    assert find_recipe("insole", 1).name == "insole"


@pytest.mark.parametrize(("name", "version"), [("insole", 2), ("shoe", 1)])
def test_an_unknown_recipe_is_refused_with_the_known_ones(name, version):
    with pytest.raises(Unprintable, match=rf"no recipe {name} version {version}.*insole version 1"):
        find_recipe(name, version)


@pytest.mark.parametrize("recipe", RECIPES.values(), ids=lambda recipe: recipe.name)
def test_the_defaults_of_every_recipe_are_within_its_bounds(recipe):
    check_parameters(recipe, default_parameters(recipe))
