"""Build the shop problem: one row an open, not running step, and the columns the kernels read."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from types import MappingProxyType

from unikat.order.model import Order
from unikat.plant.model import Plant
from unikat.schedule.columns import Columns
from unikat.schedule.loads import Load, OpenStep, group_loads, open_steps
from unikat.schedule.model import Progress
from unikat.schedule.tables import fill_columns
from unikat.terms import Instant, OrderId


@dataclass(frozen=True, slots=True)
class ShopProblem:
    """What is to be scheduled: the values it was built from, its rows, the kernels' columns.

    `steps` has one row an open step, `loads` what a unit does in one go; an order not in `weights`
    weighs 1.
    """

    plant: Plant = field(repr=False)
    orders: tuple[Order, ...] = field(repr=False)
    done: Progress = field(repr=False)
    now: Instant
    steps: tuple[OpenStep, ...] = field(repr=False)
    loads: tuple[Load, ...] = field(repr=False)
    columns: Columns = field(repr=False)
    weights: Mapping[OrderId, int] = field(default_factory=dict, repr=False)

    def weight(self, order: OrderId) -> int:
        """Return how many times an order's tardiness counts."""
        return self.weights.get(order, 1)


def build_problem(
    plant: Plant,
    orders: Sequence[Order],
    done: Progress,
    now: Instant,
    *,
    weights: Mapping[OrderId, int] = MappingProxyType({}),
) -> ShopProblem:
    """Build the shop problem of all open orders as seen now.

    Finished steps are facts and running steps never move. The composition of builds is the one of
    `done.bookings`; a step without a booking gets a build of its own. A step may start from
    `not_before` of its booking on (without one: once its order was asked for and its materials are
    bought), and when its predecessors have arrived. The aim of a job is its promised finish; its
    tardiness counts `weights` times.

    Raises
    ------
    NoCapacity
        A step fits into no window of any of its units.
    """
    steps = open_steps(orders, done)
    loads = group_loads(plant, steps, done, now)
    columns = fill_columns(plant, orders, steps, loads, done, now, weights)
    return ShopProblem(plant, tuple(orders), done, now, steps, loads, columns, weights)
