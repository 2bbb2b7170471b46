"""How the web server is set: limits, secret, sub-path, origins, example feet."""

import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, tzinfo

MEGABYTE = 1_000_000


@dataclass(frozen=True, slots=True)
class Example:
    """A measured foot a shopper may try: what the list calls it, and its measures."""

    name: str
    measurements: Mapping[str, float]


@dataclass(frozen=True, slots=True)
class WebSettings:
    """What `create_app` needs beside the site and its store.

    `epoch` is instant 0 of plant time, with a zone; all times are shown in `zone`.
    `secret` signs the login cookie (a new one logs everybody out); `root_path` is the sub-path of a
    reverse proxy; `shop_origins` may frame the shop page and call its API; the rates are per
    address and minute.
    """

    epoch: datetime
    zone: tzinfo
    secret: bytes = field(default_factory=lambda: secrets.token_bytes(32), repr=False)
    root_path: str = ""
    shop_origins: tuple[str, ...] = ()
    examples: tuple[Example, ...] = ()
    max_body: int = MEGABYTE
    quotes_per_minute: int = 3_000
    logins_per_minute: int = 20
    login_hours: int = 12
    is_https: bool = False
    live_hz: float = 5.0
    heartbeat_s: float = 15.0
