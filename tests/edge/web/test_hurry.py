"""Sooner by HTTP: others move only when it is accepted, and a shopper learns nothing of them."""


def fill(client, num_orders=12):
    for person in range(num_orders):
        quote = client.quote(person % 10, Foam=True, FoamFirm=True)
        client.post("/api/v1/orders", {"quote_id": quote["id"], "customer": "anna"})


def test_a_hurried_quote_is_no_later_and_hides_whom_it_moves(client):
    fill(client)
    quote = client.quote(3, Foam=True, FoamFirm=True)
    reply = client.post(f"/api/v1/quotes/{quote['id']}/hurry")
    assert reply.status_code == 201
    assert reply.json()["promise"]["due"] <= quote["promise"]["due"]
    assert "delays" not in reply.text


def test_a_rush_tells_its_price_in_days_to_the_planner_alone(client):
    fill(client)
    quote = client.quote(3, Foam=True, FoamFirm=True)
    place = f"/api/v1/quotes/{quote['id']}/rush"
    assert client.post(place).status_code == 401
    reply = client.post(place, key=client.key).json()
    assert reply["sooner_s"] > 0
    assert reply["delays"]
    assert reply["days_to_others"] > 0
    assert all(delay["later_s"] > 0 for delay in reply["delays"])
    ordered = {"quote_id": reply["quote"]["id"], "customer": "bert"}
    assert client.post("/api/v1/orders", ordered).status_code == 201


def test_other_options_say_what_they_change_of_the_date(client):
    body = {"picks": {"Powder": True}, "measurements": client.foot()}
    reply = client.post("/api/v1/quotes/dates", body | {"features": ["Powder"]}).json()
    assert reply["options"]
    assert all(" earlier" in o["text"] or " later" in o["text"] for o in reply["options"])
    assert client.post("/api/v1/quotes/dates", body).status_code == 200
    many = body | {"features": ["Powder"] * 21}
    assert client.post("/api/v1/quotes/dates", many).status_code == 422
