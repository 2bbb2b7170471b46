"""The live stream of deltas, over server-sent events."""

from starlette.responses import Response, StreamingResponse

from unikat.edge.web.call import Call
from unikat.edge.web.endpoint import Endpoint, Lane
from unikat.edge.web.live import Delta
from unikat.edge.web.scopes import Scope

HEADERS = {"Cache-Control": "no-store", "X-Accel-Buffering": "no"}


def live(call: Call) -> Response:
    """Stream deltas after `Last-Event-ID`, else after the query's `after`."""
    seen = call.request.headers.get("last-event-id", "")
    known = call.number("after", call.site.state().seq, least=0, most=1 << 62)
    after = int(seen) if seen.isascii() and seen.isdecimal() and len(seen) < 20 else known
    frames = call.web.broadcast.listen(call.web, after)
    return StreamingResponse(frames, headers=HEADERS, media_type="text/event-stream")


ENDPOINTS = (
    Endpoint(
        "GET",
        "/api/v1/live",
        (Scope.FLOOR, Scope.PLANNER),
        live,
        "Deltas as server-sent events: `delta` with its seq as id, `resync` when too far behind",
        reply=Delta,
        produces="text/event-stream",
        query=("after",),
        lane=Lane.LOOP,
    ),
)
