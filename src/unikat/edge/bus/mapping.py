"""Tables that say what metrics and reads mean: sparkplug.toml and rfid.toml of a site's folder."""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from unikat.errors import Fault, InvalidSite
from unikat.events import Message

Value = str | int | float | bool | None
_PLAIN = (str, int, float, bool)


@dataclass(frozen=True, slots=True)
class Rule:
    """When something comes (`when`, and `is_` its value; None: any), a message with these fields.

    A field's text `{name}` is replaced by the value of that name.
    """

    when: str
    is_: Value
    fields: Mapping[str, Value]


def read_table(path: Path, table: str, key: str) -> tuple[Mapping[str, object], tuple[Rule, ...]]:
    """Read the rules of a table of tables, each with `key` and `type`; and the file's other words.

    Raises
    ------
    InvalidSite
        With every fault of the file.
    """
    try:
        found = tomllib.loads(path.read_text("utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        fault = Fault(path.name, 0, 0, "", str(error), "Correct the TOML there")
        raise InvalidSite([fault]) from error
    rows = found.pop(table, [])
    faults: list[Fault] = []
    rules: list[Rule] = []
    for number, row in enumerate(rows if isinstance(rows, list) else [rows], start=1):
        place = f"{table}[{number}]"
        if not isinstance(row, dict) or not all(isinstance(v, _PLAIN) for v in row.values()):
            faults.append(_fault(path, place, "is no table of plain values"))
        elif not isinstance(row.get(key), str) or not isinstance(row.get("type"), str):
            faults.append(_fault(path, place, f"lacks {key} or type"))
        else:
            when, is_ = row.pop(key), row.pop("is", None)
            rules.append(Rule(when, is_, row))
    if not rules and not faults:
        faults.append(_fault(path, table, "has no row"))
    if faults:
        raise InvalidSite(faults)
    return found, tuple(rules)


def fill(rule: Rule, values: Mapping[str, Value]) -> dict[str, Value]:
    """Return a rule's fields with values for names.

    Raises
    ------
    KeyError
        If a name has no value yet.
    """
    return {
        name: values[text[1:-1]]
        if isinstance(text, str) and text.startswith("{") and text.endswith("}")
        else text
        for name, text in rule.fields.items()
    }


def message_of(fields: dict[str, Value], source: str, epoch: int, seq: int, at: int) -> Message:
    """Return the message of filled fields; source, epoch, seq and at may be among them.

    Raises
    ------
    TypeError
        If one of them is of another kind.
    """
    own_source, own_at = fields.pop("source", source), fields.pop("at", at)
    own_epoch, own_seq = fields.pop("epoch", epoch), fields.pop("seq", seq)
    if not isinstance(own_source, str):
        raise TypeError(f"source={own_source!r} is no text")
    return Message(own_source, _whole(own_epoch), _whole(own_seq), _whole(own_at), fields)


def _whole(value: Value) -> int:
    if isinstance(value, bool) or not isinstance(value, int):
        raise TypeError(f"{value!r} is no whole number")
    return value


def _fault(path: Path, place: str, message: str) -> Fault:
    return Fault(path.name, 0, 0, place, message, "See docs/guides/ingest.md")
