"""What-if: what would be different, order by order, before anything is published."""

from collections.abc import Iterator, Mapping

import msgspec
from starlette.responses import Response, StreamingResponse

from unikat import flow
from unikat.edge.web.call import Call, answer
from unikat.edge.web.endpoint import JSON, NDJSON, Endpoint
from unikat.edge.web.scopes import Scope
from unikat.edge.what_if import WhatIfReply, WhatIfWish, reply_of, scenario_of
from unikat.twin.what_if import Comparison


class OrderName(msgspec.Struct, frozen=True):
    """An open order, and whose it is."""

    id: str
    customer: str


class NamesReply(msgspec.Struct, frozen=True):
    """What a question may name: units by work center, calendars, robots, open orders."""

    centers: Mapping[str, tuple[str, ...]]
    calendars: tuple[str, ...]
    robots: tuple[str, ...]
    orders: tuple[OrderName, ...]


def list_names(call: Call) -> Response:
    """Return what a question may name."""
    plant, orders = call.site.plant, call.site.state().orders.values()
    return answer(
        NamesReply(
            centers={name: center.units for name, center in plant.work_centers.items()},
            calendars=tuple(plant.calendars),
            robots=plant.transporters,
            orders=tuple(OrderName(order.id, order.customer) for order in orders),
        )
    )


def ask_what_if(call: Call) -> Response:
    """Compare a scenario with going on as now; publish nothing."""
    site, wish = call.site, call.read(WhatIfWish)
    scenario = scenario_of(site.plant, site.clock.now(), wish)
    found = flow.what_if(site, scenario, seed=wish.seed, replications=wish.replications)
    return answer(_reply(call, found))


def watch_what_if(call: Call) -> Response:
    """Compare a scenario with going on as now, a line after 50, 200, 1,000 and all replications.

    What is wrong with the question is told before the first line. Whoever hangs up has no more
    replications played than those under way.
    """
    site, wish = call.site, call.read(WhatIfWish)
    scenario = scenario_of(site.plant, site.clock.now(), wish)
    looks = flow.watch_what_if(site, scenario, seed=wish.seed, replications=wish.replications)
    first = next(looks)

    def lines() -> Iterator[bytes]:
        """Yield each look as a line of JSON, the next only when this one was taken."""
        yield _line(call, first)
        for found in looks:
            yield _line(call, found)

    headers = {"Cache-Control": "no-store", "X-Accel-Buffering": "no"}
    return StreamingResponse(lines(), headers=headers, media_type=NDJSON)


def _line(call: Call, found: Comparison) -> bytes:
    return msgspec.json.encode(_reply(call, found)) + b"\n"


def _reply(call: Call, found: Comparison) -> WhatIfReply:
    customers = {order.id: order.customer for order in call.site.state().orders.values()}
    return reply_of(found, customers, call.web.iso)


ENDPOINTS = (
    Endpoint(
        "GET",
        "/api/v1/what-if",
        (Scope.PLANNER,),
        list_names,
        "What a what-if question may name: units, calendars, robots, open orders",
        reply=NamesReply,
    ),
    Endpoint(
        "POST",
        "/api/v1/what-if",
        (Scope.PLANNER,),
        ask_what_if,
        "Ask which orders a stop, a rush order or more capacity would delay; nothing is published",
        body=WhatIfWish,
        reply=WhatIfReply,
        media=JSON,
        faults=(409,),
    ),
    Endpoint(
        "POST",
        "/api/v1/what-if/looks",
        (Scope.PLANNER,),
        watch_what_if,
        "Ask the same, a line of JSON a look: after 50 replications, then surer; hang up to cancel",
        body=WhatIfWish,
        reply=WhatIfReply,
        produces=NDJSON,
        media=JSON,
        faults=(409,),
    ),
)
