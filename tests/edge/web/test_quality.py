"""Measured parts through HTTP: control charts, and sources of which messages are missing."""

import json

NDJSON = {"Content-Type": "application/x-ndjson"}


def measure(order: str, seq: int, measured: float) -> dict[str, object]:
    return {
        "source": "gauge",
        "epoch": 1,
        "seq": seq,
        "at": "2026-01-05T06:00:00+01:00",
        "type": "part_measured",
        "unit": "I1",
        "order": order,
        "step": "inspect",
        "attempt": 0,
        "serial": f"{order}/1",
        "characteristic": "length",
        "ordered": 250,
        "measured": measured,
        "tolerance": 2,
        "measure": "mm",
    }


def send(client, *lines):
    body = "\n".join(map(json.dumps, lines)).encode()
    reply = client.send(
        "POST", "/api/v1/events", content=body, headers=NDJSON, key=client.floor_key
    )
    assert {line["result"] for line in reply.json()["lines"]} == {"recorded"}


def test_nothing_measured_is_no_chart(client):
    assert client.get("/api/v1/quality", key=client.floor_key).json()["charts"] == []


def test_measures_come_as_a_chart_with_the_familys_sigma(client):
    order = client.order()["id"]
    send(client, measure(order, 1, 250.4), measure(order, 2, 252.4))
    [chart] = client.get("/api/v1/quality?limit=1", key=client.floor_key).json()["charts"]
    assert (chart["characteristic"], chart["sigma"], chart["num"]) == ("length", 0.4, 2)
    assert (chart["state"], chart["num_out"]) == ("act", 1)
    [point] = chart["points"]
    assert (point["z"], point["is_within"], point["serial"]) == (6.0, False, f"{order}/1")
    assert chart["alarms"][-1]["is_act"]


def test_a_lost_message_makes_its_source_blind_until_it_comes(client):
    order = client.order()["id"]
    send(client, measure(order, 1, 250.4), measure(order, 4, 250.1))
    [blind] = client.get("/api/v1/floor", key=client.floor_key).json()["blind"]
    assert (blind["source"], blind["missing"]) == ("gauge", 2)
    assert blind["last_seen"] == "2026-01-05T06:00:00+01:00"
    send(client, measure(order, 3, 250.1), measure(order, 2, 250.1))
    assert client.get("/api/v1/floor", key=client.floor_key).json()["blind"] == []
