"""What the solver returns is valid, bounded, repeatable, and best where that can be known."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from flexible_strategies import shops
from reference.flexible_naive import shortest_makespan
from unikat.schedule.flexible.bound import bound_makespan
from unikat.schedule.flexible.check import check_schedule
from unikat.schedule.flexible.elite import Elite, link
from unikat.schedule.flexible.fjs import read_fjs
from unikat.schedule.flexible.prove import Prover
from unikat.schedule.flexible.solve import solve_shop
from unikat.schedule.flexible.start import balance, construct, evaluate

FOLDER = Path(__file__).parent / "data"


def read(name):
    return read_fjs((FOLDER / f"{name}.fjs").read_text(), name=name)


def laws(schedule, shop):
    return [violation.law for violation in check_schedule(shop, schedule)]


@settings(max_examples=25)
@given(shops(shortest=0), st.integers(0, 99))
def test_every_schedule_keeps_the_laws_and_the_bound(shop, seed):
    found = solve_shop(shop, rounds=2, seed=seed)
    assert laws(found, shop) == []
    assert found.makespan >= found.lower_bound == bound_makespan(shop)


@settings(max_examples=25)
@given(shops(most_jobs=3, most_steps=2, most_units=3))
def test_tiny_shops_are_solved_to_the_optimum(shop):
    best = shortest_makespan(shop)
    assert bound_makespan(shop) <= best
    assert solve_shop(shop, rounds=3).makespan == best


@settings(max_examples=8)
@given(shops(shortest=0))
def test_cp_sat_finds_no_shorter_schedule_and_proves_ours(shop):
    start = construct(shop, 1, 0)
    proof = Prover(shop, start.modes, start.starts, bound_makespan(shop), 1).run(20.0)
    assert solve_shop(shop, rounds=4).makespan == proof.bound
    if proof.modes is not None:
        finishes = proof.starts + shop.mode_work[proof.modes]
        found = evaluate(shop, proof.modes, np.lexsort((finishes, proof.starts)))
        assert found.makespan == proof.bound


@pytest.mark.parametrize(("name", "best"), [("fattahi1", 66), ("kacem1", 11), ("mk01", 40)])
def test_small_public_instances_are_solved_to_the_known_optimum(name, best):
    found = solve_shop(read(name), rounds=4)
    assert found.makespan == best
    assert laws(found, read(name)) == []


def test_a_step_without_duration_is_scheduled_as_such():
    shop = read("orb7_edata")
    found = solve_shop(shop, rounds=2)
    assert laws(found, shop) == []
    assert found.makespan < 1.05 * 389


def test_same_seed_and_rounds_give_the_same_schedule_on_any_number_of_threads():
    one, other = (solve_shop(read("mk01"), rounds=3, seed=7, threads=k) for k in (1, 2))
    assert one.modes.tolist() == other.modes.tolist()
    assert one.starts.tolist() == other.starts.tolist()


def test_with_seconds_a_small_shop_is_proven():
    found = solve_shop(read("fattahi1"), seconds=20.0)
    assert found.makespan == found.lower_bound == 66


def test_a_cancelled_search_returns_what_it_has():
    shop = read("mk01")
    found = solve_shop(shop, seconds=60.0, is_cancelled=lambda: True)
    assert found.rounds == 0
    assert laws(found, shop) == []


@settings(max_examples=20)
@given(shops(), st.integers(0, 99))
def test_what_lies_between_two_schedules_is_a_schedule(shop, seed):
    one, other = construct(shop, seed, 1), construct(shop, seed, 2)
    child = link(shop, one, other, np.random.default_rng(seed))
    assert child.makespan >= bound_makespan(shop)
    assert all(
        child.starts[s] >= child.starts[s - 1] + shop.mode_work[child.modes[s - 1]]
        for s in range(shop.num_steps)
        if not shop.first[s]
    )


def test_the_elite_keeps_the_best_first_and_nothing_twice():
    shop = read("mk01")
    elite = Elite(shop, 3)
    for number in range(9):
        elite.add(construct(shop, 1, number))
        elite.add(construct(shop, 1, number))
    spans = [member.makespan for member in elite.members]
    assert spans == sorted(spans)
    assert len(spans) <= 3


def test_the_checker_names_each_broken_law():
    shop = read_fjs("2 2\n2 2 1 5 2 4 1 2 3\n1 1 2 6\n")
    good = solve_shop(shop, rounds=1)
    assert laws(good, shop) == []
    at_once = laws(replace(good, starts=good.starts * 0), shop)
    assert at_once == ["precedence", "one step at a time", "makespan"]
    assert "own mode" in laws(replace(good, modes=good.modes[::-1].copy()), shop)
    assert laws(replace(good, makespan=1), shop) == ["makespan", "bound"]
    assert laws(replace(good, modes=good.modes[:1]), shop) == ["every step once"]
    assert "precedence" in laws(replace(good, starts=good.starts - 99), shop)


@given(shops(shortest=0))
def test_balanced_modes_load_no_unit_more_than_the_shortest_modes_do(shop):
    chosen = balance(shop)
    shortest = [
        shop.mode_ptr[s] + shop.mode_work[shop.mode_ptr[s] : shop.mode_ptr[s + 1]].argmin()
        for s in range(shop.num_steps)
    ]
    loads = [
        np.bincount(shop.mode_unit[modes], shop.mode_work[modes]).max()
        for modes in (chosen, shortest)
    ]
    assert loads[0] <= loads[1]
    assert all(shop.mode_ptr[:-1] <= chosen)
    assert all(chosen < shop.mode_ptr[1:])
