"""The page of a saved choice that the offer outgrew: told first, gone on with by keyboard."""

import pytest
from playwright.sync_api import Browser


@pytest.fixture
def page(browser: Browser, outgrown: str):
    context = browser.new_context(viewport={"width": 1280, "height": 900})
    context.set_default_timeout(20_000)
    page, complaints = context.new_page(), []
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.goto(outgrown)
    yield page
    context.close()
    assert complaints == []


def test_a_saved_choice_that_the_offer_outgrew_tells_so_first(page):
    assert page.get_by_role("heading", level=1).inner_text() == "Your saved choice"
    lost = page.locator("section", has_text="No longer possible").inner_text()
    assert "Printed polyamide (PA12) is not possible with Hiking" in lost
    page.get_by_role("link", name="Go on with what is kept").press("Enter")
    page.locator("body[data-ready]").wait_for()
    assert page.get_by_label("Hiking").is_checked()
    assert page.get_by_label("Metatarsal pad").is_checked()
    assert not page.get_by_label("Printed polyamide (PA12)").is_checked()
