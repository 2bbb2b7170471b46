"""A site and its equipment over a broker: commands reach the floor, what it says is recorded."""

import json

import pytest

from brokers import Mosquitto, playing, until
from sites import FOLDER, MONDAY_6, models, open_example, quote_for
from unikat.edge.bus.broker import Broker
from unikat.edge.bus.commands import read_release, read_work
from unikat.edge.bus.mqtt import Inbound, MqttClient
from unikat.edge.bus.remote_floor import RemoteFloor
from unikat.edge.clock import ScaledClock
from unikat.edge.demo import DemoClock
from unikat.edge.equipment import remote_floor
from unikat.edge.live import ShopThread
from unikat.errors import InvalidSite
from unikat.events import OrderReleased, StepFinished
from unikat.flow import accept
from unikat.rehearse import VirtualClock
from unikat.shop import release
from unikat.site import Site
from unikat.terms import HOUR, CustomerId

SPEED = 5_000.0


class Machine:
    """Equipment: hears every command of the site, and speaks for itself."""

    def __init__(self, broker: Broker) -> None:
        self.heard: dict[str, bytes] = {}
        self.client = MqttClient(broker, "machine", [("unikat/works/#", 1)], self._hear)
        self.client.start()
        until(lambda: self.client.is_ready)

    def _hear(self, batch: list[Inbound]) -> None:
        self.heard.update(
            {each.topic.removeprefix("unikat/works/"): each.payload for each in batch}
        )

    def say(self, source: str, **fields: object) -> None:
        line = {"source": source, "epoch": 1, "seq": 1, "at": MONDAY_6, **fields}
        self.client.publish(f"unikat/works/floor/{source}", json.dumps(line).encode())


@pytest.fixture
def machine(mosquitto: Mosquitto):
    machine = Machine(mosquitto.broker)
    yield machine
    machine.client.stop()


def ordered(site: Site, person: int = 0) -> str:
    return accept(site, quote_for(site, person, Foam=True).id, CustomerId("anna")).id


def open_remote(site: Site, mosquitto: Mosquitto, time) -> RemoteFloor:
    remote = RemoteFloor(site, time, mosquitto.broker, "works")
    remote.start()
    until(lambda: remote.client.is_ready)
    return remote


def test_a_release_logged_just_before_a_crash_reaches_the_floor(mosquitto, machine, time):
    clock = VirtualClock(MONDAY_6)
    site = open_example(clock=clock).site
    order = ordered(site)
    clock.instant = min(b.start for b in site.state().bookings.values()) - HOUR
    assert release(site)  # logged, and the process that would have told it is gone
    assert any(isinstance(record.event, OrderReleased) for record in site.log.read())
    remote = open_remote(site, mosquitto, time)
    remote.keep_up()
    until(lambda: f"release/{order}" in machine.heard)
    steps = site.state().orders[order].variant.steps
    assert read_release(machine.heard[f"release/{order}"]).steps == steps
    units = {booking.unit for booking in site.state().bookings.values()}
    until(lambda: all(f"command/{unit}" in machine.heard for unit in site.plant.units))
    told = [b for unit in units for b in read_work(machine.heard[f"command/{unit}"], time).bookings]
    assert sorted(told, key=repr) == sorted(site.state().bookings.values(), key=repr)
    remote.stop()


def test_a_broker_that_forgot_everything_is_told_everything(mosquitto, machine, time):
    site = open_example().site
    ordered(site)
    remote = open_remote(site, mosquitto, time)
    remote.keep_up()
    until(lambda: "clock" in machine.heard)
    mosquitto.stop()
    until(lambda: not remote.client.is_ready)
    remote.keep_up()
    machine.heard.clear()
    for path in mosquitto.folder.glob("*.db"):
        path.unlink()
    mosquitto.start()
    until(lambda: remote.client.is_ready and machine.client.is_ready)
    remote.keep_up()
    until(lambda: {"clock", *(f"command/{u}" for u in site.plant.units)} <= machine.heard.keys())
    remote.stop()


def test_what_a_machine_says_is_recorded_or_kept_with_its_reason(mosquitto, machine, time):
    site = open_example().site
    remote = open_remote(site, mosquitto, time)
    machine.say("m1", type="unit_stopped", unit="M1", reason="tool", until=MONDAY_6 + 60)
    machine.say("m2", type="unit_stopped", unit="ZZ", reason="tool", until=MONDAY_6 + 60)
    machine.client.publish("unikat/works/floor/m3", b"{no json")
    spoof = b'{"source":"m1","epoch":1,"seq":2,"at":0,"type":"unit_restarted","unit":"M1"}'
    machine.client.publish("unikat/works/floor/m4", spoof)
    until(lambda: len(site.quarantine.list()) == 3 and site.log.head() == 1)
    remote.stop()
    assert site.state().floor.units["M1"].is_down
    kept = {message.source: fault for message, fault in site.quarantine.list()}
    assert "unit=ZZ" in kept["m2"]
    assert "JSON is malformed" in kept["m3"]
    assert kept["m1"] == "source=m1 came on the topic of m4; send it on its own"


def test_equipment_in_a_process_of_its_own_makes_what_is_ordered(mosquitto, time):
    """The whole run over mosquitto: a site, and `unikat floor play` standing for its machines."""
    clock = DemoClock(MONDAY_6)
    opened = open_example(clock=clock)
    site = opened.site
    orders = {ordered(site, person) for person in range(3)}
    with playing(FOLDER, mosquitto):
        clock.running = ScaledClock(speed=SPEED, start=MONDAY_6)
        with remote_floor(opened, mosquitto.address, speed=SPEED) as remote:
            shop = ShopThread(site, remote=remote)
            shop.start()
            until(lambda: site.state().ended.keys() == orders, seconds=120)
            until(lambda: not remote._released)
            shop.stop()
    finished = [r for r in site.log.read() if isinstance(r.event, StepFinished)]
    assert len(finished) == sum(len(o.variant.steps) for o in site.state().ended.values())
    assert site.quarantine.list() == ()


def test_a_site_without_a_broker_has_no_remote_floor():
    opened = open_example()
    with remote_floor(opened) as remote:
        assert remote is None
    with pytest.raises(InvalidSite), remote_floor(opened, "nonsense"):
        pass
    assert models().file.mqtt.broker == ""
