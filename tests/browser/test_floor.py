"""The floor page's replay in a browser: the past on a slider, played, and back to the present."""

import re

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import expect


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
