"""RFID reads: which reader saw which tag is a move or a step, by a table of the readers.

A tag in front of a reader is read many times; that is one event.
"""

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

import msgspec

from unikat.edge.bus.mapping import Rule, Value, fill, message_of, read_table
from unikat.edge.bus.mqtt import Inbound
from unikat.edge.bus.ndjson import Reading, unreadable
from unikat.edge.times import PlantTime
from unikat.errors import InvalidText
from unikat.state import SiteState
from unikat.terms import Instant, OrderId, Seconds, UnitId

REPEAT_S: Seconds = 30


class _Read(msgspec.Struct, frozen=True):
    """What a reader sends."""

    tag: str
    at: str | int


class RfidReaders:
    """Reads what the readers of a site send.

    `tags` names the order a tag belongs to; a tag that is not in it is an order's id itself.
    Reads of a tag at one reader are one event until it was not read for `repeat_s`.
    """

    def __init__(
        self,
        rules: Sequence[Rule],
        time: PlantTime,
        state: Callable[[], SiteState],
        *,
        tags: Mapping[str, str] | None = None,
        repeat_s: Seconds = REPEAT_S,
    ) -> None:
        self._rules = {rule.when: rule for rule in rules}
        self._time, self._state = time, state
        self._tags, self._repeat_s = tags or {}, repeat_s
        self._last: dict[tuple[str, str], Instant] = {}

    def read(self, inbound: Inbound, now: Instant) -> Sequence[Reading]:
        """Read what one reader sent; a repeated read is nothing."""
        reader = inbound.topic.rpartition("/")[2]
        source = f"rfid/{reader}"
        try:
            found = msgspec.json.decode(inbound.payload, type=_Read)
            at = self._time.read(found.at) if isinstance(found.at, str) else found.at
            if reader not in self._rules:
                return (
                    unreadable(inbound.payload, f"no {reader} in rfid.toml", now, origin=source),
                )
            if self._is_repeated(reader, found.tag, at):
                return ()
            fields = self._fields(self._rules[reader], found.tag, at)
            # Known by what was read when, rounded: so it is one event after a restart, too.
            return (message_of(fields, f"{source}/{found.tag}", at // self._repeat_s, 0, at),)
        except (msgspec.DecodeError, UnicodeDecodeError, InvalidText, KeyError, TypeError) as error:
            return (unreadable(inbound.payload, f"no read of a tag: {error}", now, origin=source),)

    def _is_repeated(self, reader: str, tag: str, at: Instant) -> bool:
        last = self._last.get((reader, tag))
        self._last[reader, tag] = at if last is None else max(at, last)
        return last is not None and abs(at - last) < self._repeat_s

    def _fields(self, rule: Rule, tag: str, at: Instant) -> dict[str, Value]:
        """Return the fields of a read: those of the table, the rest out of what is known."""
        state, order = self._state(), OrderId(self._tags.get(tag, tag))
        fields = fill(rule, {"tag": tag, "order": order})
        known: dict[str, Value] = {"order": order}
        if fields["type"] == "load_moved":
            track = state.floor.orders.get(order)
            known |= {"transporter": "", "from": "store" if track is None else track.place}
        else:
            known |= _step(state, order, UnitId(str(fields.get("unit"))), at)
        return {**known, **fields}


def _step(state: SiteState, order: OrderId, unit: UnitId, at: Instant) -> dict[str, Value]:
    """Return the step that a unit is booked for next, and when it should finish."""
    booked = [b for (of, _), b in state.bookings.items() if of == order and b.unit == unit]
    if not booked:
        return {"attempt": 0, "build": None}
    first = min(booked, key=lambda booking: booking.start)
    until = at + first.finish - first.start
    return {"step": first.step, "attempt": 0, "build": first.build, "until": until}


def load_readers(path: Path, time: PlantTime, state: Callable[[], SiteState]) -> RfidReaders:
    """Read rfid.toml: `repeat_s`, the table `tags`, and a table `reader` each.

    Raises
    ------
    InvalidSite
        With every fault of the file.
    """
    words, rules = read_table(path, "reader", "id")
    tags, repeat = words.get("tags"), words.get("repeat_s")
    return RfidReaders(
        rules,
        time,
        state,
        tags={str(k): str(v) for k, v in tags.items()} if isinstance(tags, dict) else None,
        repeat_s=repeat if isinstance(repeat, int) and repeat > 0 else REPEAT_S,
    )
