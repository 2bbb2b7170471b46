"""Completions by making time: the shortest chain is that of brute force, and the bound is true."""

import pytest

from reference.configure_golden import SHEET, UVL
from unikat.configure.choice import choose_all, complete, open_choice
from unikat.configure.least_work import least_work, longest_chain
from unikat.configure.variant import derive_variant
from unikat.errors import InvalidChoice
from unikat.family.load import load_family

GROUPS = ("A", "B", "C")
MEMBERS = 3


def family_of(seconds, after):
    """Three groups of three; each member has a step, and each group's step may follow others."""
    uvl = ["features", "\tRoot", "\t\tmandatory", "\t\t\tInteger N {min 1, max 4, default 3}"]
    for group in GROUPS:
        uvl += [f"\t\t\t{group}", "\t\t\t\talternative"]
        uvl += [f"\t\t\t\t\t{group}{m}" for m in range(MEMBERS)]
    uvl += ["constraints", "\tA0 => !B0", "\tB1 => N >= 3", "\tC0 => A1 | A2"]
    sheet = 'family = { id = "small", version = 1 }\n'
    for group in GROUPS:
        for m in range(MEMBERS):
            names = [f"{each}{k}" for each in after.get(group, ()) for k in range(MEMBERS)]
            sheet += f'[[routing]]\nid = "{group}{m}"\ncapability = "{group}"\nafter = {names}\n'
            sheet += f'when = "{group}{m}"\nslot = "{group}"\nseconds = "{seconds[group, m]}"\n'
    return load_family("\n".join(uvl), sheet)


SECONDS = {
    **{("A", m): f"{(10, 40, 35)[m]} * N" for m in range(MEMBERS)},
    **{("B", m): f"{(20, 5, 300)[m]}.5 + N" for m in range(MEMBERS)},
    **{("C", m): f"{(7, 60, 90)[m]} * N * N / 3" for m in range(MEMBERS)},
}


def every(family):
    """Return every valid configuration."""
    found = []
    for number in (1, 2, 3, 4):
        for k in range(MEMBERS**3):
            picks = {f"A{k % 3}": True, f"B{k // 3 % 3}": True, f"C{k // 9}": True, "N": number}
            try:
                found.append(complete(choose_all(family, picks)))
            except InvalidChoice:
                continue
    return found


@pytest.mark.parametrize(
    "after", [{}, {"B": "A", "C": "B"}, {"C": "AB"}, {"B": "A", "C": "A"}], ids=str
)
@pytest.mark.parametrize("paces", [{}, {"A": 2500, "C": 700}], ids=str)
def test_the_shortest_chain_is_that_of_brute_force(after, paces):
    family = family_of(SECONDS, after)
    chains = [longest_chain(derive_variant(family, each), paces, ()) for each in every(family)]
    found = least_work(open_choice(family), num=3, paces=paces)
    assert found.candidates[0].chain == found.bound == min(chains)
    assert len({each.configuration.key for each in found.candidates}) == 3
    steps = {derive_variant(family, each.configuration).steps for each in found.candidates}
    assert len({tuple(step.step for step in each) for each in steps}) == 3
    assert all(each.chain >= found.bound for each in found.candidates)


def test_picks_are_kept_and_steps_of_unknown_time_count_nothing():
    family = family_of(SECONDS, {"B": "A", "C": "B"})
    choice = choose_all(family, {"B2": True, "N": 2})
    found = least_work(choice, num=1, unsure={"C0", "C1", "C2"})
    assert "B2" in found.candidates[0].configuration.selected
    assert found.bound == 20 + 303


def test_a_family_without_a_choice_of_steps_has_one_candidate():
    family = load_family(UVL, SHEET)
    foam = choose_all(family, {"Foam": True, "Length": 250})
    found = least_work(foam)
    assert [each.chain for each in found.candidates] == [240 + 500 + 420]
    assert found.bound == 1160
