"""Statuses, bounds, conflicts and completions of random small families are those of brute force."""

from fractions import Fraction

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from family_strategies import specs
from reference import configure_brute as brute
from unikat.configure.choice import choose, choose_all, complete, open_choice, unchoose
from unikat.configure.explain import explain
from unikat.errors import InvalidChoice, InvalidFamily, UnknownFeature
from unikat.family.load import load_family


def load_or_skip(spec):
    """Load a family; a void one must be refused, and is of no further use here."""
    valid = brute.valid_configurations(spec)
    try:
        family = load_family(brute.print_uvl(spec), brute.SHEET)
    except InvalidFamily as invalid:
        text = str(invalid)
        assert "void" in text if not valid else "can be negative" in text
        assume(False)
    assert valid
    return family, valid


def wishes(spec):
    """Draw any value of any option, selected or not."""
    options = st.sampled_from(spec.options)
    return options.flatmap(
        lambda option: st.tuples(
            st.just(option.name), st.sampled_from([*brute.values_of(option), True, False])
        )
    )


def consistent(valid, picks):
    """Return the configurations that have all picks."""
    return [each for each in valid if all(brute.agrees(each, *pick) for pick in picks)]


def expected_status(left, name):
    """Return the status brute force gives an option that is not picked."""
    has = [name in each for each in left]
    return "forced" if all(has) else "open" if any(has) else "forbidden"


@given(specs(), st.data())
def test_every_status_and_bound_equals_brute_force_after_every_pick(spec, data):
    family, valid = load_or_skip(spec)
    choice = open_choice(family)
    for _ in range(3):
        left = consistent(valid, choice.picks)
        picked = {name for name, value in choice.picks if value is not False}
        for option in spec.options:
            wanted = "picked" if option.name in picked else expected_status(left, option.name)
            assert choice.status(option.name) == wanted
            if option.kind == "Boolean":
                continue
            values = [each[option.name] for each in left if option.name in each]
            values = [len(each) if option.kind == "String" else each for each in values]
            assert choice.bounds(option.name) == ((min(values), max(values)) if values else None)
        name, value = data.draw(wishes(spec))
        others = [pick for pick in choice.picks if pick[0] != name]
        possible = consistent(valid, [*others, (name, value)])
        try:
            choice = choose(choice, name, value)
            assert possible
        except InvalidChoice:
            assert not possible


@given(specs(), st.data())
def test_conflicts_are_minimal_in_picks_and_rules(spec, data):
    family, valid = load_or_skip(spec)
    choice = open_choice(family)
    for name, value in data.draw(st.lists(wishes(spec), min_size=1, max_size=5)):
        others = [pick for pick in choice.picks if pick[0] != name]
        conflict = explain(choice, name, value)
        if consistent(valid, [*others, (name, value)]):
            assert (conflict.picks, conflict.rules, conflict.relations) == ((), (), ())
            choice = choose(choice, name, value)
            continue
        named = [pick for pick in others if pick[0] in conflict.picks]
        assert len(named) == len(conflict.picks)
        assert not consistent(valid, [*named, (name, value)])
        for pick in named:
            assert consistent(valid, [*(each for each in named if each != pick), (name, value)])
        assert_minimal_rules(spec, conflict, [*named, (name, value)])
        with pytest.raises(InvalidChoice) as caught:
            choose(choice, name, value)
        assert caught.value.picks == conflict.picks
        assert caught.value.rules == conflict.rules


def assert_minimal_rules(spec, conflict, picks):
    """Without any one of the rules named, the picks are possible."""
    rules = [spec.rules[int(name[1:])] for name in conflict.rules]
    assert not consistent(brute.valid_configurations(spec, rules), picks)
    for k in range(len(rules)):
        fewer = rules[:k] + rules[k + 1 :]
        assert consistent(brute.valid_configurations(spec, fewer), picks)


@given(specs(), st.data())
def test_any_path_of_choose_and_unchoose_completes_to_a_valid_configuration(spec, data):
    family, valid = load_or_skip(spec)
    choice = open_choice(family)
    for _ in range(6):
        if choice.picks and data.draw(st.booleans()):
            choice = unchoose(choice, data.draw(st.sampled_from(choice.picks))[0])
        else:
            try:
                choice = choose(choice, *data.draw(wishes(spec)))
            except InvalidChoice:
                continue
        assert as_plain(complete(choice)) in consistent(valid, choice.picks)
    if choice.picks:
        name, value = choice.picks[-1]
        back = choose(unchoose(choice, name), name, value)
        assert back == choice


def as_plain(configuration):
    """Return a configuration as brute force writes it."""
    plain = dict.fromkeys(configuration.selected, True)
    plain.update(configuration.numbers)
    plain.update(configuration.texts)
    return plain


@given(specs(), st.data())
def test_completion_and_status_do_not_depend_on_the_sequence_of_picks(spec, data):
    family, valid = load_or_skip(spec)
    target = data.draw(st.sampled_from(valid))
    names = data.draw(st.lists(st.sampled_from(spec.options), unique=True, max_size=4))
    picks = [(each.name, target.get(each.name, False)) for each in names]
    shuffled = data.draw(st.permutations(picks))
    first, second = choose_all(family, dict(picks)), choose_all(family, dict(shuffled))
    fresh = load_family(brute.print_uvl(spec), brute.SHEET)
    third = open_choice(fresh)
    for name, value in shuffled:
        third = choose(third, name, value)
    assert complete(first) == complete(second) == complete(third)
    assert first.statuses() == second.statuses() == third.statuses()


@given(specs())
def test_a_total_choice_of_any_valid_configuration_completes_to_itself(spec):
    family, valid = load_or_skip(spec)
    for target in valid[:: max(1, len(valid) // 5)]:
        picks = {option.name: target.get(option.name, False) for option in spec.options}
        assert as_plain(complete(choose_all(family, picks))) == target


SHOE = """
features
    Shoe
        mandatory
            Integer Size {min 36, max 47, default 42}
            Real Heel {min 0.0, max 3.0, step 0.1}
            Sole
                alternative
                    Rubber
                    Leather
        optional
            String Name {max_length 4}
            Lining {default true}
            Spikes
            Laces
                or
                    Flat
                    Round
                    Waxed
constraints
    Spikes => Rubber // R1: leather does not hold spikes
    Lining => !Spikes // R2: spikes press through a lining
    Rubber => Size <= 44 // R3: rubber soles end at 44
    Size != 40 // R4: 40 is sold out
"""


@pytest.fixture(scope="module")
def shoe():
    return load_family(SHOE, brute.SHEET)


def test_completion_takes_declared_defaults_first_children_and_few_options(shoe):
    assert complete(open_choice(shoe)).selected == {
        "Shoe", "Size", "Heel", "Sole", "Rubber", "Lining"
    }  # fmt: skip
    assert dict(complete(open_choice(shoe)).numbers) == {"Size": 42, "Heel": 0}
    with_laces = complete(choose_all(shoe, {"Laces": True, "Waxed": True}))
    assert {"Flat", "Round", "Waxed"} & with_laces.selected == {"Waxed"}
    assert "Flat" in complete(choose_all(shoe, {"Laces": True})).selected


def test_a_number_that_cannot_have_its_default_takes_the_nearest_value(shoe):
    text = SHOE.replace("default 42", "default 40")
    assert dict(complete(open_choice(load_family(text, brute.SHEET))).numbers)["Size"] == 39


def test_a_hole_in_a_range_is_refused_with_the_nearest_values(shoe):
    with pytest.raises(InvalidChoice, match="R4: 40 is sold out") as caught:
        choose(open_choice(shoe), "Size", 40)
    assert caught.value.rules == ("R4",)
    assert "allowed: 39, 41" in str(caught.value)
    assert open_choice(shoe).bounds("Size") == (36, 47)


def test_a_conflict_within_the_tree_names_the_group_and_what_is_still_open(shoe):
    conflict = explain(choose(open_choice(shoe), "Rubber", True), "Leather", True)
    assert (conflict.picks, conflict.rules) == (("Rubber",), ())
    assert conflict.relations == ("exactly one of Rubber, Leather",)
    assert conflict.still_open == ("Rubber",)


def test_picking_a_feature_again_replaces_the_pick(shoe):
    choice = choose(choose(open_choice(shoe), "Size", 37), "Size", 45)
    assert choice.picks == (("Size", Fraction(45)),)


def test_a_pick_of_false_forbids(shoe):
    choice = choose(open_choice(shoe), "Rubber", False)
    assert choice.status("Rubber") == "forbidden"
    assert choice.status("Leather") == "forced"
    assert choice.status("Spikes") == "forbidden"


def test_decimal_numbers_are_taken_as_they_print(shoe):
    assert dict(choose(open_choice(shoe), "Heel", 0.7).picks)["Heel"] == Fraction(7, 10)
    assert dict(choose(open_choice(shoe), "Heel", "0.7").picks)["Heel"] == Fraction(7, 10)


@pytest.mark.parametrize(
    ("feature", "value"),
    [
        ("Hat", True),
        ("Size", 36.5),
        ("Size", 48),
        ("Size", float("nan")),
        ("Size", float("inf")),
        ("Size", "large"),
        ("Size", "1/0"),
        ("Rubber", 3),
        ("Rubber", "perhaps"),
        ("Name", "Cinderella"),
        ("Name", "a\nb"),
    ],
)
def test_unknown_options_and_impossible_values_are_told(shoe, feature, value):
    with pytest.raises(UnknownFeature, match=feature):
        choose(open_choice(shoe), feature, value)
    with pytest.raises(UnknownFeature, match=feature):
        choose_all(shoe, {feature: value})
    with pytest.raises(UnknownFeature, match=feature):
        explain(open_choice(shoe), feature, value)


def test_status_and_bounds_of_unknown_names_are_refused(shoe):
    with pytest.raises(UnknownFeature, match="did you mean Rubber"):
        open_choice(shoe).status("rubber")
    with pytest.raises(UnknownFeature, match="holds no number"):
        open_choice(shoe).bounds("Rubber")
