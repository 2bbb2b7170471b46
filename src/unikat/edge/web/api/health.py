"""Is the process alive, and can it serve?"""

import msgspec
from starlette.responses import Response

from unikat.edge.web.call import Call, answer
from unikat.edge.web.endpoint import Endpoint, Lane
from unikat.edge.web.scopes import Scope
from unikat.errors import StoreFailure


class HealthReply(msgspec.Struct, frozen=True):
    """`ok`, and the newest seq of the log."""

    status: str
    seq: int


def alive(call: Call) -> Response:
    """Say that the process answers."""
    return answer(HealthReply("ok", call.site.state().seq))


def is_ready(call: Call) -> Response:
    """Say whether the log can be read and is folded.

    Raises
    ------
    StoreFailure
        It is not.
    """
    head, seq = call.site.log.head(), call.site.state().seq
    if head < seq:
        raise StoreFailure(f"the log ends at {head}, the state is at {seq}; restart the server")
    return answer(HealthReply("ok", seq))


ENDPOINTS = (
    Endpoint(
        "GET",
        "/healthz",
        (Scope.PUBLIC,),
        alive,
        "Is the process alive?",
        reply=HealthReply,
        lane=Lane.LOOP,
    ),
    Endpoint(
        "GET",
        "/readyz",
        (Scope.PUBLIC,),
        is_ready,
        "Can it serve?",
        reply=HealthReply,
        faults=(503,),
    ),
)
