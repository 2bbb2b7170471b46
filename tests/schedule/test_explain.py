"""Each late order names its binding chain, and the chain sums to its finish."""

from dataclasses import replace

from hypothesis import given, settings

from shop_strategies import NOTHING, center, make_order, make_plant, play, problems
from unikat.capacity.model import Stop
from unikat.schedule.explain import explain_late
from unikat.schedule.problem import build_problem
from unikat.schedule.repair import right_shift
from unikat.schedule.solve import solve
from unikat.terms import DAY, HOUR

SAW = make_plant(
    [center("saw", "cut", ("S1",), setup="colour"), center("glue", "glue", ("G1",), "days")],
    travel={"saw": {"glue": 60}},
)


def explained(plant, placed, done=NOTHING, now=0):
    problem = build_problem(plant, placed, done, now)
    schedule = right_shift(problem) if done.bookings else solve(problem, seconds=0, seed=0)
    return explain_late(plant, placed, schedule.bookings, done, now)


@settings(max_examples=25)
@given(problems())
def test_the_chain_of_every_late_order_has_no_gap_and_sums_to_its_finish(problem):
    bookings = solve(problem, seconds=0, seed=0, rounds=0).bookings
    ends = {}
    for b in bookings:
        ends[b.order] = max(ends.get(b.order, 0), b.finish)
    due = {order.id: order.due for order in problem.orders}
    late = explain_late(problem.plant, problem.orders, bookings, problem.done, problem.now)
    assert {each.order for each in late} == {o for o, end in ends.items() if end > due[o]}
    for each in late:
        assert each.finish == ends[each.order] == each.links[-1].finish
        assert all(a.finish == b.start for a, b in zip(each.links, each.links[1:], strict=False))
        assert each.links[0].start + sum(link.seconds for link in each.links) == each.finish
        assert all(link.seconds > 0 or link.kind == "work" for link in each.links)
        if each.root == "now":
            assert each.links[0].start == problem.now


def test_an_order_behind_another_names_it_its_setup_and_the_closed_hours():
    placed = [
        make_order("first", [("cut", "cut", 3 * HOUR, "black", ())], finish=0, slack=0),
        make_order(
            "second",
            [("cut", "cut", HOUR, "white", ()), ("glue", "glue", HOUR, None, ("cut",))],
            finish=HOUR,
            slack=0,
        ),
    ]
    done = NOTHING
    for order in placed:
        done = play(
            solve(
                build_problem(SAW, placed[: placed.index(order) + 1], done, 0), seconds=0, seed=0
            ),
            0,
            done,
        )
    late = {each.order: each for each in explained(SAW, placed, done)}
    chain = [(k.kind, k.order, k.step, k.seconds) for k in late["second"].links]
    assert chain == [
        ("setup", "first", "cut", 600),
        ("work", "first", "cut", 3 * HOUR),
        ("setup", "second", "cut", 1200),
        ("work", "second", "cut", HOUR),
        ("travel", "second", "glue", 60),
        ("closed", "second", "glue", 8 * HOUR - 4 * HOUR - 1800 - 60),
        ("work", "second", "glue", HOUR),
    ]
    assert late["second"].root == "now"


def test_a_stop_and_a_late_release_are_named():
    order = make_order("only", [("cut", "cut", HOUR, None, ())], finish=HOUR, slack=0)
    stopped = replace(NOTHING, stops=(Stop("S1", 0, 5 * HOUR),))
    [late] = explained(SAW, [order], stopped)
    assert [(k.kind, k.seconds) for k in late.links] == [("stop", 5 * HOUR), ("work", HOUR)]
    [late] = explained(SAW, [replace(order, asked_at=DAY)])
    assert (late.root, late.links[0].start) == ("release", DAY)
