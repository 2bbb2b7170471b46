"""Sparkplug B payloads: the part of its protobuf messages that carries metrics, read and written.

The wire format is that of protocol buffers: a key (field number and wire type) before each value.
"""

import struct
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final, TypeAlias

from unikat.errors import BadMessage

Value: TypeAlias = str | int | float | bool | None

INT, LONG, FLOAT, DOUBLE, BOOLEAN, STRING = 10, 11, 12, 13, 14, 15
"""Numbers of the fields that hold a metric's value."""
SIGNED: Final = {1: 8, 2: 16, 3: 32, 4: 64}
"""Signed types, and the bits they are written in: two's complement in an unsigned field."""
TYPES: Final = {
    **dict.fromkeys((1, 2, 3, 5, 6, 7), INT),
    **dict.fromkeys((4, 8, 13), LONG),
    9: FLOAT,
    10: DOUBLE,
    11: BOOLEAN,
    12: STRING,
    14: STRING,
}
"""Type of a metric -> the field of its value: Int8-64, UInt8-64, Float, Double, Boolean, String,
DateTime (ms since 1970), Text.
"""
DATE_TIME: Final = 13


@dataclass(frozen=True, slots=True)
class Metric:
    """A metric: by name at births, later often by alias alone; times are ms since 1970."""

    name: str | None = None
    alias: int | None = None
    timestamp: int | None = None
    datatype: int | None = None
    is_historical: bool = False
    value: Value = None


@dataclass(frozen=True, slots=True)
class Payload:
    """What a node sends at once; `seq` runs from 0 to 255 and begins again."""

    timestamp: int | None = None
    metrics: tuple[Metric, ...] = ()
    seq: int | None = None


def read_payload(data: bytes) -> Payload:
    """Read a payload; fields of other kinds (datasets, templates, properties) are passed over.

    Raises
    ------
    BadMessage
        If it is no such payload.
    """
    numbers: dict[int, int] = {}
    metrics: list[Metric] = []
    for number, value in _fields(data):
        if number == 2 and isinstance(value, bytes):
            metrics.append(_read_metric(value))
        elif isinstance(value, int):
            numbers[number] = value
    return Payload(numbers.get(1), tuple(metrics), numbers.get(3))


def write_payload(payload: Payload) -> bytes:
    """Write a payload; `read_payload` gives it back where each metric has its type."""
    parts = [_number(1, payload.timestamp)]
    parts += [_bytes(2, _write_metric(metric)) for metric in payload.metrics]
    return b"".join((*parts, _number(3, payload.seq)))


def typed(value: Value, datatype: int | None) -> Value:
    """Return a value as its type means it: of what came without a type, by that of its birth."""
    bits = SIGNED.get(datatype or 0)
    if bits is None or not isinstance(value, int) or isinstance(value, bool):
        return value
    value &= (1 << bits) - 1
    return value - (1 << bits) if value >> (bits - 1) else value


def _read_metric(data: bytes) -> Metric:
    found: dict[int, int | bytes] = dict(_fields(data))
    datatype = _whole(found, 4)
    value: Value = None
    for number in (INT, LONG, FLOAT, DOUBLE, BOOLEAN, STRING):
        if number in found and not found.get(7):
            value = _value(number, found[number])
    name = found.get(1)
    return Metric(
        _text(name) if isinstance(name, bytes) else None,
        _whole(found, 2),
        _whole(found, 3),
        datatype,
        bool(found.get(5)),
        typed(value, datatype),
    )


def _write_metric(metric: Metric) -> bytes:
    parts = [b"" if metric.name is None else _bytes(1, metric.name.encode())]
    parts += [_number(2, metric.alias), _number(3, metric.timestamp), _number(4, metric.datatype)]
    parts += [_number(5, 1) if metric.is_historical else b""]
    return b"".join((*parts, _write_value(metric)))


def _write_value(metric: Metric) -> bytes:
    value, datatype = metric.value, metric.datatype
    if value is None:
        return _number(7, 1)
    number = TYPES.get(datatype or 0) or _usual_field(value)
    if number == STRING:
        return _bytes(STRING, str(value).encode())
    if number == FLOAT:
        return _key(FLOAT, 5) + struct.pack("<f", value)
    if number == DOUBLE:
        return _key(DOUBLE, 1) + struct.pack("<d", value)
    width = 32 if number == INT else 64
    return _number(number, int(value) & ((1 << width) - 1))


def _usual_field(value: Value) -> int:
    kinds = {bool: BOOLEAN, int: LONG, float: DOUBLE}
    return kinds.get(type(value), STRING)


def _value(number: int, raw: int | bytes) -> Value:
    if isinstance(raw, int):
        return bool(raw) if number == BOOLEAN else raw
    if number == STRING:
        return _text(raw)
    try:
        unpacked: tuple[float] = struct.unpack("<f" if number == FLOAT else "<d", raw)
    except struct.error as error:
        raise BadMessage(f"a Sparkplug number is of the wrong length: {error}") from error
    return unpacked[0]


def _text(raw: bytes) -> str:
    try:
        return raw.decode()
    except UnicodeDecodeError as error:
        raise BadMessage(f"a Sparkplug text is not UTF-8: {error}") from error


def _whole(found: dict[int, int | bytes], number: int) -> int | None:
    value = found.get(number)
    return value if isinstance(value, int) else None


# The wire.


def _fields(data: bytes) -> Iterator[tuple[int, int | bytes]]:
    """Iterate over field numbers and raw values; 4 and 8 bytes of a number come as they lie."""
    place = 0
    while place < len(data):
        key, place = _varint(data, place)
        kind = key & 7
        if kind == 0:
            value, place = _varint(data, place)
            yield key >> 3, value
            continue
        size, place = _varint(data, place) if kind == 2 else ({1: 8, 5: 4}.get(kind, -1), place)
        if size < 0 or place + size > len(data):
            raise BadMessage(f"no Sparkplug payload: field {key >> 3} does not fit in it")
        yield key >> 3, data[place : place + size]
        place += size


def _varint(data: bytes, place: int) -> tuple[int, int]:
    value = shift = 0
    while place < len(data) and shift < 70:
        byte = data[place]
        value |= (byte & 0x7F) << shift
        place += 1
        if byte < 0x80:
            return value & ((1 << 64) - 1), place
        shift += 7
    raise BadMessage("no Sparkplug payload: a number has no end")


def _key(number: int, kind: int) -> bytes:
    return _write_varint(number << 3 | kind)


def _number(number: int, value: int | None) -> bytes:
    return b"" if value is None else _key(number, 0) + _write_varint(value)


def _bytes(number: int, value: bytes) -> bytes:
    return _key(number, 2) + _write_varint(len(value)) + value


def _write_varint(value: int) -> bytes:
    found = bytearray()
    while value >= 0x80:
        found.append(value & 0x7F | 0x80)
        value >>= 7
    found.append(value)
    return bytes(found)


REBIRTH: Final = "Node Control/Rebirth"


def write_rebirth(timestamp: int) -> bytes:
    """Write the command that asks a node to say all its names and values again."""
    return write_payload(Payload(timestamp, (Metric(REBIRTH, None, timestamp, 11, value=True),)))


def metric_names(metrics: Sequence[Metric]) -> dict[int, tuple[str, int | None]]:
    """Return the names and types that a birth gives to aliases."""
    return {m.alias: (m.name, m.datatype) for m in metrics if m.alias is not None and m.name}
