"""Errors as people and programs can read them: RFC 9457 problem+json, or a page."""

import re
from collections.abc import Callable, Mapping, Sequence
from typing import ClassVar, TypeAlias

import msgspec
from starlette.responses import Response

from unikat.errors import CapacityTaken, InvalidChoice, InvalidText, UnikatError
from unikat.terms import Instant

Extra: TypeAlias = str | int | Sequence[str] | Sequence[Mapping[str, str | int]]


class BadRequest(UnikatError):
    """The request cannot be read."""

    title: ClassVar[str] = "Bad request"
    status: ClassVar[int] = 400


class NotSignedIn(UnikatError):
    """The endpoint needs a key and none, or a wrong one, was sent."""

    title: ClassVar[str] = "Key needed"
    status: ClassVar[int] = 401


class NotAllowed(UnikatError):
    """The caller may not do this."""

    title: ClassVar[str] = "Not allowed"
    status: ClassVar[int] = 403


class NotFound(UnikatError):
    """Nothing is at this address."""

    title: ClassVar[str] = "Not found"
    status: ClassVar[int] = 404


class BodyTooLarge(UnikatError):
    """The body is longer than the endpoint reads."""

    title: ClassVar[str] = "Body too large"
    status: ClassVar[int] = 413


class WrongMediaType(UnikatError):
    """The body is of a kind the endpoint does not read."""

    title: ClassVar[str] = "Wrong media type"
    status: ClassVar[int] = 415


class InvalidBody(UnikatError):
    """The body is JSON of the wrong shape, or holds a number JSON does not have."""

    title: ClassVar[str] = "Invalid body"
    status: ClassVar[int] = 422


class TooManyRequests(UnikatError):
    """The address asks more often than it may."""

    title: ClassVar[str] = "Too many requests"
    status: ClassVar[int] = 429


TITLES = {404: "Not found", 405: "Method not allowed", 500: "Internal error"}
DETAILS = {
    404: "nothing is at this address; /api/v1/openapi.json lists every endpoint",
    405: "this address does not take this method; /api/v1/openapi.json lists what it takes",
    500: "this is a fault of ours; nothing was changed. Tell us the time and what you did",
}
HEADERS: Mapping[int, Mapping[str, str]] = {
    401: {"WWW-Authenticate": "Bearer"},
    429: {"Retry-After": "60"},
    503: {"Retry-After": "5"},
}


def problem(
    status: int, title: str, detail: str, extra: Mapping[str, Extra] | None = None
) -> Response:
    """Return a problem+json answer (RFC 9457); its type is made from its title."""
    slug = re.sub(r"[^a-z0-9]+", "-", title.lower()).strip("-")
    content = {
        "type": f"urn:unikat:problem:{slug}",
        "title": title,
        "status": status,
        "detail": detail,
        **(extra or {}),
    }
    return Response(
        msgspec.json.encode(content), status, HEADERS.get(status), "application/problem+json"
    )


def problem_of(error: UnikatError, iso: Callable[[Instant], str]) -> Response:
    """Return the problem an error is; picks, rules, faults and the new date go with it."""
    return problem(error.status, error.title, str(error), extra_of(error, iso))


def problem_of_status(status: int) -> Response:
    """Return the problem of a plain HTTP status."""
    return problem(status, TITLES.get(status, "Error"), DETAILS.get(status, "see the status"))


def extra_of(error: UnikatError, iso: Callable[[Instant], str]) -> Mapping[str, Extra]:
    """Return what an error carries beside its message."""
    if isinstance(error, InvalidChoice):
        return {"picks": error.picks, "rules": error.rules}
    if isinstance(error, InvalidText):
        return {"faults": [msgspec.to_builtins(fault) for fault in error.faults]}
    if isinstance(error, CapacityTaken) and error.due is not None:
        return {"due": iso(error.due)}
    return {}
