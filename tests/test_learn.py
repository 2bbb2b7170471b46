"""A floor that drifts: it is noticed, a model is proposed with what it is worth, and accepted."""

from dataclasses import replace

import pytest

from sites import MONDAY_6, models, open_example, persons, quote_for
from unikat.demand.shoppers import draw_shoppers
from unikat.errors import NothingToPropose, UnknownModel
from unikat.events import (
    DriftDetected,
    ForecastMade,
    ForecastScored,
    ModelAccepted,
    ModelProposed,
    OrderDelivered,
)
from unikat.floor.model import World
from unikat.flow import accept
from unikat.learn import POLICY, accept_model, propose
from unikat.rehearse import Scenario, VirtualClock, rehearse
from unikat.shop import operate
from unikat.site import Live
from unikat.state import open_state
from unikat.terms import DAY, HOUR, CustomerId

SLOW = World(duration_factor={"inspect": 1.5})


def run(world, *, accept_models, num_orders=70):
    clock = VirtualClock(MONDAY_6)
    site = open_example(clock=clock).site
    policy = replace(site.policy, accept_models=accept_models, forecast_s=6 * HOUR)
    site = replace(site, policy=policy)
    traffic = models().file.demo.traffic
    shoppers = draw_shoppers(
        site.family, persons(), traffic, num_orders=num_orders, seed=4, start=MONDAY_6
    )
    rehearse(site, Scenario(tuple(shoppers), 4, until=MONDAY_6 + 60 * DAY), world, clock)
    return site


def of_kind(site, kind):
    return [r.event for r in site.log.read() if isinstance(r.event, kind)]


@pytest.fixture(scope="module")
def drifted():
    return run(SLOW, accept_models="unless_worse")


def test_every_forecast_order_is_scored_when_it_is_delivered(drifted):
    foreseen = {each.order_id for made in of_kind(drifted, ForecastMade) for each in made.orders}
    scored = [each.order_id for each in of_kind(drifted, ForecastScored)]
    delivered = {each.order_id for each in of_kind(drifted, OrderDelivered)}
    assert sorted(scored) == sorted(foreseen & delivered)
    assert not drifted.state().learning.foreseen


def test_a_drift_is_noticed_and_the_policy_accepts_what_foresees_better(drifted):
    drift = of_kind(drifted, DriftDetected)[0]
    assert drift.capability == "inspect"
    assert drift.factor == pytest.approx(1.5, rel=0.15)
    [accepted, *_] = of_kind(drifted, ModelAccepted)
    proposed = {each.version: each for each in of_kind(drifted, ModelProposed)}[accepted.version]
    assert accepted.accepted_by == POLICY
    assert proposed.before.num_orders == proposed.after.num_orders > 0
    assert proposed.after.crps < proposed.before.crps
    later = [made for made in of_kind(drifted, ForecastMade) if made.at > accepted.at]
    assert {made.model_version for made in later} >= {accepted.version}


def test_replay_of_the_log_learns_the_same(drifted):
    live = Live(drifted.plant, drifted.log, open_state(drifted.plant, drifted.policy.slack))
    assert live.catch_up().learning == drifted.state().learning


def test_without_the_policy_a_model_waits_for_a_person():
    site = run(SLOW, accept_models="person", num_orders=40)
    learning = site.state().learning
    assert learning.model.version == 0
    [version] = learning.proposals
    with pytest.raises(UnknownModel, match=f"open: {version}"):
        accept_model(site, version + 1, by="Anna")
    accept_model(site, version, by="Anna")
    learning = site.state().learning
    assert (learning.model.version, learning.drifts) == (version, {})
    row = learning.model.by_class["inspect", "I1"]
    assert row.mu == pytest.approx(0.405, abs=0.15)


def test_nothing_is_proposed_from_nothing():
    clock = VirtualClock(MONDAY_6)
    site = open_example(clock=clock).site
    accept(site, quote_for(site).id, CustomerId("c"))
    operate(site)
    with pytest.raises(NothingToPropose, match="30 measured steps"):
        propose(site)
    with pytest.raises(UnknownModel, match="open: none"):
        accept_model(site, 1, by="Anna")
