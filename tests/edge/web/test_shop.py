"""The shop page without scripts: its whole state is in the address, and every step goes by GET."""

import html
import re
from urllib.parse import urlencode


def fields_of(page: str) -> list[tuple[str, str]]:
    """Return what a browser would send of the page's form."""
    form = page[page.index('id="shop"') :]
    form = form[: form.index("</form>")]
    sent = []
    for tag in re.findall(r"<input[^>]*>", form):
        kind = re.search(r'type="(\w+)"', tag)[1]
        name, value = re.search(r'name="([^"]*)"', tag)[1], re.search(r'value="([^"]*)"', tag)[1]
        if kind in ("radio", "checkbox") and " checked" not in tag:
            continue
        sent.append((html.unescape(name), html.unescape(value)))
    return sent


def send(client, fields):
    reply = client.get("/?" + urlencode(fields))
    assert reply.status_code == 200
    return reply.text


def change(fields, name, value):
    return [(n, v) for n, v in fields if n != name] + ([(name, value)] if value is not None else [])


def total(page: str) -> str:
    return re.search(r'id="total">([^<]*)<', page)[1]


def checked(page: str) -> set[str]:
    return {value for name, value in fields_of(page) if name == "on" or name.startswith("g:")}


def measured(client, fields):
    for name, value in client.foot().items():
        fields = change(fields, f"m:{name}", str(value))
    return fields


def test_sent_back_unchanged_the_page_stays_as_it_is(client):
    page = client.get("/").text
    again = send(client, fields_of(page))
    assert fields_of(again) == fields_of(page)


def test_a_change_of_body_moves_all_that_hangs_on_it(client):
    page = client.get("/").text
    assert {"Foam", "FoamFirm"} <= checked(page)
    page = send(client, change(fields_of(page), "g:Body", "Powder"))
    assert {"Powder", "LatticeMedium"} <= checked(page)
    assert not {"Foam", "FoamFirm"} & checked(page)


def test_a_refused_change_is_told_and_the_rest_kept(client):
    page = send(client, change(fields_of(client.get("/").text), "g:Use", "Running"))
    page = send(client, change(fields_of(page), "g:TopCover", "Leather"))
    assert "R12" in page
    assert {"Running", "Microfibre"} <= checked(page)


def test_with_measures_it_shows_price_and_date_and_orders(client):
    page = send(client, measured(client, fields_of(client.get("/").text)))
    assert total(page) == "€59.00"
    assert re.search(r'id="due">\w{3} \d+ \w{3} 2026<', page)
    quote = re.search(r'name="quote" value="(Q-[^"]+)"', page)[1]
    body = urlencode({"quote": quote, "customer": "Anna"}).encode()
    headers = {"Content-Type": "application/x-www-form-urlencoded"}
    placed = client.send("POST", "/order", content=body, headers=headers)
    assert placed.status_code == 303
    tracking = client.get(placed.headers["location"])
    assert tracking.status_code == 200
    assert "Order placed" in tracking.text


def test_an_example_foot_fills_the_measures(client):
    page = send(client, change(fields_of(client.get("/").text), "example", "0"))
    assert ("m:foot_length", "253") in fields_of(page)
    assert re.search(r'name="quote" value="Q-', page)


def test_a_shared_address_shows_the_same_choice(client):
    page = client.get("/?p:Powder=true&p:Thickness=4.5&p:Engraving=ANNA").text
    fields = dict(fields_of(page))
    assert (fields["n:Thickness"], fields["t:Engraving"]) == ("4.5", "ANNA")
    assert "Powder" in checked(page)


def test_nonsense_in_the_address_is_told_not_obeyed(client):
    for query in ("p:Chocolate=true", "p:Thickness=abc", "m:foot_length=nan", "example=99"):
        reply = client.get("/?form=1&" + query)
        assert reply.status_code == 200
    assert "Chocolate" in client.get("/?p:Chocolate=true").text


def test_what_people_write_cannot_become_markup(client):
    nasty = '"><script>1</script>'
    page = client.get("/?" + urlencode([("p:Engraving", nasty[:12]), (f"p:{nasty}", "1")])).text
    assert "<script>1" not in page


def test_without_scripts_the_rest_is_chosen_at_the_lowest_price(client):
    page = send(client, measured(client, fields_of(client.get("/").text)))
    cheapest = send(client, [*fields_of(page), ("goal", "cheapest")])

    def cents(text):
        return int(re.sub(r"\D", "", total(text)))

    assert cents(cheapest) <= cents(page)
    assert fields_of(send(client, fields_of(cheapest))) == fields_of(cheapest)


def test_without_scripts_a_refused_change_offers_the_nearest_choice(client):
    page = send(client, change(fields_of(client.get("/").text), "g:Use", "Running"))
    page = send(client, change(fields_of(page), "g:TopCover", "Leather"))
    link = re.search(r'href="([^"]*)">Repair my choice: ([^<]*)<', page)
    assert link[2] == "let go of Running"
    repaired = client.get(html.unescape(link[1])).text
    assert "Leather" in checked(repaired)
    assert "Running" not in checked(repaired)
