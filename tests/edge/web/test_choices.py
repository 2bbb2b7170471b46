"""Saved choices through HTTP: found by their id alone, in any later version, after any restart."""

import gc

import pytest

from sites import persons
from unikat.configure import Choice
from unikat.edge.store.limits import CHOICE_KEPT
from version_sites import ask, copy_site, opened_site, second_version, served

SAVED = "/api/v1/choices/saved"
FEET = ("foot_length", "foot_breadth", "heel_breadth", "ball_length")


def feet(person=0):
    return {name: persons()[person][name] for name in FEET}


def save(client, measurements=None, **picks):
    reply = client.post(SAVED, {"picks": picks, "measurements": measurements})
    assert reply.status_code == 201, reply.text
    return reply.json()


def test_a_saved_choice_is_found_by_its_id_as_it_was(client):
    picks = {"Powder": True, "Leather": False, "Thickness": 4.5, "Engraving": "ANNA"}
    saved = save(client, client.foot(), **picks)
    found = client.get(f"{SAVED}/{saved['id']}").json()
    assert (found["picks"], found["measurements"]) == (picks, client.foot())
    assert [each["feature"] for each in found["kept"]] == ["Length", "Breadth", *picks]
    assert (found["lost"], found["changed"], found["repair"]) == ([], [], None)
    assert found["price_difference_cents"] == 0
    again = client.post("/api/v1/choices", {"picks": found["picks"], "measurements": client.foot()})
    assert again.json()["configuration_key"] == saved["configuration_key"]
    assert again.json()["price"]["total_cents"] == found["price_cents"] == saved["price_cents"]


def test_its_id_is_long_random_and_says_where_it_is(client):
    reply = client.post(SAVED, {"picks": {}})
    ids = {reply.json()["id"], *(save(client)["id"] for _ in range(5))}
    assert len(ids) == 6
    assert {len(each) for each in ids} == {28}
    assert reply.headers["location"] == f"{SAVED}/{reply.json()['id']}"
    assert reply.json()["page_url"] == f"/choices/{reply.json()['id']}"


def test_nothing_of_it_is_in_the_log(client, unchanged):
    save(client, client.foot(), Powder=True)


def test_what_cannot_be_chosen_or_measured_is_not_saved(client):
    refused = client.post(SAVED, {"picks": {"Foam": True, "Powder": True}})
    assert (refused.status_code, refused.json()["title"]) == (422, "Invalid choice")
    assert client.post(SAVED, {"picks": {"Wings": True}}).status_code == 422
    body = {"picks": {}, "measurements": {**client.foot(), "hat": 57.0}}
    assert "hat: not asked for" in client.post(SAVED, body).json()["detail"]
    assert list(client.opened.store.choices.read()) == []


@pytest.mark.parametrize("place", [SAVED, "/choices"])
def test_an_unknown_id_is_not_found_and_a_year_later_a_known_one_is_not(client, place):
    assert client.get(f"{place}/C-NOBODY").status_code == 404
    saved = save(client)
    client.clock.instant += CHOICE_KEPT + 3_601
    save(client)
    assert client.get(f"{place}/{saved['id']}").status_code == 404


def test_its_page_goes_to_the_shop_with_its_picks(client):
    saved = save(client, client.foot(), Powder=True, Engraving="A & B")
    reply = client.get(saved["page_url"])
    assert reply.status_code == 303
    page = client.get(reply.headers["location"])
    assert page.status_code == 200
    assert 'value="A &amp; B"' in page.text


def test_a_later_version_tells_what_is_lost_why_changed_and_dearer(tmp_path):
    folder = copy_site(tmp_path / "site")
    body = {
        "picks": {
            "Hiking": True,
            "Powder": True,
            "Thickness": 5.5,
            "MetatarsalPad": True,
            "Cork": False,
        },
        "measurements": feet(),
    }
    with opened_site(folder) as opened, served(opened) as app:
        saved = ask(app, "POST", SAVED, body).json()
    second_version(folder)
    with opened_site(folder) as opened, served(opened) as app:
        found = ask(app, "GET", f"{SAVED}/{saved['id']}").json()
        page = ask(app, "GET", saved["page_url"]).text
        assert ask(app, "GET", found["page_url"]).status_code == 200
        kept = ask(app, "POST", "/api/v1/choices", {key: found[key] for key in body}).json()
        repaired = {"picks": found["repair"]["picks"], "measurements": found["measurements"]}
        repaired = ask(app, "POST", "/api/v1/choices", repaired).json()
    assert (found["family_version"], found["present_version"]) == (1, 2)
    lost = {each["feature"]: each for each in found["lost"]}
    assert list(lost) == ["Powder", "Thickness"]
    assert lost["Powder"]["reason"] == "rules"
    assert lost["Powder"]["picks"] == ["Hiking"]
    assert [rule["id"] for rule in lost["Powder"]["rules"]] == ["R99"]
    assert (lost["Thickness"]["reason"], lost["Thickness"]["allowed"]) == ("value", ["5"])
    assert found["picks"] == {"Hiking": True, "MetatarsalPad": True, "NaturalCork": False}
    assert {each["feature"] for each in found["changed"]} >= {"Foam", "LatticeMedium"}
    assert found["price_cents"] == kept["price"]["total_cents"]
    assert found["price_difference_cents"] == found["price_cents"] - saved["price_cents"]
    assert found["repair"]["picks"]["Thickness"] == 5
    assert len(found["repair"]["dropped"]) == 1
    assert repaired["price"]["total_cents"] == found["repair"]["price_cents"]
    assert "polyamide is too stiff for slopes" in page
    assert "Thickness 5.5 mm is not offered any more; possible: 5 mm." in page
    assert "Printed polyamide (PA12) is not possible with Hiking" in page


def test_a_restart_loses_nothing_of_a_choice_in_progress(tmp_path):
    folder = copy_site(tmp_path / "site")
    picks = {"picks": {"Powder": True, "Thickness": 4.5}, "measurements": feet()}
    address = "/?p%3APowder=true&p%3AThickness=4.5&m%3Afoot_length=262.0"
    told = []
    for _ in range(2):
        with opened_site(folder) as opened, served(opened) as app:
            told.append(
                (ask(app, "POST", "/api/v1/choices", picks).content, ask(app, "GET", address).text)
            )
    assert told[0] == told[1]


def test_no_choice_in_progress_outlives_its_request(client):
    def living():
        gc.collect()
        return sum(isinstance(each, Choice) for each in gc.get_objects())

    before = living()
    for length in range(240, 246):
        body = {"picks": {"Length": length, "Powder": True}}
        assert client.post("/api/v1/choices", body).status_code == 200
        assert client.get(f"/?p%3ALength={length}").status_code == 200
    assert living() == before
