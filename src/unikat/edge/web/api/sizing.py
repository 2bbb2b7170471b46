"""How large the plant should be: alternative after alternative, cancelled by hanging up."""

from collections.abc import Iterator
from itertools import chain

import msgspec
from starlette.responses import Response, StreamingResponse

from unikat.edge.sizing import SizeReply, SizeWish, TemplateReply, template, watch_sizing
from unikat.edge.web.call import Call, answer
from unikat.edge.web.endpoint import JSON, NDJSON, Endpoint
from unikat.edge.web.scopes import Scope


def show_template(call: Call) -> Response:
    """Return alternatives around the plant as it is."""
    return answer(template(call.site.plant))


def size(call: Call) -> Response:
    """Size the plant, a line of JSON an alternative, the last with the best.

    What is wrong with the question is told before the first line.
    """
    site = call.site
    persons = [example.measurements for example in call.web.settings.examples] or [{}]
    replies = watch_sizing(site.plant, site.family, persons, call.read(SizeWish))
    first = next(replies)

    def lines() -> Iterator[bytes]:
        """Yield the lines; whoever hangs up ends the search at its next alternative."""
        for reply in chain((first,), replies):
            yield msgspec.json.encode(reply) + b"\n"

    headers = {"Cache-Control": "no-store", "X-Accel-Buffering": "no"}
    return StreamingResponse(lines(), headers=headers, media_type=NDJSON)


ENDPOINTS = (
    Endpoint(
        "GET",
        "/api/v1/plant/size",
        (Scope.PLANNER,),
        show_template,
        "Alternatives to begin with for sizing the plant, as TOML",
        reply=TemplateReply,
    ),
    Endpoint(
        "POST",
        "/api/v1/plant/size",
        (Scope.PLANNER,),
        size,
        "Size the plant for a demand and a goal at least cost, a line of JSON an alternative;"
        " hang up to cancel",
        body=SizeWish,
        reply=SizeReply,
        produces=NDJSON,
        media=JSON,
    ),
)
