"""Planned stops through HTTP."""

HOLIDAY = {"units": ["all"], "start": "2026-01-06T00:00", "finish": "2026-01-07T00:00"}


def test_a_holiday_closes_every_unit_and_moves_the_next_promise(client):
    before = client.quote(Powder=True)["promise"]["due"]
    told = client.post("/api/v1/stops", {**HOLIDAY, "reason": "Epiphany"}, key=client.key)
    assert told.status_code == 201, told.text
    stop = told.json()
    assert set(stop["units"]) == set(client.opened.site.plant.units)
    assert client.get("/api/v1/stops", key=client.key).json() == {"stops": [stop]}
    assert client.quote(Powder=True)["promise"]["due"] > before
    path = f"/api/v1/stops/{stop['id']}"
    assert client.send("DELETE", path, key=client.key).status_code == 204
    assert client.send("DELETE", path, key=client.key).status_code == 422
    assert client.quote(Powder=True)["promise"]["due"] == before


def test_a_wrong_stop_is_told(client):
    for change, word in (
        ({"units": ["P9"]}, "P9"),
        ({"units": []}, "named"),
        ({"finish": "2026-01-06T00:00"}, "end after"),
        ({"start": "soon"}, "no time"),
    ):
        reply = client.post("/api/v1/stops", {**HOLIDAY, **change}, key=client.key)
        assert reply.status_code == 422
        assert word in reply.text
    assert client.post("/api/v1/stops", HOLIDAY, key=client.floor_key).status_code == 403
