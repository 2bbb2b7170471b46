"""How an order was built: each part with its steps, units, programs and measurements."""

from starlette.responses import Response

from unikat.edge.genealogy_view import GenealogyReply, view_genealogy
from unikat.edge.web.call import Call, answer
from unikat.edge.web.endpoint import Endpoint
from unikat.edge.web.scopes import Scope
from unikat.terms import OrderId
from unikat.twin.genealogy import trace_order


def find_genealogy(call: Call) -> Response:
    """Return how an order was built, from the whole log."""
    found = trace_order(call.site.log.read(), OrderId(call.path("order_id")))
    return answer(view_genealogy(found, call.web.iso))


ENDPOINTS = (
    Endpoint(
        "GET",
        "/api/v1/orders/{order_id}/genealogy",
        (Scope.PLANNER, Scope.FLOOR),
        find_genealogy,
        "How an order was built: parts with steps, units, builds, programs, measurements",
        reply=GenealogyReply,
        faults=(404,),
    ),
)
