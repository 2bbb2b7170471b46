"""The one store of capacity: what every unit and counted resource is booked for from now on.

A Capacity is a value: adding or removing an order copies only the rows it touches. What the kernels
read is kept beside it, so that a promise converts nothing.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace

from unikat.capacity.checks import check_build, check_counts, check_lane, check_time
from unikat.capacity.columns import Frame, Ints, ints, make_frame
from unikat.capacity.counted import Use
from unikat.capacity.lane import NO_FAMILY, Lane
from unikat.capacity.lanes import compile_lanes, modes_by_capability
from unikat.capacity.model import Booking, Stop
from unikat.capacity.opening import open_row, open_uses
from unikat.capacity.row import Entry, Row, insert_entry, make_row, replace_entry
from unikat.errors import CapacityTaken
from unikat.plant.model import Plant
from unikat.terms import (
    WEEK,
    Capability,
    Instant,
    ItemId,
    OrderId,
    ResourceId,
    SetupFamily,
    UnitId,
)

ROWS = 4  # where the heads of rows begin in `live`
Mode = tuple[Lane, tuple[ResourceId, ...]]


@dataclass(frozen=True, slots=True)
class Capacity:
    """Finite capacity from `now` on, as of `revision` (it grows with every add and remove).

    `rows` and `uses` are what units and counted resources are booked for, `orders` the bookings by
    order; `modes` are the units that offer a capability with the resources it holds;
    `material_ready` says when an item is there (missing: now). `until` is where the compiled
    calendars end. `heads` says where the columns of each row and use lie (see `tables`).
    """

    plant: Plant
    now: Instant
    revision: int
    stops: tuple[Stop, ...]
    material_ready: Mapping[ItemId, Instant]
    until: Instant
    lanes: Mapping[UnitId, Lane]
    modes: Mapping[Capability, tuple[Mode, ...]]
    rows: Mapping[UnitId, Row]
    uses: Mapping[ResourceId, Use]
    orders: Mapping[OrderId, tuple[Booking, ...]]
    frame: Frame = field(compare=False)
    heads: Ints = field(compare=False)

    def tables(self) -> tuple[Ints, Ints]:
        """Return what the kernels read: `plant` and `live`, valid as long as this value is."""
        live = self.heads.copy()
        live[:3] = self.now, self.now + self.plant.horizon_s, self.plant.frozen_s
        return self.frame.plant, live


def open_capacity(
    plant: Plant,
    bookings: Iterable[Booking],
    *,
    now: Instant,
    stops: Sequence[Stop] = (),
    revision: int = 0,
    material_ready: Mapping[ItemId, Instant] | None = None,
    families: Mapping[UnitId, SetupFamily] | None = None,
) -> Capacity:
    """Open the capacity of a plant at an instant.

    The bookings are facts and are not checked: after a disturbance they may overlap, and then the
    unit counts as busy until the last of them ends. Finished ones are left out; what a unit is set
    up for comes from the last of them, or from `families`, which wins.
    """
    until = now + plant.horizon_s + 4 * WEEK
    lanes = compile_lanes(plant, stops, start=max(0, now - WEEK), finish=until)
    by_unit: dict[UnitId, list[Booking]] = defaultdict(list)
    orders: dict[OrderId, list[Booking]] = defaultdict(list)
    for booking in bookings:
        if booking.unit in lanes:
            by_unit[booking.unit].append(booking)
            if booking.finish > now:
                orders[booking.order].append(booking)
    known = families or {}
    modes = modes_by_capability(plant, lanes)
    frame = make_frame(plant, lanes, modes)
    rows = {
        unit: open_row(lane, frame, by_unit[unit], now, known.get(unit))
        for unit, lane in lanes.items()
    }
    uses = open_uses(plant, rows)
    return Capacity(
        plant=plant,
        now=now,
        revision=revision,
        stops=tuple(stops),
        material_ready=dict(material_ready or {}),
        until=until,
        lanes=lanes,
        modes=modes,
        rows=rows,
        uses=uses,
        orders={order: tuple(booked) for order, booked in orders.items()},
        frame=frame,
        heads=_heads(frame, rows, uses),
    )


def add_bookings(capacity: Capacity, bookings: Iterable[Booking]) -> Capacity:
    """Book, all or nothing.

    Raises
    ------
    CapacityTaken
        Naming the unit or resource and the time at which a booking no longer fits.
    """
    return _book(capacity, tuple(bookings), is_checked=True)


def put_bookings(capacity: Capacity, bookings: Iterable[Booking]) -> Capacity:
    """Book facts without checking them: what was just found free here, or has happened."""
    return _book(capacity, tuple(bookings), is_checked=False)


def fits(capacity: Capacity, bookings: Iterable[Booking]) -> bool:
    """Tell whether `add_bookings` would succeed."""
    try:
        add_bookings(capacity, bookings)
    except CapacityTaken:
        return False
    return True


def remove_orders(capacity: Capacity, order_ids: Iterable[OrderId]) -> Capacity:
    """Free what these orders are booked for from now on; unknown orders are ignored."""
    known = [order for order in dict.fromkeys(order_ids) if order in capacity.orders]
    return remove_bookings(capacity, (b for order in known for b in capacity.orders[order]))


def remove_bookings(capacity: Capacity, bookings: Iterable[Booking]) -> Capacity:
    """Free what is booked; what is not booked is ignored."""
    rows, uses, orders = dict(capacity.rows), dict(capacity.uses), dict(capacity.orders)
    for booking in bookings:
        left = tuple(other for other in orders.get(booking.order, ()) if other != booking)
        orders[booking.order] = left
        if not left:
            del orders[booking.order]
        row = rows[booking.unit]
        k = row.find(booking)
        if k < 0:
            continue
        members = tuple(member for member in row.entries[k] if member != booking)
        lane = capacity.lanes[booking.unit]
        rows[booking.unit] = replace_entry(lane, capacity.frame, row, k, members)
        if not members:
            _hold(uses, booking, -1)
    return _with(capacity, rows, uses, orders)


def keep_entries(capacity: Capacity, entries: Mapping[UnitId, Sequence[Entry]]) -> Capacity:
    """Return the capacity with only these entries of each unit, in sequence."""
    rows = {
        unit: make_row(capacity.lanes[unit], capacity.frame, entries.get(unit, ()), row.family)
        for unit, row in capacity.rows.items()
    }
    uses = open_uses(capacity.plant, rows)
    return replace(capacity, rows=rows, uses=uses, heads=_heads(capacity.frame, rows, uses))


def move_now(capacity: Capacity, now: Instant) -> Capacity:
    """Move on to a later instant. What has finished by then counts no more, and is cut off when
    the capacity is opened again.
    """
    if now <= capacity.now:
        return capacity
    if now + capacity.plant.horizon_s >= capacity.until:
        return _reopen(capacity, now)
    return replace(capacity, now=now)


def _reopen(capacity: Capacity, now: Instant) -> Capacity:
    """Compile the calendars anew, since the horizon left the compiled span."""
    bookings = [booking for booked in capacity.orders.values() for booking in booked]
    names = {
        unit: {index: family for family, index in lane.families.items()}
        for unit, lane in capacity.lanes.items()
    }
    families = {
        unit: names[unit][index]
        for unit, row in capacity.rows.items()
        if (index := row.family_before(row.position(now))) != NO_FAMILY
    }
    return open_capacity(
        capacity.plant,
        bookings,
        now=now,
        stops=capacity.stops,
        revision=capacity.revision,
        material_ready=capacity.material_ready,
        families=families,
    )


def _heads(frame: Frame, rows: Mapping[UnitId, Row], uses: Mapping[ResourceId, Use]) -> Ints:
    """Return the clock, still 0, where uses begin, and where each row and use lies and how long."""
    heads = [head for unit in frame.units for head in _row_head(rows[unit])]
    use_heads = [head for name in frame.resources for head in _use_head(uses[name])]
    return ints([0, 0, 0, ROWS + len(heads), *heads, *use_heads])


def _row_head(row: Row) -> tuple[int, int, int]:
    return row.columns.ctypes.data, len(row.entries), row.family


def _use_head(use: Use) -> tuple[int, int, int]:
    return use.steps.ctypes.data, use.steps.shape[1], use.limit


def _with(
    capacity: Capacity,
    rows: Mapping[UnitId, Row],
    uses: Mapping[ResourceId, Use],
    orders: Mapping[OrderId, tuple[Booking, ...]],
) -> Capacity:
    """Return the capacity with other contents; only what changed is pointed to anew."""
    frame, heads = capacity.frame, capacity.heads.copy()
    for unit, row in rows.items():
        if row is not capacity.rows[unit]:
            place = ROWS + 3 * frame.units[unit]
            heads[place : place + 3] = _row_head(row)
    for name, use in uses.items():
        if use is not capacity.uses[name]:
            place = int(heads[3]) + 3 * frame.resources[name]
            heads[place : place + 3] = _use_head(use)
    return replace(
        capacity,
        rows=rows,
        uses=uses,
        orders=orders,
        revision=capacity.revision + 1,
        heads=heads,
    )


def _book(capacity: Capacity, bookings: Sequence[Booking], *, is_checked: bool) -> Capacity:
    rows, uses, orders = dict(capacity.rows), dict(capacity.uses), dict(capacity.orders)
    for booking in bookings:
        lane, row = capacity.lanes.get(booking.unit), rows.get(booking.unit)
        if lane is None or row is None:
            raise CapacityTaken(f"unit {booking.unit} is no longer in the plant; promise again")
        k = _build_at(row, booking)
        if is_checked:
            check_time(lane, booking, capacity.now)
            if k < 0:
                check_lane(lane, row, booking)
                check_counts(uses, booking)
            else:
                check_build(lane, row, k, booking)
        if k >= 0:
            members = (*row.entries[k], booking)
            rows[booking.unit] = replace_entry(lane, capacity.frame, row, k, members)
        else:
            rows[booking.unit] = insert_entry(lane, capacity.frame, row, booking)
            _hold(uses, booking, +1)
        orders[booking.order] = (*orders.get(booking.order, ()), booking)
    return _with(capacity, rows, uses, orders)


def _hold(uses: dict[ResourceId, Use], booking: Booking, by: int) -> None:
    for resource in booking.resources:
        if resource in uses:
            uses[resource] = uses[resource].change(booking.start, booking.finish, by)


def _build_at(row: Row, booking: Booking) -> int:
    """Return the index of the build this booking joins; -1 if there is none at its time."""
    k = row.position(booking.setup_start)
    if booking.build is None or k == len(row.entries):
        return -1
    return k if row.entries[k][0].build == booking.build else -1
