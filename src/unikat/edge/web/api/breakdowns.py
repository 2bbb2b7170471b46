"""Breakdowns on purpose: a unit of the virtual floor fails now, and says so as a machine would."""

import msgspec
from starlette.responses import Response

from unikat.edge.web.call import Breakable, Call, answer
from unikat.edge.web.endpoint import JSON, Endpoint
from unikat.edge.web.problems import InvalidBody
from unikat.edge.web.scopes import Scope
from unikat.errors import NoVirtualFloor
from unikat.terms import HOUR, UnitId

MOST_HOURS = 1_440


class BreakdownWish(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A unit breaks down now, for so many hours of plant time unless it is mended sooner."""

    unit: str
    hours: float


class BreakdownReply(msgspec.Struct, frozen=True):
    """A unit is down, and back at `until` unless it is mended sooner."""

    unit: str
    until: str


def break_unit(call: Call) -> Response:
    """Let a unit break down."""
    wish = call.read(BreakdownWish)
    length = round(wish.hours * HOUR) if 0 < wish.hours <= MOST_HOURS else 0
    if not length:
        raise InvalidBody(f"hours = {wish.hours:g} must be above 0, and {MOST_HOURS} at most")
    until = _machines(call).break_down(UnitId(wish.unit), length)
    return answer(BreakdownReply(wish.unit, call.web.iso(until)), 201)


def mend_unit(call: Call) -> Response:
    """Let a unit that is down go on."""
    _machines(call).mend(UnitId(call.path("unit")))
    return Response(status_code=204)


def _machines(call: Call) -> Breakable:
    if call.web.machines is None:
        raise NoVirtualFloor("nobody plays the machines here; `unikat demo` does")
    return call.web.machines


ENDPOINTS = (
    Endpoint(
        "POST",
        "/api/v1/breakdowns",
        (Scope.PLANNER,),
        break_unit,
        "Let a unit of the virtual floor break down now; a real one does so by itself",
        body=BreakdownWish,
        reply=BreakdownReply,
        media=JSON,
        status=201,
        faults=(404, 409),
    ),
    Endpoint(
        "DELETE",
        "/api/v1/breakdowns/{unit}",
        (Scope.PLANNER,),
        mend_unit,
        "Mend a unit of the virtual floor that is down",
        status=204,
        faults=(404, 409),
    ),
)
