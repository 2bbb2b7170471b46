"""The pages people see: order tracking, planner, floor, sign-in; the shop has its own file."""

import time
from collections.abc import Mapping
from urllib.parse import parse_qsl

from starlette.responses import RedirectResponse, Response

from unikat import flow
from unikat.edge.web.api.orders import order_reply
from unikat.edge.web.call import Call
from unikat.edge.web.endpoint import FORM, Endpoint, Lane
from unikat.edge.web.problems import BadRequest
from unikat.edge.web.scopes import Scope
from unikat.edge.web.security import COOKIE, Login, write_login
from unikat.edge.web.shop import shop
from unikat.terms import CustomerId, OrderId, QuoteId

AFTER_LOGIN = ("/planner", "/floor", "/sizing")
MOST_FIELDS = 400


def order_page(call: Call) -> Response:
    """Show where an order stands."""
    order = order_reply(call, OrderId(call.path("order_id")))
    return call.web.templates.page("order", order=order)


def order_form(call: Call) -> Response:
    """Place an order from the page's own form, and go to its page."""
    fields = read_form(call)
    customer = fields.get("customer", "").strip()
    if not customer or len(customer) > 120:
        raise BadRequest("the name is missing or too long; go back and give 1 to 120 letters")
    order = flow.accept(call.site, QuoteId(fields.get("quote", "")), CustomerId(customer))
    return _go(call, f"/orders/{order.id}")


def planner_page(call: Call) -> Response:
    """Show the planner's page."""
    return call.web.templates.page("planner", current="/planner")


def floor_page(call: Call) -> Response:
    """Show the live floor."""
    machines = call.web.machines
    is_virtual = machines is not None and machines.is_virtual
    return call.web.templates.page("floor", current="/floor", is_virtual=is_virtual)


def sizing_page(call: Call) -> Response:
    """Show the page that sizes the plant."""
    return call.web.templates.page("sizing", current="/sizing")


def login_page(call: Call) -> Response:
    """Ask for a key."""
    following = call.request.query_params.get("next", "")
    return call.web.templates.page("login", next=following, fault="")


def login_form(call: Call) -> Response:
    """Sign in with a key: a signed cookie that scripts cannot read."""
    call.web.limits.check("login", call.address)
    fields = read_form(call)
    secret = fields.get("key", "").strip()
    following = fields.get("next", "")
    key = call.web.store.keys.find_key(secret)
    if key is None:
        fault = "This key is not known. Keys begin with uk_; copy all of it."
        return call.web.templates.page("login", 401, next=following, fault=fault)
    signed_in = _go(call, following if following in AFTER_LOGIN else AFTER_LOGIN[0])
    settings = call.web.settings
    seconds = settings.login_hours * 3600
    signed_in.set_cookie(
        COOKIE,
        write_login(Login(key.sha256, int(time.time()) + seconds), settings.secret),
        max_age=seconds,
        path=settings.root_path or "/",
        secure=settings.is_https,
        httponly=True,
        samesite="lax",
    )
    return signed_in


def logout_form(call: Call) -> Response:
    """Sign out."""
    signed_out = _go(call, "/")
    signed_out.delete_cookie(COOKIE, path=call.web.settings.root_path or "/")
    return signed_out


def read_form(call: Call) -> Mapping[str, str]:
    """Return the fields of a sent form.

    Raises
    ------
    BadRequest
        It is no form in UTF-8.
    """
    try:
        pairs = parse_qsl(call.body.decode(), max_num_fields=MOST_FIELDS, errors="strict")
    except ValueError as error:
        raise BadRequest(f"the form cannot be read: {error}; send it from the page") from error
    return dict(pairs)


def static_file(call: Call) -> Response:
    """Serve one of our static files."""
    files = call.web.files
    return files.serve(files.static, call.path("name"), call.request)


def library_file(call: Call) -> Response:
    """Serve a file of a browser library."""
    files = call.web.files
    return files.serve(files.lib, call.path("name"), call.request)


def favicon(call: Call) -> Response:
    """Serve the icon browsers ask for by themselves."""
    return call.web.files.serve(call.web.files.static, "favicon.svg", call.request)


def _go(call: Call, place: str) -> Response:
    return RedirectResponse(call.web.settings.root_path + place, 303)


ENDPOINTS = (
    Endpoint("GET", "/", (Scope.PUBLIC,), shop, "The shop", is_page=True, lane=Lane.CLERK),
    Endpoint("POST", "/order", (Scope.PUBLIC,), order_form, "Order", media=FORM, is_page=True),
    Endpoint(
        "GET", "/orders/{order_id}", (Scope.PUBLIC,), order_page, "Order tracking", is_page=True
    ),
    Endpoint("GET", "/planner", (Scope.PLANNER,), planner_page, "Planner", is_page=True),
    Endpoint("GET", "/floor", (Scope.FLOOR, Scope.PLANNER), floor_page, "Floor", is_page=True),
    Endpoint("GET", "/sizing", (Scope.PLANNER,), sizing_page, "Plant sizing", is_page=True),
    Endpoint("GET", "/login", (Scope.PUBLIC,), login_page, "Sign in", is_page=True, lane=Lane.LOOP),
    Endpoint("POST", "/login", (Scope.PUBLIC,), login_form, "Sign in", media=FORM, is_page=True),
    Endpoint("POST", "/logout", (Scope.PUBLIC,), logout_form, "Sign out", is_page=True),
    Endpoint(
        "GET",
        "/static/{version}/{name:path}",
        (Scope.PUBLIC,),
        static_file,
        "Our static files",
        is_page=True,
    ),
    Endpoint(
        "GET",
        "/lib/{version}/{name:path}",
        (Scope.PUBLIC,),
        library_file,
        "Browser libraries",
        is_page=True,
    ),
    Endpoint("GET", "/favicon.ico", (Scope.PUBLIC,), favicon, "The icon", is_page=True),
)
