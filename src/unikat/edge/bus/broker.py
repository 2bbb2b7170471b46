"""Where an MQTT broker is and how one signs in, out of one address; the topics of a site."""

import re
from dataclasses import dataclass, field
from urllib.parse import parse_qs, unquote, urlsplit

from unikat.errors import Fault, InvalidSite

PORTS = {"mqtt": 1883, "mqtts": 8883, "embedded": 1883}
VERSIONS = {"5": 5, "3.1.1": 4}
"""Version of MQTT -> its number in the protocol."""
FORM = "Write mqtt://USER:PASSWORD@HOST:PORT, mqtts://... for TLS, or embedded"


@dataclass(frozen=True, slots=True)
class Broker:
    """A broker: `is_embedded` is one of our own, in the server's process."""

    host: str
    port: int
    user: str | None = None
    password: str | None = field(default=None, repr=False)
    has_tls: bool = False
    ca_file: str | None = None
    version: int = 5
    is_embedded: bool = False

    def __str__(self) -> str:
        return f"{self.host}:{self.port}"


def read_broker(address: str) -> Broker:
    """Read a broker's address.

    `embedded` is short for `embedded://127.0.0.1:1883`. `?ca=FILE` names the certificates that are
    trusted, `?version=3.1.1` asks for that version of MQTT instead of 5.

    Raises
    ------
    InvalidSite
        If it is no such address.

    Examples
    --------
    >>> read_broker("mqtts://anna:secret@broker.example")
    Broker(host='broker.example', port=8883, user='anna', has_tls=True, ca_file=None, \
version=5, is_embedded=False)
    """
    text = "embedded://127.0.0.1" if address == "embedded" else address
    try:
        parts = urlsplit(text)
        port, options = parts.port, parse_qs(parts.query, strict_parsing=bool(parts.query))
    except ValueError as error:
        raise _invalid(str(error)) from error
    if parts.scheme not in PORTS or not parts.hostname or parts.path not in ("", "/"):
        raise _invalid("is no address of a broker")
    version = options.pop("version", ["5"])[-1]
    ca_file = options.pop("ca", [None])[-1]
    if options or version not in VERSIONS:
        raise _invalid("has an unknown option; there are ?ca=FILE and ?version=3.1.1")
    is_embedded = parts.scheme == "embedded"
    return Broker(
        host=parts.hostname,
        port=PORTS[parts.scheme] if port is None else port,
        user=None if parts.username is None else unquote(parts.username),
        password=None if parts.password is None else unquote(parts.password),
        has_tls=parts.scheme == "mqtts",
        ca_file=ca_file,
        version=VERSIONS["3.1.1"] if is_embedded else VERSIONS[version],
        is_embedded=is_embedded,
    )


def topic_name(site: str) -> str:
    """Return a site's name as a level of a topic.

    Examples
    --------
    >>> topic_name("Insole works")
    'insole-works'
    """
    return re.sub(r"[^a-z0-9]+", "-", site.lower()).strip("-") or "site"


def _invalid(message: str) -> InvalidSite:
    """Return the fault; the address is not repeated, it may hold a password."""
    return InvalidSite([Fault("site.toml", 0, 0, "mqtt.broker", message, FORM)])
