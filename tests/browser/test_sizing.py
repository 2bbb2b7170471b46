"""The sizing page in a browser: faults beside their field, alternatives as they come, stopping."""

import re

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import expect

CHOICE = "units.{} = {{ from = 1, to = 2, cost_cents_each = {} }}\n"
SLOW = """
const real = window.fetch;
window.fetch = async (address, options) => {
  const response = await real(address, options);
  if (!String(address).endsWith("/plant/size") || options.method !== "POST") return response;
  const late = new TransformStream({ async transform(part, out) {
    for (const line of new TextDecoder().decode(part).split(/(?<=\\n)/)) {
      out.enqueue(new TextEncoder().encode(line));
      await new Promise((done) => setTimeout(done, 1500));
    }
  } });
  return new Response(response.body.pipeThrough(late), response);
};
"""


def opened(window):
    window.sign_in()
    page = window.page
    page.get_by_role("link", name="Sizing").click()
    page.locator("body[data-ready]").wait_for()
    return page


def test_a_plant_is_sized_and_cost_stands_against_service(visit):
    window = visit(phone=True)
    page = opened(window)
    text = page.get_by_label("What may be chosen, and what it costs")
    assert "units.glue" in text.input_value()
    text.fill(CHOICE.format("glue", 1000) + CHOICE.format("oven", 700))
    page.get_by_label("Orders a day").fill("8")
    page.get_by_label("made within (36h, 2d)").fill("20d")
    page.get_by_label("in how many percent").fill("50")
    page.get_by_role("button", name="Size the plant").click()
    page.get_by_text("serves it").wait_for()
    expect(page.locator("#said")).to_have_text(re.compile(r"After \d+ alternatives?: €"))
    dots = page.locator("#plot circle").count()
    assert dots == int(re.search(r"\d+", page.locator("#said").inner_text())[0])
    assert "cheapest" in page.locator("#trials tr").first.inner_text()
    assert page.evaluate("document.documentElement.scrollWidth") <= 360
    found = Axe().run(page, options={"resultTypes": ["violations"]})
    assert found.violations_count == 0, found.generate_report()


def test_what_is_wrong_is_said_beside_its_field_and_trying_can_be_stopped(visit):
    window = visit()
    window.page.add_init_script(SLOW)
    page = opened(window)
    ask = page.get_by_role("button", name="Size the plant")
    for label, wrong, name, word, right in (
        ("Orders a day", "0", "demand", "0.5", "8"),
        ("made within (36h, 2d)", "soon", "within", "36h or 2d", "20d"),
        ("What may be chosen, and what it costs", "units.x = {}", "alternatives", "'x'", None),
    ):
        window.complaints.clear()  # the browser notes each answer 422
        field = page.get_by_label(label)
        field.fill(wrong)
        ask.click()
        expect(page.locator(f"#{name}-said")).to_contain_text(word)
        expect(field).to_be_focused()
        field.fill(right or CHOICE.format("glue", 1000))
    window.complaints.clear()
    ask.press("Enter")
    page.get_by_text("1 alternative tried").wait_for()
    page.get_by_role("button", name="Stop trying").press("Enter")
    page.get_by_text("Stopped after").wait_for()
    expect(ask).to_be_focused()
