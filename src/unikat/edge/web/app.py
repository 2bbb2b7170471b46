"""Make the web application of a site: every endpoint of the tables, guarded; what all answers
carry.
"""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager, suppress
from importlib.metadata import version

from fastapi import FastAPI
from fastapi.middleware.cors import CORSMiddleware
from fastapi.responses import JSONResponse
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from unikat.edge.replay import Replay
from unikat.edge.store.open import Store
from unikat.edge.tune import tune_process
from unikat.edge.web import pages
from unikat.edge.web.api import (
    breakdowns,
    choices,
    completion,
    epcis,
    family,
    floor,
    genealogy,
    health,
    hurry,
    live,
    moves,
    orders,
    past,
    quality,
    quotes,
    schedule,
    sizing,
    stops,
    twin,
    what_if,
)
from unikat.edge.web.call import Breakable, Web
from unikat.edge.web.endpoint import Endpoint, Guarded, guard
from unikat.edge.web.files import open_files
from unikat.edge.web.form import build_form
from unikat.edge.web.json import Json
from unikat.edge.web.limits import RateLimits
from unikat.edge.web.live import Broadcast
from unikat.edge.web.openapi import describe_api
from unikat.edge.web.problems import NotFound, problem_of_status
from unikat.edge.web.security import SecurityHeaders, security_headers
from unikat.edge.web.settings import WebSettings
from unikat.edge.web.templates import Templates
from unikat.edge.web.warm import warm_up
from unikat.site import Site

ENDPOINTS: tuple[Endpoint, ...] = (
    *family.ENDPOINTS,
    *choices.ENDPOINTS,
    *completion.ENDPOINTS,
    *hurry.ENDPOINTS,
    *quotes.ENDPOINTS,
    *orders.ENDPOINTS,
    *schedule.ENDPOINTS,
    *moves.ENDPOINTS,
    *stops.ENDPOINTS,
    *breakdowns.ENDPOINTS,
    *what_if.ENDPOINTS,
    *sizing.ENDPOINTS,
    *floor.ENDPOINTS,
    *quality.ENDPOINTS,
    *past.ENDPOINTS,
    *twin.ENDPOINTS,
    *epcis.ENDPOINTS,
    *genealogy.ENDPOINTS,
    *live.ENDPOINTS,
    *health.ENDPOINTS,
    *pages.ENDPOINTS,
)
OPENAPI = "/api/v1/openapi.json"


def create_app(
    site: Site, store: Store, settings: WebSettings, machines: Breakable | None = None
) -> FastAPI:
    """Return the application that serves a site's API and pages.

    `machines` plays the virtual floor, if there is one.
    """
    web = _open_web(site, store, settings, machines)

    @asynccontextmanager
    async def run(app: FastAPI) -> AsyncIterator[None]:
        """Warm up, look at the site while it is served, and let every client go at the end."""
        warm_up(web)
        tune_process()
        looking = asyncio.create_task(web.broadcast.run(web))
        yield
        web.broadcast.close()
        looking.cancel()
        with suppress(asyncio.CancelledError):
            await looking
        web.clerk.shutdown(wait=False)

    app = FastAPI(
        title="Unikat",
        lifespan=run,
        openapi_url=None,
        docs_url=None,
        redoc_url=None,
        redirect_slashes=False,
    )
    for endpoint in ENDPOINTS:
        app.add_api_route(
            endpoint.path,
            guard(endpoint, web),
            methods=[endpoint.method],
            response_model=None,
            include_in_schema=False,
        )
    document = describe_api(ENDPOINTS, version("unikat"))
    app.add_api_route(OPENAPI, _serve(document), methods=["GET"], include_in_schema=False)
    app.add_exception_handler(HTTPException, _tell(web))
    headers = security_headers(web.files.import_map, settings)
    app.add_middleware(SecurityHeaders, headers=headers)
    if settings.shop_origins:
        app.add_middleware(
            CORSMiddleware,
            allow_origins=settings.shop_origins,
            allow_methods=("GET", "POST", "DELETE"),
            allow_headers=("Content-Type", "Idempotency-Key"),
        )
    app.state.web = web
    return app


def _open_web(site: Site, store: Store, settings: WebSettings, machines: Breakable | None) -> Web:
    files = open_files(settings.root_path)
    rates = {"quote": settings.quotes_per_minute, "login": settings.logins_per_minute}
    return Web(
        site=site,
        store=store,
        settings=settings,
        limits=RateLimits(rates),
        files=files,
        templates=Templates(site, settings, files),
        broadcast=Broadcast(settings.live_hz, settings.heartbeat_s),
        form=build_form(site.family),
        clerk=ThreadPoolExecutor(1, "clerk"),
        replay=Replay(site.plant, site.log),
        machines=machines,
    )


def _serve(document: Mapping[str, Json]) -> Guarded:
    async def openapi(request: Request) -> Response:
        """Return the description of the API."""
        return JSONResponse(document)

    return openapi


def _tell(web: Web) -> Callable[[Request, Exception], Awaitable[Response]]:
    """Return the handler of what the framework itself refuses: no such address, no such method."""

    async def tell(request: Request, error: Exception) -> Response:
        """Answer with a page where a browser asks for one, else with a problem."""
        status = error.status_code if isinstance(error, HTTPException) else 500
        wants_page = "text/html" in request.headers.get("accept", "")
        if status == 404 and wants_page and not request.url.path.startswith("/api/"):
            return web.templates.problem(NotFound("There is no page at this address."))
        refused = problem_of_status(status)
        if isinstance(error, HTTPException) and error.headers:
            refused.headers.update(error.headers)
        return refused

    return tell
