"""Fold floor events into a private copy of the floor's state, in whatever sequence they come."""

from collections.abc import Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, TypeVar

from unikat.events import (
    Event,
    LoadMoved,
    MaterialUsed,
    OrderDelivered,
    PartMeasured,
    PartScrapped,
    ReworkOrdered,
    SetupStarted,
    StepFinished,
    StepStarted,
    WorkUnitRestarted,
    WorkUnitStopped,
)
from unikat.terms import DAY, HOUR, Instant, OrderId, StepId, UnitId
from unikat.twin.facts import (
    NUM_STOPS,
    Finish,
    OrderTrack,
    Rank,
    RobotState,
    SourceState,
    Start,
    Work,
)

if TYPE_CHECKING:
    from unikat.twin.state import FloorState

DOCK = "dock"

Fact = TypeVar("Fact", Start, Finish)


class Draft:
    """The private copy a batch is folded into."""

    def __init__(self, state: "FloorState") -> None:
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
            case PartScrapped() | ReworkOrdered():
                self.spoil(event, rank)
            case WorkUnitStopped() | WorkUnitRestarted():
                self.stop(event, rank)
            case OrderDelivered():
                self.forget(event.order_id, rank[0])
            case _:
                return isinstance(event, PartMeasured | MaterialUsed)
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
            finish = Finish(rank, event.unit, event.attempt, event.good)
            self.orders[order] = replace(track, finished=_latest(track.finished, step, finish))

    def spoil(self, event: PartScrapped | ReworkOrdered, rank: Rank) -> None:
        """Note that what was done of an order, or of some of its steps, does not count."""
        order = event.order_id
        if order in self.ended:
            return
        track = self.orders.setdefault(order, OrderTrack())
        if isinstance(event, PartScrapped):
            scraps = tuple(sorted({*track.scraps, rank}))
            self.orders[order] = replace(track, scraps=scraps)
        else:
            reworks = tuple(sorted({*track.reworks, (rank, event.again)}))
            self.orders[order] = replace(track, reworks=reworks)

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
