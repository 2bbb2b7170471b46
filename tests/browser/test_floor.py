"""The floor page's replay in a browser: the past on a slider, played, and back to the present."""

import re
from itertools import chain

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import expect
from typer.testing import CliRunner

from sites import quote_for
from unikat import flow
from unikat.edge.cli import app
from unikat.events import WorkUnitRestarted, WorkUnitStopped
from unikat.floor.messages import write_message
from unikat.terms import CustomerId, UnitId

SLOW = """
const real = window.fetch;
window.fetch = async (address, options) => {
  const response = await real(address, options);
  if (!String(address).endsWith("/what-if/looks")) return response;
  const late = new TransformStream({ async transform(part, out) {
    for (const line of new TextDecoder().decode(part).split(/(?<=\\n)/)) {
      out.enqueue(new TextEncoder().encode(line));
      await new Promise((done) => setTimeout(done, 2000));
    }
  } });
  return new Response(response.body.pipeThrough(late), response);
};
"""


def test_the_past_is_replayed_with_the_slider_while_the_present_goes_on(visit):
    window = visit()
    window.sign_in()
    page = window.go("/floor")
    page.locator("#live.live").wait_for()
    shipped = page.locator("#tile-shipped")
    before = int(shipped.inner_text())
    assert before > 0
    page.get_by_label("Time shown").focus()
    page.keyboard.press("Home")
    expect(shipped).to_have_text("0")
    page.locator("body.past").wait_for()
    page.get_by_role("button", name="Play").click()
    expect(page.locator("#tile-working")).to_have_text(re.compile("[1-9]"))
    page.get_by_role("button", name="Pause").click()
    shown = page.locator("#shown").inner_text()
    window.served.shop.turn(1)
    page.wait_for_timeout(700)
    assert page.locator("#shown").inner_text() == shown
    found = Axe().run(page, options={"resultTypes": ["violations"]})
    assert found.violations_count == 0, found.generate_report()
    page.get_by_role("button", name="Live").click()
    expect(page.locator("#shown")).to_have_text("now")
    expect(shipped).not_to_have_text("0")
    assert int(shipped.inner_text()) >= before


def test_forecasts_stand_against_promises_and_the_twin_says_how_good_it_is(visit):
    window = visit(phone=True)
    window.sign_in()
    page = window.go("/floor")
    page.get_by_role("heading", name="Forecast against promise").wait_for()
    shares = page.locator("#forecast tr td:last-child").all_inner_texts()
    chances = [int(text.removesuffix(" %")) for text in shares]
    assert chances
    assert chances == sorted(chances)
    page.get_by_text("The model of the plant file is in use").wait_for()
    page.get_by_text("What is watched for drift").click()
    assert page.locator("#classes meter").count() > 3
    assert page.evaluate("document.documentElement.scrollWidth") <= 360
    found = Axe().run(page, options={"resultTypes": ["violations"]})
    assert found.violations_count == 0, found.generate_report()


def test_both_worlds_stand_side_by_side_on_the_floor_page_and_playing_can_be_stopped(visit):
    window = visit(phone=True)
    window.sign_in()
    page, site = window.go("/floor"), window.served.shop.site
    head = site.log.head()
    page.get_by_label("Unit", exact=True).select_option("powder")
    page.get_by_label("for (hours)", exact=True).fill("96")
    page.get_by_role("button", name="And also …").click()
    page.get_by_label("and also", exact=True).select_option("robots")
    page.get_by_label("more robots", exact=True).fill("2")
    page.get_by_role("button", name="What if?").click()
    page.get_by_text("After 1000 replications").wait_for()
    kept, lead, tardiness = page.locator("#what-if-measures tr").all_inner_texts()
    assert "Dates kept" in kept
    assert "Lead time" in lead
    assert "to" in tardiness.split("(")[1]
    assert page.locator("#what-if-measures svg").count() == 3
    assert page.locator("#what-if-plot path").count() == 2
    assert page.evaluate("document.documentElement.scrollWidth") <= 360
    assert site.log.head() == head
    found = Axe().run(page, options={"resultTypes": ["violations"]})
    assert found.violations_count == 0, found.generate_report()


def test_a_question_that_takes_long_is_cancelled(visit):
    window = visit()
    window.sign_in()
    page = window.page
    page.add_init_script(SLOW)
    window.go("/floor")
    page.get_by_role("button", name="What if?").press("Enter")
    page.get_by_text("After 50 of 1000").wait_for()
    page.get_by_role("button", name="Stop playing").press("Enter")
    page.get_by_text("Stopped.").wait_for()
    expect(page.get_by_role("button", name="What if?")).to_be_focused()
    assert page.locator("#what-if-measures tr").count() == 3
    page.get_by_label("What if", exact=True).select_option("travel")
    page.get_by_role("button", name="What if?").press("Enter")
    page.get_by_text("Choose two work centers.").wait_for()


def test_a_unit_that_fails_too_often_is_maintained_where_the_schedule_has_room(visit):
    window = visit()
    window.sign_in()
    page, site = window.page, window.served.shop.site
    now, unit = site.clock.now(), UnitId("L1")
    pairs = [(WorkUnitStopped(now, unit, "jam", now), WorkUnitRestarted(now, unit))] * 6
    said = [
        write_message(event, source="test", epoch=1, seq=seq)
        for seq, event in enumerate(chain(*pairs), start=1)
    ]
    assert set(flow.record(site, said)) == {"recorded"}
    window.go("/floor")
    plan = page.get_by_role("button", name="Plan the maintenance of L1")
    plan.wait_for()
    assert "failed 6 times" in page.locator("#health tr").first.inner_text()
    plan.click()
    page.get_by_text("L1 is maintained from").wait_for()
    page.get_by_text("maintenance is planned:").wait_for()
    assert [stop.unit for stop in site.state().closed] == ["L1"]
    flow.withdraw_stop(site, next(iter(site.state().planned)))
    page.get_by_text("Who speaks for the floor").click()
    assert page.locator("#sources tr").count() >= 1
    found = Axe().run(page, options={"resultTypes": ["violations"]})
    assert found.violations_count == 0, found.generate_report()


def test_a_unit_is_stopped_on_the_page_and_the_planner_page_shows_what_moved_and_why(visit):
    window = visit()
    window.sign_in()
    site = window.served.shop.site
    order = flow.accept(site, quote_for(site, 31, Foam=True).id, CustomerId("Milled")).id
    page = window.go("/floor")
    page.get_by_role("button", name="M1", exact=True).click()
    page.get_by_label("Stop it for (hours)").fill("0")
    page.get_by_role("button", name="Stop it now").click()
    page.get_by_text("Stop it for (hours):").wait_for()
    page.get_by_label("Stop it for (hours)").fill("30")
    page.get_by_role("button", name="What if it stops?").click()
    page.get_by_text("After 1000 replications").wait_for()
    page.get_by_role("button", name="M1", exact=True).click()
    found = Axe().run(page, options={"resultTypes": ["violations"]})
    assert found.violations_count == 0, found.generate_report()
    page.get_by_role("button", name="Stop it now").press("Enter")
    page.get_by_text("M1 is stopped until").wait_for()
    window.served.shop.turn(1)
    page.get_by_role("link", name="what moved, and why").click()
    change = page.locator("#changes summary", has_text="M1 will be closed: maintenance").first
    change.click()
    assert order in page.locator("#changes details[open]").first.inner_text()
    flow.withdraw_stop(site, next(iter(site.state().planned)))


def test_a_printer_breaks_down_on_the_floor_and_the_planner_sees_what_moved_and_why(visit):
    window = visit()
    window.sign_in()
    site, shop = window.served.shop.site, window.served.shop
    for person in (32, 33):
        flow.accept(site, quote_for(site, person, Powder=True).id, CustomerId(f"Printed {person}"))
    shop.turn(1)
    unit = next(b.unit for b in site.state().bookings.values() if b.unit.startswith("P"))
    page = window.go("/floor")
    page.get_by_role("button", name=unit, exact=True).click()
    page.get_by_label("Stop it for (hours)").fill("60")
    page.get_by_role("button", name="Break it down now").click()
    page.get_by_text(f"{unit} broke down and is expected back").wait_for()
    page.get_by_role("button", name="Break it down now").wait_for(state="hidden")
    found = Axe().run(page, options={"resultTypes": ["violations"]})
    assert found.violations_count == 0, found.generate_report()
    shop.turn(1)
    page.get_by_role("link", name="what moved, and why").click()
    # A better schedule may have been published since the repair.
    repair = re.compile(rf", {unit} stopped: breakdown: [1-9]\d* later")
    page.locator("#changes summary", has_text=repair).first.click()
    assert "(+" in page.locator("#changes details[open]").first.inner_text()
    page = window.go("/floor")
    page.get_by_role("button", name=unit, exact=True).click()
    page.get_by_role("button", name="Mend it now").click()
    page.get_by_text(f"{unit} is mended.").wait_for()
    shop.turn(1)
    assert not site.state().floor.units[unit].is_down
    page.get_by_role("button", name="Break it down until mended").click()
    page.get_by_text("but not before it is mended").wait_for()
    page.get_by_role("button", name="Mend it now").click()
    page.get_by_text(f"{unit} is mended.").wait_for()
    shop.turn(1)
    assert not site.state().floor.units[unit].is_down


def test_a_unit_is_broken_and_mended_from_a_terminal(served):
    def call(verb, unit, *more, key=served.key, address=served.address):
        words = ["floor", verb, unit, *more, "--key", key, "--address", address]
        done = CliRunner().invoke(app, words)
        return done.exit_code, done.output + str(done.exception or "")

    code, told = call("break", "L1", "--hours", "0.5")
    assert (code, "L1 is down, and expected back" in told) == (0, True), told
    assert "down already" in call("break", "L1")[1]
    assert call("mend", "L1") == (0, "L1 is mended.\n")
    for fault, word in (
        (call("mend", "X/9"), "nothing is at this address"),
        (call("break", "X9"), "no unit 'X9'"),
        (call("break", "L1", "--hours", "0"), "hours = 0"),
        (call("break", "L1", key="uk_ü"), "cannot be called"),
        (call("break", "L1", key="uk_wrong"), "scope planner"),
        (call("break", "L1", address="127.0.0.1"), "is no address"),
        (call("break", "L1", address="http://127.0.0.1:1"), "is it served there?"),
    ):
        assert fault[0] == 1
        assert word in fault[1]
