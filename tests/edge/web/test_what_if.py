"""What-if through HTTP: an answer order by order, and nothing published."""

import json

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from unikat.terms import HOUR

PATH = "/api/v1/what-if"
NAMES = st.sampled_from(("M1", "P1", "powder", "glue", "two_shift", "always")) | st.text(max_size=3)
HOURS = st.floats(0, 100) | st.floats() | st.integers()
WISHES = st.fixed_dictionaries(
    {},
    optional={
        "stops": st.lists(
            st.fixed_dictionaries({"unit": NAMES, "hours": HOURS}, optional={"after_hours": HOURS}),
            max_size=3,
        ),
        "extra": st.dictionaries(NAMES, st.integers(), max_size=2),
        "pace": st.dictionaries(NAMES, HOURS, max_size=2),
        "hours": st.dictionaries(
            NAMES, st.sampled_from(("sun 00:00-24:00", "sat 22:00-06:00")) | st.text(max_size=3)
        ),
        "rush": st.lists(st.sampled_from(("O-000001", "O-9")), max_size=2),
        "seed": st.integers(),
        "replications": st.just(20) | st.integers(),
    },
)


def ask(client, body, key=None):
    return client.post(PATH, body, key=key or client.key)


def test_a_stopped_mill_makes_its_orders_late_and_publishes_nothing(client):
    orders = [client.order(person, Foam=True)["id"] for person in range(4)]
    head = client.opened.site.log.head()
    reply = ask(client, {"stops": [{"unit": "M1", "hours": 72}], "replications": 40})
    assert reply.status_code == 200, reply.text
    told = reply.json()
    assert set(told["newly_late"]) == set(told["late_then"]) == set(orders)
    assert told["late_now"] == told["no_longer_late"] == []
    assert told["is_sure"]
    assert told["delay"]["low"] > 24 * HOUR
    delays = [each["delay"]["mean"] for each in told["orders"]]
    assert delays == sorted(delays, reverse=True)
    assert all(each["p50_now"] < each["p50_then"] for each in told["orders"])
    assert client.opened.site.log.head() == head
    assert client.get("/api/v1/schedule", key=client.key).json()["published_at"] is None


def test_the_same_question_has_the_same_answer_and_nothing_changed_is_no_delay(client):
    client.order(0, Powder=True)
    body = {"stops": [{"unit": "powder", "hours": 8, "after_hours": 1}], "seed": 5}
    assert ask(client, body).json() == ask(client, body).json()
    assert ask(client, {}).json()["delay"] == {"mean": 0, "low": 0, "high": 0}


def test_both_worlds_are_told_side_by_side_surer_with_every_look(client):
    orders = [client.order(person, Foam=True)["id"] for person in range(3)]
    head = client.opened.site.log.head()
    body = {"stops": [{"unit": "M1", "hours": 72}], "replications": 300}
    reply = client.post(f"{PATH}/looks", body, key=client.key)
    assert reply.headers["content-type"] == "application/x-ndjson"
    looks = [json.loads(line) for line in reply.text.splitlines()]
    assert [look["replications"] for look in looks] == [50, 200, 300]
    last = looks[-1]
    assert last == ask(client, body).json()
    assert {each["order"] for each in last["orders"]} == set(orders)
    assert last["lead_s"]["difference"] == last["delay"]
    for key in ("kept", "lead_s", "tardiness_s"):
        figure = last[key]
        differs = figure["then"] - figure["now"]
        assert differs == pytest.approx(figure["difference"]["mean"], abs=0.2)
    assert last["kept"]["now"] > 0.9 > 0.1 > last["kept"]["then"]
    widths = [look["delay"]["high"] - look["delay"]["low"] for look in looks]
    assert widths[-1] < widths[0]
    assert client.opened.site.log.head() == head


def test_a_wrong_question_is_refused_before_the_first_look(client):
    client.order(0, Foam=True)
    body = {"stops": [{"unit": "M9", "hours": 4}]}
    reply = client.post(f"{PATH}/looks", body, key=client.key)
    assert reply.status_code == 422
    assert "M9" in reply.json()["detail"]


def test_what_a_question_may_name_is_listed_for_planners(client):
    order = client.order(0, Foam=True)["id"]
    names = client.get(PATH, key=client.key).json()
    assert names["centers"]["powder"] == ["P1", "P2"]
    assert names["orders"] == [{"id": order, "customer": "person 0"}]
    assert "two_shift" in names["calendars"]
    assert names["robots"] == ["R1", "R2"]
    assert client.get(PATH, key=client.floor_key).status_code == 403


def test_more_units_paces_hours_a_rush_and_a_priority_are_understood(client):
    order = client.order(0, Filament=True)["id"]
    body = {
        "extra": {"filament": 1},
        "pace": {"F1": 1.5},
        "hours": {"two_shift": "sat 06:00-14:00"},
        "rush": [order],
        "priority": "due",
    }
    assert ask(client, body).status_code == 200


@pytest.mark.usefixtures("unchanged")
@pytest.mark.parametrize(
    ("body", "word"),
    [
        ({"stops": [{"unit": "M9", "hours": 4}]}, "M9"),
        ({"stops": [{"unit": "M1", "hours": 0}]}, "M1"),
        ({"stops": [{"unit": "M1", "hours": -4}]}, "-4 hours"),
        ({"stops": [{"unit": "M1", "hours": 1e9}]}, "1e+09 hours"),
        ({"stops": [{"unit": "M1", "hours": 9_999}]}, "60 days"),
        ({"stops": [{"unit": "M1"}]}, "hours"),
        ({"stops": [{"unit": "M1", "hours": 4}] * 201}, "201"),
        ({"rush": ["O-none"]}, "O-none"),
        ({"extra": {"forge": 1}}, "forge"),
        ({"extra": {"mill": 999}}, "999"),
        ({"pace": {"M1": 0}}, "pace"),
        ({"pace": {"M1": 1e300}}, "pace"),
        ({"hours": {"two_shift": "someday"}}, "someday"),
        ({"hours": {"nights": "sat 06:00-14:00"}}, "nights"),
        ({"priority": "loudest"}, "loudest"),
        ({"replications": 100_000}, "replications"),
        ({"publish": True}, "publish"),
    ],
)
def test_bad_input_is_a_problem_that_names_it(client, body, word):
    reply = ask(client, body)
    assert reply.status_code == 422, reply.text
    assert reply.headers["content-type"] == "application/problem+json"
    assert word in reply.json()["detail"]


@pytest.mark.usefixtures("unchanged")
def test_it_is_for_planners(client):
    assert ask(client, {}, key=client.floor_key).status_code == 403
    assert client.post(PATH, {}).status_code == 401


def test_it_is_declared(client):
    operation = client.get("/api/v1/openapi.json").json()["paths"][PATH]["post"]
    assert operation["x-scopes"] == ["planner"]
    assert operation["requestBody"]["content"]["application/json"]["schema"]["$ref"].endswith(
        "WhatIfWish"
    )


@pytest.mark.parametrize("seed", [-1, 0, 2**63 - 1, 2**63, 2**64 - 1])
def test_any_seed_is_answered_or_refused(client, seed):
    client.order(0, Foam=True)
    reply = ask(client, {"stops": [{"unit": "M1", "hours": 1}], "seed": seed})
    assert reply.status_code == (200 if 0 <= seed < 2**63 else 422)


@given(WISHES)
@settings(
    max_examples=40,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
def test_whatever_is_asked_is_answered_or_refused_and_changes_nothing(client, wish):
    site = client.opened.site
    if not site.state().orders:
        client.order(0, Foam=True)
        client.order(1, Powder=True)
    head = site.log.head()
    body = json.dumps(wish).encode()
    headers = {"Content-Type": "application/json"}
    reply = client.send("POST", PATH, content=body, headers=headers, key=client.key)
    assert reply.status_code in (200, 400, 409, 422), reply.text
    assert site.log.head() == head
