"""The twin: its score table, what drifts, and its model in versions that somebody accepts."""

import msgspec
from starlette.responses import Response

from unikat import learn
from unikat.edge.twin_view import ProposalReply, TwinReply, view_proposal, view_twin
from unikat.edge.web.call import Call, answer
from unikat.edge.web.endpoint import JSON, Endpoint
from unikat.edge.web.scopes import Scope


class AcceptWish(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The version to put to use."""

    version: int


def find_twin(call: Call) -> Response:
    """Return the twin as it is now."""
    site = call.site
    return answer(view_twin(site.plant, site.live.catch_up(), site.clock.now(), call.web.iso))


def propose_model(call: Call) -> Response:
    """Propose a model fitted to what was measured."""
    return answer(view_proposal(learn.propose(call.site), call.web.iso))


def accept_model(call: Call) -> Response:
    """Put a proposed version to use."""
    learn.accept_model(call.site, call.read(AcceptWish).version, by=call.caller.name)
    return find_twin(call)


ENDPOINTS = (
    Endpoint(
        "GET",
        "/api/v1/twin",
        (Scope.FLOOR, Scope.PLANNER),
        find_twin,
        "The twin: how its forecasts came true, its model, what drifts, what is proposed",
        reply=TwinReply,
    ),
    Endpoint(
        "POST",
        "/api/v1/twin/proposals",
        (Scope.PLANNER,),
        propose_model,
        "Fit the twin's model to what was measured, and show its score before and after",
        reply=ProposalReply,
        faults=(409,),
    ),
    Endpoint(
        "POST",
        "/api/v1/twin/accept",
        (Scope.PLANNER,),
        accept_model,
        "Put a proposed version of the twin's model to use",
        body=AcceptWish,
        reply=TwinReply,
        media=JSON,
        faults=(404,),
    ),
)
