"""A saved choice opened again: nothing is lost in its own family; what is lost elsewhere says why.

The small insole family is changed by hand: every lost pick, and why, is told beforehand.
"""

from fractions import Fraction

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from family_strategies import specs
from reference import configure_brute as brute
from reference.configure_golden import UVL
from unikat.configure.choice import choose, choose_all, complete, open_choice
from unikat.configure.price import price
from unikat.configure.saved import Change, Saved, reopen, save_choice
from unikat.errors import InvalidChoice, InvalidFamily, UnknownVersion
from unikat.family.load import load_family

CUP = "            HeelCup {price 600}\n"
CUP_RULE = "    HeelCup => Thickness >= 3       // R2: a heel cup needs at least 3 mm under it\n"


def version(number, *changes, renamed=""):
    """Load a version of the small insole family: each change is a text and what replaces it."""
    uvl = UVL
    for before, after in changes:
        assert before in uvl
        uvl = uvl.replace(before, after)
    return load_family(
        uvl, f'family = {{ id = "insole", version = {number} }}\nrenamed = {{ {renamed} }}'
    )


FAMILY = version(3)


def load_or_none(spec):
    """Load a random family, None if it cannot be."""
    try:
        return load_family(brute.print_uvl(spec), brute.SHEET)
    except InvalidFamily:
        return None


@st.composite
def saved_choices(draw, spec, family):
    """Draw a choice of a random family by possible picks."""
    choice = open_choice(family)
    for option in draw(st.lists(st.sampled_from(spec.options), max_size=6)):
        value = draw(st.sampled_from([*brute.values_of(option), True, False]))
        try:
            choice = choose(choice, option.name, value)
        except InvalidChoice:
            continue
    return save_choice(choice)


def chosen(configuration):
    """Return name -> value of what a configuration has, as brute force tells it."""
    values = {str(each): True for each in configuration.selected}
    values.update((str(name), value) for name, value in configuration.numbers)
    values.update((str(name), value) for name, value in configuration.texts)
    return values


@settings(max_examples=20)
@given(specs(max_options=6, max_rules=2), st.data())
def test_in_its_own_version_nothing_is_lost_or_changed(spec, data):
    family = load_or_none(spec)
    assume(family is not None)
    saved = data.draw(saved_choices(spec, family))
    found = reopen(family, saved)
    assert found.choice.picks == found.kept == saved.picks
    assert (found.lost, found.changed, found.price_difference) == ((), (), 0)
    assert complete(found.choice).key == saved.key


@settings(max_examples=20)
@given(specs(max_options=6, max_rules=2), specs(max_options=6, max_rules=3), st.data())
def test_in_any_other_family_each_pick_is_kept_or_impossible_beside_those(spec, other, data):
    family, new = load_or_none(spec), load_or_none(other)
    assume(family is not None and new is not None)
    saved = data.draw(saved_choices(spec, family))
    found = reopen(new, saved, before=family)
    assert found.choice.picks == found.kept
    assert sorted(
        map(repr, (*found.kept, *((each.feature, each.value) for each in found.lost)))
    ) == sorted(map(repr, saved.picks))
    configuration = complete(found.choice)
    valid = brute.valid_configurations(other)
    assert chosen(configuration) in valid
    kept = [(str(name), value) for name, value in found.kept]
    assert all(brute.agrees(chosen(configuration), *pick) for pick in kept)
    for each in found.lost:
        assert (each.reason == "gone") == (each.feature not in new.index)
        if each.reason == "gone":
            continue
        wanted = [*kept, (str(each.feature), each.value)]
        assert not any(all(has(some, *pick) for pick in wanted) for some in valid)
    assert found.price_difference == price(new, configuration).total - saved.cents


def has(configuration, name, value):
    """Whether a configuration has a pick, whose value may be of another kind."""
    found = configuration.get(name)
    if isinstance(value, bool):
        return (found is not None) == value
    return type(found) is type(value) and found == value


def test_a_feature_that_is_gone_is_told_and_the_rest_is_kept():
    saved = save_choice(choose_all(FAMILY, {"HeelCup": True, "Foam": True}))
    found = reopen(version(4, (CUP, ""), (CUP_RULE, "")), saved, before=FAMILY)
    assert [(each.feature, each.reason) for each in found.lost] == [("HeelCup", "gone")]
    assert found.lost[0].text == "HeelCup is no option of version 4 any more"
    assert found.kept == (("Foam", True),)
    assert found.price_difference == -600
    assert found.changed == ()


def test_names_are_followed_through_every_version_between():
    saved = save_choice(choose_all(FAMILY, {"Foam": True, "Length": 270}))
    new = version(5, ("Foam", "Cork"), ("Length", "Long"), renamed='Eva = "Cork"')
    steps = [{"Foam": "Eva", "Length": "Long"}, new.renamed]
    found = reopen(new, saved, renamed=steps, before=FAMILY)
    assert found.kept == (("Cork", True), ("Long", Fraction(270)))
    assert (found.lost, found.changed, found.price_difference) == ((), (), 0)
    alone = reopen(new, saved)
    assert [each.feature for each in alone.lost] == ["Foam", "Length"]


def test_names_that_were_swapped_are_swapped_once():
    saved = save_choice(choose_all(FAMILY, {"Soft": True}))
    new = version(
        4,
        ("Soft {density 0.15}", "Firm {density 0.15}"),
        ("Firm {density 0.4, price 300}", "Soft {density 0.4, price 300}"),
        ("Soft => Thickness", "Firm => Thickness"),
        renamed='Soft = "Firm", Firm = "Soft"',
    )
    found = reopen(new, saved, before=FAMILY)
    assert (found.kept, found.changed) == ((("Firm", True),), ())


def test_two_features_that_became_one_must_agree():
    saved = save_choice(choose_all(FAMILY, {"Soft": False, "Firm": False}))
    new = version(
        4,
        ("                            Soft {density 0.15}\n", ""),
        ("    Soft => Thickness >= 4          // R3: the soft lattice needs at least 4 mm\n", ""),
        renamed='Soft = "Firm"',
    )
    found = reopen(new, saved, before=FAMILY)
    assert found.kept == (("Firm", False), ("Firm", False))
    assert found.choice.picks == (("Firm", False),)
    saved = Saved("insole", 3, (("Soft", True), ("Firm", False)), saved.key, saved.cents)
    found = reopen(new, saved)
    assert found.kept == (("Firm", True),)
    assert found.lost[0].text == "Firm = false is not allowed: it is picked already as true"


def test_a_number_beyond_its_bounds_names_the_nearest_that_the_picks_allow():
    saved = save_choice(choose_all(FAMILY, {"Length": 318}))
    new = version(4, ("max 320", "max 310"))
    [lost] = reopen(new, saved).lost
    assert (lost.reason, lost.allowed) == ("value", ("310",))
    assert lost.text == "Length = 318 is not possible; allowed: 200 to 310 mm in steps of 1"
    saved = Saved("insole", 3, (("Length", Fraction(318)), ("Foam", True)), saved.key, 0)
    [lost] = reopen(new, saved).lost
    assert lost.allowed == ("300",), "foam blanks end at 300 mm"


def test_a_number_off_a_coarser_grid_names_the_two_beside_it():
    saved = save_choice(choose_all(FAMILY, {"Thickness": 3.5}))
    [lost] = reopen(version(4, ("step 0.5", "step 1.0")), saved).lost
    assert (lost.reason, lost.allowed) == ("value", ("3", "4"))


@pytest.mark.parametrize(
    ("picks", "change", "text"),
    [
        (
            {"Engraving": "ANNA BERTA"},
            ("max_length 12", "max_length 4"),
            "Engraving = 'ANNA BERTA' does not fit; allowed: up to 4 printable letters",
        ),
        (
            {"Engraving": "ANNA"},
            ("String Engraving {price 400, max_length 12}", "Engraving {price 400}"),
            "Engraving holds no longer a text",
        ),
        (
            {"Thickness": 3},
            (
                "Real Thickness {min 2.0, max 6.0, step 0.5, unit 'mm', default 3.0}",
                "String Thickness {max_length 9}",
            ),
            "Thickness holds no longer a number",
        ),
    ],
)
def test_a_value_that_does_not_fit_any_more_says_what_would(picks, change, text):
    saved = save_choice(choose_all(FAMILY, picks))
    rules = (
        []
        if "Engraving" in picks
        else [
            (CUP_RULE, ""),
            (
                "    Soft => Thickness >= 4          // R3: the soft lattice needs at least 4 mm\n",
                "",
            ),
        ]
    )
    [lost] = reopen(version(4, change, *rules), saved).lost
    assert (lost.reason, lost.text, lost.allowed) == ("value", text, ())


def test_a_new_rule_is_named_with_the_picks_that_meet_it_alone():
    saved = save_choice(choose_all(FAMILY, {"Length": 250, "Foam": True, "HeelCup": True}))
    new = version(4, (CUP_RULE, CUP_RULE + "    !(HeelCup & Foam) // R9: foam has no edge\n"))
    found = reopen(new, saved, before=FAMILY)
    assert found.kept == (("Length", Fraction(250)), ("Foam", True))
    [lost] = found.lost
    assert (lost.feature, lost.reason) == ("HeelCup", "rules")
    assert (lost.conflict.picks, lost.conflict.rules) == (("Foam",), ("R9",))
    assert "R9: foam has no edge" in lost.text


def test_what_changed_by_itself_is_told_before_and_after():
    saved = save_choice(choose_all(FAMILY, {"Length": 250}))
    new = version(
        4,
        ("Medium {density 0.25, default true}", "Medium {density 0.25}"),
        ("Firm {density 0.4, price 300}", "Firm {density 0.4, price 300, default true}"),
        ("default 3.0", "default 4.0"),
        ("        optional\n", "        mandatory\n            Label\n        optional\n"),
    )
    found = reopen(new, saved, before=FAMILY)
    assert found.changed == (
        Change("Thickness", Fraction(3), Fraction(4)),
        Change("Medium", True, False),
        Change("Firm", False, True),
        Change("Label", None, True),
    )
    assert (found.lost, found.price_difference) == ((), 300)


def test_a_choice_of_another_family_is_refused():
    saved = Saved("bicycle", 3, (), "", 0)
    with pytest.raises(UnknownVersion, match="bicycle"):
        reopen(FAMILY, saved)
