"""The floor as pages show it: units, queues, transporters and totals, and what changed between two
looks.
"""

from collections.abc import Mapping
from types import MappingProxyType

import msgspec

from unikat.edge.web.call import Web
from unikat.edge.web.wording import TickerReply, reply_ticker
from unikat.order.model import OrderState
from unikat.plant.model import Plant
from unikat.terms import WEEK, Instant, OrderId, UnitId
from unikat.twin.facts import Rank, SourceState, UnitState
from unikat.twin.state import FloorState

LATEST = 40
IN_SHOP = (OrderState.RELEASED, OrderState.STARTED, OrderState.FINISHED)


class CenterReply(msgspec.Struct, frozen=True):
    """A work center: its area, the places of its queue, its units."""

    id: str
    area: str
    places: int
    units: tuple[str, ...]


class UnitNow(msgspec.Struct, frozen=True):
    """A unit now: idle, setup, busy, blocked, down or closed; what it works on, and until when it
    should.
    """

    id: str
    state: str
    since: str | None
    until: str | None
    order: str | None
    num_orders: int
    step: str | None
    reason: str


class RobotNow(msgspec.Struct, frozen=True):
    """A transporter now: the work center (or store, dock) of its last move, and the order it
    brought there.
    """

    id: str
    at: str
    order: str | None


class BlindNow(msgspec.Struct, frozen=True):
    """A source of which messages are missing, so that what is shown may be wrong."""

    source: str
    missing: int
    last_seen: str


class FloorReply(msgspec.Struct, frozen=True):
    """The whole floor at one seq. `queues` names the waiting orders by work center, the first in
    front; `blind` the sources of which messages are missing.
    """

    seq: int
    now: str
    centers: tuple[CenterReply, ...]
    units: Mapping[str, UnitNow]
    queues: Mapping[str, tuple[str, ...]]
    transporters: Mapping[str, RobotNow]
    totals: Mapping[str, int]
    events: tuple[TickerReply, ...]
    blind: tuple[BlindNow, ...]


class FloorChange(msgspec.Struct, frozen=True):
    """What differs from an earlier look, the whole of each changed thing; `blind` always."""

    units: Mapping[str, UnitNow]
    queues: Mapping[str, tuple[str, ...]]
    transporters: Mapping[str, RobotNow]
    blind: tuple[BlindNow, ...]


def view_floor(web: Web) -> FloorReply:
    """Return the floor as it is now."""
    state = web.site.state()
    latest = web.site.log.read(after=max(0, state.seq - LATEST), limit=LATEST)
    counts = {
        "in_shop": sum(order.state in IN_SHOP for order in state.orders.values()),
        "shipped": sum(order.state is OrderState.DELIVERED for order in state.ended.values()),
    }
    events = tuple(reply_ticker(web, record) for record in latest)
    now = web.site.clock.now()
    stops = {
        unit: stop.reason or "planned stop"
        for stop in state.planned.values()
        if stop.start <= now < stop.finish
        for unit in stop.units
    }
    return show_floor(
        web, state.floor, now=now, seq=state.seq, counts=counts, events=events, stops=stops
    )


def show_floor(
    web: Web,
    floor: FloorState,
    *,
    now: Instant,
    seq: int,
    counts: Mapping[str, int],
    events: tuple[TickerReply, ...],
    stops: Mapping[UnitId, str] = MappingProxyType({}),
) -> FloorReply:
    """Return a state of the floor as pages show it; `counts` are totals of orders, `stops` says why
    a unit is closed by a planned stop.
    """
    plant = web.site.plant
    units = {
        str(unit): _unit(web, unit, each, now, stops.get(unit, ""))
        for unit, each in floor.units.items()
    }
    queues = _queues(plant, floor)
    return FloorReply(
        seq=seq,
        now=web.iso(now),
        centers=tuple(
            CenterReply(center.id, center.area, center.buffer, center.units)
            for center in plant.work_centers.values()
        ),
        units=units,
        queues=queues,
        transporters={
            name: RobotNow(name, _center_of(plant, robot.at), robot.order or None)
            for name, robot in floor.transporters.items()
        },
        totals={**_totals(units, queues), **counts},
        events=events,
        blind=tuple(_blind(web, name, floor.sources[name]) for name in floor.blind_sources),
    )


def change_of(before: FloorReply, after: FloorReply) -> FloorChange:
    """Return what differs between two looks."""
    return FloorChange(
        {key: each for key, each in after.units.items() if before.units.get(key) != each},
        {key: each for key, each in after.queues.items() if before.queues.get(key) != each},
        {
            key: each
            for key, each in after.transporters.items()
            if before.transporters.get(key) != each
        },
        after.blind,
    )


def whole_of(floor: FloorReply) -> FloorChange:
    """Return the whole floor as a change."""
    return FloorChange(floor.units, floor.queues, floor.transporters, floor.blind)


def _blind(web: Web, name: str, source: SourceState) -> BlindNow:
    return BlindNow(name, source.num_missing, web.iso(source.last_seen))


def _unit(web: Web, unit: UnitId, each: UnitState, now: Instant, stopped: str) -> UnitNow:
    calendar = web.site.plant.calendars[web.site.plant.center_of(unit).calendar]
    is_open = any(start <= now % WEEK < finish for start, finish in calendar.open) and not stopped
    is_known = each.since >= 0
    return UnitNow(
        id=unit,
        state="closed" if not is_open and each.state == "idle" else each.state,
        since=web.iso(each.since) if is_known else None,
        until=None if each.until is None else web.iso(each.until),
        order=each.order,
        num_orders=len(each.orders),
        step=each.step,
        reason=each.reason or stopped,
    )


def _queues(plant: Plant, floor: FloorState) -> Mapping[str, tuple[str, ...]]:
    """Return who waits in front of each work center, who came first in front."""
    waiting: dict[str, list[tuple[Rank, OrderId]]] = {center: [] for center in plant.work_centers}
    for order, track in floor.orders.items():
        center = track.place.removeprefix("buffer/")
        if center != track.place and center in waiting:
            waiting[center].append((track.place_rank, order))
    return {center: tuple(order for _, order in sorted(each)) for center, each in waiting.items()}


def _center_of(plant: Plant, place: str) -> str:
    """Return the work center of a place on the floor; store and dock are places of their own."""
    unit = plant.units.get(UnitId(place))
    return place.removeprefix("buffer/") if unit is None else unit.work_center


def _totals(
    units: Mapping[str, UnitNow], queues: Mapping[str, tuple[str, ...]]
) -> Mapping[str, int]:
    states = [unit.state for unit in units.values()]
    return {
        "working": states.count("busy") + states.count("setup"),
        "down": states.count("down"),
        "queued": sum(map(len, queues.values())),
    }
