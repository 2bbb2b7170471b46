"""Move a step by hand: first what it would do, then, if the planner agrees, the new schedule."""

import msgspec
from starlette.responses import Response

from unikat import flow
from unikat.edge.times import from_iso
from unikat.edge.web.call import Call, answer
from unikat.edge.web.endpoint import JSON, Endpoint
from unikat.edge.web.scopes import Scope
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
    iso, orders = call.web.iso, call.site.state().orders
    [booking] = [b for b in moved.schedule.bookings if (b.order, b.step) == (move.order, move.step)]
    return MoveReply(
        start=iso(booking.start),
        finish=iso(booking.finish),
        is_published=is_published,
        broken=moved.broken,
        orders=tuple(
            MovedOrderReply(
                order=each.order,
                customer=orders[each.order].customer if each.order in orders else "a held quote",
                before=iso(each.before),
                after=iso(each.after),
                due=iso(each.due),
                later_s=each.after - each.before,
                is_broken=each.order in moved.broken,
            )
            for each in moved.delays
        ),
    )


ENDPOINTS = (
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
