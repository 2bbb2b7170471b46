"""What every page keeps: axe finds nothing, a phone never scrolls sideways."""

import pytest
from axe_playwright_python.sync_playwright import Axe

PAGES = ("/", "/orders/{order}", "/planner", "/floor", "/sizing")


def opened(window, path):
    window.sign_in()
    return window.go(path.format(order=window.served.order))


@pytest.mark.parametrize("path", PAGES)
@pytest.mark.parametrize("phone", [False, True], ids=["desk", "phone"])
def test_axe_finds_nothing(visit, path, phone):
    page = opened(visit(phone=phone), path)
    found = Axe().run(page, options={"resultTypes": ["violations"]})
    assert found.violations_count == 0, found.generate_report()


def test_axe_finds_nothing_on_the_way_in(visit):
    window = visit()
    window.page.goto(window.served.address + "/login")
    found = Axe().run(window.page)
    assert found.violations_count == 0, found.generate_report()


@pytest.mark.parametrize("path", PAGES)
def test_a_narrow_phone_never_scrolls_sideways(visit, path):
    page = opened(visit(phone=True), path)
    assert page.evaluate("document.documentElement.scrollWidth") <= 360


@pytest.mark.parametrize("path", PAGES)
def test_each_page_has_one_heading_one_main_and_a_language(visit, path):
    page = opened(visit(), path)
    assert page.locator("h1").count() == 1
    assert page.locator("main").count() == 1
    assert page.locator("html").get_attribute("lang") == "en"


def test_the_order_page_tells_what_happens_now(visit):
    page = opened(visit(), "/orders/{order}")
    assert page.locator("#happening").inner_text()
    assert page.locator("#timeline li.done").count() >= 1
