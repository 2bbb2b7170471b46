"""Breakdowns on purpose: a unit of the virtual floor fails now, and says so as a machine would."""

import msgspec
from starlette.responses import Response

from unikat.edge.web.call import Breakable, Call, answer
from unikat.edge.web.endpoint import JSON, Endpoint
from unikat.edge.web.problems import InvalidBody
from unikat.edge.web.scopes import Scope
from unikat.errors import NoVirtualFloor
from unikat.terms import HOUR, Seconds, UnitId

MOST_HOURS = 1_440


class BreakdownWish(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A unit breaks down now, for so many hours of plant time unless it is mended sooner; without
    hours until it is mended.
    """

    unit: str
    hours: float | None = None


class BreakdownReply(msgspec.Struct, frozen=True):
    """A unit is down, and expected back at `until`."""

    unit: str
    until: str


def break_unit(call: Call) -> Response:
    """Let a unit break down."""
    wish = call.read(BreakdownWish)
    length = None if wish.hours is None else _seconds(wish.hours)
    until = _machines(call).break_down(UnitId(wish.unit), length)
    return answer(BreakdownReply(wish.unit, call.web.iso(until)), 201)


def _seconds(hours: float) -> Seconds:
    length = round(hours * HOUR) if 0 < hours <= MOST_HOURS else 0
    if not length:
        raise InvalidBody(
            f"hours = {hours:g} must be above 0, and {MOST_HOURS} at most; without hours the unit"
            " is down until it is mended"
        )
    return length


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
