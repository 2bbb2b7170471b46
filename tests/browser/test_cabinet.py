"""A cabinet is configured and ordered by keyboard alone, on the page that also sells insoles."""

import pytest
from playwright.sync_api import Browser, Page

MOST_TABS = 80


@pytest.fixture
def page(browser: Browser, cabinets: str):
    context = browser.new_context(viewport={"width": 1366, "height": 900})
    context.set_default_timeout(20_000)
    page = context.new_page()
    complaints = []
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.goto(cabinets + "/")
    page.locator("body[data-ready]").wait_for()
    yield page
    context.close()
    assert complaints == []


def reach(page: Page, selector: str) -> None:
    """Press Tab until the element has the focus."""
    for _ in range(MOST_TABS):
        page.keyboard.press("Tab")
        if page.evaluate("selector => document.activeElement.matches(selector)", selector):
            return
    pytest.fail(f"{selector} cannot be reached by Tab")


def test_a_cabinet_is_configured_by_keyboard_only(page):
    for name, value in (("width", "820"), ("height", "900"), ("depth", "400")):
        reach(page, f"[data-measure=niche_{name}]")
        page.keyboard.type(value)
    reach(page, "[data-input=Width]")
    page.locator("[data-input=Width][max='810']").wait_for()
    page.keyboard.press("Control+A")
    page.keyboard.type("700")
    reach(page, "[data-input=Bathroom], [data-input=Living]")
    page.keyboard.press("ArrowRight")
    page.keyboard.press("ArrowRight")
    page.locator("[data-feature=Chipboard].off").wait_for()
    assert "bathroom" in page.locator("[data-feature=Chipboard] .why").inner_text()
    reach(page, "[data-input=Drawers]")
    page.keyboard.press("Space")
    page.locator("[data-input=NumDrawers]").wait_for()
    reach(page, "#customer")
    page.keyboard.type("Anna")
    page.locator("#order-button[aria-disabled=false]").wait_for()
    reach(page, "#order-button")
    page.keyboard.press("Enter")
    page.get_by_role("heading", name="Your order").wait_for()
    for words in ("Panels of MDF, lacquered", "Drawers by number"):
        assert page.get_by_text(words).is_visible()


def test_a_family_without_shapes_has_no_preview(page):
    page.get_by_label("Use an example niche").select_option(index=2)
    page.locator("#order-button[aria-disabled=false]").wait_for()
    assert page.locator("#preview").count() == 0
