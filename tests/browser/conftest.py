"""A served site at work, and a browser that notes everything a page complains of."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace

import pytest
import uvicorn
from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright

from brokers import Mosquitto, free_port, playing
from sites import MONDAY_6, open_example, persons, quote_for
from unikat import flow
from unikat.configure import choose_all
from unikat.configure.saved import save_choice
from unikat.edge.clock import ScaledClock
from unikat.edge.demo import DemoClock
from unikat.edge.equipment import remote_floor
from unikat.edge.folders import example_folder
from unikat.edge.ids import CountedIds
from unikat.edge.live import ShopThread
from unikat.edge.main import OpenSite, open_site, read_persons
from unikat.edge.store.choices import SavedChoice
from unikat.edge.store.keys import create_key
from unikat.edge.web import WebSettings, create_app
from unikat.edge.web.settings import example_measures
from unikat.floor.model import World
from unikat.floor.virtual import open_floor
from unikat.rehearse import VirtualClock
from unikat.terms import CustomerId
from version_sites import copy_site, opened_site, second_version

FLAGS = ("--no-sandbox", "--use-gl=angle", "--use-angle=swiftshader", "--enable-unsafe-swiftshader")
BODIES = ("Powder", "Filament", "Foam")
SAVED = "C-" + 26 * "A"
TURNS = 22
TURN_S = 900
EQUIPPED_SPEED = 3_000.0


@dataclass(frozen=True)
class Served:
    """The address of a site, its key, and an order that is being made."""

    address: str
    key: str
    order: str
    shop: "Turner"


class Turner:
    """Lets the served shop work on, a quarter of an hour a turn."""

    def __init__(self, site, clock) -> None:
        self.site, self.clock = site, clock
        self.thread = ShopThread(
            site, open_floor(site.plant, World(), seed=1, start=clock.now()), solve_s=0
        )

    def turn(self, times: int = 1) -> None:
        for _ in range(times):
            self.clock.instant += TURN_S
            self.thread.turn()


@pytest.fixture(scope="session")
def served() -> Iterator[Served]:
    """A site with a morning's orders behind it, served on a free port."""
    clock = VirtualClock(MONDAY_6)
    opened = open_example(clock=clock)
    turner = Turner(opened.site, clock)
    for person in range(24):
        offer = quote_for(opened.site, person, **{BODIES[person % 3]: True})
        flow.accept(opened.site, offer.id, CustomerId(f"Customer {person + 1}"))
    turner.turn(TURNS)
    flow.foresee(opened.site)
    file = opened.models.file
    settings = WebSettings(
        epoch=file.epoch,
        zone=file.zone,
        examples=example_measures(opened.site.family, persons()),
        logins_per_minute=1_000,  # many tests sign in, faster than people do
    )
    key = create_key(opened.store.keys, "test", ("planner", "floor"))
    order = next(order for order in opened.site.state().orders)
    with serving(opened, settings, turner.thread) as address:
        yield Served(address, key, order, turner)


@contextmanager
def serving(
    opened: OpenSite, settings: WebSettings, shop: ShopThread | None = None
) -> Iterator[str]:
    """Serve a site on a free port, and close it; yields its address."""
    app = create_app(opened.site, opened.store, settings, shop)
    config = uvicorn.Config(app, port=0, log_level="error", timeout_graceful_shutdown=1)
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    while not server.started:
        thread.join(0.05)
        assert thread.is_alive(), "the server did not start"
    yield f"http://127.0.0.1:{server.servers[0].sockets[0].getsockname()[1]}"
    server.should_exit = True
    thread.join(20)
    opened.close()


@pytest.fixture
def crowded() -> Iterator[Served]:
    """A site whose 24 parts find no places before its work centers, served."""
    clock = VirtualClock(MONDAY_6)
    opened = open_example(clock=clock)
    for person in range(24):
        offer = quote_for(opened.site, person, Powder=True)
        order = flow.accept(opened.site, offer.id, CustomerId("Anna"))
    centers = {
        name: replace(each, buffer=0) for name, each in opened.site.plant.work_centers.items()
    }
    site = replace(opened.site, plant=replace(opened.site.plant, work_centers=centers))
    opened, file = replace(opened, site=site), opened.models.file
    key = create_key(opened.store.keys, "test", ("planner",))
    with serving(opened, WebSettings(epoch=file.epoch, zone=file.zone)) as address:
        yield Served(address, key, order.id, Turner(site, clock))


@pytest.fixture(scope="session")
def cabinets() -> Iterator[str]:
    """The address of the second example site, served."""
    folder = example_folder("cabinet")
    clock = VirtualClock(MONDAY_6)
    opened = open_site(folder, database="memory:", clock=clock, ids=CountedIds())
    file = opened.models.file
    niches = example_measures(opened.site.family, read_persons(folder / file.demo.persons))
    settings = WebSettings(epoch=file.epoch, zone=file.zone, examples=niches)
    with serving(opened, settings) as address:
        yield address


@dataclass(frozen=True)
class Equipped:
    """A served site and the thread that runs its shop; the machines are behind a broker."""

    served: Served
    opened: OpenSite
    clock: DemoClock
    shop: ShopThread

    def start(self) -> None:
        self.clock.running = ScaledClock(speed=EQUIPPED_SPEED, start=MONDAY_6)
        self.shop.start()


@pytest.fixture
def equipped(tmp_path) -> Iterator[Equipped]:
    """A site with three orders whose machines are a process of its own behind mosquitto."""
    broker, clock = Mosquitto(tmp_path, free_port()), DemoClock(MONDAY_6)
    broker.start()
    opened = open_example(clock=clock)
    for person in range(3):
        offer = quote_for(opened.site, person, Foam=True)
        order = flow.accept(opened.site, offer.id, CustomerId(f"Customer {person + 1}"))
    file, key = opened.models.file, create_key(opened.store.keys, "test", ("planner", "floor"))
    settings = WebSettings(epoch=file.epoch, zone=file.zone)
    with (
        playing(example_folder("insoles"), broker),
        serving(opened, settings) as address,
        remote_floor(opened, broker.address, speed=EQUIPPED_SPEED) as remote,
    ):
        shop = ShopThread(opened.site, remote=remote)
        served = Served(address, key, order.id, Turner(opened.site, clock))
        yield Equipped(served, opened, clock, shop)
        shop.stop()
    broker.stop()


@pytest.fixture
def outgrown(tmp_path) -> Iterator[str]:
    """The address of a choice saved before a second version forbade polyamide with hiking."""
    folder, clock = copy_site(tmp_path / "site"), VirtualClock(MONDAY_6)
    with opened_site(folder, clock) as opened:
        picks = {"Hiking": True, "Powder": True, "MetatarsalPad": True}
        kept = save_choice(choose_all(opened.site.family, picks))
        opened.store.choices.save(SavedChoice(SAVED, kept, {}, clock.now()))
    second_version(folder)
    opened = open_site(folder, clock=clock)
    settings = WebSettings(epoch=opened.models.file.epoch, zone=opened.models.file.zone)
    with serving(opened, settings) as address:
        yield f"{address}/choices/{SAVED}"


@pytest.fixture(scope="module")
def browser(chromium: str) -> Iterator[Browser]:
    with sync_playwright() as playwright:
        launched = playwright.chromium.launch(executable_path=chromium, args=list(FLAGS))
        yield launched
        launched.close()


@dataclass
class Visitor:
    """A browser window on the served site, and all its pages complained of."""

    served: Served
    context: BrowserContext
    page: Page
    complaints: list[str] = field(default_factory=list)
    hosts: set[str] = field(default_factory=set)

    def go(self, path: str) -> Page:
        self.page.goto(self.served.address + path)
        self.page.locator("body[data-ready]").wait_for()
        return self.page

    def sign_in(self) -> None:
        self.page.goto(self.served.address + "/login?next=/planner")
        self.page.get_by_label("Key").fill(self.served.key)
        self.page.get_by_role("button", name="Sign in").click()
        self.page.locator("body[data-ready]").wait_for()

    def watch(self, page: Page) -> None:
        page.on("console", self._hear)
        page.on("pageerror", lambda error: self.complaints.append(str(error)))
        page.on("request", lambda request: self.hosts.add(request.url.split("/")[2]))

    def _hear(self, message) -> None:
        if message.type in ("error", "warning"):
            self.complaints.append(message.text)


@pytest.fixture
def visit(browser: Browser, request: pytest.FixtureRequest) -> Iterator:
    """Open windows: `visit()` is a desk, `visit(phone=True)` a phone; each must stay quiet."""
    visitors: list[Visitor] = []

    def open_window(*, phone: bool = False, on: Served | None = None, **options) -> Visitor:
        served = on or request.getfixturevalue("served")
        size = {"width": 360, "height": 740} if phone else {"width": 1280, "height": 900}
        context = browser.new_context(viewport=size, **options)
        context.set_default_timeout(20_000)
        visitor = Visitor(served, context, context.new_page())
        visitor.watch(visitor.page)
        visitors.append(visitor)
        return visitor

    yield open_window
    for visitor in visitors:
        visitor.context.close()
        # WebGL in software warns of its own speed; nothing else may be said.
        heard = [words for words in visitor.complaints if "GPU stall" not in words]
        assert heard == []
        assert {host for host in visitor.hosts if host} <= {visitor.served.address.split("//")[1]}
