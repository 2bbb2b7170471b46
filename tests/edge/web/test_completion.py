"""The rest of a choice by a goal, what else is possible, and refusals in the shopper's words."""

from sites import models
from unikat.configure import choose_all, complete, price

FAMILY = models().family


def ask(client, goal, picks, **more):
    return client.post("/api/v1/completions", {"picks": picks, "goal": goal, **more})


def choices(client, picks, **more):
    return client.post("/api/v1/choices", {"picks": picks, **more})


def test_the_cheapest_keeps_all_picks_and_its_picks_lead_to_it(client):
    picks = {"Leather": True, "HeelCup": True} if "HeelCup" in FAMILY.index else {"Leather": True}
    found = ask(client, "cheapest", picks, measurements=client.foot()).json()
    assert found["is_optimal"]
    assert found["bound_cents"] == found["price"]["total_cents"]
    assert picks.items() <= found["picks"].items()
    again = choices(client, found["picks"], measurements=client.foot()).json()
    assert again["configuration_key"] == found["configuration_key"]
    usual = choices(client, picks, measurements=client.foot()).json()
    assert found["price"]["total_cents"] <= usual["price"]["total_cents"]


def test_without_measures_what_they_fill_stays_as_shown(client):
    found = ask(client, "cheapest", {}).json()
    assert not {each.feature for each in FAMILY.measured} & set(found["picks"])
    shown = price(FAMILY, complete(choose_all(FAMILY, found["picks"]))).total
    assert shown == found["price"]["total_cents"]


def test_the_fastest_is_promised_with_a_bound(client):
    found = ask(client, "fastest", {}, measurements=client.foot()).json()
    assert found["earliest"] <= found["due"]
    quoted = client.post(
        "/api/v1/quotes", {"picks": found["picks"], "measurements": client.foot()}
    ).json()
    assert quoted["promise"]["due"][:10] == found["due"][:10]
    refused = ask(client, "fastest", {})
    assert (refused.status_code, refused.json()["title"]) == (422, "Invalid measurements")


def test_a_repair_takes_the_newest_pick_and_says_what_changes(client):
    found = ask(client, "nearest", {"Running": True, "Leather": True}, newest="Leather").json()
    assert found["picks"].get("Leather") is True
    assert [change["text"] for change in found["changes"]] == ["let go of Running"]
    kept = ask(client, "nearest", {"Running": True, "Leather": True}, newest="Running").json()
    assert kept["picks"].get("Running") is True


def test_a_repair_moves_numbers_as_little_as_possible(client):
    picks = {"Powder": True, "LatticeOpen": True, "Thickness": 2.2}
    found = ask(client, "nearest", picks, newest="LatticeOpen").json()
    assert found["picks"]["Thickness"] == 4
    assert found["changes"][0]["text"] == "set Thickness to 4 mm"
    assert choices(client, found["picks"]).status_code == 200


def test_alternatives_are_the_other_members_with_their_differences(client):
    reply = client.post("/api/v1/alternatives", {"picks": {"Foam": True}, "feature": "Foam"})
    before = choices(client, {"Foam": True}).json()["price"]["total_cents"]
    found = {each["feature"]: each["difference_cents"] for each in reply.json()["alternatives"]}
    assert set(found) == set(FAMILY.feature("Foam").siblings) - {"Foam"}
    for name, difference in found.items():
        after = choices(client, {name: True}).json()["price"]["total_cents"]
        assert after - before == difference


def test_refusals_speak_in_titles(client):
    refused = choices(client, {"Powder": True, "Foam": True}).json()
    assert refused["picks"] == ["Powder"]
    assert FAMILY.feature("Powder").title in refused["detail"]
    assert "= true" not in refused["detail"]


def test_an_empty_text_is_no_pick_and_costs_nothing(client):
    texts = [each.name for each in FAMILY.features if each.kind == "String"]
    plain = choices(client, {}).json()
    empty = choices(client, dict.fromkeys(texts, "  ")).json()
    assert texts
    assert empty["configuration_key"] == plain["configuration_key"]


def test_bad_wishes_are_refused(client):
    for body in (
        {"picks": {}, "goal": "dearest"},
        {"picks": {"Nothing": True}, "goal": "cheapest"},
        {"picks": {"Nothing": True}, "goal": "nearest"},
        {"picks": {"Thickness": "thick"}, "goal": "nearest"},
    ):
        assert client.post("/api/v1/completions", body).status_code == 422
    wrong = client.post("/api/v1/alternatives", {"picks": {}, "feature": "Nothing"})
    assert wrong.status_code == 422
