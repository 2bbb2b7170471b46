"""Cheapest and nearest completions of random small families are those of brute force."""

from fractions import Fraction
from random import Random

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from family_strategies import _numbers, _rules, specs
from reference import configure_brute as brute
from reference.configure_golden import SHEET, UVL
from unikat.configure.choice import choose, choose_all, complete, open_choice
from unikat.configure.optimise import Wish, cheapest, nearest
from unikat.configure.price import price, round_cents
from unikat.errors import InvalidChoice, InvalidFamily, UnknownFeature
from unikat.family.load import load_family

UNIT = 1_000_000
MAX_VALID = 600


@st.composite
def priced(draw):
    """Draw a family with price lines: (when, cents, divisor, whether it is a mean)."""
    spec = draw(specs(max_options=6, max_rules=3))
    valid = brute.valid_configurations(spec)
    assume(valid and len(valid) <= MAX_VALID)
    options = list(spec.options)
    lines = []
    for _ in range(draw(st.integers(0, 3))):
        when, cents = draw(_rules(options)), draw(_numbers(options))
        if any(brute.holds(when, each, spec) for each in valid):
            lines.append((when, cents, draw(st.sampled_from((1, 3, 8))), draw(st.integers(0, 2))))
    return spec, valid, lines


def written(cents, divisor, form):
    """Write the cents of a line: scaled; over a number that varies; the larger of two."""
    number = brute.print_rule(cents)
    return {
        0: f"({number}) * 100 / {divisor}",
        1: f"({number}) / (1 + {number} * {number}) + 0.5",
        2: f"max({number} * 7, ceil(({number}) / {divisor}), 2)",
    }[form]


def reckoned(cents, divisor, form, chosen, spec):
    number = Fraction(brute.number(cents, chosen, spec))
    return {
        0: lambda: number * 100 / divisor,
        1: lambda: number / (1 + number * number) + Fraction(1, 2),
        2: lambda: max(number * 7, -(-number / divisor // 1), 2),
    }[form]()


def uvl_of(spec):
    return brute.print_uvl(spec).replace("{", "{price 40, ", 2)


def sheet_of(lines):
    text = brute.SHEET
    for k, (when, *cents) in enumerate(lines):
        text += f'[[price]]\nid = "p{k}"\nwhen = "{brute.print_rule(when)}"\n'
        text += f'cents = "{written(*cents)}"\n'
    return text


def cents_of(spec, lines, chosen, family):
    """Return the price by brute force."""
    total = sum(
        int(feature.attributes.get("price", 0))
        for feature in family.features
        if feature.name in chosen
    )
    for when, *cents in lines:
        if brute.holds(when, chosen, spec):
            amount = reckoned(*cents, chosen, spec)
            size = int(abs(amount) + Fraction(1, 2))
            total += size if amount >= 0 else -size
    return total


def load(spec, lines):
    try:
        return load_family(uvl_of(spec), sheet_of(lines))
    except InvalidFamily:  # products of numbers that can be negative, in a rule or condition
        assume(False)


def draw_choice(data, spec, family):
    choice = open_choice(family)
    options = st.sampled_from(spec.options)
    for option in data.draw(st.lists(options, max_size=2)):
        value = data.draw(st.sampled_from([*brute.values_of(option), True, False]))
        try:
            choice = choose(choice, option.name, value)
        except InvalidChoice:
            continue
    return choice


def left_by(valid, choice):
    return [each for each in valid if all(brute.agrees(each, *pick) for pick in choice.picks)]


@settings(max_examples=15)
@given(priced(), st.data())
def test_the_cheapest_completion_is_that_of_brute_force(drawn, data):
    spec, valid, lines = drawn
    family = load(spec, lines)
    choice = draw_choice(data, spec, family)
    least = min(cents_of(spec, lines, each, family) for each in left_by(valid, choice))
    best = cheapest(choice)
    assert best.objective == best.bound == least
    assert best.is_optimal
    assert price(family, best.configuration).total == least
    kept = choose_all(family, {str(name): value for name, value in choice.picks})
    assert complete(kept).family_id == best.configuration.family_id


def cost_of(wish, spec, chosen):
    option = next(each for each in spec.options if each.name == wish.feature)
    weight = wish.weight * UNIT
    if isinstance(wish.value, bool):
        return 0 if (option.name in chosen) is wish.value else weight
    if option.name not in chosen:
        return weight
    if isinstance(wish.value, str):
        return 0 if chosen[option.name] == wish.value else weight
    low, high, step = option.grid
    num = int((high - low) / step)
    away = int(abs(chosen[option.name] - wish.value) / step)
    return away * -(-weight // num)


@settings(max_examples=15)
@given(specs(max_options=6), st.data())
def test_the_nearest_configuration_is_that_of_brute_force(spec, data):
    valid = brute.valid_configurations(spec)
    assume(valid and len(valid) <= MAX_VALID)
    family = load(spec, [])
    choice = draw_choice(data, spec, family)
    wishes = [
        Wish(
            option.name,
            data.draw(st.sampled_from([*brute.values_of(option), True, False])),
            data.draw(st.integers(1, 3)),
        )
        for option in data.draw(st.lists(st.sampled_from(spec.options), max_size=6))
    ]
    least = min(
        sum(cost_of(wish, spec, each) for wish in wishes) for each in left_by(valid, choice)
    )
    best = nearest(family, wishes, under=choice)
    assert (best.objective, best.is_optimal) == (Fraction(least, UNIT), True)
    found = {**dict.fromkeys(best.configuration.selected), **dict(best.configuration.numbers)}
    assert all((name in found) is (value is not False) for name, value in choice.picks)


@pytest.fixture(scope="module")
def insole():
    return load_family(UVL, SHEET)


def test_the_worked_example_costs_least_in_foam(insole):
    best = cheapest(open_choice(insole))
    assert (best.objective, best.bound, best.is_optimal) == (3900, 3900, True)
    assert "Foam" in best.configuration.selected
    cup = cheapest(choose(choose(open_choice(insole), "Printed", True), "Length", 300))
    assert cup.objective == 3900 + 3500 + 40


def test_what_bears_no_price_follows_the_defaults(insole):
    best = cheapest(choose(open_choice(insole), "HeelCup", True))
    assert dict(best.configuration.numbers) == {"Length": 265, "Thickness": 3}


def test_a_repair_lets_go_of_as_little_as_possible(insole):
    wishes = [Wish("Foam", True, 5), Wish("Engraving", "ANNA"), Wish("Length", 310)]
    best = nearest(insole, wishes)
    assert dict(best.configuration.numbers)["Length"] == 300
    assert best.objective == 1 + Fraction(10 * -(-UNIT // 120), UNIT)
    assert nearest(insole, wishes[1:]).objective == 0


def test_a_value_off_the_grid_is_refused(insole):
    with pytest.raises(UnknownFeature, match="not possible"):
        nearest(insole, [Wish("Length", 1000)])


def test_too_little_time_gives_a_valid_configuration_and_a_bound(insole):
    best = cheapest(open_choice(insole), seconds=0.0)
    assert best.bound <= 3900 <= best.objective


def test_numbers_too_large_for_a_solver_leave_an_honest_bound():
    uvl = "features\n A {price 5}\n  mandatory\n   Integer N {min 1, max 1000000}\n"
    cents = "N * N * N * N / 1000000000000000000000 + 3"
    sheet = brute.SHEET + f'[[price]]\nid = "p"\ncents = "{cents}"\n'
    family = load_family(uvl, sheet)
    best = cheapest(open_choice(family))
    assert best.bound <= best.objective == price(family, best.configuration).total


@given(st.fractions(max_denominator=40))
def test_cents_round_half_away_from_zero(amount):
    assert round_cents(amount) == int(abs(amount) + Fraction(1, 2)) * (1 if amount >= 0 else -1)


@pytest.fixture(scope="module", params=[1, 2])
def large(request):
    """A family of 200 options in groups within groups, with rules and prices."""
    rng = Random(request.param)
    lines, waiting, count, below = ["features", "\tF0"], [0], 1, {0: []}
    while count < 200:
        parent, size = waiting.pop(rng.randrange(len(waiting))), rng.randint(2, 6)
        children = list(range(count, count + size))
        below[parent].append((rng.choice(("optional", "or", "alternative", "[1..2]")), children))
        below.update({each: [] for each in children})
        waiting += [parent, *children] if rng.random() < 0.3 else children
        count += size

    def write(at, depth):
        for word, children in below[at]:
            lines.append("\t" * depth + word)
            for each in children:
                lines.append("\t" * (depth + 1) + f"F{each} {{price {rng.randint(-20, 500)}}}")
                write(each, depth + 2)

    write(0, 2)
    lines.append("constraints")
    for _ in range(60):
        a, b, c = (f"F{each}" for each in rng.sample(range(1, count), 3))
        lines.append("\t" + rng.choice((f"{a} => {b} | {c}", f"{a} & {b} => {c}", f"!{a} | !{b}")))
    return load_family("\n".join(lines), brute.SHEET)


def least_by_maxsat(family, soft, picks):
    """Return the least sum of weights of literals that do not hold, by an independent solver."""
    from pysat.examples.rc2 import RC2
    from pysat.formula import WCNF

    formula = WCNF()
    for clause in (
        *family.clauses.hard,
        *(c for part in family.clauses.parts for c in part.clauses),
    ):
        formula.append(list(clause))
    for name, value in picks:
        variable = family.index[name] + 1
        formula.append([variable if value else -variable])
    constant = sum(min(weight, 0) for _, weight in soft)
    for literal, weight in soft:
        if weight:
            formula.append([literal if weight > 0 else -literal], weight=abs(weight))
    with RC2(formula) as solver:
        solver.compute()
        return solver.cost + constant


def test_large_families_have_the_optimum_of_another_solver(large):
    assert large.start is not None
    rng = Random(7)
    for _ in range(4):
        choice = open_choice(large)
        for _ in range(5):
            options = [name for name, status in choice.statuses().items() if status == "open"]
            choice = choose(choice, rng.choice(options), rng.random() < 0.6)
        prices = [
            (-variable, int(feature.attributes.get("price", 0)))
            for variable, feature in enumerate(large.features, start=1)
        ]
        best = cheapest(choice)
        assert best.objective == best.bound == least_by_maxsat(large, prices, choice.picks)
        wanted = {name: rng.random() < 0.6 for name in rng.sample(list(large.index), 30)}
        soft = [
            (large.index[name] + 1 if value else -large.index[name] - 1, 1)
            for name, value in wanted.items()
        ]
        near = nearest(large, [Wish(name, value) for name, value in wanted.items()])
        assert near.objective == near.bound == least_by_maxsat(large, soft, ())


def test_numbers_too_fine_for_clauses_are_optimised_as_well():
    uvl = """features
    Box
        mandatory
            Integer W {min 100, max 60000, unit 'mm'}
            Integer H {min 100, max 60000, unit 'mm'}
        optional
            Thick {price 900}
constraints
    W * H >= 1000000000 | Thick
    Thick => W >= 2 * H
"""
    sheet = brute.SHEET + '[[price]]\nid = "p"\ncents = "2 * W + H"\n'
    family = load_family(uvl, sheet)
    thin = choose(open_choice(family), "Thick", False)
    sides = ((w, -(-1_000_000_000 // w)) for w in range(16_667, 60_001))
    assert cheapest(thin).objective == min(2 * w + h for w, h in sides)
    assert cheapest(open_choice(family)).objective == 900 + 400 + 100
    best = nearest(family, [Wish("Thick", True, 9), Wish("W", 5000), Wish("H", 4000)])
    numbers = dict(best.configuration.numbers)
    assert numbers["W"] >= 2 * numbers["H"]
    assert best.is_optimal
