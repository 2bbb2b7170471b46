"""The twin through HTTP: read by floor and planner, its model changed by planners alone."""

from unikat.events import ModelProposed, ModelRow, ModelScore, NewEvent
from unikat.flow import foresee
from unikat.terms import EventId

PATH = "/api/v1/twin"
NOTHING = ModelScore(0, 0.0, 0.0, 0.0)


def test_a_proposed_model_is_shown_and_accepted_by_a_planner(client):
    client.order(0)
    foresee(client.opened.site)
    proposed = ModelProposed(7, 3, 0, 5, (ModelRow("pack", "K1", 50, 0.1, 0.1),), NOTHING, NOTHING)
    client.opened.site.live.append((NewEvent(EventId("p"), "twin", proposed),))
    told = client.get(PATH, key=client.floor_key).json()
    assert told["model_version"] == 0
    assert told["proposal"]["version"] == 3
    assert client.post(PATH + "/accept", {"version": 3}, key=client.floor_key).status_code == 403
    assert client.post(PATH + "/accept", {"version": 2}, key=client.key).status_code == 404
    accepted = client.post(PATH + "/accept", {"version": 3}, key=client.key)
    assert accepted.status_code == 200
    assert accepted.json()["model_version"] == 3
    assert accepted.json()["proposal"] is None
    events = client.get("/api/v1/events", key=client.floor_key).json()["events"]
    assert [e["type"] for e in events[-2:]] == ["ModelProposed", "ModelAccepted"]
    assert events[-2]["event"]["changed_at"].startswith("2026-01-05T00:00:05")


def test_a_proposal_needs_enough_measured_steps_and_a_body_its_version(client):
    refused = client.post(PATH + "/proposals", key=client.key)
    assert refused.status_code == 409
    assert "30 measured steps" in refused.text
    assert client.post(PATH + "/accept", {"version": "3"}, key=client.key).status_code == 422
    assert client.post(PATH + "/accept", {"v": 3}, key=client.key).status_code == 422
