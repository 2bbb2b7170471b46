"""What schedules move: by hand, shown before it is published, and by the last ones published."""

from collections.abc import Iterable

import msgspec
from starlette.responses import Response

from unikat import flow
from unikat.edge.times import from_iso
from unikat.edge.web.call import Call, answer
from unikat.edge.web.endpoint import JSON, Endpoint
from unikat.edge.web.scopes import Scope
from unikat.promise.model import Delay
from unikat.schedule.move import Move, MovedSchedule
from unikat.terms import OrderId, Seconds, StepId, UnitId


class MoveWish(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A step goes to a unit and starts from `start` on; what is in its build goes with it.

    Nothing changes unless `publish` is set; then `may_break` names the orders that may finish after
    their due date.
    """

    order: str
    step: str
    unit: str
    start: str
    publish: bool = False
    may_break: tuple[str, ...] = ()


class MovedOrderReply(msgspec.Struct, frozen=True):
    """An order that finishes at another time: `later_s` after now's plan, negative if sooner."""

    order: str
    customer: str
    before: str
    after: str
    due: str
    later_s: Seconds
    is_broken: bool


class MoveReply(msgspec.Struct, frozen=True):
    """Where the step would be, and the orders that finish at another time, most delayed first."""

    start: str
    finish: str
    is_published: bool
    broken: tuple[str, ...]
    orders: tuple[MovedOrderReply, ...]


class ChangeReply(msgspec.Struct, frozen=True):
    """A published schedule: when, why, and the orders it moved, the most delayed first."""

    at: str
    cause: str
    orders: tuple[MovedOrderReply, ...]


class ChangesReply(msgspec.Struct, frozen=True):
    """The last published schedules that moved an order, the newest first."""

    changes: tuple[ChangeReply, ...]


def find_changes(call: Call) -> Response:
    """Return what the last schedules moved, and why."""
    iso = call.web.iso
    changes = tuple(
        ChangeReply(iso(each.at), each.cause, _orders(call, each.moves))
        for each in reversed(call.site.state().publications)
    )
    return answer(ChangesReply(changes))


def move_one(call: Call) -> Response:
    """Show, or do, what moving a step does."""
    web, wish = call.web, call.read(MoveWish)
    start = from_iso(wish.start, web.settings.epoch, web.settings.zone)
    move = Move(OrderId(wish.order), StepId(wish.step), UnitId(wish.unit), start)
    if wish.publish:
        may_break = frozenset(map(OrderId, wish.may_break))
        moved = flow.publish_move(call.site, move, may_break=may_break)
    else:
        moved = flow.preview_move(call.site, move)
    return answer(_reply(call, move, moved, is_published=wish.publish))


def _reply(call: Call, move: Move, moved: MovedSchedule, *, is_published: bool) -> MoveReply:
    [booking] = [b for b in moved.schedule.bookings if (b.order, b.step) == (move.order, move.step)]
    return MoveReply(
        start=call.web.iso(booking.start),
        finish=call.web.iso(booking.finish),
        is_published=is_published,
        broken=moved.broken,
        orders=_orders(call, moved.delays),
    )


def _orders(call: Call, delays: Iterable[Delay]) -> tuple[MovedOrderReply, ...]:
    iso, state = call.web.iso, call.site.state()
    known = {**state.ended, **state.orders}
    return tuple(
        MovedOrderReply(
            order=each.order,
            customer=known[each.order].customer if each.order in known else "a held quote",
            before=iso(each.before),
            after=iso(each.after),
            due=iso(each.due),
            later_s=each.after - each.before,
            is_broken=each.after > each.before and each.is_broken,
        )
        for each in delays
    )


ENDPOINTS = (
    Endpoint(
        "GET",
        "/api/v1/schedule/changes",
        (Scope.PLANNER,),
        find_changes,
        "The last schedules that moved an order: when, why, and which",
        reply=ChangesReply,
    ),
    Endpoint(
        "POST",
        "/api/v1/schedule/moves",
        (Scope.PLANNER,),
        move_one,
        "Show what moving a step by hand does to every order; with `publish`, do it",
        body=MoveWish,
        reply=MoveReply,
        media=JSON,
        faults=(409,),
    ),
)
