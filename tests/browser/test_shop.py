"""The shop in a browser: choose, see, order; by mouse, by keyboard, on a phone, without scripts."""

import re


def ready_quote(page):
    page.locator("#offer:not(.stale)").wait_for()
    return page.locator("#total").inner_text(), page.locator("#due").inner_text()


def test_an_order_is_placed_through_the_page_and_tracked(visit):
    page = visit().go("/")
    page.get_by_label("Use an example foot").select_option(index=1)
    before = ready_quote(page)
    page.get_by_label("Printed polyamide (PA12)").check()
    page.locator("#total", has_not_text=before[0]).wait_for()
    ready_quote(page)
    page.locator("#preview[data-shown]").wait_for()
    page.get_by_label("Your name").fill("Anna")
    page.get_by_role("button", name="Order").click()
    page.wait_for_url("**/orders/O-*")
    page.locator("body[data-ready]").wait_for()
    assert page.get_by_role("heading", level=1).inner_text() == "Your order"
    assert page.locator("#timeline li").count() > 4


def test_a_wished_day_is_promised_or_the_earliest_is_told(visit):
    page = visit().go("/")
    page.get_by_label("Use an example foot").select_option(index=1)
    before = ready_quote(page)
    page.get_by_label("Printed polyamide (PA12)").check()
    page.locator("#total", has_not_text=before[0]).wait_for()
    _, soonest = ready_quote(page)
    page.get_by_label("I need it on").fill("2026-01-28")
    page.locator("#due", has_text="Wed 28 Jan").wait_for()
    page.get_by_text("begun no sooner than you need it").wait_for(state="attached")
    page.get_by_label("I need it on").fill("2026-01-05")
    page.get_by_text("It cannot be ready by then").wait_for()
    assert page.locator("#due").inner_text() == soonest


def test_a_forbidden_option_stays_says_why_and_offers_a_way_out(visit):
    page = visit().go("/")
    page.get_by_label("Running").check()
    leather = page.locator("[data-input=Leather]")
    page.locator("[data-input=Leather][aria-disabled=true]").wait_for()
    assert "R12" in page.locator("[data-feature=Leather] > .why").inner_text()
    leather.click(force=True)
    assert not leather.is_checked()
    page.get_by_role("button", name=re.compile("let go of Running")).click()
    page.locator("[data-input=Leather]:checked").wait_for()
    assert not page.get_by_label("Running").is_checked()


def test_a_repair_moves_a_number_by_one_click(visit):
    page = visit().go("/")
    page.locator("[data-input=Thickness]").fill("2.5")
    page.keyboard.press("Tab")
    page.wait_for_url("**Thickness=2.5**")
    page.get_by_label("Printed polyamide (PA12)").check()
    page.locator("[data-feature=LatticeOpen].off").wait_for()
    page.locator("[data-input=LatticeOpen]").click(force=True)
    page.get_by_role("button", name="and set Thickness to 4 mm").click()
    page.locator("[data-input=LatticeOpen]:checked").wait_for()
    assert page.locator("[data-input=Thickness]").input_value() == "4"


def test_the_rest_is_chosen_by_one_click_and_comes_back_by_another(visit):
    page = visit().go("/")
    page.get_by_label("Use an example foot").select_option(index=1)
    ready_quote(page)
    page.get_by_label("Leather").check()
    page.wait_for_url("**Leather=true**")
    before = page.url
    page.get_by_role("button", name="Cheapest").press("Enter")
    page.locator("#undo").wait_for()
    assert "cheaper" in page.locator("#told").inner_text()
    assert page.locator("[data-input=Leather]").is_checked()
    page.locator("#undo").press("Enter")
    page.wait_for_url(before)
    page.get_by_role("button", name="Fastest to deliver").click()
    page.get_by_text("Ready to ship by", exact=False).first.wait_for()
    page.locator("#undo").wait_for()


def test_a_refusal_is_seen_on_a_phone(visit):
    page = visit(phone=True).go("/")
    page.get_by_label("Running").check()
    page.locator("[data-input=Leather][aria-disabled=true]").wait_for()
    page.locator("[data-input=Leather]").click(force=True)
    page.locator("#repair").wait_for()
    box = page.locator("#told").bounding_box()
    assert 0 <= box["y"] <= box["y"] + box["height"] <= 740
    assert page.evaluate("document.documentElement.scrollWidth") <= 360
    page.get_by_role("button", name="Close this message").click()
    assert page.locator("#told").is_hidden()


def test_an_engraving_left_empty_is_no_engraving(visit):
    page = visit().go("/")
    field = page.locator("input[type=text][data-input]").first
    name = field.get_attribute("data-input")
    field.fill("   ")
    page.keyboard.press("Tab")
    page.wait_for_timeout(300)
    assert f"p:{name}" not in page.url


def test_everything_can_be_chosen_by_keyboard_alone(visit):
    page = visit().go("/")
    page.locator("[data-input=Foam]").focus()
    page.keyboard.press("ArrowDown")
    page.locator("[name='g:Body']:checked:not([data-input=Foam])").wait_for()
    page.locator("[data-input=CushionHeel]").focus()
    page.keyboard.press("Space")
    page.locator("[data-input=CushionHeel]:checked").wait_for()
    page.locator("[data-input=Thickness]").focus()
    page.keyboard.press("ArrowUp")
    page.keyboard.press("Tab")
    page.wait_for_url("**Thickness=3.5**")


def test_a_reload_keeps_the_choice(visit):
    page = visit().go("/")
    page.get_by_label("Cork").check()
    page.wait_for_url("**Cork=true**")
    page.reload()
    page.locator("body[data-ready]").wait_for()
    assert page.get_by_label("Cork").is_checked()


def test_a_choice_is_saved_by_keyboard_and_opens_again(visit):
    page = visit().go("/")
    page.get_by_label("Use an example foot").select_option(index=1)
    plain = ready_quote(page)
    page.get_by_label("Cork").check()
    page.locator("#total", has_not_text=plain[0]).wait_for()
    before = ready_quote(page)
    page.get_by_role("button", name="Save my choice").press("Enter")
    link = page.locator("#saved a")
    link.wait_for()
    page.keyboard.press("Tab")  # to "Start again"
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.href") == link.evaluate("each => each.href")
    page.get_by_label("Leather").check()
    page.locator("#saved").wait_for(state="hidden")
    again = visit()
    again.go(link.evaluate("each => each.pathname"))
    assert ready_quote(again.page) == before
    assert again.page.get_by_label("Cork").is_checked()
    assert not again.page.get_by_label("Leather").is_checked()


def test_bounds_follow_the_choice(visit):
    page = visit().go("/")
    page.get_by_label("Printed polyamide (PA12)").check()
    page.get_by_label("Open lattice").check()
    page.locator("[data-input=Thickness][min='4']").wait_for()
    assert page.locator("[data-input=Thickness]").input_value() == "4"


def test_measures_out_of_range_make_no_quote(visit):
    page = visit().go("/")
    page.get_by_label("Use an example foot").select_option(index=1)
    ready_quote(page)
    page.get_by_label("Foot length").fill("999")
    page.keyboard.press("Tab")
    page.get_by_text("Enter your measures").wait_for()
    assert page.locator("#order-button").get_attribute("aria-disabled") == "true"


def test_it_works_without_scripts(visit):
    window = visit(java_script_enabled=False)
    page = window.page
    page.goto(window.served.address + "/")
    page.get_by_label("Use an example foot").select_option(index=2)
    page.get_by_label("Printed rubber (TPU)").check()
    page.get_by_label("I need it on").fill("2026-01-29")
    page.get_by_role("button", name="Check choices, price and date").click()
    assert page.get_by_label("Printed rubber (TPU)").is_checked()
    assert "29 Jan 2026" in page.locator("#due").inner_text()
    page.get_by_label("Your name").fill("Ben")
    page.get_by_role("button", name="Order").click()
    assert page.get_by_role("heading", level=1).inner_text() == "Your order"


def test_it_works_without_the_browser_libraries(visit):
    window = visit()
    window.page.route("**/lib/**", lambda route: route.fulfill(status=404, body="gone"))
    page = window.go("/")
    page.get_by_label("Use an example foot").select_option(index=1)
    ready_quote(page)
    page.get_by_text("3D preview is not available here").wait_for()
    assert page.locator(".poster").is_visible()
    assert all("404" in words for words in window.complaints)
    window.complaints.clear()


def test_the_form_is_light_and_the_preview_affordable(visit):
    window = visit()
    sizes: dict[str, int] = {}
    window.page.on(
        "response", lambda r: sizes.update({r.url: int(r.headers.get("content-length", 0))})
    )
    page = window.go("/")
    form = sum(sizes.values())
    page.get_by_label("Use an example foot").select_option(index=1)
    page.locator("#preview[data-shown]").wait_for()
    libraries = [size for url, size in sizes.items() if "/lib/" in url]
    assert form <= 60_000
    assert sum(libraries) <= 250_000
    assert len(libraries) <= 12
