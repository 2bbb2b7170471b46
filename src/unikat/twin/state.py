"""The state of the floor, folded from its events: in batches of any size and any sequence the same,
bit for bit.

Each fact carries the rank of the event that says it (`twin.facts`), so a repeated or late event
changes nothing that is known better already. What belongs to an order is forgotten when it is
delivered.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from hashlib import sha256
from typing import TypeVar

from unikat.capacity.model import Booking, Stop
from unikat.events import (
    Event,
    LoadMoved,
    OrderDelivered,
    Recorded,
    SetupStarted,
    StepFinished,
    StepStarted,
    WorkUnitRestarted,
    WorkUnitStopped,
)
from unikat.plant.model import Plant
from unikat.schedule.model import Progress, Running, StepKey
from unikat.terms import DAY, HOUR, Instant, OrderId, Seconds, StepId, UnitId
from unikat.twin.facts import (
    NUM_STOPS,
    Finish,
    OrderTrack,
    Rank,
    RobotState,
    SourceState,
    Start,
    UnitState,
    Work,
    rank_of,
)

DISORDER: Seconds = 120
"""How much later than younger events an event may come."""
DOCK = "dock"

Fact = TypeVar("Fact", Start, Finish)


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


def empty_state(plant: Plant) -> FloorState:
    """Return the state of a floor on which nothing has happened."""
    units = dict.fromkeys(plant.units, UnitState())
    robots = {name: RobotState((-1, "", 0, 0), "", OrderId("")) for name in plant.transporters}
    return FloorState(-1, units, {}, robots, {}, {})


def apply_events(state: FloorState, events: Sequence[Recorded]) -> FloorState:
    """Return the state after a batch of events; those that do not concern the floor are passed
    over.
    """
    draft = _Draft(state)
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
    return track.place, track.place_rank, started, finished


def progress_of(state: FloorState, bookings: Mapping[StepKey, Booking], now: Instant) -> Progress:
    """Return what the floor has done so far, as the scheduler needs it.

    A running step finishes when it said, later by the time its unit was down meanwhile, and not
    before now + 1. A unit that is down stops until its expected return; one being set up for a step
    stops until the booked length of that setup is over.
    """
    finished: dict[StepKey, tuple[UnitId, Instant]] = {}
    running: dict[StepKey, Running] = {}
    for order, track in state.orders.items():
        at_work = track.running
        for step, finish in track.finished.items():
            if step not in at_work:
                finished[order, step] = (finish.unit, finish.rank[0])
        for step, start in at_work.items():
            running[order, step] = _running(state.units.get(start.unit), start, now)
    stops = (_stop_of(unit, each, bookings, now) for unit, each in sorted(state.units.items()))
    return Progress(
        finished=finished,
        running=running,
        families={u: each.family for u, each in state.units.items() if each.family is not None},
        stops=tuple(stop for stop in stops if stop is not None),
        bookings=bookings,
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


class _Draft:
    """The private copy a batch is folded into."""

    def __init__(self, state: FloorState) -> None:
        self.newest = state.newest
        self.units = dict(state.units)
        self.orders = dict(state.orders)
        self.robots = dict(state.transporters)
        self.sources = dict(state.sources)
        self.ended = dict(state.ended)

    def apply(self, event: Event, rank: Rank) -> bool:
        """Fold one event; return whether it concerns the floor."""
        match event:
            case SetupStarted():
                self.set_up(event, rank)
            case StepStarted():
                self.start(event, rank)
            case StepFinished():
                self.finish(event, rank)
            case LoadMoved():
                self.move(event, rank)
            case WorkUnitStopped() | WorkUnitRestarted():
                self.stop(event, rank)
            case OrderDelivered():
                self.forget(event.order_id, rank[0])
            case _:
                return False
        return True

    def note_source(self, rank: Rank) -> None:
        """Note which message of its source an event was; a newer epoch begins a new count."""
        at, source, epoch, seq = rank
        known = self.sources.get(source)
        if seq == 0 or (known is not None and epoch < known.epoch):
            return
        if known is None or epoch > known.epoch:
            last = at if known is None else max(at, known.last_seen)
            self.sources[source] = SourceState(epoch, last, ((seq, seq + 1),))
            return
        seen = _add_seq(known.seen, seq)
        self.sources[source] = SourceState(epoch, max(at, known.last_seen), seen)

    def set_up(self, event: SetupStarted, rank: Rank) -> None:
        """Note a setup, and the family the unit has since."""
        self.work(event.unit, Work(rank, "setup", event.order_id, event.step))
        each = self.units.get(event.unit)
        if each is not None and rank > each.family_rank:
            self.units[event.unit] = replace(each, family=event.family, family_rank=rank)

    def start(self, event: StepStarted, rank: Rank) -> None:
        """Note that a step began where it began."""
        order, step = event.order_id, event.step
        self.work(event.unit, Work(rank, "busy", order, step, event.build, event.until))
        self.locate(order, event.unit, rank)
        if (track := self.orders.get(order)) is not None:
            start = Start(rank, event.unit, event.attempt, event.build, event.until)
            self.orders[order] = replace(track, started=_latest(track.started, step, start))

    def finish(self, event: StepFinished, rank: Rank) -> None:
        """Note that a step is done; its load is still in the unit."""
        order, step = event.order_id, event.step
        self.work(event.unit, Work(rank, "idle", order, step, event.build))
        self.locate(order, event.unit, rank)
        if (track := self.orders.get(order)) is not None:
            finish = Finish(rank, event.unit, event.attempt)
            self.orders[order] = replace(track, finished=_latest(track.finished, step, finish))

    def move(self, event: LoadMoved, rank: Rank) -> None:
        """Note where a load and its transporter are."""
        self.locate(event.order_id, event.target, rank)
        known = self.robots.get(event.transporter)
        if event.transporter and (known is None or rank > known.rank):
            self.robots[event.transporter] = RobotState(rank, event.target, event.order_id)

    def stop(self, event: WorkUnitStopped | WorkUnitRestarted, rank: Rank) -> None:
        """Note a stop or a restart; only the last few are kept."""
        each = self.units.get(event.unit)
        if each is None:
            return
        if isinstance(event, WorkUnitStopped):
            stops = sorted({*each.stops, (rank, event.until, event.reason)})[-NUM_STOPS:]
            self.units[event.unit] = replace(each, stops=tuple(stops))
        else:
            restarts = sorted({*each.restarts, rank})[-NUM_STOPS:]
            self.units[event.unit] = replace(each, restarts=tuple(restarts))

    def work(self, unit: UnitId, work: Work) -> None:
        """Note what a unit did last; what is no unit of the plant has no state."""
        each = self.units.get(unit)
        if each is not None and work.rank > each.work.rank:
            self.units[unit] = replace(each, work=work)

    def locate(self, order: OrderId, place: str, rank: Rank) -> None:
        """Note where an order's load is."""
        if order in self.ended:
            return
        track = self.orders.setdefault(order, OrderTrack())
        if rank <= track.place_rank:
            return
        self._take_out(order, track.place)
        self.orders[order] = replace(track, place=place, place_rank=rank)
        if (each := self.units.get(UnitId(place))) is not None:
            self.units[UnitId(place)] = replace(each, orders=each.orders | {order})

    def forget(self, order: OrderId, at: Instant) -> None:
        """Forget an order that left, but not yet that it left."""
        self.ended[order] = max(at, self.ended.get(order, at))
        if (track := self.orders.pop(order, None)) is not None:
            self._take_out(order, track.place)

    def forget_old(self, before: Instant) -> None:
        """Once an hour of event time forget orders long at the dock, and who left longer ago
        than events may be late.
        """
        hour = self.newest // HOUR * HOUR
        if before >= hour:
            return
        for order, track in list(self.orders.items()):
            if track.place == DOCK and track.place_rank[0] <= hour - DAY:
                self.forget(order, track.place_rank[0])
        self.ended = {o: at for o, at in self.ended.items() if at > hour - 2 * DAY}

    def _take_out(self, order: OrderId, place: str) -> None:
        if (each := self.units.get(UnitId(place))) is not None:
            self.units[UnitId(place)] = replace(each, orders=each.orders - {order})


def _add_seq(seen: tuple[tuple[int, int], ...], seq: int) -> tuple[tuple[int, int], ...]:
    """Return merged ranges with one more seq; the usual case is the one after the last."""
    if seen[-1][1] == seq:
        return (*seen[:-1], (seen[-1][0], seq + 1))
    if any(low <= seq < high for low, high in seen):
        return seen
    merged: list[tuple[int, int]] = []
    for low, high in sorted((*seen, (seq, seq + 1))):
        if merged and merged[-1][1] == low:
            merged[-1] = (merged[-1][0], high)
        else:
            merged.append((low, high))
    return tuple(merged)


def _latest(facts: Mapping[StepId, Fact], step: StepId, fact: Fact) -> Mapping[StepId, Fact]:
    known = facts.get(step)
    if known is not None and known.rank >= fact.rank:
        return facts
    return {**facts, step: fact}
