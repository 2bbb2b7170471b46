"""What solve and right_shift return is legal, repeatable, and no worse than what it stands on."""

from dataclasses import replace
from itertools import permutations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from shop_strategies import (
    NOTHING,
    center,
    example_plant,
    make_order,
    make_plant,
    merge_builds,
    orders,
    play,
    problems,
)
from unikat.capacity.model import Booking, Stop
from unikat.errors import NoCapacity
from unikat.schedule.check import check
from unikat.schedule.cost import cost_of, weigh
from unikat.schedule.model import Cost
from unikat.schedule.problem import build_problem
from unikat.schedule.repair import match_up, right_shift
from unikat.schedule.solve import solve
from unikat.terms import DAY, HOUR, MINUTE


@given(problems(), st.integers(0, 99))
def test_every_schedule_passes_the_checker(problem, seed):
    assert check(problem, solve(problem, seconds=0, seed=seed, rounds=8)) == ()
    assert check(problem, right_shift(problem)) == ()


@given(problems())
def test_no_schedule_costs_less_than_the_lower_bound(problem):
    schedule = solve(problem, seconds=0, seed=0, rounds=8)
    assert schedule.lower_bound <= weigh(schedule.cost)
    assert schedule.cost == cost_of(problem, schedule.bookings)


@settings(max_examples=15)
@given(problems(), st.integers(0, 99))
def test_same_seed_and_rounds_give_the_same_schedule_none_worse_than_its_start(problem, seed):
    short = solve(problem, seconds=0, seed=seed, rounds=5)
    assert short == solve(problem, seconds=0, seed=seed, rounds=5)
    assert weigh(short.cost) <= weigh(solve(problem, seconds=0, seed=seed, rounds=0).cost)
    assert weigh(short.cost) <= weigh(right_shift(problem).cost)
    assert solve(problem, seconds=60, seed=seed, rounds=5) == short


@given(orders(), st.integers(3 * DAY, 4 * DAY), st.booleans())
def test_right_shift_leaves_an_undisturbed_schedule_as_it_is(placed, now, is_merged):
    plant = example_plant()
    schedule = solve(build_problem(plant, placed, NOTHING, now), seconds=0, seed=0, rounds=0)
    done = play(merge_builds(schedule, is_merged), now, NOTHING)
    merged = right_shift(build_problem(plant, placed, done, now))
    known = {(b.order, b.step): (b.unit, b.start, b.finish, b.build) for b in merged.bookings}
    for at in (now, now + 2 * HOUR):
        done = play(merged, at, done)
        for b in right_shift(build_problem(plant, placed, done, at)).bookings:
            assert (b.unit, b.start, b.finish, b.build) == known[b.order, b.step]


def test_a_stop_shifts_what_lies_behind_it_and_nothing_else():
    plant = make_plant([center("saw", "cut", ("S1", "S2"))])
    placed = [make_order(f"o{k}", [("cut", "cut", HOUR, None, ())]) for k in range(8)]
    problem = build_problem(plant, placed, NOTHING, 0)
    schedule = solve(problem, seconds=0, seed=0)
    stop = Stop("S1", 2 * HOUR, 5 * HOUR)
    done = replace(play(schedule, 0, NOTHING), stops=(stop,))
    shifted = right_shift(build_problem(plant, placed, done, 0))
    for old, new in zip(schedule.bookings, shifted.bookings, strict=True):
        is_hit = old.unit == "S1" and old.finish > stop.start
        assert new.unit == old.unit
        assert new.start == old.start + (3 * HOUR if is_hit else 0)


def test_what_starts_within_the_frozen_horizon_stays_though_moving_it_would_pay():
    plant = make_plant([center("saw", "cut", ("S1",))], frozen_s=HOUR)
    slow = make_order("slow", [("cut", "cut", 5 * HOUR, None, ())], finish=90 * DAY)
    done = NOTHING
    for _ in range(2):
        problem = build_problem(plant, [slow], done, 0)
        done = play(solve(problem, seconds=0, seed=0), 0, NOTHING)
    rush = make_order("rush", [("cut", "cut", HOUR, None, ())], finish=HOUR)
    frozen = solve(build_problem(plant, [slow, rush], done, 0), seconds=0, seed=0)
    assert [b.start for b in frozen.bookings] == [0, 5 * HOUR]
    free = replace(plant, frozen_s=0)
    assert solve(build_problem(free, [slow, rush], done, 0), seconds=0, seed=0).cost.tardiness == 0


def test_the_open_part_of_no_order_is_an_empty_schedule():
    schedule = solve(build_problem(example_plant(), [], NOTHING, 5), seconds=0, seed=3)
    assert (schedule.bookings, schedule.cost) == ((), Cost(0, 0, 0, 0, 0, 0))


@settings(max_examples=30)
@given(st.lists(st.tuples(st.integers(1, 20), st.integers(0, 80)), min_size=1, max_size=6))
def test_one_machine_lies_between_the_bound_the_optimum_and_earliest_due_date(jobs):
    plant = make_plant([center("saw", "cut", ("S1",))])
    placed = [
        make_order(f"o{k}", [("cut", "cut", work, None, ())], finish=due, slack=DAY)
        for k, (work, due) in enumerate(jobs)
    ]
    schedule = solve(build_problem(plant, placed, NOTHING, 0), seconds=0, seed=0, rounds=30)

    def tardiness(sequence):
        t = total = 0
        for work, due in sequence:
            t += work
            total += max(0, t - due)
        return total

    best = min(tardiness(sequence) for sequence in permutations(jobs))
    assert best <= schedule.cost.tardiness
    assert schedule.lower_bound <= 1_000_000 * best + schedule.cost.flow
    assert schedule.cost.tardiness <= tardiness(sorted(jobs, key=lambda job: job[1]))


def test_work_whose_setup_got_too_long_for_its_unit_goes_to_another():
    plant = make_plant([center("mill", "mill", ("M1", "M2"), "days", setup="colour")])
    work = 4 * HOUR - 10 * MINUTE  # with a setup of 5 minutes it fits, with one of 20 it doesn't
    placed = [make_order("o", [("mill", "mill", work, "white", ())], finish=DAY)]
    mine = Booking("o", "mill", "M1", 8 * HOUR, 8 * HOUR, 8 * HOUR + work, "white", (), None, 0)
    done = replace(NOTHING, bookings={("o", "mill"): mine}, families={"M1": "black"})
    problem = build_problem(plant, placed, done, 0)
    for schedule in (right_shift(problem), match_up(problem, seconds=0, seed=0)):
        assert check(problem, schedule) == ()
        assert [b.unit for b in schedule.bookings] == ["M2"]
    both = replace(done, families={"M1": "black", "M2": "black"})
    with pytest.raises(NoCapacity, match="lengthen the shifts"):
        right_shift(build_problem(plant, placed, both, 0))


def test_a_step_that_waited_for_its_likes_setup_is_set_up_anew_when_that_one_comes_too_late():
    plant = make_plant(
        [center("cut", "cut", ("S1",)), center("mill", "mill", ("M1",), "days", setup="colour")]
    )
    hit = [("cut", "cut", HOUR, None, ()), ("mill", "mill", HOUR, "white", ("cut",))]
    placed = [
        make_order("hit", hit, finish=10 * HOUR),
        make_order("next", [("mill", "mill", HOUR, "white", ())], finish=DAY + 9 * HOUR),
    ]
    first = Booking("hit", "cut", "S1", HOUR, HOUR, 2 * HOUR, None, (), None, 0)
    opens = DAY + 8 * HOUR
    second = Booking("hit", "mill", "M1", 510 * MINUTE, 9 * HOUR, 10 * HOUR, "white", (), None, 0)
    behind = Booking("next", "mill", "M1", opens, opens, opens + HOUR, "white", (), None, 0)
    done = replace(
        NOTHING,
        bookings={(b.order, b.step): b for b in (first, second, behind)},
        families={"M1": "black"},
        stops=(Stop("S1", 0, DAY + 6 * HOUR),),
    )
    problem = build_problem(plant, placed, done, 0)
    assert check(problem, match_up(problem, seconds=0, seed=0)) == ()
