"""What the twin learns from the log: how its forecasts came true, and how long steps take.

A fold in the sequence of the log. A step whose messages came in another sequence is passed over:
what is learnt from thousands does not need each one.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from math import log

from unikat.capacity.calendar import working_time
from unikat.capacity.model import Booking
from unikat.events import (
    ClockJudged,
    DriftDetected,
    Event,
    ForecastMade,
    ForecastScored,
    ModelAccepted,
    ModelProposed,
    OrderCancelled,
    OrderDelivered,
    Recorded,
    StepFinished,
    StepStarted,
    WorkUnitRestarted,
    WorkUnitStopped,
)
from unikat.order.model import Order
from unikat.plant.model import Plant
from unikat.schedule.model import StepKey
from unikat.terms import Capability, Instant, OrderId, Seconds, UnitId
from unikat.twin.clocks import FLOOR, RIGHT, SourceClock, hear
from unikat.twin.drift import Watch, watch_step
from unikat.twin.model import PLAIN, StepClass, TwinModel, model_of
from unikat.twin.score import Foreseen
from unikat.twin.state import FloorState

NUM_SCORES = 1_000
PLANNED = ("maintenance", "planned")
"""How the reason of a stop begins that is no failure."""
LEAST_ATTEMPTS = 30
"""So many of a capability's steps must have been done before a share of repeats is believed."""
NUM_SITUATIONS = 60
"""How many of the last forecasts can be played again."""


@dataclass(frozen=True, slots=True)
class Situation:
    """What a forecast was made from, so that it can be played again with another model."""

    at: Instant
    seed: int
    floor: FloorState
    orders: Mapping[OrderId, Order]
    bookings: Mapping[StepKey, Booking]


@dataclass(frozen=True, slots=True)
class Meter:
    """A unit's present work: its steps (several of one build), when it began and was last resumed
    (None: it is down), and the spells of work before that.
    """

    steps: tuple[StepKey, ...]
    began: Instant
    resumed: Instant | None
    spells: tuple[tuple[Instant, Instant], ...] = ()


@dataclass(frozen=True, slots=True)
class Wear:
    """What a unit went through: seconds of work, failures, repairs and their seconds; since when it
    is down (None: it is not).
    """

    worked: Seconds = 0
    num_failures: int = 0
    num_repairs: int = 0
    down_s: Seconds = 0
    down_since: Instant | None = None


@dataclass(frozen=True, slots=True)
class Learning:
    """What is learnt so far.

    `foreseen` are the forecasts of open orders, `scores` the last thousand scored orders of
    `num_scored`. `model` is the accepted version, `proposals` are the open ones by version,
    `drifts` the last alarm of each step class since the model was accepted. `attempts` are by
    capability the steps done, and how many of them were done before.
    """

    foreseen: Mapping[OrderId, tuple[Foreseen, ...]] = field(default_factory=dict)
    scores: tuple[ForecastScored, ...] = ()
    num_scored: int = 0
    model: TwinModel = PLAIN
    last_version: int = 0
    proposals: Mapping[int, ModelProposed] = field(default_factory=dict)
    drifts: Mapping[StepClass, DriftDetected] = field(default_factory=dict)
    watches: Mapping[StepClass, Watch] = field(default_factory=dict)
    meters: Mapping[UnitId, Meter] = field(default_factory=dict)
    situations: tuple[Situation, ...] = ()
    wear: Mapping[UnitId, Wear] = field(default_factory=dict)
    clocks: Mapping[str, SourceClock] = field(default_factory=dict)
    attempts: Mapping[Capability, tuple[int, int]] = field(default_factory=dict)

    @property
    def repeats(self) -> Mapping[Capability, float]:
        """Return the share of each capability's steps that were done again, once it is known."""
        return {
            capability: again / done
            for capability, (done, again) in self.attempts.items()
            if again and done >= LEAST_ATTEMPTS
        }


class LearningDraft:
    """The private copy a batch of events is folded into."""

    def __init__(self, plant: Plant, learning: Learning) -> None:
        self.plant = plant
        self.foreseen = dict(learning.foreseen)
        self.scores = list(learning.scores)
        self.num_scored = learning.num_scored
        self.model = learning.model
        self.last_version = learning.last_version
        self.proposals = dict(learning.proposals)
        self.drifts = dict(learning.drifts)
        self.watches = dict(learning.watches)
        self.meters = dict(learning.meters)
        self.situations = list(learning.situations)
        self.wear = dict(learning.wear)
        self.clocks = dict(learning.clocks)
        self.attempts = dict(learning.attempts)

    def value(self) -> Learning:
        """Return what is learnt after the batch."""
        return Learning(
            self.foreseen,
            tuple(self.scores[-NUM_SCORES:]),
            self.num_scored,
            self.model,
            self.last_version,
            self.proposals,
            self.drifts,
            self.watches,
            self.meters,
            tuple(self.situations[-NUM_SITUATIONS:]),
            self.wear,
            self.clocks,
            self.attempts,
        )

    def hear(self, record: Recorded) -> None:
        """Fold when a message of the floor arrived, or how wrong its source's clock is."""
        event, stream = record.event, record.stream
        if stream.startswith(FLOOR):
            source = stream.removeprefix(FLOOR)
            clock = self.clocks.get(source, RIGHT)
            self.clocks[source] = hear(clock, event.at, record.recorded_at)
        elif isinstance(event, ClockJudged):
            self.clocks[event.source] = SourceClock(event.offset)

    def apply(self, event: Event, orders: Mapping[OrderId, Order]) -> None:
        """Fold one event; `orders` are the open ones before it."""
        match event:
            case StepStarted():
                self._start(event)
            case StepFinished():
                self._finish(event, orders)
            case WorkUnitStopped() | WorkUnitRestarted():
                self._interrupt(event)
                self._wear_down(event)
            case ForecastMade():
                self._foresee(event)
            case ForecastScored():
                self.scores.append(event)
                self.num_scored += 1
            case OrderDelivered() | OrderCancelled():
                self.foreseen.pop(event.order_id, None)
            case DriftDetected() | ModelProposed() | ModelAccepted():
                self._tell(event)
            case _:
                pass

    def situate(
        self,
        event: ForecastMade,
        floor: FloorState,
        orders: Mapping[OrderId, Order],
        bookings: Mapping[StepKey, Booking],
    ) -> None:
        """Keep what a forecast was made from."""
        self.situations.append(Situation(event.at, event.seed, floor, dict(orders), dict(bookings)))
        del self.situations[:-NUM_SITUATIONS]

    def _foresee(self, event: ForecastMade) -> None:
        for each in event.orders:
            said = Foreseen(event.at, event.model_version, each)
            self.foreseen[each.order_id] = (*self.foreseen.get(each.order_id, ()), said)

    def _tell(self, event: DriftDetected | ModelProposed | ModelAccepted) -> None:
        """Note a drift, a proposal, or that a proposed version is in use from now on."""
        if isinstance(event, DriftDetected):
            self.drifts[event.capability, event.unit] = event
        elif isinstance(event, ModelProposed):
            self.proposals = {event.version: event}
            self.last_version = event.version
        elif (proposed := self.proposals.pop(event.version, None)) is not None:
            before, self.model = self.model, model_of(proposed, event.at)
            changed = set(self.model.by_class.items()) ^ set(before.by_class.items())
            for step_class, _ in changed:
                self.watches.pop(step_class, None)
            self.drifts = {}

    def _start(self, event: StepStarted) -> None:
        key = (event.order_id, event.step)
        meter = self.meters.get(event.unit)
        if meter is not None and meter.began == event.at and event.build is not None:
            self.meters[event.unit] = replace(meter, steps=(*meter.steps, key))
        else:
            self.meters[event.unit] = Meter((key,), event.at, event.at)

    def _interrupt(self, event: WorkUnitStopped | WorkUnitRestarted) -> None:
        meter = self.meters.get(event.unit)
        if meter is None:
            return
        if isinstance(event, WorkUnitRestarted):
            resumed = event.at if meter.resumed is None else meter.resumed
            self.meters[event.unit] = replace(meter, resumed=resumed)
        elif meter.resumed is not None:
            spells = (*meter.spells, (meter.resumed, event.at))
            self.meters[event.unit] = replace(meter, resumed=None, spells=spells)

    def _wear_down(self, event: WorkUnitStopped | WorkUnitRestarted) -> None:
        wear = self.wear.get(event.unit, Wear())
        if isinstance(event, WorkUnitStopped):
            if wear.down_since is None and not event.reason.startswith(PLANNED):
                num = wear.num_failures + 1
                self.wear[event.unit] = replace(wear, num_failures=num, down_since=event.at)
        elif wear.down_since is not None:
            self.wear[event.unit] = replace(
                wear,
                num_repairs=wear.num_repairs + 1,
                down_s=wear.down_s + max(0, event.at - wear.down_since),
                down_since=None,
            )

    def _finish(self, event: StepFinished, orders: Mapping[OrderId, Order]) -> None:
        meter = self.meters.get(event.unit)
        if meter is None or (event.order_id, event.step) not in meter.steps:
            return
        del self.meters[event.unit]
        steps = [
            step
            for order, name in meter.steps
            if order in orders
            for step in orders[order].variant.steps
            if step.step == name
        ]
        nominal = max((self.plant.duration(event.unit, s.work) for s in steps), default=0)
        if not nominal or meter.resumed is None:
            return
        capability = steps[0].capability
        done, again = self.attempts.get(capability, (0, 0))
        self.attempts[capability] = done + 1, again + (event.attempt > 0)
        spells = (*meter.spells, (meter.resumed, event.at))
        worked = sum(self._worked(event.unit, capability, *spell) for spell in spells)
        wear = self.wear.get(event.unit, Wear())
        self.wear[event.unit] = replace(wear, worked=wear.worked + worked)
        if worked > 0:
            self._watch(capability, event.unit, event.at, log(worked / nominal))

    def _worked(
        self, unit: UnitId, capability: Capability, begin: Instant, end: Instant
    ) -> Seconds:
        """Return the work of a spell: where work pauses, closed hours do not count."""
        if not self.plant.center_of(unit).is_interruptible or end <= begin:
            return max(0, end - begin)
        time = working_time(self.plant, unit, capability, start=begin, finish=end)
        return time.between(begin, end)

    def _watch(self, capability: Capability, unit: UnitId, at: Instant, ratio: float) -> None:
        key = (capability, unit)
        row = self.model.row(self.plant, capability, unit)
        self.watches[key] = watch_step(self.watches.get(key, Watch()), row, at, ratio)
