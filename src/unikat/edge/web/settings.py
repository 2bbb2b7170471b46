"""How the web server is set: limits, secret, sub-path, origins, examples to try."""

import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, tzinfo

from unikat.edge.web.form import build_form
from unikat.family.model import Family

MEGABYTE = 1_000_000


@dataclass(frozen=True, slots=True)
class Example:
    """A row of measures a shopper may try: what the list calls it, and the measures."""

    name: str
    measurements: Mapping[str, float]


@dataclass(frozen=True, slots=True)
class WebSettings:
    """What `create_app` needs beside the site and its store.

    `epoch` is instant 0 of plant time, with a zone; all times are shown in `zone`.
    `secret` signs the login cookie (a new one logs everybody out); `root_path` is the sub-path a
    reverse proxy takes off; `shop_origins` may frame the shop page and call its API; the rates are
    per address and minute.
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


def example_measures(
    family: Family, persons: Sequence[Mapping[str, float]], *, num: int = 6
) -> tuple[Example, ...]:
    """Return a few persons spread over the first measure as examples for the shop page.

    Persons who lack a measure the family asks for, or whom it cannot fit, are passed over.
    """
    measures = build_form(family).measures
    fitting = [
        {each.name: person[each.name] for each in measures}
        for person in persons
        if all(each.low <= person.get(each.name, -1.0) <= each.high for each in measures)
    ]
    fitting.sort(key=lambda person: tuple(person.values()))
    picked = fitting[len(fitting) // (2 * num) :: max(1, len(fitting) // num)][:num]
    return tuple(Example(_name(k, person), person) for k, person in enumerate(picked, start=1))


def _name(number: int, person: Mapping[str, float]) -> str:
    sizes = " × ".join(f"{value:g}" for value in list(person.values())[:2])
    return f"Example {number}: {sizes} mm"
