"""Messages as JSON lines: an object a line with source, epoch, seq, at, type and the fields of its
type. HTTP batches and MQTT payloads are read here alike.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TypeAlias

import msgspec

from unikat.edge.times import PlantTime
from unikat.errors import UnikatError
from unikat.events import Message
from unikat.terms import Instant

Scalar: TypeAlias = str | int | float | bool | None
TIMES = ("until",)
"""Fields of a message's body that hold a time."""
SHOWN = 4_000
"""Letters kept of what could not be read."""


@dataclass(frozen=True, slots=True)
class Unreadable:
    """What came but is no message: as it is kept in quarantine, and what is wrong with it."""

    message: Message
    fault: str


Reading: TypeAlias = Message | Unreadable


def read_lines(payload: bytes, time: PlantTime, now: Instant) -> tuple[tuple[int, Reading], ...]:
    """Read each line that is not blank; numbers count from 1."""
    return tuple(
        (number, read_line(line, time, now))
        for number, line in enumerate(payload.splitlines(), start=1)
        if line.strip()
    )


def read_line(line: bytes, time: PlantTime, now: Instant) -> Reading:
    """Read the message of a line; times are ISO 8601 texts, or whole seconds of plant time."""
    try:
        fields = _decode(line)
        source, epoch = _text(fields.pop("source")), _count(fields.pop("epoch"))
        seq, at = _count(fields.pop("seq")), _instant(fields.pop("at"), time)
        for name in TIMES:
            if name in fields:
                fields[name] = _instant(fields[name], time)
    except KeyError as error:
        return unreadable(line, f"the field {error.args[0]} is missing; add it", now)
    except (msgspec.DecodeError, UnicodeDecodeError, TypeError, UnikatError) as error:
        return unreadable(line, f"{error}; send one JSON object a line", now)
    return Message(source, epoch, seq, at, fields)


def unreadable(payload: bytes, fault: str, now: Instant, *, origin: str = "") -> Unreadable:
    """Return what could not be read, as it goes to quarantine."""
    body: dict[str, Scalar] = {"line": payload[:SHOWN].decode(errors="replace")}
    return Unreadable(Message(origin or "unreadable", 0, 0, now, body), fault[:300])


def write_line(message: Message, time: PlantTime) -> bytes:
    """Write a message as one line, without a line feed; `read_line` gives it back."""
    body: dict[str, Scalar] = {
        name: time.write(value) if name in TIMES and isinstance(value, int) else value
        for name, value in message.body.items()
    }
    head: Mapping[str, Scalar] = {
        "v": 1,
        "source": message.source,
        "epoch": message.epoch,
        "seq": message.seq,
        "at": time.write(message.at),
    }
    return msgspec.json.encode({**head, **body})


_DECODER = msgspec.json.Decoder(dict[str, Scalar])


def _decode(line: bytes) -> dict[str, Scalar]:
    fields = _DECODER.decode(line)
    if fields.pop("v", 1) != 1:
        raise TypeError("v, the version of the message, must be 1")
    return fields


def _instant(value: Scalar, time: PlantTime) -> Instant:
    return time.read(value) if isinstance(value, str) else _count(value)


def _count(value: Scalar) -> int:
    if isinstance(value, int) and not isinstance(value, bool):
        return value
    raise TypeError(f"{value!r} is no whole number")


def _text(value: Scalar) -> str:
    if isinstance(value, str):
        return value
    raise TypeError(f"{value!r} is no text")
