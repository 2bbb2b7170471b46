"""A run over mosquitto, its machines a process of their own: seen live, then replayed."""

from playwright.sync_api import expect

from unikat.events import OrderDelivered, StepFinished, StepStarted

MOVE = """(slider, seconds) => {
  slider.value = seconds;
  slider.dispatchEvent(new Event("input"));
  return slider.valueAsNumber;
}"""


def test_a_run_over_mosquitto_is_seen_live_and_then_replayed_as_it_was(equipped, visit):
    window = visit(on=equipped.served)
    window.sign_in()
    page = window.go("/floor")
    page.locator("#live.live").wait_for()
    shipped = page.locator("#tile-shipped")
    expect(shipped).to_have_text("0")
    equipped.start()
    page.get_by_text("M1 started").first.wait_for()
    expect(shipped).to_have_text("3", timeout=60_000)

    log = list(equipped.opened.site.log.read())
    first, starts, ends, longest = log[0].recorded_at, {}, [], (0, 0)
    for record in log:
        event, at = record.event, record.recorded_at - first
        if isinstance(event, StepStarted):
            starts[event.order_id, event.step] = at
        elif isinstance(event, StepFinished):
            longest = max(longest, (at - starts[event.order_id, event.step], at))
        elif isinstance(event, OrderDelivered):
            ends.append(at)
    slider = page.get_by_label("Time shown")
    slider.focus()
    page.keyboard.press("Home")
    expect(shipped).to_have_text("0")
    expect(page.locator("#tile-in_shop")).to_have_text("0")
    looked = slider.evaluate(MOVE, min(ends) + 120)
    expect(shipped).to_have_text(str(sum(end <= looked for end in ends)))
    slider.evaluate(MOVE, longest[1] - longest[0] // 2)
    expect(page.locator(".unit.busy").first).to_be_visible()
    shown = page.locator("#shown").inner_text()
    page.get_by_role("button", name="Play").click()
    expect(page.locator("#shown")).not_to_have_text(shown)
    page.get_by_role("button", name="Live").click()
    expect(shipped).to_have_text("3")
