"""Events and quotes to JSON and back: the one place that knows how they lie in the store."""

from collections.abc import Mapping
from fractions import Fraction
from functools import cache

import msgspec

from unikat.errors import StoreFailure
from unikat.events import EVENT_TYPES, Event
from unikat.order.model import Quote

SCHEMA_VERSION = 1
"""What new bodies are written in. A changed event gets an upcaster, tested on an old body."""


def encode_event(event: Event) -> tuple[str, int, str]:
    """Return an event's type name, schema version and JSON body.

    Raises
    ------
    StoreFailure
        If it would not read back as the same event (NaN, infinity, half a surrogate pair).
    """
    name = type(event).__name__
    if EVENT_TYPES.get(name) is not type(event):
        raise StoreFailure(f"{name} is no event type; add it to events.EVENT_TYPES")
    return name, SCHEMA_VERSION, _encode(event)


def decode_event(name: str, schema_version: int, body: str) -> Event:
    """Return the event of a stored type name, schema version and JSON body.

    Raises
    ------
    StoreFailure
        If the type or version is not known, or the body does not fit it.
    """
    if name not in EVENT_TYPES or schema_version != SCHEMA_VERSION:
        raise StoreFailure(
            f"event type {name} of schema version {schema_version} is not known here; "
            "open the store with the Unikat that wrote it, or a newer one"
        )
    try:
        return _event_decoder(name).decode(body)
    except msgspec.DecodeError as error:
        raise StoreFailure(f"a stored {name} is damaged: {error}; restore a backup") from error


def encode_quote(quote: Quote) -> str:
    """Return a quote's JSON body."""
    return _encode(quote)


def decode_quote(body: str) -> Quote:
    """Return the quote of a JSON body.

    Raises
    ------
    StoreFailure
        If the body is no quote.
    """
    try:
        return _quote_decoder().decode(body)
    except msgspec.DecodeError as error:
        raise StoreFailure(f"a stored quote is damaged: {error}; ask for a new one") from error


def _encode(value: Event | Quote) -> str:
    try:
        body = _encoder().encode(value).decode()
    except (TypeError, ValueError, OverflowError) as error:
        raise StoreFailure(f"{type(value).__name__} cannot be stored: {error}") from error
    # JSON has no NaN, msgspec writes null for it: without this look a log could never be read.
    if "null" in body and not _reads_back(value, body):
        raise StoreFailure(f"{type(value).__name__} cannot be stored: a number is not finite")
    return body


def _reads_back(value: Event | Quote, body: str) -> bool:
    decoder = _quote_decoder() if isinstance(value, Quote) else _event_decoder(type(value).__name__)
    try:
        return decoder.decode(body) == value
    except msgspec.DecodeError:
        return False


@cache
def _encoder() -> msgspec.json.Encoder:
    return msgspec.json.Encoder(enc_hook=_write_other)


@cache
def _event_decoder(name: str) -> msgspec.json.Decoder[Event]:
    return msgspec.json.Decoder(EVENT_TYPES[name], dec_hook=_read_fraction)


@cache
def _quote_decoder() -> msgspec.json.Decoder[Quote]:
    return msgspec.json.Decoder(Quote, dec_hook=_read_fraction)


def _write_other(value: object) -> object:
    if isinstance(value, Fraction):
        return f"{value.numerator}/{value.denominator}"
    if isinstance(value, Mapping):
        return dict(value)
    raise NotImplementedError(f"{type(value).__name__} has no place in the store")


def _read_fraction(kind: type, value: object) -> Fraction:
    if kind is Fraction and isinstance(value, str):
        return Fraction(value)
    raise NotImplementedError(f"{kind.__name__} has no place in the store")
