"""Sizing: the cheapest that meets the goal, as trying everything finds it."""

from itertools import product
from random import Random

import pytest

from floor_strategies import CenterSpec, make_plant, make_steps
from unikat.errors import InvalidAlternatives
from unikat.terms import DAY, HOUR
from unikat.twin.size import Arrival, Goal, Option, build_plant, interval_of, loads_of, size_plant

PLANT = make_plant(
    [CenterSpec("a", cv=0.3, buffer=9), CenterSpec("b", units=2, cv=0.3, buffer=9)],
    travel=60,
    robots=1,
)
OPTIONS = (
    Option("units", "a", (1, 2, 3), (100, 200, 300)),
    Option("units", "b", (1, 2, 3), (50, 100, 150)),
    Option("robots", "", (1,), (10,)),
)


def draw_samples(per_day, *, days=20, num=5):
    samples = []
    for k in range(num):
        rng, at, sample = Random(k), 0.0, []
        steps = make_steps(PLANT, "ab", [HOUR, HOUR])
        while (at := at + rng.expovariate(per_day / DAY)) < days * DAY:
            sample.append(Arrival(int(at), steps))
        samples.append(sample)
    return samples


def test_the_cheapest_is_what_trying_everything_finds():
    samples, goal = draw_samples(30), Goal(4 * HOUR, 0.9)
    found = size_plant(PLANT, samples, OPTIONS, (), goal, warm_up_s=2 * DAY)
    alone = [
        size_plant(
            PLANT,
            samples,
            [
                Option(o.kind, o.name, o.values[i : i + 1], o.costs[i : i + 1])
                for o, i in zip(OPTIONS, choice, strict=True)
            ],
            (),
            Goal(4 * HOUR, 0.0),
            warm_up_s=2 * DAY,
        ).best
        for choice in product((1, 2), (1, 2), (0,))  # one unit alone is overloaded
    ]
    assert found.is_least
    assert found.best.cost == min(each.cost for each in alone if each.service >= 0.9)
    assert found.best.low >= 0.9
    assert all(not trial.meets for trial in found.cheaper)


def test_a_unit_loaded_beyond_one_is_never_tried():
    samples = draw_samples(30)
    assert loads_of(PLANT, samples)["a"] == pytest.approx(1.25, rel=0.1)
    found = size_plant(PLANT, samples, OPTIONS, (), Goal(6 * HOUR, 0.8), warm_up_s=2 * DAY)
    assert all(trial.choice[0] > 0 for trial in found.trials)
    assert all(trial.load < 1 for trial in found.trials)


def test_what_cannot_be_met_is_said_with_the_best_there_is():
    with pytest.raises(InvalidAlternatives, match=r"none makes 99% in time; the best makes"):
        size_plant(PLANT, draw_samples(30), OPTIONS, (), Goal(7300, 0.99), warm_up_s=2 * DAY)


def test_a_demand_beyond_the_largest_is_refused_at_once():
    with pytest.raises(InvalidAlternatives, match=r"[ab] is loaded 1\d\d% in the largest"):
        size_plant(PLANT, draw_samples(100), OPTIONS, (), Goal(DAY, 0.5))


def test_the_shorter_ways_of_a_layout_are_bought_only_if_they_are_worth_it():
    far = {a: {b: HOUR for b in "ab" if b != a} for a in "ab"}
    layout = Option("layout", "layout", (0, 1), (0, 500))
    options = (Option("units", "a", (2,), (0,)), layout)
    found = size_plant(
        PLANT, draw_samples(6), options, (far, PLANT.travel), Goal(10_000, 0.7), warm_up_s=2 * DAY
    )
    assert found.best.choice == (0, 1)
    relaxed = Goal(DAY, 0.9)
    found = size_plant(PLANT, draw_samples(6), options, (far, PLANT.travel), relaxed)
    assert found.best.choice == (0, 0)


def test_units_are_added_like_the_first_and_taken_from_the_end():
    robots = Option("robots", "", (1, 2), (10, 20))
    built = build_plant(PLANT, (*OPTIONS[:2], robots), (), (2, 0, 1))
    assert built.work_centers["a"].units == ("a1", "a+1", "a+2")
    assert built.units["a+2"].reliability == PLANT.units["a1"].reliability
    assert built.work_centers["b"].units == ("b1",)
    assert "b2" not in built.units
    assert built.transporters == ("R1", "R2")


def test_a_work_center_that_is_not_there_is_refused():
    with pytest.raises(InvalidAlternatives, match="no work center is called 'z'; there are a, b"):
        size_plant(PLANT, [], [Option("units", "z", (1,), (0,))], (), Goal(HOUR, 0.5))


def test_an_interval_covers_the_mean_as_often_as_it_says():
    rng = Random(1)
    wrong = 0
    for _ in range(2_000):
        _, low, high = interval_of([rng.random() for _ in range(10)], 0.9)
        wrong += not low <= 0.5 <= high
    assert wrong / 2_000 < 0.1 / 3 * 1.4  # a third of the error is this look's
