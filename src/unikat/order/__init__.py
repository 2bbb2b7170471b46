"""Quote, order, the one table of legal states, release to the shop."""

from unikat.order.model import Order, OrderState, Quote
from unikat.order.order import LEGAL_STATES, move_order, place_order, read_order
from unikat.order.release import orders_to_release

__all__ = [
    "LEGAL_STATES",
    "Order",
    "OrderState",
    "Quote",
    "move_order",
    "orders_to_release",
    "place_order",
    "read_order",
]
