"""Sizing through HTTP: a line an alternative, the last with the best; faults told, hanging up."""

import json
from threading import enumerate as enumerate_threads

import pytest

from unikat.edge.sizing import SizeWish, watch_sizing
from unikat.errors import InvalidAlternatives

PATH = "/api/v1/plant/size"
CHOICE = "units.glue = { from = 1, to = 2, cost_cents_each = 1000 }\n"
WISH = {"alternatives": CHOICE, "demand": 8, "within": "20d", "goal": 50, "seed": 3}


def lines(reply):
    assert reply.status_code == 200, reply.text
    return [json.loads(line) for line in reply.text.splitlines()]


def test_each_alternative_is_a_line_and_the_last_names_the_cheapest(client):
    template = client.get(PATH, key=client.key).json()["alternatives"]
    assert "units.glue" in template
    told = lines(client.post(PATH, WISH, key=client.key))
    *trials, last = told
    assert [each["tried"] for each in trials] == list(range(1, len(trials) + 1))
    assert last["tried"] == len(trials)
    assert last["best"] in [each["trial"] for each in trials]
    assert last["best"]["meets"]
    assert all(each["cost_cents"] < last["best"]["cost_cents"] for each in last.get("cheaper", []))


def test_a_goal_nothing_meets_is_a_last_line_with_the_fault(client):
    told = lines(client.post(PATH, {**WISH, "within": "0.1h", "goal": 99}, key=client.key))
    assert "best" not in told[-1]
    assert told[-1]["fault"]


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"alternatives": "units.nowhere = {}"}, "nowhere"),
        ({"alternatives": "units = ["}, "TOML"),
        ({"alternatives": ""}, "nothing to choose"),
        ({"within": "soon"}, "36h"),
        ({"goal": 100}, "goal"),
        ({"demand": 0}, "demand"),
        ({"most": 0}, "most"),
    ],
)
def test_what_is_wrong_with_the_question_is_said_at_once(client, change, said):
    reply = client.post(PATH, WISH | change, key=client.key)
    assert reply.status_code == 422, reply.text
    assert said in reply.json()["detail"]


def test_only_planners_may_ask(client):
    assert client.post(PATH, WISH).status_code == 401
    assert client.get(PATH).status_code == 401


def test_without_anybody_to_draw_a_demand_from_it_says_so(client):
    site = client.opened.site
    with pytest.raises(InvalidAlternatives, match="no person"):
        next(watch_sizing(site.plant, site.family, [{}], SizeWish(CHOICE)))


def test_closing_ends_the_search(client):
    site, persons = (
        client.opened.site,
        [each.measurements for each in client.app.state.web.settings.examples],
    )
    before = set(enumerate_threads())
    replies = watch_sizing(site.plant, site.family, persons, SizeWish(**WISH))
    assert next(replies).tried == 1
    [searching] = set(enumerate_threads()) - before
    replies.close()
    searching.join(timeout=60)
    assert not searching.is_alive()
