"""What every endpoint is given: the site, who calls, and the body it sent."""

from concurrent.futures import Executor
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol, TypeVar

import msgspec
from starlette.requests import Request
from starlette.responses import Response

from unikat.edge.replay import Replay
from unikat.edge.times import to_iso
from unikat.edge.web.limits import RateLimits
from unikat.edge.web.problems import BadRequest, InvalidBody
from unikat.edge.web.scopes import Caller
from unikat.edge.web.settings import WebSettings
from unikat.site import Site
from unikat.terms import Instant, Seconds, UnitId

if TYPE_CHECKING:
    from unikat.edge.store.open import Store
    from unikat.edge.web.files import Files
    from unikat.edge.web.form import Form
    from unikat.edge.web.live import Broadcast
    from unikat.edge.web.templates import Templates

Wanted = TypeVar("Wanted")


class Breakable(Protocol):
    """Whose machines may be broken: the thread that plays the virtual floor."""

    @property
    def is_virtual(self) -> bool:
        """Whether there is a virtual floor."""
        ...

    def break_down(self, unit: UnitId, length: Seconds | None) -> Instant:
        """Let a unit break down now, without `length` until mended; return when it is expected."""
        ...

    def mend(self, unit: UnitId) -> None:
        """Let a unit that is down go on."""
        ...


@dataclass(frozen=True, slots=True)
class Web:
    """All that endpoints share: the site and its store, and the server's own parts."""

    site: Site
    store: "Store"
    settings: WebSettings
    limits: RateLimits
    files: "Files"
    templates: "Templates"
    broadcast: "Broadcast"
    form: "Form"
    clerk: Executor
    replay: Replay
    machines: Breakable | None = None

    def iso(self, instant: Instant) -> str:
        """Return an instant as ISO 8601 with the site's zone."""
        return to_iso(instant, self.settings.epoch, self.settings.zone)


@dataclass(frozen=True, slots=True)
class Call:
    """One call of an endpoint."""

    web: Web
    request: Request
    caller: Caller
    body: bytes

    @property
    def site(self) -> Site:
        """The site that is called."""
        return self.web.site

    @property
    def address(self) -> str:
        """Where the call comes from."""
        return self.request.client.host if self.request.client else "unknown"

    def path(self, name: str) -> str:
        """Return a part of the path."""
        return str(self.request.path_params[name])

    def number(self, name: str, default: int, *, least: int, most: int) -> int:
        """Return a number of the query.

        Raises
        ------
        BadRequest
            It is no whole number from `least` to `most`.
        """
        text = self.request.query_params.get(name, str(default))
        if not text.isascii() or not text.isdecimal() or not least <= int(text[:20]) <= most:
            raise BadRequest(f"{name}={text[:40]!r} must be a whole number from {least} to {most}")
        return int(text)

    def read(self, wanted: type[Wanted]) -> Wanted:
        """Return the body as a value of the wanted type.

        Raises
        ------
        InvalidBody
            It has another shape, or a number that JSON does not have.
        BadRequest
            It is not JSON.
        """
        try:
            return msgspec.json.decode(self.body, type=wanted)
        except msgspec.ValidationError as error:
            raise InvalidBody(f"{error}; see /api/v1/openapi.json") from error
        except (msgspec.DecodeError, UnicodeDecodeError) as error:
            if b"NaN" in self.body or b"Infinity" in self.body:
                raise InvalidBody(
                    "NaN and Infinity are no measures; send finite numbers"
                ) from error
            raise BadRequest(f"{error}; send JSON in UTF-8") from error


def answer(content: object, status: int = 200, headers: dict[str, str] | None = None) -> Response:
    """Return a value as JSON; what is not public or may change is not cached."""
    return Response(
        msgspec.json.encode(content),
        status,
        {"Cache-Control": "no-store", **(headers or {})},
        "application/json",
    )
