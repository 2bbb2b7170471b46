"""The planner and the floor in a browser: what is booked, what happens, live."""

from axe_playwright_python.sync_playwright import Axe

PIXELS = "document.querySelector('canvas.base-layer').toDataURL()"


def test_the_planner_shows_each_order_and_chooses_it_in_both_views(visit):
    window = visit()
    window.sign_in()
    page = window.page
    rows = page.locator("#orders tr")
    assert rows.count() > 5
    order = rows.first.locator("button").inner_text()
    rows.first.locator("button").click()
    assert page.locator("#orders tr.picked").count() == 1
    assert page.locator("#picked").get_attribute("href").endswith(order)
    page.locator("canvas.top-layer").focus()
    page.keyboard.press("]")
    assert page.locator("#orders tr.picked button").inner_text() != ""
    page.keyboard.press("Escape")
    page.locator("#picked").wait_for(state="hidden")


def test_the_focus_stays_on_an_order_while_the_table_is_written_anew(visit):
    window = visit()
    window.sign_in()
    page = window.page
    page.locator("#live.live").wait_for()
    button = page.locator("#orders tr button").last
    order = button.inner_text()
    button.focus()
    page.locator("#orders").evaluate("(box) => { box.firstElementChild.dataset.old = 'yes'; }")
    window.served.shop.turn(1)
    page.locator("#orders tr[data-old]").wait_for(state="detached")
    assert page.evaluate("document.activeElement.dataset.hold") == order


def test_the_order_table_sorts_both_ways(visit):
    window = visit()
    window.sign_in()
    page = window.page
    head = page.locator("th[data-key=customer]")
    head.locator("button").click()
    names = page.locator("#orders tr td:nth-child(2)").all_inner_texts()
    assert names == sorted(names)
    head.locator("button").click()
    assert head.get_attribute("aria-sort") == "descending"
    assert page.locator("#orders tr td:nth-child(2)").all_inner_texts() == names[::-1]


def test_orders_are_found_by_customer_and_what_is_not_there_is_told(visit):
    window = visit()
    window.sign_in()
    page = window.page
    num = page.locator("#orders tr").count()
    customer = page.locator("#orders tr td:nth-child(2)").first.inner_text()
    page.get_by_label("Find orders").fill(customer.upper())
    assert customer in page.locator("#orders tr").first.inner_text()
    assert page.locator("#orders tr").count() < num
    page.get_by_label("Find orders").fill("nobody")
    page.get_by_text("open orders is like that").wait_for()
    page.get_by_label("Find orders").fill("")
    assert page.locator("#orders tr").count() >= num


def test_hovering_a_bar_tells_what_it_is(visit):
    window = visit()
    window.sign_in()
    page = window.page
    box = page.locator("canvas.top-layer").bounding_box()
    for step in range(100):
        page.mouse.move(box["x"] + 130 + step * 9, box["y"] + 44 + 13)
        if page.locator(".tip").is_visible():
            break
    assert "due" in page.locator(".tip").inner_text()
    before = page.evaluate(PIXELS)
    page.get_by_label("Colour").select_option("family")
    page.wait_for_timeout(200)
    assert page.evaluate(PIXELS) != before


def test_a_new_schedule_is_made_on_demand(visit):
    window = visit()
    window.sign_in()
    page = window.page
    page.get_by_role("button", name="Make a new schedule").click()
    page.get_by_text("New schedule:").wait_for()
    assert "no schedule can weigh less" in page.locator("#worth").inner_text()
    page.locator("#published").get_by_text("asked for by the planner").wait_for()


def test_the_floor_is_live(visit):
    window = visit()
    window.sign_in()
    page = window.go("/floor")
    assert page.locator(".unit").count() == len(window.served.shop.site.plant.units)
    page.locator("#live.live").wait_for()
    before = page.locator("#ticker li").first.inner_text()
    window.served.shop.turn(4)
    page.locator("#ticker li", has_not_text=before).first.wait_for()
    page.wait_for_timeout(600)
    assert page.locator("#ticker li").first.inner_text() != before


def test_without_a_key_one_signs_in_first_and_a_wrong_one_is_told(visit):
    window = visit()
    page = window.page
    page.goto(window.served.address + "/planner")
    assert "/login" in page.url
    page.get_by_label("Key").fill("uk_wrong")
    page.get_by_role("button", name="Sign in").click()
    page.get_by_text("This key is not known").wait_for()
    assert all("401" in words for words in window.complaints)
    window.complaints.clear()


def test_what_if_tells_who_would_be_late_and_publishes_nothing(visit):
    window = visit(phone=True)
    window.sign_in()
    page = window.page
    published = page.locator("#published").inner_text()
    head = window.served.shop.site.log.head()
    page.get_by_label("Unit", exact=True).select_option("powder")
    page.get_by_label("for (hours)", exact=True).fill("")
    page.get_by_role("button", name="What if?").click()
    page.get_by_text("for (hours):").wait_for()
    assert page.get_by_label("for (hours)", exact=True).get_attribute("aria-invalid") == "true"
    page.get_by_label("for (hours)", exact=True).fill("96")
    page.get_by_role("button", name="What if?").click()
    page.get_by_text("would be late:").wait_for()
    assert page.locator("#what-if-orders tr").count() > 0
    assert "becomes late" in page.locator("#what-if-orders").inner_text()
    assert page.evaluate("document.documentElement.scrollWidth") <= 360
    assert window.served.shop.site.log.head() == head
    assert page.locator("#published").inner_text() == published
    found = Axe().run(page, options={"resultTypes": ["violations"]})
    assert found.violations_count == 0, found.generate_report()


def last_bar(page, num_rows):
    """Return where the last bar in sight of the lowest busy unit is, and its order, by hovering."""
    page.locator("canvas.top-layer").scroll_into_view_if_needed()
    box = page.locator("canvas.top-layer").bounding_box()
    tip = page.locator(".tip")
    for row in reversed(range(num_rows)):
        y = box["y"] + 44 + 26 * row + 13
        for x in range(int(box["x"] + box["width"]) - 60, int(box["x"]) + 130, -3):
            page.mouse.move(x, y)
            if tip.is_visible():
                return x, y, tip.inner_text().split(" · ")[0]
    raise AssertionError("no bar under the mouse")


def test_a_step_is_dragged_shown_and_published(visit):
    window = visit()
    window.sign_in()
    page, site = window.page, window.served.shop.site
    x, y, order = last_bar(page, len(site.plant.units))
    page.mouse.click(x, y)
    page.locator("#picked", has_text=order).wait_for()
    head = site.log.head()
    page.mouse.down()
    page.mouse.move(x + 40, y, steps=4)
    page.mouse.up()
    page.get_by_text("would run from").wait_for()
    assert page.locator("#move-orders tr").count() >= 1
    assert site.log.head() == head
    found = Axe().run(page, options={"resultTypes": ["violations"]})
    assert found.violations_count == 0, found.generate_report()
    page.locator("#move-publish").click()
    page.get_by_text("Published.", exact=True).wait_for()
    page.locator("#published").get_by_text("by hand").wait_for()
    page.locator("#changes summary").first.click()
    page.locator("#changes details").first.get_by_role("button").first.click()
    assert page.locator("#picked").is_visible()


def test_a_step_is_moved_by_keyboard_and_a_wrong_unit_is_told(visit):
    window = visit(phone=True)
    window.sign_in()
    page = window.page
    page.locator("#orders tr button").last.press("Enter")
    page.get_by_label("Step").select_option("pack")
    page.get_by_label("to unit").select_option(index=0)
    page.get_by_role("button", name="Show what it does").press("Enter")
    page.get_by_text("cannot do").wait_for()
    assert page.locator("#move-publish").is_hidden()
    assert page.evaluate("document.documentElement.scrollWidth") <= 360
    window.complaints.clear()


def test_a_stop_is_planned_and_withdrawn(visit):
    window = visit(phone=True)
    window.sign_in()
    page, site = window.page, window.served.shop.site
    plan = page.get_by_role("button", name="Plan the stop")
    plan.click()
    page.get_by_text("Say from when until when.").wait_for()
    page.get_by_label("Close", exact=True).select_option("powder")
    page.locator("#stop-start").fill("2026-01-20T06:00")
    page.locator("#stop-finish").fill("2026-01-21T06:00")
    page.get_by_label("because").fill("new lamps")
    plan.click()
    page.get_by_text("The stop is planned").wait_for()
    assert "P1, P2" in page.locator("#stops li").inner_text()
    assert [stop.unit for stop in site.state().closed] == ["P1", "P2"]
    found = Axe().run(page, options={"resultTypes": ["violations"]})
    assert found.violations_count == 0, found.generate_report()
    page.get_by_role("button", name="Withdraw the stop").click()
    page.get_by_text("The stop is withdrawn.").wait_for()
    assert site.state().closed == ()


def test_the_planner_says_where_parts_find_no_room_and_shows_whose(crowded, visit):
    window = visit(on=crowded)
    window.sign_in()
    jam = window.page.locator("#jams li").first
    assert "9 parts need the 0 places before blast" in jam.inner_text()
    order = jam.locator("button").first.inner_text()
    jam.locator("button").first.click()
    assert window.page.locator("#orders tr.picked button").inner_text() == order
