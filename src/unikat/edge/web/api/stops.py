"""Planned stops: closures and maintenance that promises, schedules and the floor keep clear of."""

import msgspec
from starlette.responses import Response

from unikat import flow
from unikat.edge.times import from_iso
from unikat.edge.web.call import Call, answer
from unikat.edge.web.endpoint import JSON, Endpoint
from unikat.edge.web.scopes import Scope
from unikat.errors import InvalidStop
from unikat.events import StopPlanned
from unikat.terms import DAY, UnitId, WorkCenterId

ALL = "all"


class StopWish(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Units will not work from `start` to `finish`.

    `units` names units or work centers; `all` is every unit: a holiday.
    """

    units: tuple[str, ...]
    start: str
    finish: str
    reason: str = ""


class StopReply(msgspec.Struct, frozen=True):
    """A planned stop."""

    id: str
    units: tuple[str, ...]
    start: str
    finish: str
    reason: str


class StopsReply(msgspec.Struct, frozen=True):
    """All planned stops that are not over, the soonest first."""

    stops: tuple[StopReply, ...]


def list_stops(call: Call) -> Response:
    """Return the planned stops."""
    now = call.site.clock.now()
    planned = [each for each in call.site.state().planned.values() if each.finish > now]
    planned.sort(key=lambda each: (each.start, each.stop_id))
    return answer(StopsReply(tuple(_reply(call, each) for each in planned)))


def plan_stop(call: Call) -> Response:
    """Plan a stop."""
    wish, settings = call.read(StopWish), call.web.settings
    start, finish = (
        from_iso(text, settings.epoch, settings.zone) for text in (wish.start, wish.finish)
    )
    now, longest = call.site.clock.now(), call.site.plant.horizon_s
    if not max(start, now) < finish <= now + longest:
        raise InvalidStop(
            f"a stop from {call.web.iso(start)} until {call.web.iso(finish)}: it must end after it"
            f" begins, after now ({call.web.iso(now)}), and within {longest // DAY} days"
        )
    units = _units(call, wish.units)
    reason = wish.reason.strip()[:200]
    return answer(_reply(call, flow.plan_stop(call.site, units, start, finish, reason)), 201)


def withdraw_stop(call: Call) -> Response:
    """Withdraw a planned stop."""
    flow.withdraw_stop(call.site, call.path("stop_id"))
    return Response(status_code=204)


def _units(call: Call, names: tuple[str, ...]) -> tuple[UnitId, ...]:
    """Return the units that are meant; a name nothing has stays, to be refused."""
    plant = call.site.plant
    found: dict[UnitId, None] = {}
    for name in names:
        center = plant.work_centers.get(WorkCenterId(name))
        units = center.units if center is not None else (UnitId(name),)
        found |= dict.fromkeys(plant.units if name == ALL else units)
    return tuple(found)


def _reply(call: Call, planned: StopPlanned) -> StopReply:
    iso = call.web.iso
    return StopReply(
        id=planned.stop_id,
        units=planned.units,
        start=iso(planned.start),
        finish=iso(planned.finish),
        reason=planned.reason,
    )


ENDPOINTS = (
    Endpoint(
        "GET",
        "/api/v1/stops",
        (Scope.PLANNER, Scope.FLOOR),
        list_stops,
        "The planned stops of units: closures and maintenance",
        reply=StopsReply,
    ),
    Endpoint(
        "POST",
        "/api/v1/stops",
        (Scope.PLANNER,),
        plan_stop,
        "Close units, work centers or all for a while; what is booked there moves",
        body=StopWish,
        reply=StopReply,
        media=JSON,
        status=201,
        faults=(409,),
    ),
    Endpoint(
        "DELETE",
        "/api/v1/stops/{stop_id}",
        (Scope.PLANNER,),
        withdraw_stop,
        "Withdraw a planned stop",
        status=204,
        faults=(422,),
    ),
)
