"""Large families: kernels give what a solver alone gives, on small families and on large ones."""

from dataclasses import replace
from itertools import islice
from random import Random
from threading import Thread

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from family_strategies import specs
from reference import configure_brute as brute
from reference.configure_sat import Naive, Pool, Witnesses
from unikat.configure.choice import choose, choose_all, complete, open_choice, unchoose
from unikat.configure.workspace import Workspace
from unikat.errors import InvalidChoice, InvalidFamily
from unikat.family.load import load_family
from unikat.family.model import Start
from unikat.family.proof import SMALL
from unikat.family.reach import reach_of, rules_of

SHEET = brute.SHEET


def by_kernels(family):
    """Return a small family as if it were large."""
    rules = rules_of(family.clauses)
    reach = reach_of(rules, len(family.features), Workspace(family.clauses).near)
    return replace(family, start=Start(rules, reach.first()))


def wishes(spec):
    options = st.sampled_from(spec.options)
    return options.flatmap(
        lambda option: st.tuples(
            st.just(option.name), st.sampled_from([*brute.values_of(option), True, False])
        )
    )


@given(specs(), st.data())
def test_small_families_by_kernels_equal_the_same_by_a_solver(spec, data):
    try:
        small = load_family(brute.print_uvl(spec), SHEET)
    except InvalidFamily:
        assume(False)
    large = by_kernels(small)
    slow, fast = open_choice(small), open_choice(large)
    for _ in range(5):
        assert fast.statuses() == slow.statuses()
        assert complete(fast) == complete(slow)
        assert all(fast.status(name) == status for name, status in slow.statuses().items())
        if slow.picks and data.draw(st.booleans()):
            name = data.draw(st.sampled_from(slow.picks))[0]
            slow, fast = unchoose(slow, name), unchoose(fast, name)
            continue
        name, value = data.draw(wishes(spec))
        slow, refusal = tried(slow, name, value)
        fast, same_refusal = tried(fast, name, value)
        assert same_refusal == refusal
        assert choose_all(large, dict(slow.picks)).statuses() == slow.statuses()


def tried(choice, name, value):
    """Return the choice after a pick, and why it was refused."""
    try:
        return choose(choice, name, value), ()
    except InvalidChoice as refused:
        return choice, (refused.picks, refused.rules)


def random_family(seed, num_options=160):
    """A text of groups in groups, with random rules near the point where they fix many options."""
    rng = Random(seed)
    lines, names = ["features", "  F0"], ["F0"]

    def below(name, indent):
        left = [f"F{len(names) + i}" for i in range(rng.randint(2, 6))]
        names.extend(left)
        lines.append(" " * indent + rng.choice(("optional", "or", "alternative", "[1..2]")))
        for each in left:
            lines.append(" " * (indent + 2) + each)
            if len(names) < num_options and rng.random() < 0.7:
                below(each, indent + 4)

    while len(names) < num_options:
        below("F0", 4)
    lines.append("constraints")
    for _ in range(num_options):
        a, b, c = rng.sample(names[1:], 3)
        lines.append("  " + rng.choice((f"{a} => {b} | {c}", f"{a} & {b} => {c}", f"!{a} | !{b}")))
    return "\n".join(lines)


@pytest.fixture(scope="module")
def families():
    return [load_family(random_family(seed), SHEET) for seed in range(3)]


def literal_of(family, pick):
    variable = family.index[pick[0]] + 1
    return variable if pick[1] else -variable


def shown(family, choice):
    return choice.standing.status[: len(family.features) + 1].tolist()


def test_every_status_of_large_families_equals_two_solver_calls_an_option(families):
    for family in families:
        assert len(family.features) >= SMALL
        naive = Naive(family.clauses, len(family.features))
        pool = Pool(family.clauses, len(family.features))
        for session in range(4):
            for choice in islice(walk(family, session), 6):
                picks = [literal_of(family, pick) for pick in choice.picks]
                assert shown(family, choice) == naive.status(picks).tolist()
                assert shown(family, choice) == pool.status(picks).tolist()
        naive.close()
        pool.close()


def walk(family, seed):
    """Yield the choices of a shopper who picks and drops at random."""
    rng = Random(seed)
    choice = open_choice(family)
    while True:
        yield choice
        if choice.picks and rng.random() < 0.2:
            choice = unchoose(choice, rng.choice(choice.picks)[0])
            continue
        options = [name for name, status in choice.statuses().items() if status == "open"]
        if not options:
            return
        choice = choose(choice, rng.choice(options), rng.random() < 0.7)


def test_choices_of_many_shoppers_interleave_without_seeing_each_other(families):
    family = families[0]
    alone = [list(islice(walk(family, seed), 6)) for seed in range(4)]
    together = list(zip(*(islice(walk(family, seed), 6) for seed in range(4)), strict=False))
    for step, choices in enumerate(together):
        for seed, choice in enumerate(choices):
            assert choice == alone[seed][step]
            assert shown(family, choice) == shown(family, alone[seed][step])


def test_a_choice_goes_on_in_another_thread(families):
    family = families[1]
    choice = list(islice(walk(family, 7), 4))[-1]
    found = []
    name = next(name for name, status in choice.statuses().items() if status == "open")
    thread = Thread(target=lambda: found.append(choose(choice, name, value=True).statuses()))
    thread.start()
    thread.join()
    assert found == [choose(choice, name, value=True).statuses()]


def test_a_frozen_standing_cannot_be_written(families):
    with pytest.raises(ValueError, match="read-only"):
        open_choice(families[0]).standing.status[1] = 0


def test_completion_and_status_do_not_depend_on_the_sequence_of_picks(families):
    family = families[2]
    picks = list(islice(walk(family, 3), 6))[-1].picks
    one, other = choose_all(family, dict(picks)), open_choice(family)
    for name, value in reversed(picks):
        other = choose(other, name, value)
    assert complete(one) == complete(other)
    assert one.statuses() == other.statuses()
    selected = complete(one).selected
    chosen = choose_all(family, {name: name in selected for name in family.index})
    assert complete(chosen).selected == selected


def test_a_refused_pick_leaves_a_choice_as_it_was(families):
    family = families[0]
    choice = list(islice(walk(family, 1), 5))[-1]
    before = choice.statuses()
    forbidden = [name for name, status in before.items() if status == "forbidden"]
    for name in forbidden[:5]:
        with pytest.raises(InvalidChoice):
            choose(choice, name, value=True)
        assert choice.statuses() == before
        assert unchoose(choose(choice, "F0", value=True), "F0").statuses() == before


def test_the_cheap_oracle_finds_every_wrong_status(families):
    family = families[0]
    oracle = Witnesses(family.clauses, len(family.features))
    choice = open_choice(family)
    picks = [literal_of(family, pick) for pick in choice.picks]
    status = choice.standing.status[: len(family.features) + 1].copy()
    assert oracle.num_wrong(picks, status) == 0
    left, forced = (status[1:] == 0).nonzero()[0] + 1, (status[1:] != 0).nonzero()[0] + 1
    status[left[:2]] = (1, -1)
    assert oracle.num_wrong(picks, status) == 2
    status[left[:2]], status[forced[:3]] = 0, 0
    assert oracle.num_wrong(picks, status) == 3
    oracle.close()
