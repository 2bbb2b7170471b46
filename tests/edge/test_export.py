"""Exports: every order, booking and event, in JSON and in CSV that runs no formula."""

import csv
import io
import json

import pytest

from sites import MONDAY_6, open_example, quote_for
from unikat.edge.export import UnknownExport, export_text
from unikat.edge.times import from_iso
from unikat.flow import accept, cancel
from unikat.rehearse import VirtualClock
from unikat.terms import CustomerId


@pytest.fixture
def opened():
    opened = open_example(clock=VirtualClock(MONDAY_6))
    for person, name in enumerate(("Anna", "=2+3", '+1"2,3\nx', "@Bert", "-5")):
        accept(opened.site, quote_for(opened.site, person).id, CustomerId(name))
    first = next(iter(opened.site.state().orders))
    cancel(opened.site, first, "changed her mind")
    return opened


def test_orders_are_the_open_and_the_ended_ones(opened) -> None:
    rows = json.loads(export_text(opened, "orders", "json"))
    state = opened.site.state()
    assert {row["order"] for row in rows} == {*state.orders, *state.ended}
    assert [row["state"] for row in rows].count("cancelled") == 1


def test_the_schedule_is_every_booking_with_its_times(opened) -> None:
    rows = json.loads(export_text(opened, "schedule", "json"))
    file = opened.models.file
    told = {(row["order"], row["step"]): row for row in rows}
    bookings = opened.site.state().bookings
    assert told.keys() == bookings.keys()
    for key, booking in bookings.items():
        assert from_iso(told[key]["start"], file.epoch, file.zone) == booking.start
        assert from_iso(told[key]["finish"], file.epoch, file.zone) == booking.finish


def test_events_are_the_whole_log_in_sequence(opened) -> None:
    rows = json.loads(export_text(opened, "events", "json"))
    assert [row["seq"] for row in rows] == list(range(1, opened.site.log.head() + 1))
    assert [row["type"] for row in rows] == ["OrderPlaced"] * 5 + ["OrderCancelled"]
    assert rows[0]["body"]["customer"] == "Anna"


def test_a_spreadsheet_is_given_no_formula(opened) -> None:
    rows = list(csv.DictReader(io.StringIO(export_text(opened, "orders", "csv"))))
    names = {row["customer"] for row in rows}
    assert names == {"Anna", "'=2+3", "'+1\"2,3\nx", "'@Bert", "'-5"}


@pytest.mark.parametrize("what", ["orders", "schedule", "events"])
def test_csv_has_the_rows_of_json(opened, what) -> None:
    rows = json.loads(export_text(opened, what, "json"))
    lines = list(csv.DictReader(io.StringIO(export_text(opened, what, "csv"))))
    assert len(lines) == len(rows)
    assert list(lines[0]) == list(rows[0])


@pytest.mark.parametrize("what", ["orders", "schedule", "events"])
def test_an_empty_site_exports_nothing(what) -> None:
    opened = open_example()
    assert export_text(opened, what, "json") == "[]\n"
    assert export_text(opened, what, "csv") == ""


@pytest.mark.parametrize(("what", "form"), [("hats", "json"), ("orders", "xml"), ("", "")])
def test_what_is_not_there_is_named(opened, what, form) -> None:
    with pytest.raises(UnknownExport, match="orders, schedule, events as json or csv"):
        export_text(opened, what, form)
