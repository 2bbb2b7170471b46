"""The walk of one order (docs/walk.md): from a real foot to a shipped, tracked insole."""

import io

import trimesh

from sites import MONDAY_6, open_example, persons
from unikat.configure.choice import choose, complete, open_choice
from unikat.configure.price import price
from unikat.configure.variant import derive_variant, measured_picks, recipe_calls
from unikat.design.glb import write_glb
from unikat.design.pair import lay_pair, preview_pair
from unikat.design.part import shape_part
from unikat.design.recipes import find_recipe
from unikat.design.threemf import write_threemf
from unikat.events import StepFinished
from unikat.floor.model import World
from unikat.floor.virtual import open_floor
from unikat.flow import accept, foresee, quote, record, reschedule
from unikat.fold import fold
from unikat.order.model import OrderState
from unikat.printing.estimate import estimate_print
from unikat.rehearse import VirtualClock
from unikat.schedule.check import check
from unikat.schedule.problem import build_problem
from unikat.schedule.solve import solve
from unikat.shop import operate
from unikat.state import find_order, open_state
from unikat.terms import HOUR, CustomerId, FeatureName
from unikat.twin.state import hash_state, progress_of


def test_one_order_walks_from_a_foot_to_its_delivery() -> None:
    clock = VirtualClock(MONDAY_6)
    opened = open_example(clock=clock)
    site, foot = opened.site, persons()[0]

    # choose -> complete -> variant -> price
    choice = open_choice(site.family)
    for feature, value in measured_picks(site.family, foot).items():
        choice = choose(choice, feature, value)
    choice = choose(choice, FeatureName("Powder"), True)
    choice = choose(choice, FeatureName("Engraving"), "ANNA")
    configuration = complete(choice)
    variant = derive_variant(site.family, configuration)
    assert variant.steps[0].capability == "print_powder"
    cost = price(site.family, configuration)
    assert cost.total == sum(line.cents for line in cost.lines) > 0

    # geometry -> files -> estimate
    call = recipe_calls(site.family, configuration, foot)[0]
    recipe = find_recipe(call.recipe, call.version)
    part = shape_part(recipe, call.parameters)
    assert part.report.is_watertight
    assert write_threemf(lay_pair(part), {"order": "O-1"})[:2] == b"PK"
    preview = write_glb(preview_pair(recipe, call.parameters), "#4f46e5")
    assert trimesh.load(io.BytesIO(preview), file_type="glb", force="mesh").is_watertight
    estimate = estimate_print(part, site.processes[variant.steps[0].capability])
    assert 0 < estimate.p50 <= estimate.p90

    # quote with a promised date -> accept in one transaction
    offer = quote(site, configuration, foot, picks={"Powder": True, "Engraving": "ANNA"})
    assert offer.promise.due >= offer.promise.finish > clock.now()
    assert sum(reason.seconds for reason in offer.promise.reasons) == (
        offer.promise.due - offer.valid_until
    )
    clock.instant += 600
    order = accept(site, offer.id, CustomerId("anna"))
    assert order.due == offer.promise.due
    assert site.state().orders[order.id].state is OrderState.PLACED

    # reschedule: build, solve, check, publish
    state = site.state()
    done = progress_of(state.floor, state.bookings, clock.now())
    problem = build_problem(site.plant, tuple(state.orders.values()), done, clock.now())
    assert check(problem, solve(problem, seconds=1.0, seed=1, rounds=5)) == ()
    reschedule(site, seconds=1.0, seed=1, cause="walk")
    assert site.state().published_cause == "walk"

    # the virtual floor executes and speaks; events -> floor state -> forecast -> delivery
    floor = open_floor(site.plant, World(), seed=1, start=clock.now())
    foreseen = foresee(site)
    assert [f.order_id for f in foreseen] == [order.id]
    assert foreseen[0].p10 <= foreseen[0].p50 <= foreseen[0].p90
    while site.state().orders and clock.now() < MONDAY_6 + 200 * HOUR:
        for command in operate(site):
            floor.obey(command)
        clock.instant += 900
        messages = floor.advance(clock.now())
        assert set(record(site, messages)) <= {"recorded"}
        assert set(record(site, messages)) <= {"duplicate"}
    delivered = find_order(site.state(), order.id)
    assert delivered.state is OrderState.DELIVERED
    steps = [e.event.step for e in site.log.read() if isinstance(e.event, StepFinished)]
    assert sorted(steps) == sorted(step.step for step in variant.steps)

    # the log is the truth: replayed in batches of any size it gives the same state
    records = tuple(site.log.read())
    replayed = open_state(site.plant, site.policy.slack)
    for start in range(0, len(records), 7):
        replayed = fold(site.plant, replayed, records[start : start + 7])
    assert replayed.ended == site.state().ended
    assert hash_state(replayed.floor) == hash_state(site.state().floor)
