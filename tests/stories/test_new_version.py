"""Story: version 2 of the family is published while orders of version 1 are in the shop.

Version 2 has a rule that forbids what was ordered, a thinner shell and another price. The order
keeps its version: it is scheduled, printed, made and delivered as it was sold. The open quote is
accepted at the price it says. Only what is chosen from now on is of version 2.
"""

import sqlite3
from contextlib import closing
from dataclasses import replace

import pytest

from sites import MONDAY_6, quote_for
from unikat.edge.families import configuration_of
from unikat.edge.store.keys import create_key
from unikat.errors import InvalidChoice
from unikat.floor.model import World
from unikat.floor.virtual import open_floor
from unikat.flow import accept, reschedule
from unikat.offers import made_variant
from unikat.order.model import OrderState
from unikat.rehearse import VirtualClock, turn_shop
from unikat.terms import WEEK, CustomerId
from version_sites import ask, copy_site, opened_site, second_version, served

PICKS = {"Hiking": True, "Powder": True, "Thickness": 5.5, "MetatarsalPad": True, "Premium": True}
ANNA = CustomerId("anna")


def printed(opened, order) -> bytes:
    """Return the file that is printed for an order."""
    key = create_key(opened.store.keys, "planner", ("planner",))
    with served(opened) as app:
        path = f"/api/v1/orders/{order.id}/part.3mf"
        reply = ask(app, "GET", path, headers={"Authorization": f"Bearer {key}"})
        assert reply.status_code == 200, reply.text
        return reply.content


def part_of(opened, offer) -> bytes:
    """Return the part of a quote to look at."""
    with served(opened) as app:
        reply = ask(app, "GET", f"/api/v1/quotes/{offer.id}")
        assert reply.status_code == 200, reply.text
        return ask(app, "GET", reply.json()["part_url"]).content


@pytest.fixture
def clock():
    return VirtualClock(MONDAY_6)


@pytest.fixture
def folder(tmp_path):
    return copy_site(tmp_path / "site")


def test_orders_and_quotes_of_version_1_are_kept_as_they_were_sold(folder, clock) -> None:
    with opened_site(folder, clock) as opened:
        order = accept(opened.site, quote_for(opened.site, 1, **PICKS).id, ANNA)
        offer = quote_for(opened.site, 0, **PICKS)
        part, file = part_of(opened, offer), printed(opened, order)
    second_version(folder)
    with opened_site(folder, clock) as opened:
        site = opened.site
        assert site.family.version == 2
        assert site.state().orders[order.id] == order
        with pytest.raises(InvalidChoice, match="R99"):
            quote_for(site, 0, Hiking=True, Powder=True)
        new = quote_for(site, 2, Everyday=True, Powder=True)
        assert new.configuration.family_version == 2
        assert part_of(opened, offer) == part
        late = accept(site, offer.id, ANNA)
        assert (late.price, late.variant, late.due) == (
            offer.price,
            offer.variant,
            offer.promise.due,
        )
        assert (order.family_version, late.family_version) == (1, 1)
        family, configuration = configuration_of(site.family, opened.store.versions, order)
        of_version_1 = replace(site, family=family)
        assert made_variant(of_version_1, configuration, order.measurements) == order.variant
        reschedule(site, seconds=0, seed=1, cause="story")
        assert printed(opened, order) == file
        later = accept(site, new.id, ANNA)
        deliver(site, clock)
        ended = site.state().ended
        assert {ended[each.id].state for each in (order, late, later)} == {OrderState.DELIVERED}
        assert ended[order.id].variant == order.variant
    with opened_site(folder, clock) as opened:
        versions = {each.id: each.family_version for each in opened.site.state().ended.values()}
        assert versions == {order.id: 1, late.id: 1, later.id: 2}
        assert printed(opened, ended[order.id]) == file


def deliver(site, clock) -> None:
    """Let the shop run until nothing is open."""
    floor = open_floor(site.plant, World(), seed=1, start=clock.now())
    while site.state().orders:
        assert clock.instant < MONDAY_6 + WEEK
        clock.instant += 1_800
        turn_shop(site, floor)


def test_an_order_placed_before_versions_were_written_is_found_by_its_key(folder, clock) -> None:
    with opened_site(folder, clock) as opened:
        order = accept(opened.site, quote_for(opened.site, 1, **PICKS).id, ANNA)
        file = printed(opened, order)
    database = folder / "unikat.db"
    forget_version(database)
    second_version(folder)
    with opened_site(folder, clock) as opened:
        assert opened.site.state().orders[order.id].family_version == 0
        assert printed(opened, order) == file


def forget_version(path) -> None:
    """Take the version out of the event that placed the order, as older programs wrote it."""
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("DROP TRIGGER event_no_update")
        connection.execute(
            "UPDATE event SET body = replace(body, ',\"family_version\":1', '')"
            " WHERE type = 'OrderPlaced'"
        )
        connection.commit()
