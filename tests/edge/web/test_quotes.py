"""A quote through HTTP: price, promise and reasons that add up; holds; the part."""

from datetime import datetime
from itertools import pairwise


def test_a_quote_has_a_price_that_sums_and_a_date_whose_reasons_sum(client):
    quote = client.quote(Powder=True, HeelCupDepth=12)
    assert quote["price"]["total_cents"] == sum(line["cents"] for line in quote["price"]["lines"])
    due, asked = (
        datetime.fromisoformat(text) for text in (quote["promise"]["due"], quote["asked_at"])
    )
    assert due.utcoffset() is not None
    waited = sum(reason["seconds"] for reason in quote["promise"]["reasons"])
    valid = datetime.fromisoformat(quote["valid_until"])
    # A promise begins when the quote ends, so that its seconds are ahead when it is accepted.
    assert waited in ((due - asked).total_seconds(), (due - valid).total_seconds())
    assert quote["promise"]["confidence"] == 0.95


def test_a_quote_can_be_read_again(client):
    quote = client.quote()
    assert client.get(f"/api/v1/quotes/{quote['id']}").json() == quote


def test_a_hold_reserves_and_a_drop_gives_back(client):
    quote = client.quote(Powder=True)
    place = f"/api/v1/quotes/{quote['id']}/hold"
    held = client.post(place, {"seconds": 900})
    assert held.status_code == 200
    assert held.json()["is_held"]
    assert client.opened.site.state().held
    assert client.send("DELETE", place).status_code == 204
    assert not client.opened.site.state().held


def test_the_part_is_glb_with_a_tag_of_its_content(client):
    quotes = [client.quote(person, Powder=True) for person in (0, 0, 1)]
    replies = [client.get(quote["part_url"]) for quote in quotes]
    assert all(reply.content[:4] == b"glTF" for reply in replies)
    assert [a.headers["etag"] == b.headers["etag"] for a, b in pairwise(replies)] == [True, False]
    tag = replies[0].headers["etag"]
    again = client.get(quotes[0]["part_url"], headers={"If-None-Match": tag})
    assert (again.status_code, again.content) == (304, b"")


def test_too_many_quotes_from_one_address_are_told_to_wait(client):
    from unikat.edge.web.limits import RateLimits

    limits = RateLimits({"quote": 2, "login": 2})
    object.__setattr__(client.web, "limits", limits)
    body = {"picks": {}, "measurements": client.foot()}
    statuses = [client.post("/api/v1/quotes", body).status_code for _ in range(3)]
    assert statuses == [201, 201, 429]


def test_a_wished_day_is_promised_and_kept_by_beginning_late(client):
    soon = client.quote(Powder=True)
    body = {"picks": {"Powder": True}, "measurements": client.foot()}
    wished = client.post("/api/v1/quotes", {**body, "wished": "2026-01-19"}).json()["promise"]
    assert wished["due"] == "2026-01-19T23:59:59+01:00"
    assert soon["promise"]["finish"] < wished["finish"] < wished["due"]
    assert wished["reasons"][0]["kind"] == "wish"
    early = client.post("/api/v1/quotes", {**body, "wished": "2026-01-05"}).json()["promise"]
    assert early == soon["promise"]


def test_a_wish_that_is_no_time_past_or_too_far_is_told(client):
    body = {"picks": {}, "measurements": client.foot()}
    for wished, word in (("soon", "no time"), ("2025-12-24", "ahead"), ("2099-01-01", "ahead")):
        reply = client.post("/api/v1/quotes", {**body, "wished": wished})
        assert reply.status_code == 422
        assert word in reply.text
