"""Orders: place (once), track, list, cancel, and the file that is printed."""

import hashlib
from dataclasses import replace
from itertools import islice

import msgspec
from starlette.responses import Response

from unikat import flow
from unikat.design.pair import lay_pair
from unikat.design.threemf import write_threemf
from unikat.edge.families import configuration_of
from unikat.edge.store.idempotency import Answer
from unikat.edge.web.call import Call, answer
from unikat.edge.web.endpoint import JSON, Endpoint
from unikat.edge.web.problems import BadRequest, InvalidBody, NotFound
from unikat.edge.web.scopes import Scope
from unikat.edge.web.tracking import OrderReply, OrderRow, reply_order, reply_row
from unikat.offers import part_of
from unikat.order.model import Order
from unikat.state import SiteState
from unikat.state import find_order as order_of
from unikat.terms import CustomerId, OrderId, QuoteId
from unikat.twin.state import progress_of

SHOP = "shop"
LONGEST_NAME = 120
LONGEST_KEY = 100


class OrderWish(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Which quote becomes an order, and for whom (a name or number the customer is known by)."""

    quote_id: str
    customer: str


class CancelWish(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Why an order is cancelled."""

    reason: str


class OrdersReply(msgspec.Struct, frozen=True):
    """A page of orders, oldest first; `next` is the following page's `after`, None at the end."""

    orders: tuple[OrderRow, ...]
    next: str | None


def create_order(call: Call) -> Response:
    """Turn a quote into an order; with the same Idempotency-Key it is the same answer."""
    key = call.request.headers.get("idempotency-key", "")
    if len(key) > LONGEST_KEY:
        raise BadRequest(f"the Idempotency-Key has more than {LONGEST_KEY} letters; send a shorter")
    if not key:
        return place_order(call)
    digest = hashlib.sha256(call.request.url.path.encode() + b"\n" + call.body).hexdigest()
    idempotency = call.web.store.idempotency
    known = idempotency.claim(SHOP, key, digest)
    if known is not None:
        return Response(known.body, known.status, media_type=JSON)
    placed = place_order(call)
    idempotency.finish(SHOP, key, Answer(placed.status_code, bytes(placed.body)))
    return placed


def place_order(call: Call) -> Response:
    """Accept the quote and return its order."""
    wish = call.read(OrderWish)
    customer = wish.customer.strip()
    if not customer.isprintable() or not 1 <= len(customer) <= LONGEST_NAME:
        raise InvalidBody(f"customer must be 1 to {LONGEST_NAME} printable letters; give a name")
    order = flow.accept(call.site, QuoteId(wish.quote_id), CustomerId(customer))
    place = f"{call.web.settings.root_path}/api/v1/orders/{order.id}"
    return answer(order_reply(call, order.id), 201, {"Location": place})


def find_order(call: Call) -> Response:
    """Return where an order stands."""
    return answer(order_reply(call, OrderId(call.path("order_id"))))


def order_reply(call: Call, order_id: OrderId) -> OrderReply:
    """Return an order as its shopper sees it.

    Raises
    ------
    UnknownOrder
        There is none.
    """
    state = call.site.state()
    order = order_of(state, order_id)
    progress = progress_of(state.floor, state.bookings, call.site.clock.now(), state.closed)
    return reply_order(call.web, state, progress, order)


def list_orders(call: Call) -> Response:
    """Return a page of orders."""
    limit = call.number("limit", 100, least=1, most=500)
    after = call.request.query_params.get("after")
    orders = iter(_listed(call.site.state(), call.request.query_params.get("state", "all")))
    if after is not None and not any(order.id == after for order in orders):
        raise BadRequest(f"after={after[:40]!r} is no order of this list; use `next` of a page")
    page = tuple(islice(orders, limit))
    follows = page[-1].id if page and next(orders, None) is not None else None
    state = call.site.state()
    return answer(OrdersReply(tuple(reply_row(call.web, state, order) for order in page), follows))


def _listed(state: SiteState, wanted: str) -> list[Order]:
    lists = {
        "open": (state.orders,),
        "ended": (state.ended,),
        "all": (state.ended, state.orders),
    }
    if wanted not in lists:
        raise BadRequest(f"state={wanted[:40]!r} is none of: {', '.join(lists)}")
    return sorted(
        (order for orders in lists[wanted] for order in orders.values()),
        key=lambda order: (order.placed_at, order.id),
    )


def cancel_order(call: Call) -> Response:
    """Cancel an order that has not started."""
    reason = call.read(CancelWish).reason.strip()
    if not 1 <= len(reason) <= LONGEST_NAME:
        raise InvalidBody(f"reason must be 1 to {LONGEST_NAME} letters; say why")
    order = flow.cancel(call.site, OrderId(call.path("order_id")), reason)
    return answer(order_reply(call, order.id))


def print_file(call: Call) -> Response:
    """Return the pair of parts of an order as 3MF, proven anew, by the version it keeps."""
    order = order_of(call.site.state(), OrderId(call.path("order_id")))
    family, configuration = configuration_of(call.site.family, call.web.store.versions, order)
    parts = part_of(replace(call.site, family=family), configuration, order.measurements)
    if not parts:
        raise NotFound(f"nothing of order {order.id} has a shape of its own")
    placed = [item for part in parts.values() for item in lay_pair(part)]
    content = write_threemf(placed, {"Title": f"Order {order.id}", "Application": "Unikat"})
    headers = {
        "Content-Disposition": f'attachment; filename="{order.id}.3mf"',
        "Cache-Control": "no-store",
    }
    return Response(content, headers=headers, media_type="model/3mf")


ENDPOINTS = (
    Endpoint(
        "POST",
        "/api/v1/orders",
        (Scope.PUBLIC,),
        create_order,
        "Turn a quote into an order; safe to repeat with an Idempotency-Key",
        body=OrderWish,
        reply=OrderReply,
        media=JSON,
        status=201,
        faults=(404, 409, 410),
    ),
    Endpoint(
        "GET",
        "/api/v1/orders",
        (Scope.PLANNER,),
        list_orders,
        "Orders, oldest first, a page at a time",
        reply=OrdersReply,
        query=("state", "after", "limit"),
        faults=(400,),
    ),
    Endpoint(
        "GET",
        "/api/v1/orders/{order_id}",
        (Scope.PUBLIC,),
        find_order,
        "Where an order stands, by its unguessable id: promised date, what happens now, forecast",
        reply=OrderReply,
        faults=(404,),
    ),
    Endpoint(
        "POST",
        "/api/v1/orders/{order_id}/cancel",
        (Scope.PLANNER,),
        cancel_order,
        "Cancel an order that has not started",
        body=CancelWish,
        reply=OrderReply,
        media=JSON,
        faults=(404, 409),
    ),
    Endpoint(
        "GET",
        "/api/v1/orders/{order_id}/part.3mf",
        (Scope.PLANNER,),
        print_file,
        "The pair of parts to print: 3MF",
        produces="model/3mf",
        faults=(404, 409),
    ),
)
