"""site.toml -> settings: how a site sells, runs its shop and plays its demo; all faults at once.

The environment variables ``UNIKAT_DATABASE`` and ``UNIKAT_MQTT`` override the addresses of the
database and of the broker: they may hold passwords.
"""

import os
import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from unikat.demand.shoppers import Traffic
from unikat.errors import Fault, InvalidSite
from unikat.promise.model import Slack
from unikat.site import Policy

FILE = "site.toml"
Scalar = str | int | float


@dataclass(frozen=True, slots=True)
class Demo:
    """The simulated shoppers: where their measures are, how many come, how fast the plant runs."""

    persons: str
    traffic: Traffic
    speed: float


@dataclass(frozen=True, slots=True)
class Mqtt:
    """Where the site talks with its floor: a broker's address ("": nowhere), the site's level in
    the topics ("": made of its name).
    """

    broker: str = ""
    site: str = ""


@dataclass(frozen=True, slots=True)
class SiteFile:
    """All that site.toml says; `epoch` has the site's time zone."""

    policy: Policy
    epoch: datetime
    zone: ZoneInfo
    database: str
    demo: Demo
    mqtt: Mqtt = Mqtt()


@dataclass(frozen=True, slots=True)
class _Key:
    """One key: its type, its bounds or words, and the default that makes it optional."""

    kind: type[str] | type[int] | type[float]
    default: Scalar | None = None
    low: float = 0.0
    high: float = float("inf")
    words: tuple[str, ...] = ()


KEYS: Mapping[str, Mapping[str, _Key]] = {
    "": {
        "name": _Key(str),
        "currency": _Key(str),
        "epoch": _Key(str),
        "time_zone": _Key(str),
        "database": _Key(str, "sqlite:///unikat.db"),
    },
    "promise": {
        "confidence": _Key(float, 0.95, 0.5, 0.999),
        "first_slack_s": _Key(int, 28_800),
        "quote_valid_s": _Key(int, 1_800, 60),
    },
    "shop": {
        "release_ahead_s": _Key(int, 7_200),
        "wip_limit": _Key(int, 80, 1),
        "reschedule_s": _Key(int, 14_400, 60),
        "forecast_s": _Key(int, 28_800, 60),
        "replications": _Key(int, 60, 10, 10_000),
        "rounds": _Key(int, 50, 0, 1_000_000),
        "publish_gain_s": _Key(int, 600),
    },
    "twin": {
        "accept_models": _Key(str, "person", words=("person", "unless_worse")),
    },
    "mqtt": {"broker": _Key(str, ""), "site": _Key(str, "")},
    "demo": {
        "persons": _Key(str, "persons.csv"),
        "orders_per_day": _Key(float, 26.0, 0.001),
        "surge_day": _Key(int, 7),
        "surge_days": _Key(int, 3),
        "surge_factor": _Key(float, 1.6, 1.0, 100.0),
        "looks_per_order": _Key(float, 0.2, 0.0, 100.0),
        "speed": _Key(float, 240.0, 0.001, 1_000_000.0),
    },
}


def load_site_file(text: str) -> SiteFile:
    """Read site.toml.

    Raises
    ------
    InvalidSite
        With every fault: malformed TOML, unknown or missing keys, wrong types, values out of range.
    """
    try:
        tables = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise InvalidSite([_malformed(str(error))]) from error
    faults: list[Fault] = []
    values = {
        table: _read_table(tables if not table else tables.get(table, {}), table, text, faults)
        for table in KEYS
    }
    faults.extend(
        _fault(text, "", name, "is not a table of site.toml", f"Known: {', '.join(KEYS)[2:]}")
        for name, value in tables.items()
        if isinstance(value, dict) and name not in KEYS
    )
    epoch = _epoch(values[""], text, faults)
    if faults or epoch is None:
        raise InvalidSite(sorted(faults))
    return _site_file(values, epoch)


def _site_file(values: Mapping[str, Mapping[str, Scalar]], epoch: datetime) -> SiteFile:
    top, promise, demo = values[""], values["promise"], dict(values["demo"])
    slack_s = int(promise["first_slack_s"])
    slack = Slack((0,), (slack_s,), float(promise["confidence"]), 0, "configured")
    persons, speed = str(demo.pop("persons")), float(demo.pop("speed"))
    shop = {name: int(value) for name, value in values["shop"].items()}
    return SiteFile(
        policy=Policy(
            name=str(top["name"]),
            currency=str(top["currency"]),
            slack=slack,
            quote_valid_s=int(promise["quote_valid_s"]),
            accept_models=str(values["twin"]["accept_models"]),
            **shop,
        ),
        epoch=epoch,
        zone=ZoneInfo(str(top["time_zone"])),
        database=os.environ.get("UNIKAT_DATABASE", str(top["database"])),
        demo=Demo(
            persons,
            Traffic(
                orders_per_day=float(demo["orders_per_day"]),
                surge_day=int(demo["surge_day"]),
                surge_days=int(demo["surge_days"]),
                surge_factor=float(demo["surge_factor"]),
                looks_per_order=float(demo["looks_per_order"]),
            ),
            speed,
        ),
        mqtt=Mqtt(
            os.environ.get("UNIKAT_MQTT", str(values["mqtt"]["broker"])),
            str(values["mqtt"]["site"]),
        ),
    )


def _read_table(
    table: Mapping[str, object], name: str, text: str, faults: list[Fault]
) -> Mapping[str, Scalar]:
    keys = KEYS[name]
    for key, value in table.items():
        if key not in keys and not isinstance(value, dict):
            known = ", ".join(keys)
            faults.append(_fault(text, name, key, "is not a known key", f"Known here: {known}"))
    return {key: _read_key(table, name, key, text, faults) for key in keys}


def _read_key(
    table: Mapping[str, object], name: str, key: str, text: str, faults: list[Fault]
) -> Scalar:
    rule = KEYS[name][key]
    value = table.get(key, rule.default)
    if rule.kind is float and isinstance(value, int) and not isinstance(value, bool):
        value = float(value)
    if value is None:
        faults.append(_fault(text, name, key, "is missing", f"Add {key} = ..."))
        return ""
    if not isinstance(value, rule.kind) or isinstance(value, bool):
        kind = {str: "a text", int: "a whole number", float: "a number"}[rule.kind]
        faults.append(_fault(text, name, key, f"is {value!r}", f"Give {kind}"))
        return ""
    if rule.words and value not in rule.words:
        remedy = f"Give one of: {', '.join(rule.words)}"
        faults.append(_fault(text, name, key, f"is {value!r}", remedy))
    if not isinstance(value, str) and not rule.low <= value <= rule.high:
        bounds = f"Give a value from {rule.low:g} to {rule.high:g}"
        faults.append(_fault(text, name, key, f"is {value!r}, out of range", bounds))
    return value


def _epoch(top: Mapping[str, Scalar], text: str, faults: list[Fault]) -> datetime | None:
    try:
        zone = ZoneInfo(str(top["time_zone"]))
    except (ZoneInfoNotFoundError, ValueError):
        remedy = 'Give a name such as "Europe/Berlin"'
        faults.append(_fault(text, "", "time_zone", f"{top['time_zone']!r} is unknown", remedy))
        return None
    remedy = 'Give a Monday as "2026-01-05"'
    try:
        epoch = datetime.fromisoformat(str(top["epoch"])).replace(tzinfo=zone)
    except ValueError:
        faults.append(_fault(text, "", "epoch", f"{top['epoch']!r} is no date", remedy))
        return None
    if epoch.weekday() != 0 or (epoch.hour, epoch.minute, epoch.second) != (0, 0, 0):
        faults.append(_fault(text, "", "epoch", f"{top['epoch']!r} is no Monday midnight", remedy))
    return epoch


def _fault(text: str, table: str, key: str, message: str, remedy: str) -> Fault:
    """Return a fault at the line of `key` in its table (0 if it is not in the text)."""
    here = ""
    for number, line in enumerate(text.splitlines(), start=1):
        header = re.match(r"\s*\[([^\]]+)\]", line)
        here = header[1].strip() if header else here
        if here == table and re.match(rf"\s*{re.escape(key)}\s*=", line):
            return Fault(FILE, number, 1, f"{table}.{key}".lstrip("."), message, remedy)
    return Fault(FILE, 0, 0, f"{table}.{key}".lstrip("."), message, remedy)


def _malformed(error: str) -> Fault:
    place = re.search(r"line (\d+), column (\d+)", error)
    line, column = (int(place[1]), int(place[2])) if place else (0, 0)
    return Fault(FILE, line, column, "", error, "Correct the TOML there")
