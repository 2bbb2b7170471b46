"""Bad input is a clear problem, and changes nothing: one test each."""

import pytest

PROBLEM = "application/problem+json"


def check(reply, status, *words):
    assert reply.status_code == status, reply.text
    assert reply.headers["content-type"] == PROBLEM
    problem = reply.json()
    assert problem["status"] == status
    assert problem["title"]
    assert problem["type"].startswith("urn:unikat:problem:")
    for word in words:
        assert word in problem["detail"]
    return problem


def ask(client, picks=None, **measures):
    body = {"picks": picks or {}, "measurements": client.foot(0, **measures)}
    return client.post("/api/v1/quotes", body)


@pytest.mark.usefixtures("unchanged")
def test_an_unknown_option_is_named(client):
    check(ask(client, {"Chocolate": True}), 422, "Chocolate")


@pytest.mark.usefixtures("unchanged")
def test_a_value_an_option_cannot_take_is_told_with_what_it_can(client):
    check(ask(client, {"Thickness": 3.2}), 422, "Thickness", "3.2", "0.5")


@pytest.mark.usefixtures("unchanged")
def test_a_broken_rule_comes_with_its_picks_and_rule(client):
    problem = check(ask(client, {"Foam": True, "Engraving": "ANNA"}), 422, "R1")
    assert problem["picks"] == ["Foam"]
    assert problem["rules"] == ["R1"]


@pytest.mark.usefixtures("unchanged")
def test_a_foot_out_of_range_is_told_with_the_range(client):
    check(ask(client, foot_length=401.0), 422, "foot_length", "401", "200", "330")


@pytest.mark.usefixtures("unchanged")
def test_a_missing_measure_is_named(client):
    measurements = client.foot()
    del measurements["heel_breadth"]
    reply = client.post("/api/v1/quotes", {"picks": {}, "measurements": measurements})
    check(reply, 422, "heel_breadth", "missing")


@pytest.mark.usefixtures("unchanged")
def test_an_unknown_measure_is_named(client):
    check(ask(client, toe_length=40.0), 422, "toe_length", "foot_length")


@pytest.mark.usefixtures("unchanged")
@pytest.mark.parametrize("number", [b"NaN", b"Infinity", b"-Infinity", b"1e999"])
def test_a_measure_that_is_no_finite_number_is_refused(client, number):
    body = b'{"picks": {}, "measurements": {"foot_length": ' + number + b"}}"
    headers = {"Content-Type": "application/json"}
    check(client.send("POST", "/api/v1/quotes", content=body, headers=headers), 422)


@pytest.mark.usefixtures("unchanged")
@pytest.mark.parametrize("body", [b"", b"{", b"\xff\xfe", b'{"picks": {}'])
def test_a_body_that_is_no_json_is_refused(client, body):
    headers = {"Content-Type": "application/json"}
    check(client.send("POST", "/api/v1/quotes", content=body, headers=headers), 400)


@pytest.mark.usefixtures("unchanged")
def test_a_field_the_endpoint_does_not_know_is_refused(client):
    body = {"picks": {}, "measurements": client.foot(), "price": 1}
    check(client.post("/api/v1/quotes", body), 422, "price")


@pytest.mark.usefixtures("unchanged")
def test_a_body_of_ten_megabytes_is_refused(client):
    headers = {"Content-Type": "application/json"}
    body = b'{"picks": {"Engraving": "' + b"A" * 10_000_000 + b'"}}'
    check(client.send("POST", "/api/v1/quotes", content=body, headers=headers), 413, "1000000")


@pytest.mark.usefixtures("unchanged")
def test_a_body_that_streams_on_is_counted_although_no_length_is_sent(client):
    async def endless():
        for _ in range(300):
            yield b" " * 10_000

    headers = {"Content-Type": "application/json"}
    reply = client.send("POST", "/api/v1/quotes", content=endless(), headers=headers)
    check(reply, 413)


@pytest.mark.usefixtures("unchanged")
def test_another_media_type_is_refused(client):
    headers = {"Content-Type": "text/plain"}
    check(client.send("POST", "/api/v1/quotes", content=b"{}", headers=headers), 415, "json")


@pytest.mark.usefixtures("unchanged")
def test_an_expired_quote_cannot_be_ordered(client):
    quote = client.quote()
    client.clock.instant += 1_801
    reply = client.post("/api/v1/orders", {"quote_id": quote["id"], "customer": "Anna"})
    check(reply, 410, quote["id"], "new quote")


@pytest.mark.usefixtures("unchanged")
def test_an_unknown_quote_cannot_be_ordered(client):
    check(client.post("/api/v1/orders", {"quote_id": "Q-1", "customer": "Anna"}), 404, "Q-1")


@pytest.mark.usefixtures("unchanged")
@pytest.mark.parametrize("name", ["", "   ", "x" * 121, "a\nb"])
def test_an_order_needs_a_printable_name(client, name):
    quote = client.quote()
    check(client.post("/api/v1/orders", {"quote_id": quote["id"], "customer": name}), 422)


def test_a_double_submit_is_one_order_and_the_same_answer(client):
    body = {"quote_id": client.quote()["id"], "customer": "Anna"}
    headers = {"Idempotency-Key": "press-1"}
    first, second = (client.post("/api/v1/orders", body, headers=headers) for _ in range(2))
    assert (first.status_code, second.status_code) == (201, 201)
    assert first.json() == second.json()
    assert len(client.opened.site.state().orders) == 1


def test_an_idempotency_key_of_another_request_is_refused(client):
    headers = {"Idempotency-Key": "press-1"}
    body = {"quote_id": client.quote()["id"], "customer": "Anna"}
    client.post("/api/v1/orders", body, headers=headers)
    head = client.opened.site.log.head()
    reply = client.post("/api/v1/orders", {**body, "customer": "Eve"}, headers=headers)
    check(reply, 409, "press-1")
    assert client.opened.site.log.head() == head


def test_the_same_quote_ordered_twice_without_a_key_is_one_order(client):
    body = {"quote_id": client.quote()["id"], "customer": "Anna"}
    ids = {client.post("/api/v1/orders", body).json()["id"] for _ in range(2)}
    assert len(ids) == 1


@pytest.mark.usefixtures("unchanged")
@pytest.mark.parametrize("path", ["/api/v1/orders", "/api/v1/schedule", "/api/v1/floor"])
@pytest.mark.parametrize("key", ["uk_wrong", "", "x" * 500])
def test_a_wrong_key_is_told_what_to_do(client, path, key):
    reply = client.get(path, headers={"Authorization": f"Bearer {key}"})
    check(reply, 401, "Authorization: Bearer", "unikat init")
    assert reply.headers["www-authenticate"] == "Bearer"


@pytest.mark.usefixtures("unchanged")
def test_a_key_without_the_scope_is_refused(client):
    check(client.post("/api/v1/schedule", {}, key=client.floor_key), 403, "planner")


@pytest.mark.usefixtures("unchanged")
@pytest.mark.parametrize(
    "query", ["after=-1", "after=x", "limit=0", "limit=999999", "limit=٣", "after=1e3"]
)
def test_a_bad_page_of_events_is_refused(client, query):
    check(client.get(f"/api/v1/events?{query}", key=client.floor_key), 400, "whole number")


def test_what_is_not_there_and_what_is_not_taken_are_problems(client):
    check(client.get("/api/v1/nothing"), 404, "openapi")
    reply = client.get("/api/v1/quotes")
    check(reply, 405)
    assert reply.headers["allow"] == "POST"
    check(client.get("/api/v1/orders/O-1"), 404, "O-1")


def test_a_fault_of_ours_tells_nothing_of_the_inside(client, monkeypatch, capsys):
    def broken() -> None:
        raise RuntimeError("secret inside")

    monkeypatch.setattr(client.opened.site.clock.__class__, "now", lambda self: broken())
    reply = client.get("/api/v1/schedule", key=client.key)
    check(reply, 500)
    assert "secret" not in reply.text
