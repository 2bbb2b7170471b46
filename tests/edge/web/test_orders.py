"""Orders through HTTP: placed, tracked by their own id, listed, cancelled, printed."""

import io
import zipfile

from unikat import flow


def test_an_order_is_tracked_by_its_id_alone(client):
    placed = client.order(Powder=True)
    status = client.get(f"/api/v1/orders/{placed['id']}").json()
    assert status == placed
    assert status["state"] == "placed"
    assert status["timeline"][0] == {
        "title": "Order placed",
        "state": "done",
        "text": "",
        "at": "2026-01-05T06:00:00+01:00",
    }
    assert [stage["state"] for stage in status["timeline"][1:]] == ["next"] * (
        len(status["timeline"]) - 1
    )
    assert status["timeline"][-1]["at"] == status["due"]
    assert "customer" not in status


def test_a_forecast_comes_with_its_band(client):
    placed = client.order(Powder=True)
    flow.foresee(client.opened.site)
    forecast = client.get(f"/api/v1/orders/{placed['id']}").json()["forecast"]
    assert forecast["p10"] <= forecast["p50"] <= forecast["p90"]
    assert 0.0 <= forecast["p_on_time"] <= 1.0


def test_orders_come_a_page_at_a_time_and_each_once(client):
    ids = [client.order(person)["id"] for person in range(5)]
    seen, after = [], None
    while True:
        query = "?limit=2" + (f"&after={after}" if after else "")
        page = client.get(f"/api/v1/orders{query}", key=client.key).json()
        seen += [order["id"] for order in page["orders"]]
        after = page["next"]
        if after is None:
            break
    assert seen == ids


def test_a_cancelled_order_is_ended_and_cannot_be_cancelled_again(client):
    place = f"/api/v1/orders/{client.order()['id']}/cancel"
    cancelled = client.post(place, {"reason": "changed my mind"}, key=client.key)
    assert cancelled.json()["state"] == "cancelled"
    assert cancelled.json()["is_ended"]
    assert client.post(place, {"reason": "again"}, key=client.key).status_code == 409
    ended = client.get("/api/v1/orders?state=ended", key=client.key).json()["orders"]
    assert [order["state"] for order in ended] == ["cancelled"]


def test_the_print_file_is_a_3mf_of_both_feet(client):
    placed = client.order(Powder=True)
    reply = client.get(f"/api/v1/orders/{placed['id']}/part.3mf", key=client.key)
    assert reply.headers["content-type"] == "model/3mf"
    assert "attachment" in reply.headers["content-disposition"]
    with zipfile.ZipFile(io.BytesIO(reply.content)) as package:
        model = package.read("3D/3dmodel.model").decode()
    assert model.count("<item ") == 2


def test_how_an_order_was_built_is_told_to_planner_and_floor(client):
    order = client.order()["id"]
    told = client.get(f"/api/v1/orders/{order}/genealogy", key=client.floor_key).json()
    assert (told["order"], told["parts"]) == (order, [{"serial": "", "scrapped": "", "passed": []}])
    assert client.get("/api/v1/orders/O-9/genealogy", key=client.key).status_code == 404
