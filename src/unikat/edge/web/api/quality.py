"""Quality: the control charts of what is measured."""

from starlette.responses import Response

from unikat.edge.quality_view import QualityReply, view_quality
from unikat.edge.web.call import Call, answer
from unikat.edge.web.endpoint import Endpoint
from unikat.edge.web.scopes import Scope


def find_charts(call: Call) -> Response:
    """Return the charts."""
    last = call.number("limit", 50, least=1, most=1000)
    site = call.site
    return answer(view_quality(site.family, site.state(), call.web.iso, last=last))


ENDPOINTS = (
    Endpoint(
        "GET",
        "/api/v1/quality",
        (Scope.FLOOR, Scope.PLANNER),
        find_charts,
        "Control charts of measured parts, as built against as ordered; `limit` points of each",
        reply=QualityReply,
        query=("limit",),
        faults=(400,),
    ),
)
