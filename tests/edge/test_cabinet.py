"""The second example site: a cabinet of sawn panels, sold, planned and made by the same code."""

import asyncio
import re
from collections.abc import Iterator
from fractions import Fraction

import httpx
import pytest
from fastapi import FastAPI
from hypothesis import given
from hypothesis import strategies as st
from typer.testing import CliRunner

from sites import MONDAY_6
from unikat.configure.choice import choose, choose_all, complete
from unikat.configure.price import price
from unikat.configure.variant import derive_variant, measured_picks
from unikat.edge.cli import app as command_line
from unikat.edge.folders import example_folder, example_names
from unikat.edge.ids import CountedIds
from unikat.edge.main import load_models, open_site, read_persons
from unikat.edge.once import Outcome, run_once, table_of
from unikat.edge.store.keys import create_key
from unikat.edge.web import WebSettings, create_app
from unikat.edge.web.settings import example_measures
from unikat.errors import InvalidChoice
from unikat.rehearse import VirtualClock

FOLDER = example_folder("cabinet")
MODELS = load_models(FOLDER)
FAMILY = MODELS.family
NICHES = read_persons(FOLDER / "walls.csv")
NICHE = {"niche_width": 820.0, "niche_height": 900.0, "niche_depth": 400.0}
ORDERS = 25
FREE = {  # the widest niche, and nothing that ties the size of the cabinet
    "NicheWidth": 1400,
    "NicheHeight": 1400,
    "NicheDepth": 600,
    "Masonry": True,
    "Living": True,
    "Plywood": True,
    "Open": True,
    "Drawers": False,
    "MiddlePanel": False,
    "NumShelves": 1,
}
SIZES = {
    "Width": range(300, 1201, 10),
    "Height": range(300, 1201, 10),
    "Depth": range(200, 451, 10),
}


# --- the family ---------------------------------------------------------------------------------


def test_it_loads_without_faults_or_remarks():
    assert "cabinet" in example_names()
    assert len(FAMILY.features) >= 25
    assert len(FAMILY.rules) >= 8
    assert FAMILY.remarks == ()
    assert FAMILY.recipes == ()


@given(st.tuples(*(st.sampled_from(values) for values in SIZES.values())), st.integers(0, 2))
def test_there_are_more_than_a_million_valid_configurations(sizes, extras):
    """Any size goes with these picks, so that 91 x 91 x 26 sizes x 3 extras > 600,000 of one room.

    With these picks every rule over sizes holds for all of them: R1 to R3 by the widest niche, R10
    by 1 shelf in 300 mm, the others by the absence of what they speak of. The kitchen, the bathroom
    and the workshop have as many, since no rule that is left names them.
    """
    outlet = {0: {}, 1: {"CableOutlet": True}, 2: {"CableOutlet": True, "Light": True}}[extras]
    for room in ("Living", "Kitchen", "Bathroom", "Workshop"):
        picks = {name: value for name, value in FREE.items() if name != "Living"}
        wanted = {**picks, room: True, **dict(zip(SIZES, sizes, strict=True)), **outlet}
        numbers = dict(complete(choose_all(FAMILY, wanted)).numbers)
        assert tuple(numbers[name] for name in SIZES) == sizes
    assert 4 * 3 * len(SIZES["Width"]) * len(SIZES["Height"]) * len(SIZES["Depth"]) > 10**6


@pytest.mark.parametrize(
    ("picks", "rule"),
    [
        ({"NicheWidth": 600, "Width": 600}, "R1"),
        ({"Doors": True, "NumDoors": 1, "Width": 700}, "R4"),
        ({"Doors": True, "Height": 1000, "NumHinges": 2}, "R6"),
        ({"WideHinge": True, "Depth": 250}, "R9"),
        ({"NumShelves": 4, "Height": 720}, "R10"),
        ({"Drawers": True, "Width": 350}, "R11"),
        ({"Plasterboard": True, "Width": 900, "Height": 800}, "R21"),
    ],
)
def test_rules_over_numbers_refuse_what_cannot_be_built(picks, rule):
    *before, (feature, value) = picks.items()
    choice = choose_all(FAMILY, dict(before))
    with pytest.raises(InvalidChoice, match=rf"\b{rule}\b"):
        choose(choice, feature, value)


def test_bounds_follow_the_niche_and_the_doors():
    choice = choose_all(FAMILY, {"NicheWidth": 805, "Doors": True, "NumDoors": 1})
    assert choice.bounds("Width") == (300, 600)
    assert choose(choice, "NumDoors", 2).bounds("Width") == (500, 790)


def test_every_niche_gets_a_cabinet():
    assert len(NICHES) == 200
    for niche in NICHES:
        choice = choose_all(FAMILY, measured_picks(FAMILY, niche))
        assert price(FAMILY, complete(choice)).total > 0


# --- the variant, worked out by hand ------------------------------------------------------------


def test_the_variant_of_one_configuration_is_what_a_joiner_works_out():
    """600 x 720 x 320 of white MDF, two doors of two hinges, two shelves, one drawer.

    R10: 2 x 150 + 180 + 150 = 630 <= 720. Panels: 2 x 720 x 320 + 4 x 600 x 320 = 1,228,800 mm2 of
    carcass, 432,000 of front: 1,660,800. Panels to saw: 5 + 2 shelves + 2 doors + 1 drawer = 10.
    """
    picks = {"Width": 600, "Height": 720, "Depth": 320, "Mdf": True, "White": True, "Doors": True,
             "NumDoors": 2, "NumHinges": 2, "SolidDoor": True, "ClipHinge": True, "NumShelves": 2,
             "Drawers": True, "NumDrawers": 1, "RollerRunner": True, "Knob": True}  # fmt: skip
    without = ("MiddlePanel", "Dampers", "Light", "CableOutlet", "Lock", "Inscription")
    configuration = complete(choose_all(FAMILY, {**picks, **dict.fromkeys(without, False)}))
    variant = derive_variant(FAMILY, configuration)
    area = 1_660_800
    assert {line.item: Fraction(str(round(line.quantity, 6))) for line in variant.bom} == {
        "mdf-19": Fraction(str(round(1.15 * area / 2070, 6))),
        "hdf-back-3": Fraction(str(round(1.1 * 432_000 / 2070, 6))),
        "lacquer": Fraction("830.4"),
        "hinge-clip": 4,
        "runner-roller": 1,
        "drawer-sides": 1,
        "handle-knob": 3,
        "hanging-set": 1,
        "cardboard": Fraction(str(round(2.4 * (432_000 + 192_000 + 230_400) / 1400, 6))),
    }
    steps = [(step.step, step.work, step.setup, step.after) for step in variant.steps]
    assert steps == [
        ("saw_mdf", 240 + 40 * 10, "mdf19", ()),
        ("drill", 240 + 20 * 2 + 20 * 4 + 40, None, ("saw_mdf",)),
        ("spray_white", 1_398, "lacquer_white", ("drill",)),  # 600 + 0.00048 x area = 1,397.184
        ("dry", 5_400, None, ("spray_white",)),
        ("drawers", 540, None, ("drill",)),
        ("fit", 1_200 + 120 + 480 + 480 + 180, None, ("dry", "drawers")),
        ("inspect", 240 + 60 + 30, None, ("fit",)),
        ("pack", 480, None, ("inspect",)),
    ]
    # 6,900 + MDF 3,900 + doors 2,400 + knob 400 + drawers 1,900; 0.0075 x area, hinges, drawer
    assert price(FAMILY, configuration).total == 15_500 + 12_456 + 1_400 + 2_900


def test_the_standard_product_is_a_white_wall_unit():
    variant = derive_variant(FAMILY, complete(choose_all(FAMILY, FAMILY.standard)))
    capabilities = [step.capability for step in variant.steps]
    assert capabilities == ["saw", "edge", "drill", "fit", "inspect", "pack"]


# --- the plant, played --------------------------------------------------------------------------


@pytest.fixture(scope="module")
def outcome() -> Outcome:
    return run_once(FOLDER, num_orders=ORDERS, seed=1)


def test_every_order_is_shipped_without_deadlock_or_violation(outcome) -> None:
    summary = outcome.summary
    assert (summary.orders_accepted, summary.orders_shipped) == (ORDERS, ORDERS)
    assert (outcome.deadlocks, outcome.violations) == (0, 0)
    assert outcome.quotes_refused == 0


def test_nothing_is_said_to_be_proven_that_has_no_shape(outcome) -> None:
    assert outcome.meshes_watertight == 0
    assert "meshes proven watertight" not in dict(table_of(outcome))


# --- the command line ---------------------------------------------------------------------------


def run(*words: object) -> str:
    told = CliRunner().invoke(command_line, [str(word) for word in words])
    assert told.exit_code == 0, told.output
    return told.output


def test_a_copy_is_checked_quoted_and_ordered_from(tmp_path) -> None:
    folder = tmp_path / "site"
    assert "Key for planner" in run("init", folder, "--example", "cabinet")
    assert "no faults" in run("check", folder)
    told = run("quote", folder, "--person", 3, "--pick", "Plywood", "--pick", "NumShelves=0")
    quote = re.search(r"Q-[\w-]+", told)[0]
    assert "Panels of plywood, oiled" in told
    assert "O-" in run("order", folder, quote, "--customer", "Anna")


# --- the pages ----------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def web() -> Iterator[FastAPI]:
    clock = VirtualClock(MONDAY_6)
    opened = open_site(FOLDER, models=MODELS, database="memory:", clock=clock, ids=CountedIds())
    file = opened.models.file
    settings = WebSettings(
        epoch=file.epoch, zone=file.zone, examples=example_measures(FAMILY, NICHES)
    )
    app = create_app(opened.site, opened.store, settings)
    app.state.key = create_key(opened.store.keys, "planner", ("planner", "floor"))
    yield app
    app.state.web.clerk.shutdown()
    opened.close()


def send(app: FastAPI, method: str, path: str, **options) -> httpx.Response:
    async def call() -> httpx.Response:
        transport = httpx.ASGITransport(app)
        async with httpx.AsyncClient(transport=transport, base_url="http://site") as client:
            return await client.request(method, path, **options)

    return asyncio.run(call())


def test_the_shop_speaks_of_niches_and_shows_no_3d(web) -> None:
    page = send(web, "GET", "/").text
    assert "A wall cabinet, made for your niche only" in page
    for words in ("Your niche", "Use an example niche", "Niche width", "Hinges a door", "Drawers"):
        assert words in page
    for words in ("feet", "foot", "insole", 'id="preview"'):
        assert words not in page.lower()


def test_an_example_niche_is_quoted_without_scripts(web) -> None:
    page = send(web, "GET", "/?form=1&example=2").text
    assert re.search(r'name="quote" value="Q-', page)
    assert "Panels of chipboard" in page


def test_a_quote_by_the_api_becomes_an_order(web) -> None:
    body = {"picks": {"Mdf": True, "Sage": True, "Drawers": True}, "measurements": NICHE}
    reply = send(web, "POST", "/api/v1/quotes", json=body)
    assert reply.status_code == 201, reply.text
    offer = reply.json()
    assert offer["part_url"] is None
    assert [step["capability"] for step in offer["making"]] == [
        "saw", "drill", "spray", "dry", "build_drawers", "fit", "inspect", "pack"
    ]  # fmt: skip
    wish = {"quote_id": offer["id"], "customer": "Anna"}
    order = send(web, "POST", "/api/v1/orders", json=wish)
    assert order.status_code == 201, order.text
    assert send(web, "GET", f"/orders/{order.json()['id']}").status_code == 200
    headers = {"Authorization": f"Bearer {web.state.key}"}
    for path in ("/api/v1/schedule", "/api/v1/floor"):
        assert send(web, "GET", path, headers=headers).status_code == 200
    shape = f"/api/v1/orders/{order.json()['id']}/part.3mf"
    assert send(web, "GET", shape, headers=headers).status_code == 404
