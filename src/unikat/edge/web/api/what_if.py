"""What-if: what would be different, order by order, before anything is published."""

from starlette.responses import Response

from unikat import flow
from unikat.edge.web.call import Call, answer
from unikat.edge.web.endpoint import JSON, Endpoint
from unikat.edge.web.scopes import Scope
from unikat.edge.what_if import WhatIfReply, WhatIfWish, reply_of, scenario_of


def ask_what_if(call: Call) -> Response:
    """Compare a scenario with going on as now; publish nothing."""
    site, wish = call.site, call.read(WhatIfWish)
    scenario = scenario_of(site.plant, site.clock.now(), wish)
    found = flow.what_if(site, scenario, seed=wish.seed, replications=wish.replications)
    customers = {order.id: order.customer for order in site.state().orders.values()}
    return answer(reply_of(found, customers, call.web.iso))


ENDPOINTS = (
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
)
