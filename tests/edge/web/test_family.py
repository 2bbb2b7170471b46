"""The family as a form, and what a set of picks leaves possible."""

from hypothesis import given, settings
from hypothesis import strategies as st

from sites import models
from unikat.configure import choose_all, complete, price
from unikat.edge.web.choosing import reply_choice
from unikat.edge.web.form import build_form
from unikat.errors import InvalidChoice

FAMILY = models().family
FORM = build_form(FAMILY)


def ask(client, **picks):
    return client.post("/api/v1/choices", {"picks": picks})


def test_the_form_has_every_option_measure_and_rule(client):
    form = client.get("/api/v1/family").json()
    assert [option["name"] for option in form["options"]] == list(FAMILY.index)
    assert {measure["name"] for measure in form["measures"]} == set(client.foot())
    assert len(form["rules"]) == len(FAMILY.rules)
    by_name = {option["name"]: option for option in form["options"]}
    assert by_name["Foam"]["widget"] == "radio"
    assert "LatticeOpen" in by_name["Foam"]["rivals"]
    assert by_name["Length"]["measure"] == "foot_length"


def test_rivals_of_a_pick_stay_possible_and_forbidden_options_say_why(client):
    options = ask(client, Powder=True, Running=True).json()["options"]
    assert options["Foam"]["status"] == "open"
    assert options["Powder"]["is_on"]
    assert options["Leather"]["status"] == "forbidden"
    assert "R12" in options["Leather"]["why"]
    assert options["Leather"]["why_picks"] == ["Running"]


def test_differences_are_what_the_total_changes_by(client):
    before = ask(client).json()
    difference = before["options"]["Leather"]["difference_cents"]
    after = ask(client, Leather=True).json()
    assert after["price"]["total_cents"] - before["price"]["total_cents"] == difference


def test_bounds_are_exact_and_leave_the_own_pick_aside(client):
    number = ask(client, LatticeOpen=True, Thickness=5).json()["numbers"]["Thickness"]
    assert (number["low"], number["high"], number["value"]) == (4.0, 6.0, 5.0)


def test_measures_count_as_picks(client):
    body = {"picks": {}, "measurements": client.foot(0, foot_length=320.0)}
    options = client.post("/api/v1/choices", body).json()["options"]
    assert options["Foam"]["status"] == "forbidden"
    assert "R4" in options["Foam"]["why"]


@settings(max_examples=15)
@given(st.data())
def test_whatever_is_offered_can_be_chosen_and_nothing_else(data):
    names = [name for name, option in FORM.options.items() if option.widget in ("radio", "check")]
    picks: dict[str, bool] = {}
    for _ in range(data.draw(st.integers(0, 4))):
        name = data.draw(st.sampled_from(names))
        wanted = {k: v for k, v in picks.items() if k not in FORM.options[name].rivals}
        try:
            choose_all(FAMILY, {**wanted, name: True})
        except InvalidChoice:
            continue
        picks = {**wanted, name: True}
    reply = reply_choice(FAMILY, FORM, picks, "EUR")
    name = data.draw(st.sampled_from(names))
    option = reply.options[name]
    others = {k: v for k, v in picks.items() if k not in FORM.options[name].rivals and k != name}
    try:
        chosen = complete(choose_all(FAMILY, {**others, name: True}))
    except InvalidChoice:
        assert option.status == "forbidden"
        return
    assert option.status in ("open", "forced", "picked")
    if option.difference_cents is not None:
        total = price(FAMILY, chosen).total
        assert total - reply.price.total_cents == option.difference_cents
