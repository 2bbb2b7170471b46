"""Read floor messages as events and write events as messages: the only place that knows the wire's field names."""

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import TypeAlias

from unikat.errors import BadMessage
from unikat.events import (
    Event,
    LoadMoved,
    Message,
    SetupStarted,
    StepFinished,
    StepStarted,
    WorkUnitRestarted,
    WorkUnitStopped,
)
from unikat.terms import DAY, Instant

Scalar: TypeAlias = str | int | float | bool | None

LATEST: Instant = 36_525 * DAY
"""A century after the site epoch: an instant beyond it is a wrong unit (milliseconds) or a broken clock."""
LONGEST_TEXT = 200


def read_event(message: Message) -> Event:
    """Read a message as the event it reports; fields the type does not have are ignored.

    Raises
    ------
    BadMessage
        If the type is unknown, a field is missing or of the wrong kind, or a time is no instant of the plant.
    """
    kind = message.body.get("type")
    if not isinstance(kind, str) or kind not in _TYPES:
        raise BadMessage(f"type={_show(kind)} is unknown; send one of: {', '.join(_TYPES)}")
    _check_origin(message)
    make, names = _TYPES[kind]
    fields = {_FIELDS[name][0]: _read_field(message, name) for name in names}
    at = _instant("at", message.at)
    if isinstance(until := fields.get("until"), int) and until < at:
        raise BadMessage(f"until={until} lies before at={at}; send an instant not before it")
    return make(at=at, **fields)


def write_message(event: Event, *, source: str, epoch: int, seq: int) -> Message:
    """Write a floor event as the message a machine would send: `read_event` gives it back.

    Raises
    ------
    BadMessage
        If the event is none of the floor's.
    """
    kind = _KINDS.get(type(event))
    if kind is None:
        raise BadMessage(f"{type(event).__name__} is no floor event; send one of: {_TYPES.keys()}")
    body: dict[str, Scalar] = {"type": kind}
    for name in _TYPES[kind][1]:
        body[name] = getattr(event, _FIELDS[name][0])
    return Message(source, epoch, seq, event.at, body)


def _check_origin(message: Message) -> None:
    _text("source", message.source)
    _count("epoch", message.epoch)
    _count("seq", message.seq)


def _read_field(message: Message, name: str) -> Scalar:
    if name not in message.body:
        raise BadMessage(f"{message.body['type']} lacks the field {name}; add it")
    return _FIELDS[name][1](name, message.body[name])


def _text(name: str, value: Scalar) -> str:
    text = _any_text(name, value)
    if not text:
        raise BadMessage(f"{name} is empty; send an id")
    return text


def _any_text(name: str, value: Scalar) -> str:
    if not isinstance(value, str) or len(value) > LONGEST_TEXT or not value.isprintable():
        raise BadMessage(f"{name}={_show(value)} must be a printable text of <= {LONGEST_TEXT}")
    return value


def _maybe_text(name: str, value: Scalar) -> str | None:
    return None if value is None else _text(name, value)


def _count(name: str, value: Scalar) -> int:
    if isinstance(value, bool) or not isinstance(value, int) or not 0 <= value < 1 << 62:
        raise BadMessage(f"{name}={_show(value)} must be a whole number >= 0")
    return value


def _instant(name: str, value: Scalar) -> Instant:
    instant = _count(name, value)
    if instant > LATEST:
        raise BadMessage(f"{name}={instant} is absurd; send seconds since the site epoch")
    return instant


def _show(value: Scalar) -> str:
    return repr(value)[:60]


_FIELDS: Mapping[str, tuple[str, Callable[[str, Scalar], Scalar]]] = MappingProxyType(
    {
        "unit": ("unit", _text),
        "order": ("order_id", _text),
        "step": ("step", _text),
        "attempt": ("attempt", _count),
        "build": ("build", _maybe_text),
        "family": ("family", _text),
        "until": ("until", _instant),
        "reason": ("reason", _any_text),
        "transporter": ("transporter", _any_text),
        "source": ("source", _text),
        "target": ("target", _text),
    }
)
"""Wire name -> the event's attribute, and how its value is read."""

_WORK = ("unit", "order", "step", "attempt", "build")
_TYPES: Mapping[str, tuple[Callable[..., Event], tuple[str, ...]]] = MappingProxyType(
    {
        "setup_started": (SetupStarted, ("unit", "order", "step", "family")),
        "step_started": (StepStarted, (*_WORK, "until")),
        "step_finished": (StepFinished, _WORK),
        "load_moved": (LoadMoved, ("transporter", "order", "source", "target")),
        "unit_stopped": (WorkUnitStopped, ("unit", "reason", "until")),
        "unit_restarted": (WorkUnitRestarted, ("unit",)),
    }
)
_KINDS: Mapping[object, str] = MappingProxyType({make: kind for kind, (make, _) in _TYPES.items()})
