"""An endpoint is data: method, path, scope, shapes, and the one function that answers."""

import asyncio
import traceback
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from enum import Enum
from typing import TypeAlias
from urllib.parse import quote

import structlog
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from unikat.edge.web.call import Call, Web
from unikat.edge.web.limits import read_body
from unikat.edge.web.problems import (
    NotAllowed,
    NotSignedIn,
    WrongMediaType,
    problem_of,
    problem_of_status,
)
from unikat.edge.web.scopes import NOBODY, Scope
from unikat.edge.web.security import caller_of, check_origin
from unikat.errors import UnikatError

Handler: TypeAlias = Callable[[Call], Response]
Guarded: TypeAlias = Callable[[Request], Awaitable[Response]]
FORM = "application/x-www-form-urlencoded"
JSON = "application/json"
NDJSON = "application/x-ndjson"


class Lane(Enum):
    """Where an endpoint's function runs."""

    LOOP = "loop"
    CLERK = "clerk"
    THREAD = "thread"


@dataclass(frozen=True, slots=True)
class Endpoint:
    """One endpoint. Whoever has one of `scopes` may call it.

    `lane` says where `handler` runs: a short computation on the event loop, a longer one on the one
    clerk (both keep a solver of the family warm), what waits for a disk in any thread. `media` is
    what it reads (or one of `also`), `body` and `reply` the shapes of both bodies (None: no JSON).
    """

    method: str
    path: str
    scopes: tuple[Scope, ...]
    handler: Handler
    summary: str
    body: type | None = None
    reply: type | None = None
    media: str | None = None
    also: tuple[str, ...] = ()
    produces: str = JSON
    status: int = 200
    faults: tuple[int, ...] = ()
    query: tuple[str, ...] = ()
    lane: Lane = Lane.THREAD
    is_page: bool = False
    limit: int | None = None


def guard(endpoint: Endpoint, web: Web) -> Guarded:
    """Return the endpoint as the framework calls it: checked, bounded, errors told as problems."""

    async def guarded(request: Request) -> Response:
        """Answer a request; whatever goes wrong is told, and a fault of ours is logged."""
        try:
            return await _answer(endpoint, web, request)
        except NotSignedIn as error:
            if endpoint.is_page:
                return _to_login(web, request)
            return problem_of(error, web.iso)
        except UnikatError as error:
            return web.templates.problem(error) if endpoint.is_page else problem_of(error, web.iso)
        except Exception:
            fault = traceback.format_exc()  # without the values of variables: they may be secret
            structlog.get_logger().error("endpoint_failed", path=endpoint.path, fault=fault)
            return web.templates.broken() if endpoint.is_page else problem_of_status(500)

    guarded.__name__ = f"{endpoint.method.lower()}_{endpoint.handler.__name__}"
    return guarded


async def _answer(endpoint: Endpoint, web: Web, request: Request) -> Response:
    caller = NOBODY
    if Scope.PUBLIC not in endpoint.scopes:
        caller = await run_in_threadpool(caller_of, request, web)
        _check_scope(endpoint, caller.may(*endpoint.scopes), is_known=caller is not NOBODY)
    body = b""
    if request.method not in ("GET", "HEAD"):
        check_origin(request, web.settings)
        _check_media(endpoint, request)
        body = await read_body(request, endpoint.limit or web.settings.max_body)
    call = Call(web, request, caller, body)
    if endpoint.lane is Lane.LOOP:
        return endpoint.handler(call)
    if endpoint.lane is Lane.CLERK:
        return await asyncio.get_running_loop().run_in_executor(web.clerk, endpoint.handler, call)
    return await run_in_threadpool(endpoint.handler, call)


def _check_scope(endpoint: Endpoint, is_allowed: bool, *, is_known: bool) -> None:
    wanted = " or ".join(scope.value for scope in endpoint.scopes)
    if not is_known:
        raise NotSignedIn(
            f"this needs a key of scope {wanted}: send `Authorization: Bearer uk_...` or sign in at"
            " /login; `unikat init` makes and shows the keys"
        )
    if not is_allowed:
        raise NotAllowed(f"your key lacks the scope {wanted}; ask for a key that has it")


def _check_media(endpoint: Endpoint, request: Request) -> None:
    sent = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if endpoint.media is not None and sent not in (endpoint.media, *endpoint.also):
        raise WrongMediaType(
            f"the body is {sent or 'of no stated type'!r}; send it as Content-Type:"
            f" {endpoint.media}"
        )


def _to_login(web: Web, request: Request) -> Response:
    place = quote(request.url.path, safe="/")
    return RedirectResponse(f"{web.settings.root_path}/login?next={place}", 303)
