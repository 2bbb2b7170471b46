"""What the floor says through HTTP: recorded once, duplicates known, the unreadable kept."""

import gzip
import json

UNIT = {"type": "unit_stopped", "unit": "M1", "reason": "tool broke"}
NDJSON = {"Content-Type": "application/x-ndjson"}


def message(seq: int, **fields: object) -> dict[str, object]:
    at, until = "2026-01-05T06:00:00+01:00", "2026-01-05T07:30:00+01:00"
    return {"source": "edge-1", "epoch": 1, "seq": seq, "at": at, "until": until, **fields}


def send(client, *lines: object, key: str | None = None):
    body = "\n".join(line if isinstance(line, str) else json.dumps(line) for line in lines)
    key = key or client.floor_key
    return client.send("POST", "/api/v1/events", content=body.encode(), headers=NDJSON, key=key)


def test_each_line_is_answered_and_each_message_recorded_once(client):
    stop = message(1, **UNIT)
    reply = send(client, stop, "", stop, "{no json", message(2, type="nonsense"))
    results = [(line["line"], line["result"].partition(":")[0]) for line in reply.json()["lines"]]
    assert results == [(1, "recorded"), (3, "duplicate"), (4, "quarantined"), (5, "quarantined")]
    again = send(client, stop).json()["lines"]
    assert again == [{"line": 1, "result": "duplicate"}]
    assert client.opened.site.log.head() == 1


def test_quarantined_messages_are_shown_with_their_fault(client):
    send(client, message(1, type="nonsense"), "not json at all")
    kept = client.get("/api/v1/quarantine", key=client.floor_key).json()["messages"]
    assert ["nonsense" in kept[0]["fault"], kept[1]["body"]["line"]] == [True, "not json at all"]


def test_the_floor_shows_the_stop(client):
    send(client, message(1, **UNIT))
    floor = client.get("/api/v1/floor", key=client.floor_key).json()
    assert floor["units"]["M1"]["state"] == "down"
    assert floor["units"]["M1"]["reason"] == "tool broke"
    assert floor["units"]["M1"]["until"] == "2026-01-05T07:30:00+01:00"
    assert floor["totals"]["down"] == 1
    assert floor["events"][-1]["text"] == "M1 stopped: tool broke"


def test_the_log_replays_after_any_seq_with_iso_times(client):
    client.order()
    send(client, message(1, **UNIT))
    page = client.get("/api/v1/events?after=1", key=client.floor_key).json()
    assert [event["type"] for event in page["events"]] == ["WorkUnitStopped"]
    assert page["events"][0]["event"]["until"] == "2026-01-05T07:30:00+01:00"
    assert (page["next"], page["head"]) == (2, 2)
    first = client.get("/api/v1/events?limit=1", key=client.floor_key).json()["events"][0]
    assert first["event"]["bookings"][0]["start"].endswith("+01:00")


def test_a_unit_outside_its_hours_is_closed(client):
    client.clock.instant = 0
    floor = client.get("/api/v1/floor", key=client.floor_key).json()
    assert floor["units"]["M1"]["state"] == "closed"
    assert floor["units"]["P1"]["state"] == "idle"


def test_a_gzipped_batch_is_answered_by_line_numbers(client):
    lines = [json.dumps(message(k, **UNIT)) for k in (1, 2, 1)] + ["{no json"]
    body = gzip.compress("\n".join(lines[:2]).encode()) + gzip.compress(
        ("\n" + "\n".join(lines[2:])).encode()
    )
    reply = send_bytes(client, body, "gzip")
    assert reply.status_code == 200
    answer = reply.json()
    assert (answer["accepted"], answer["duplicate"], answer["quarantined"]) == ([1, 2], [3], [4])


def send_bytes(client, body: bytes, encoding: str):
    headers = {**NDJSON, "Content-Encoding": encoding}
    return client.send(
        "POST", "/api/v1/events", content=body, headers=headers, key=client.floor_key
    )


def test_what_is_no_gzip_or_too_much_of_it_is_refused(client, unchanged):
    whole = gzip.compress(json.dumps(message(1, **UNIT)).encode())
    assert send_bytes(client, b"plain", "gzip").status_code == 400
    assert send_bytes(client, whole[:-9], "gzip").status_code == 400
    assert send_bytes(client, whole, "br").status_code == 415
    bomb = gzip.compress(b"\n" * 70_000_000, 1)
    assert send_bytes(client, bomb, "gzip").status_code == 413


def test_a_load_that_moved_is_told_in_a_line(client):
    order = client.order()["id"]
    moved = {"type": "load_moved", "transporter": "", "order": order, "from": "store", "to": "M1"}
    reply = send(client, message(1, **moved)).json()
    assert reply["accepted"] == [1]
