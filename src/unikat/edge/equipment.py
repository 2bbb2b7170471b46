"""Join a site and the equipment behind its broker: the embedded broker if it is one, the topics."""

from collections.abc import Iterator
from contextlib import contextmanager

from unikat.edge.bus.broker import read_broker, topic_name
from unikat.edge.bus.embedded import EmbeddedBroker
from unikat.edge.bus.remote_floor import Reader, RemoteFloor
from unikat.edge.bus.rfid import load_readers
from unikat.edge.bus.sparkplug_host import NAMESPACE, SparkplugHost, load_rules
from unikat.edge.main import Models, OpenSite
from unikat.edge.times import PlantTime
from unikat.terms import Instant


@contextmanager
def remote_floor(
    opened: OpenSite, address: str | None = None, *, speed: float = 1.0
) -> Iterator[RemoteFloor | None]:
    """Yield the floor behind a broker, None if the site has none; end an embedded broker after it.

    Parameters
    ----------
    address
        Overrides the broker of site.toml.
    speed
        How fast the site's clock runs.

    Raises
    ------
    InvalidSite, BrokerFailed
        If the address is none, or an embedded broker cannot be started.
    """
    address = address or opened.models.file.mqtt.broker
    if not address:
        yield None
        return
    broker = read_broker(address)
    time, name = plant_time(opened.models), site_topic(opened.models)
    remote = RemoteFloor(opened.site, time, broker, name, speed=speed)
    for topics, reader in _readers(opened, name, time, remote):
        remote.add_reader(topics, reader)
    embedded = EmbeddedBroker(broker, remote.client) if broker.is_embedded else None
    if embedded is not None:
        embedded.start()
    try:
        yield remote
    finally:
        if embedded is not None:
            embedded.stop()


def _readers(
    opened: OpenSite, name: str, time: PlantTime, remote: RemoteFloor
) -> Iterator[tuple[str, Reader]]:
    """Yield what reads messages of other kinds, for each table that lies in the site's folder."""
    site = opened.site

    def last_seen(source: str) -> Instant:
        known = site.state().floor.sources.get(source)
        return -1 if known is None else known.last_seen

    if (path := opened.folder / "sparkplug.toml").is_file():
        host = SparkplugHost(load_rules(path), time, remote.client.publish, last_seen)
        yield f"{NAMESPACE}/#", host.read
    if (path := opened.folder / "rfid.toml").is_file():
        yield f"unikat/{name}/rfid/+", load_readers(path, time, site.state).read


def plant_time(models: Models) -> PlantTime:
    """Return how a site writes its instants."""
    return PlantTime(models.file.epoch, models.file.zone)


def site_topic(models: Models) -> str:
    """Return the site's level in the topics."""
    return topic_name(models.file.mqtt.site or models.file.policy.name)
