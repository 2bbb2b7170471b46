"""The state of the floor, folded from its events: in batches of any size and any sequence the same,
bit for bit.

Each fact carries the rank of the event that says it (`twin.facts`), so a repeated or late event
changes nothing that is known better already. What belongs to an order is forgotten when it is
delivered.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from hashlib import sha256

from unikat.capacity.model import Booking, Stop
from unikat.events import (
    Recorded,
)
from unikat.plant.model import Plant
from unikat.schedule.model import Progress, Running, StepKey
from unikat.terms import Instant, OrderId, UnitId
from unikat.twin.facts import (
    OrderTrack,
    RobotState,
    SourceState,
    Start,
    UnitState,
    rank_of,
)
from unikat.twin.fold import Draft


@dataclass(frozen=True, slots=True)
class FloorState:
    """What the floor's events say so far; `newest` is the latest event time.

    `orders` are those on the floor: an order appears with its first event and goes when it is
    delivered (or a day after it came to the dock). `ended` remembers for a while which went, so
    that a late event does not bring them back.
    """

    newest: Instant
    units: Mapping[UnitId, UnitState]
    orders: Mapping[OrderId, OrderTrack]
    transporters: Mapping[str, RobotState]
    sources: Mapping[str, SourceState]
    ended: Mapping[OrderId, Instant]

    @property
    def num_repaired(self) -> int:
        """Return how many steps of open orders were reported finished but never started."""
        return sum(len(t.finished.keys() - t.started.keys()) for t in self.orders.values())

    @property
    def blind_sources(self) -> tuple[str, ...]:
        """Return the sources of which a message is missing, so that what is known may be wrong."""
        return tuple(sorted(name for name, each in self.sources.items() if each.is_blind))


def empty_state(plant: Plant) -> FloorState:
    """Return the state of a floor on which nothing has happened."""
    units = dict.fromkeys(plant.units, UnitState())
    robots = {name: RobotState((-1, "", 0, 0), "", OrderId("")) for name in plant.transporters}
    return FloorState(-1, units, {}, robots, {}, {})


def apply_events(state: FloorState, events: Sequence[Recorded]) -> FloorState:
    """Return the state after a batch of events; those that do not concern the floor are passed
    over.
    """
    draft = Draft(state)
    for record in events:
        rank = rank_of(record.event.at, record.id)
        if draft.apply(record.event, rank):
            draft.newest = max(draft.newest, rank[0])
            draft.note_source(rank)
    draft.forget_old(state.newest)
    return FloorState(
        draft.newest, draft.units, draft.orders, draft.robots, draft.sources, draft.ended
    )


def hash_state(state: FloorState) -> str:
    """Return a digest of all that is known, equal for equal states."""
    digest = sha256(repr(state.newest).encode())
    parts: tuple[Iterable[tuple[str, object]], ...] = (
        ((unit, (each, sorted(each.orders))) for unit, each in _plain_units(state).items()),
        ((order, _plain_track(track)) for order, track in state.orders.items()),
        state.transporters.items(),
        state.sources.items(),
        state.ended.items(),
    )
    for part in parts:
        digest.update(repr(sorted(part, key=lambda item: item[0])).encode())
    return digest.hexdigest()


def _plain_units(state: FloorState) -> dict[UnitId, UnitState]:
    """Return the units without their sets, whose printed sequence is not fixed."""
    return {unit: replace(each, orders=frozenset()) for unit, each in state.units.items()}


def _plain_track(track: OrderTrack) -> tuple[object, ...]:
    started, finished = sorted(track.started.items()), sorted(track.finished.items())
    return track.place, track.place_rank, started, finished, track.scraps, track.reworks


def progress_of(
    state: FloorState,
    bookings: Mapping[StepKey, Booking],
    now: Instant,
    planned: Sequence[Stop] = (),
) -> Progress:
    """Return what the floor has done so far, and its `planned` stops, as the scheduler needs it.

    A running step finishes when it said, later by the time its unit was down meanwhile, and not
    before now + 1. A unit that is down stops until its expected return; one being set up for a step
    stops until the booked length of that setup is over.
    """
    finished: dict[StepKey, tuple[UnitId, Instant]] = {}
    running: dict[StepKey, Running] = {}
    reopened: dict[StepKey, Instant] = {}
    for order, track in state.orders.items():
        at_work = track.running
        for step, finish in track.done.items():
            if step not in at_work:
                finished[order, step] = (finish.unit, finish.rank[0])
        reopened.update({(order, step): at for step, at in track.reopened.items()})
        for step, start in at_work.items():
            running[order, step] = _running(state.units.get(start.unit), start, now)
    stops = (_stop_of(unit, each, bookings, now) for unit, each in sorted(state.units.items()))
    return Progress(
        finished=finished,
        running=running,
        families={u: each.family for u, each in state.units.items() if each.family is not None},
        stops=(
            *(stop for stop in stops if stop is not None),
            *(stop for stop in planned if stop.finish > now),
        ),
        bookings=bookings,
        reopened=reopened,
    )


def _running(unit: UnitState | None, start: Start, now: Instant) -> Running:
    finish = start.until
    if unit is not None:
        finish += unit.lost_since(start.rank, now)
        finish += max(0, unit.stops[-1][1] - now) if unit.is_down else 0
    return Running(start.unit, start.rank[0], max(finish, now + 1))


def _stop_of(
    unit: UnitId, each: UnitState, bookings: Mapping[StepKey, Booking], now: Instant
) -> Stop | None:
    if each.is_down:
        return Stop(unit, each.since, max(each.stops[-1][1], now + 1))
    if each.state != "setup" or each.order is None or each.step is None:
        return None
    booking = bookings.get((each.order, each.step))
    length = 0 if booking is None else booking.start - booking.setup_start
    return Stop(unit, each.since, max(each.since + length, now + 1))
