"""Families whose numbers are columns: every answer is that of brute force, whatever the rules."""

from itertools import product
from operator import mul

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from family_strategies import specs
from reference import configure_brute as brute
from unikat.configure.choice import choose, choose_all, complete, open_choice
from unikat.configure.explain import explain
from unikat.errors import InvalidChoice, InvalidFamily
from unikat.family.load import load_family

GARMENT = """features
    Garment
        mandatory
            Integer Chest {min 700, max 1400, unit 'mm'}
            Integer Length {min 400, max 1600, unit 'mm'}
            Integer Cloth {min 0, max 2240000}
            Cut
                alternative
                    Slim {ease 20, default true}
                    Loose {ease 160}
        optional
            Lining {grade 4}
            Piping {grade 1}
            Integer Pocket {min 90, max 260, grade 2}
constraints
    Cloth >= Chest * Length                   // R1: the cloth covers the body
    Slim => Cloth <= 1500000                  // R2: slim ones are cut from one piece
    Loose => Length >= 2 * Chest - 900        // R3: a loose one is long
    Pocket => 4 * Pocket <= Length            // R4: a pocket is at most a quarter of the length
    avg(grade) <= 2.5                         // R5: a fine lining needs more than itself
"""


def load_or_skip(spec):
    """Load a family with its numbers in columns; a void one must be refused."""
    valid = brute.valid_configurations(spec)
    try:
        family = load_family(brute.print_uvl(spec), brute.SHEET, most_pairs=0)
    except InvalidFamily as invalid:
        reason = str(invalid)
    else:
        assert valid
        return family, valid
    assert "can be negative" in reason or ("void" in reason and not valid)
    return assume(False)


def consistent(valid, picks):
    """Return the configurations that have all picks."""
    return [each for each in valid if all(brute.agrees(each, *pick) for pick in picks)]


def wishes(spec):
    """Draw any value of any option, selected or not."""
    options = st.sampled_from(spec.options)
    return options.flatmap(
        lambda option: st.tuples(
            st.just(option.name), st.sampled_from([*brute.values_of(option), True, False])
        )
    )


def assert_exact(choice, spec, left):
    """Compare all statuses and bounds with the configurations left."""
    picked = {name for name, value in choice.picks if value is not False}
    for option in spec.options:
        name = option.name
        has = [name in each for each in left]
        status = "forced" if all(has) else "open" if any(has) else "forbidden"
        assert choice.status(name) == ("picked" if name in picked else status)
        if option.kind != "Boolean":
            values = [each[name] for each in left if name in each]
            values = [len(each) if option.kind == "String" else each for each in values]
            assert choice.bounds(name) == ((min(values), max(values)) if values else None)


def as_plain(configuration):
    """Return a configuration as brute force writes it."""
    plain = dict.fromkeys(configuration.selected, True)
    return plain | dict(configuration.numbers) | dict(configuration.texts)


@given(specs(max_options=10, max_rules=5, means=True), st.data())
def test_every_status_bound_conflict_and_completion_equals_brute_force(spec, data):
    family, valid = load_or_skip(spec)
    choice = open_choice(family)
    for _ in range(4):
        left = consistent(valid, choice.picks)
        assert_exact(choice, spec, left)
        assert as_plain(complete(choice)) in left
        name, value = data.draw(wishes(spec))
        others = [pick for pick in choice.picks if pick[0] != name]
        try:
            choice = choose(choice, name, value)
            assert consistent(valid, [*others, (name, value)])
        except InvalidChoice as refused:
            named = [pick for pick in others if pick[0] in refused.picks]
            assert not consistent(valid, [*named, (name, value)])
            for pick in named:
                fewer = [each for each in named if each != pick]
                assert consistent(valid, [*fewer, (name, value)])


@pytest.fixture(scope="module")
def garment():
    return load_family(GARMENT, brute.SHEET)


def test_a_product_of_many_values_gives_exact_bounds(garment):
    assert garment.fine is not None
    choice = choose_all(garment, {"Slim": True, "Chest": 1200})
    assert choice.bounds("Length") == (400, 1250)
    assert choice.bounds("Cloth") == (480_000, 1_500_000)
    choice = choose_all(garment, {"Loose": True, "Cloth": 1_000_000})
    assert choice.bounds("Chest") == (700, 967)
    assert choice.bounds("Length") == (500, 1428)


def test_a_mean_counts_the_selected_owners_only(garment):
    choice = choose(open_choice(garment), "Lining", True)
    assert (choice.status("Piping"), choice.status("Pocket")) == ("forced", "open")
    with pytest.raises(InvalidChoice, match="R5"):
        choose(choice, "Piping", False)


def test_a_refused_number_names_rule_pick_and_nearest_values(garment):
    choice = choose_all(garment, {"Slim": True, "Chest": 1100})
    conflict = explain(choice, "Length", 1400)
    assert (conflict.picks, conflict.still_open) == (("Slim", "Chest"), ("1363",))
    assert set(conflict.rules) == {"R1", "R2"}


def test_a_hole_is_named_by_the_values_beside_it():
    family = load_family(
        "features\n    A\n        mandatory\n            Integer N {min 0, max 100000}\n"
        "constraints\n    N <= 31415 | N >= 62831 // R1: no middle\n",
        brute.SHEET,
    )
    choice = open_choice(family)
    assert choice.bounds("N") == (0, 100_000)
    assert explain(choice, "N", 40_000).still_open == ("31415", "62831")


def test_completion_takes_defaults_where_the_numbers_allow(garment):
    found = complete(choose_all(garment, {"Chest": 1100, "Length": 1400}))
    assert "Loose" in found.selected
    assert dict(found.numbers)["Cloth"] == 1_540_000


def test_sums_beyond_64_bits_are_refused_at_load():
    lines = [f"            Integer {name} {{min 0, max 900000000000}}" for name in "AB"]
    text = "\n".join(
        ["features", "    R", "        mandatory", *lines, "constraints", "    %s", ""]
    )
    assert load_family(text % "A > B", brute.SHEET).fine is not None
    with pytest.raises(InvalidFamily, match=r"2\^62"):
        load_family(text % "A * B > 1000000", brute.SHEET)


def test_a_condition_of_the_sheet_may_divide_by_a_number():
    uvl = (
        "features\n    A\n        mandatory\n"
        "            Integer N {min 1, max 40}\n            Integer M {min 1, max 40}\n"
        "constraints\n    N >= 10 // R1: ten\n"
    )
    line = '[[price]]\nid = "p"\ncents = "10"\nwhen = "%s"\n'
    load_family(uvl, brute.SHEET + line % "N / M > 3")
    with pytest.raises(InvalidFamily, match="no valid configuration has this line"):
        load_family(uvl, brute.SHEET + line % "N / M > 40")
    with pytest.raises(InvalidFamily, match="no valid configuration has this line"):
        load_family(uvl, brute.SHEET + line % "floor(N / M) == 0 & M < 10")


WEIGHTS = (31, 44, 57, 70, 83, 96, 109)


def priced():
    """A family whose price is a sum of options and of a number that counts in steps of six."""
    numbers = "Integer N {min 3, max 60}", "Integer Cents {min 0, max 100000}"
    lines = ["features", "    A", "        mandatory", *(f"            {each}" for each in numbers)]
    lines += ["        optional", *(f"            o{i} {{w {w}}}" for i, w in enumerate(WEIGHTS))]
    total = " + ".join(["6 * N", *(f"o{i}.w" for i in range(len(WEIGHTS)))])
    lines += ["constraints", f"    Cents == {total}", "    o0 => N >= 20", "    o3 => N <= 40", ""]
    return load_family("\n".join(lines), brute.SHEET)


@pytest.mark.parametrize("limit", [800, 0])
def test_bounds_of_a_number_in_a_sum_are_exact_by_search_and_by_the_last_resort(limit, monkeypatch):
    monkeypatch.setattr("unikat.family.fine_solver.LIMIT", limit)
    bounds: dict[int, set[int]] = {}
    for n in range(3, 61):
        for signs in product((0, 1), repeat=len(WEIGHTS)):
            if (n >= 20 or not signs[0]) and (n <= 40 or not signs[3]):
                cents = 6 * n + sum(map(mul, signs, WEIGHTS))
                bounds.setdefault(cents, set()).add(n)
    family = priced()
    for cents in (*range(200, 300, 7), 18, 24, 850):
        choice = open_choice(family)
        if cents not in bounds:
            with pytest.raises(InvalidChoice):
                choose(choice, "Cents", cents)
        else:
            found = choose(choice, "Cents", cents).bounds("N")
            assert found == (min(bounds[cents]), max(bounds[cents]))
