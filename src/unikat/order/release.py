"""When an order is released to the shop: near its booked start, while the WIP limit allows."""

from collections.abc import Iterable, Mapping

from unikat.order.model import Order, OrderState
from unikat.terms import Instant, OrderId, Seconds

IN_SHOP = frozenset({OrderState.RELEASED, OrderState.STARTED, OrderState.FINISHED})


def orders_to_release(
    orders: Iterable[Order],
    starts: Mapping[OrderId, Instant],
    *,
    now: Instant,
    ahead_s: Seconds,
    wip_limit: int,
) -> tuple[OrderId, ...]:
    """Return the placed orders to release now, the earliest booked start first.

    Parameters
    ----------
    starts
        The booked start of each order's first step.
    ahead_s
        An order is released at most this long before its booked start.
    wip_limit
        No more orders than this are between release and delivery at once.
    """
    listed = tuple(orders)
    in_shop = sum(order.state in IN_SHOP for order in listed)
    due_now = sorted(
        (starts[order.id], order.id)
        for order in listed
        if order.state is OrderState.PLACED
        and order.id in starts
        and starts[order.id] <= now + ahead_s
    )
    return tuple(order_id for _, order_id in due_now[: max(0, wip_limit - in_shop)])
