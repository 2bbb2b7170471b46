"""The schedule through HTTP: bookings with units and calendars, and a new one on demand."""

import pytest


def test_the_schedule_has_every_unfinished_step_on_a_listed_unit(client):
    orders = [client.order(person) for person in range(3)]
    schedule = client.get("/api/v1/schedule", key=client.key).json()
    steps = sum(len(order["timeline"]) - 2 for order in orders)
    assert len(schedule["bookings"]) == steps
    assert {b["unit"] for b in schedule["bookings"]} <= {u["id"] for u in schedule["units"]}
    assert {u["calendar"] for u in schedule["units"]} <= set(schedule["calendars"])
    assert all(b["setup_start"] <= b["start"] < b["finish"] for b in schedule["bookings"])
    assert schedule["published_at"] is None


def test_a_new_schedule_is_published_with_its_cost(client):
    client.order()
    made = client.post("/api/v1/schedule", {"seconds": 0.1, "cause": "a test"}, key=client.key)
    assert made.status_code == 201
    assert made.json()["cost"]["tardiness"] == 0
    worth = made.json()["worth"]
    assert 0 <= worth["lower_bound"] <= worth["value"]
    assert worth["value_s"] == worth["value"] // 1_000_000
    assert 0 <= worth["gap_percent"] <= 100
    schedule = client.get("/api/v1/schedule", key=client.key).json()
    assert schedule["published_cause"] == "a test"
    assert len(schedule["bookings"]) == made.json()["num_steps"]


def test_a_search_of_an_hour_is_refused(client):
    reply = client.post("/api/v1/schedule", {"seconds": 3600}, key=client.key)
    assert reply.status_code == 422


def test_a_seed_no_generator_takes_is_refused(client):
    client.order()
    for seed in (-1, 2**63, 2**64 - 1):
        reply = client.post("/api/v1/schedule", {"seconds": 0, "seed": seed}, key=client.key)
        assert reply.status_code == 422


def test_late_orders_are_listed_to_planners_only(client):
    client.order()
    late = client.get("/api/v1/schedule/late", key=client.key)
    assert late.status_code == 200
    assert late.json()["orders"] == []
    assert client.get("/api/v1/schedule/late", key=client.floor_key).status_code == 403


def test_jams_are_listed_to_planners_only(client):
    client.order()
    jams = client.get("/api/v1/schedule/jams", key=client.key)
    assert (jams.status_code, jams.json()["jams"]) == (200, [])
    assert client.get("/api/v1/schedule/jams", key=client.floor_key).status_code == 403


def test_the_schedule_is_told_with_its_cost_and_how_far_it_is_above_a_bound(client):
    empty = client.get("/api/v1/schedule/late", key=client.key).json()
    assert (empty["worth"]["value"], empty["worth"]["gap_percent"]) == (0, 0)
    for person in range(3):
        client.order(person, Foam=True)
    told = client.get("/api/v1/schedule/late", key=client.key).json()
    assert told["cost"]["broken"] == len(told["orders"]) == 0
    value, bound = told["worth"]["value"], told["worth"]["lower_bound"]
    assert value >= bound > 0
    assert told["worth"]["gap_percent"] == pytest.approx(100 * (1 - bound / value), abs=0.01)
