"""A step moved through HTTP: shown first, published only with what may break agreed to."""

from datetime import datetime, timedelta

PATH = "/api/v1/schedule/moves"


def last_booking(client, order):
    bookings = client.get("/api/v1/schedule", key=client.key).json()["bookings"]
    return max((b for b in bookings if b["order"] == order), key=lambda b: b["start"])


def later(iso, seconds):
    return (datetime.fromisoformat(iso) + timedelta(seconds=seconds)).isoformat()


def ask(client, body, key=None):
    return client.post(PATH, body, key=key or client.key)


def test_a_move_is_shown_first_and_then_published_as_shown(client):
    order = client.order(0, Foam=True)["id"]
    booking = last_booking(client, order)
    start = later(booking["start"], 1800)
    body = {"order": order, "step": booking["step"], "unit": booking["unit"], "start": start}
    head = client.opened.site.log.head()
    shown = ask(client, body)
    assert shown.status_code == 200, shown.text
    assert client.opened.site.log.head() == head
    told = shown.json()
    assert not told["is_published"]
    assert told["start"] >= start
    assert [each["order"] for each in told["orders"]] == [order]
    assert told["orders"][0]["later_s"] >= 1800
    done = ask(client, {**body, "publish": True, "may_break": told["broken"]})
    assert done.json() == {**told, "is_published": True}
    assert last_booking(client, order)["start"] == told["start"]
    cause = client.get("/api/v1/schedule", key=client.key).json()["published_cause"]
    assert "by hand" in cause


def test_a_promise_breaks_only_if_that_was_agreed_to(client):
    order = client.order(0, Foam=True)["id"]
    booking = last_booking(client, order)
    start = later(booking["start"], 20 * 86_400)
    body = {"order": order, "step": booking["step"], "unit": booking["unit"], "start": start}
    assert ask(client, body).json()["broken"] == [order]
    head = client.opened.site.log.head()
    refused = ask(client, {**body, "publish": True})
    assert refused.status_code == 409
    assert order in refused.json()["detail"]
    assert client.opened.site.log.head() == head
    assert ask(client, {**body, "publish": True, "may_break": [order]}).status_code == 200


def test_a_move_that_cannot_be_is_told_and_changes_nothing(client):
    order = client.order(0, Foam=True)["id"]
    booking = last_booking(client, order)
    body = {
        "order": order,
        "step": booking["step"],
        "unit": booking["unit"],
        "start": booking["start"],
    }
    head = client.opened.site.log.head()
    for change, word in (
        ({"unit": "nowhere"}, "cannot do"),
        ({"step": "fly"}, "no open step"),
        ({"order": "O-9"}, "no open step"),
        ({"start": "2001-01-01T00:00:00Z"}, "ago"),
        ({"start": "tomorrow"}, "no time"),
        ({"colour": "red"}, "colour"),
    ):
        reply = ask(client, {**body, **change})
        assert reply.status_code == 422, reply.text
        assert word in reply.text
    assert client.opened.site.log.head() == head


def test_a_shopper_may_not_move_anything(client):
    assert client.post(PATH, {}, key="uk_wrong").status_code == 401


def test_what_starts_within_the_frozen_horizon_stays(client):
    order = client.order(0, Foam=True)["id"]
    bookings = client.get("/api/v1/schedule", key=client.key).json()["bookings"]
    first = min(bookings, key=lambda b: b["start"])
    body = {"order": order, "step": first["step"], "unit": first["unit"]}
    reply = ask(client, {**body, "start": later(first["start"], 7200)})
    assert reply.status_code == 422
    assert "frozen horizon" in reply.json()["detail"]


def test_what_the_last_schedules_moved_is_told_with_the_cause(client):
    assert client.get("/api/v1/schedule/changes", key=client.key).json() == {"changes": []}
    order = client.order(0, Foam=True)["id"]
    booking = last_booking(client, order)
    start = later(booking["start"], 1800)
    body = {"order": order, "step": booking["step"], "unit": booking["unit"], "start": start}
    told = ask(client, {**body, "publish": True, "may_break": [order]}).json()
    [change] = client.get("/api/v1/schedule/changes", key=client.key).json()["changes"]
    assert "by hand" in change["cause"]
    assert change["orders"] == told["orders"]
