"""Join a site and the equipment behind its broker: the embedded broker if it is one, the topics."""

from collections.abc import Iterator
from contextlib import contextmanager

from unikat.edge.bus.broker import read_broker, topic_name
from unikat.edge.bus.embedded import EmbeddedBroker
from unikat.edge.bus.remote_floor import RemoteFloor
from unikat.edge.main import Models, OpenSite
from unikat.edge.times import PlantTime


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
    embedded = EmbeddedBroker(broker) if broker.is_embedded else None
    if embedded is not None:
        embedded.start()
    try:
        time, name = plant_time(opened.models), site_topic(opened.models)
        yield RemoteFloor(opened.site, time, broker, name, speed=speed)
    finally:
        if embedded is not None:
            embedded.stop()


def plant_time(models: Models) -> PlantTime:
    """Return how a site writes its instants."""
    return PlantTime(models.file.epoch, models.file.zone)


def site_topic(models: Models) -> str:
    """Return the site's level in the topics."""
    return topic_name(models.file.mqtt.site or models.file.policy.name)
