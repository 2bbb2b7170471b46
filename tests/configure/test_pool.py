"""The pool shows exactly what the configurations it keeps show; statuses stay exact by it."""

from random import Random

import pytest

from reference.configure_sat import Naive
from unikat.configure.choice import choose, open_choice
from unikat.configure.pool import Pool
from unikat.family.load import load_family

NUM = 9
GROUPS = """features
    Desk
        [2..3]
            A
            B
            C
                alternative
                    D
                    E
            F
        optional
            Integer Width {min 0, max 6}
            G
            H
constraints
    G => Width >= 2
    H & A => Width <= 4
    F => (D <=> H)
"""


def _models(rng, count):
    return [[v * rng.choice((1, -1)) for v in range(1, NUM + 1)] for _ in range(count)]


@pytest.mark.parametrize("count", [0, 1, 64, 65, 700, 4_096])
def test_the_pool_shows_what_its_configurations_have(count):
    rng = Random(count)
    pool, models = Pool(NUM), _models(rng, count)
    for model in models:
        pool.add(model)
    every = {sign * v for v in range(1, 6) for sign in (1, -1)}
    for size in (0, 1, 3, 8):
        literals = _models(rng, 1)[0][:size]
        having = [model for model in models if set(literals) <= set(model)]
        bits = pool.having(literals)
        assert sum(each.bit_count() for each in bits) == len(having)
        if having:
            assert pool.unseen(bits, 5) == every.difference(*(model[:5] for model in having))


def test_the_oldest_configurations_leave_the_pool():
    pool = Pool(NUM)
    pool.add([-1, 2])
    for _ in range(4_096 + 64):
        pool.add([1, -2])
    assert any(pool.having([1]))
    assert not any(pool.having([2]))


def test_statuses_by_the_pool_are_those_of_two_questions_an_option():
    family = load_family(GROUPS, 'family = { id = "desk", version = 1 }')
    naive, rng = Naive(family.clauses, len(family.features)), Random(0)
    signs = {"open": 0, "forced": 1, "picked": 1, "forbidden": -1}
    for _ in range(25):
        choice, picks = open_choice(family), []
        while left := [name for name, each in choice.statuses().items() if each == "open"]:
            name, value = rng.choice(sorted(left)), rng.random() < 0.5
            choice = choose(choice, name, value)
            picks.append((family.index[name] + 1) * (1 if value else -1))
            found = [signs[each] for each in choice.statuses().values()]
            assert found == naive.status(picks)[1:].tolist()
    naive.close()
