"""Breakdowns on purpose through HTTP, on a virtual floor only."""

import pytest

from unikat import flow
from unikat.edge.live import ShopThread
from unikat.edge.web import create_app
from unikat.events import WorkUnitRestarted, WorkUnitStopped
from unikat.floor.model import World
from unikat.floor.virtual import open_floor

BREAKDOWNS = "/api/v1/breakdowns"


@pytest.fixture
def shop(client) -> ShopThread:
    """The thread that plays the client's plant, turned by hand."""
    site, store = client.opened.site, client.opened.store
    floor = open_floor(site.plant, World(has_breakdowns=False), seed=1, start=client.clock.now())
    shop = ShopThread(site, floor, solve_s=0)
    client.app = create_app(site, store, client.web.settings, shop)
    return shop


def told(client, kind):
    return [r.event for r in client.opened.site.log.read() if isinstance(r.event, kind)]


def test_a_broken_unit_says_so_over_the_bus_and_the_schedule_moves_what_is_booked_there(
    client, shop
):
    heard = []
    shop.bus.subscribe("floor", heard.append)
    order = client.order(Foam=True)["id"]
    shop.turn()
    bookings = client.opened.site.state().bookings
    [step] = [key[1] for key, booking in bookings.items() if booking.unit == "M1"]
    before = bookings[order, step]
    reply = client.post(BREAKDOWNS, {"unit": "M1", "hours": 30}, key=client.key)
    assert reply.status_code == 201, reply.text
    assert not told(client, WorkUnitStopped)
    client.clock.instant += 60
    shop.turn()
    assert [message.body["type"] for message in heard if "reason" in message.body] == [
        "unit_stopped"
    ]
    [stop] = told(client, WorkUnitStopped)
    assert (stop.unit, stop.reason) == ("M1", "breakdown")
    state = client.opened.site.state()
    assert state.publications[-1].cause == "M1 stopped: breakdown"
    assert [each.order for each in state.publications[-1].moves] == [order]
    assert state.bookings[order, step].start >= max(before.start, stop.until)
    _, late = flow.outlook(client.opened.site)
    assert all("M1" in {link.unit for link in each.links} for each in late)
    assert client.send("DELETE", f"{BREAKDOWNS}/M1", key=client.key).status_code == 204
    client.clock.instant += 60
    shop.turn()
    assert [each.unit for each in told(client, WorkUnitRestarted)] == ["M1"]


def test_what_cannot_be_broken_or_mended_is_told(client, shop):
    wish = {"unit": "M1", "hours": 1}
    for changed, status, word in (
        ({"unit": "P9"}, 404, "no unit 'P9'"),
        ({"hours": 0}, 422, "hours = 0"),
        ({"hours": 1e9}, 422, "at most"),
        ({"hours": "long"}, 422, "hours"),
    ):
        reply = client.post(BREAKDOWNS, {**wish, **changed}, key=client.key)
        assert (reply.status_code, word in reply.text) == (status, True), reply.text
    assert client.send("DELETE", f"{BREAKDOWNS}/M1", key=client.key).status_code == 409
    assert client.send("DELETE", f"{BREAKDOWNS}/P9", key=client.key).status_code == 404
    assert client.post(BREAKDOWNS, wish, key=client.key).status_code == 201
    again = client.post(BREAKDOWNS, wish, key=client.key)
    assert (again.status_code, "down already" in again.text) == (409, True)
    assert client.post(BREAKDOWNS, wish, key=client.floor_key).status_code == 403


def test_without_hours_a_unit_is_down_until_it_is_mended(client, shop):
    told_back = client.post(BREAKDOWNS, {"unit": "M1"}, key=client.key)
    assert told_back.status_code == 201, told_back.text
    repair = client.opened.site.plant.units["M1"].reliability.mttr_s
    for _ in range(3):
        client.clock.instant += repair
        shop.turn()
    stops = told(client, WorkUnitStopped)
    assert [stop.until - stop.at for stop in stops] == [repair] * 4
    assert client.opened.site.state().floor.units["M1"].is_down
    assert client.send("DELETE", f"{BREAKDOWNS}/M1", key=client.key).status_code == 204
    client.clock.instant += repair
    shop.turn()
    assert not client.opened.site.state().floor.units["M1"].is_down
    assert len(told(client, WorkUnitStopped)) == 4


def test_without_a_virtual_floor_nothing_can_be_broken(client):
    wish = {"unit": "M1", "hours": 1}
    page = client.get("/floor", key=client.key).text
    assert 'id="unit-break" type="button" disabled' in page
    assert "this one is real" in page
    reply = client.post(BREAKDOWNS, wish, key=client.key)
    assert (reply.status_code, reply.json()["title"]) == (409, "No virtual floor")
    site, store = client.opened.site, client.opened.store
    client.app = create_app(site, store, client.web.settings, ShopThread(site))
    reply = client.post(BREAKDOWNS, wish, key=client.key)
    assert (reply.status_code, "over the bus" in reply.text) == (409, True)
