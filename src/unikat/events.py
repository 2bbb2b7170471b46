"""All that can happen, in the past tense: frozen, plain values only.

The log of these is the truth of a site: orders, capacity, the state of the floor and every figure
are folds of it. `at` is the event time in plant time. `EVENT_TYPES` is the one table from a stored
type name to its class.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import TypeAlias, get_args

from unikat.capacity.model import Booking
from unikat.configure.model import Price, Variant
from unikat.terms import (
    BuildId,
    Capability,
    CustomerId,
    EventId,
    HoldId,
    Instant,
    ItemId,
    OrderId,
    QuoteId,
    Seconds,
    SetupFamily,
    StepId,
    UnitId,
)

Pick: TypeAlias = bool | int | float | str


@dataclass(frozen=True, slots=True)
class CapacityHeld:
    """A quote's bookings were reserved until an instant."""

    at: Instant
    hold_id: HoldId
    quote_id: QuoteId
    bookings: tuple[Booking, ...]
    until: Instant


@dataclass(frozen=True, slots=True)
class HoldDropped:
    """A hold ended: its customer dropped it, its quote became an order, or its time ran out."""

    at: Instant
    hold_id: HoldId
    reason: str


@dataclass(frozen=True, slots=True)
class OrderPlaced:
    """A quote was accepted: the due date is promised, its bookings are taken.

    `family_version` is the version it was chosen from, 0 where it was not written yet.
    """

    at: Instant
    order_id: OrderId
    quote_id: QuoteId
    customer: CustomerId
    picks: Mapping[str, Pick]
    measurements: Mapping[str, float]
    configuration_key: str
    variant: Variant
    price: Price
    asked_at: Instant
    finish: Instant
    due: Instant
    confidence: float
    bookings: tuple[Booking, ...]
    family_version: int = 0


@dataclass(frozen=True, slots=True)
class OrderReleased:
    """An order was released to the shop: the floor may start it."""

    at: Instant
    order_id: OrderId


@dataclass(frozen=True, slots=True)
class OrderDelivered:
    """An order left the house; `on_time` compares with the due date promised first."""

    at: Instant
    order_id: OrderId
    on_time: bool


@dataclass(frozen=True, slots=True)
class OrderCancelled:
    """An order was cancelled before it was started."""

    at: Instant
    order_id: OrderId
    reason: str


@dataclass(frozen=True, slots=True)
class SchedulePublished:
    """A checked schedule replaced the bookings of all open steps; `cause` says why it was made."""

    at: Instant
    bookings: tuple[Booking, ...]
    cause: str


@dataclass(frozen=True, slots=True)
class StopPlanned:
    """Units will not work in [start, finish): a closure, maintenance."""

    at: Instant
    stop_id: str
    units: tuple[UnitId, ...]
    start: Instant
    finish: Instant
    reason: str


@dataclass(frozen=True, slots=True)
class StopWithdrawn:
    """A planned stop will not be, or is cut short by one planned anew."""

    at: Instant
    stop_id: str


@dataclass(frozen=True, slots=True)
class SlackLearnt:
    """The promise slack was learnt anew from scored promises (see `promise.model.Slack`)."""

    at: Instant
    leads: tuple[Seconds, ...]
    slacks: tuple[Seconds, ...]
    confidence: float
    num_scores: int


FORECAST_LEVELS: tuple[float, ...] = (0.025, *(k / 20 for k in range(1, 20)), 0.975)
"""The levels of the quantiles a forecast consists of."""


@dataclass(frozen=True, slots=True)
class OrderForecast:
    """When one order will finish, in quantiles, and its chance to keep the due date.

    `quantiles` are those of `FORECAST_LEVELS`, corrected by what became of earlier forecasts;
    `played` are those of the twin alone. Both are empty in logs of older versions.
    """

    order_id: OrderId
    p10: Instant
    p50: Instant
    p90: Instant
    p_on_time: float
    quantiles: tuple[Instant, ...] = ()
    played: tuple[Instant, ...] = ()


@dataclass(frozen=True, slots=True)
class ForecastMade:
    """The twin foresaw the finish of every open order; `blind` are the sources of which a message
    was missing.
    """

    at: Instant
    seed: int
    replications: int
    orders: tuple[OrderForecast, ...]
    model_version: int = 0
    blind: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class ForecastCheck:
    """One forecast of an order, held against its finish.

    `horizon` is its median less `made_at`; `errors` are the finish less each quantile as played.
    `covered` says whether P5 to P95, as said, held the finish. `crps` is in seconds, `pit` the
    level at which the finish lay.
    """

    made_at: Instant
    model_version: int
    horizon: Seconds
    covered: bool
    crps: float
    pit: float
    p_on_time: float
    errors: tuple[Seconds, ...]
    is_corrected: bool = True


@dataclass(frozen=True, slots=True)
class ForecastScored:
    """An order finished at `at`: what became of every forecast of it."""

    at: Instant
    order_id: OrderId
    on_time: bool
    checks: tuple[ForecastCheck, ...]


@dataclass(frozen=True, slots=True)
class DriftDetected:
    """A step class takes longer or shorter on a unit than the twin's model says.

    `since` is when that began, `num_steps` steps ago; `factor` says by how much.
    """

    at: Instant
    capability: Capability
    unit: UnitId
    since: Instant
    num_steps: int
    factor: float


@dataclass(frozen=True, slots=True)
class ModelRow:
    """How a step class runs on a unit: ln(work / nominal) is normal with `mu` and `sigma`, learnt
    from `num_steps`.
    """

    capability: Capability
    unit: UnitId
    num_steps: int
    mu: float
    sigma: float


@dataclass(frozen=True, slots=True)
class ModelScore:
    """How forecasts of finished orders come out when they are played again with a model.

    `covered` is the share between P5 and P95, `crps` the mean in seconds, `error` the mean absolute
    error of the remaining time as a share of it.
    """

    num_orders: int
    covered: float
    crps: float
    error: float


@dataclass(frozen=True, slots=True)
class ModelProposed:
    """A new version of the twin's model was proposed; nothing uses it until it is accepted.

    `rows` are all that differ from plant.toml. `changed_at` is since when the old version is wrong;
    `before` and `after` are the old and the new model on the same forecasts, played again, of which
    the new one foresaw `num_better` orders better (by their CRPS) and `num_worse` worse.
    """

    at: Instant
    version: int
    parent: int
    changed_at: Instant
    rows: tuple[ModelRow, ...]
    before: ModelScore
    after: ModelScore
    num_better: int = 0
    num_worse: int = 0


@dataclass(frozen=True, slots=True)
class ModelAccepted:
    """A person, or the site's policy, put a proposed model version to use."""

    at: Instant
    version: int
    accepted_by: str


@dataclass(frozen=True, slots=True)
class ClockJudged:
    """A source's clock was found to be `offset` seconds fast (negative: slow).

    What it says from then on is recorded at its time less the offset.
    """

    at: Instant
    source: str
    offset: Seconds


@dataclass(frozen=True, slots=True)
class WorkUnitStopped:
    """A unit went down; `until` is when it is expected back."""

    at: Instant
    unit: UnitId
    reason: str
    until: Instant


@dataclass(frozen=True, slots=True)
class WorkUnitRestarted:
    """A unit came back."""

    at: Instant
    unit: UnitId


@dataclass(frozen=True, slots=True)
class SetupStarted:
    """A unit began its setup for a family."""

    at: Instant
    unit: UnitId
    order_id: OrderId
    step: StepId
    family: SetupFamily


@dataclass(frozen=True, slots=True)
class StepStarted:
    """A unit began to work on a step; `until` is when it should finish."""

    at: Instant
    unit: UnitId
    order_id: OrderId
    step: StepId
    attempt: int
    build: BuildId | None
    until: Instant


@dataclass(frozen=True, slots=True)
class StepFinished:
    """A unit finished a step; with `good` 0 its part was spoilt, and the step is open again."""

    at: Instant
    unit: UnitId
    order_id: OrderId
    step: StepId
    attempt: int
    build: BuildId | None
    good: int = 1
    scrap: int = 0


@dataclass(frozen=True, slots=True)
class PartMeasured:
    """A characteristic of one part was measured after a step: as ordered, and as built.

    All three numbers are in `measure` (mm, g). `serial` names the part: a part made again after
    scrap has a new one.
    """

    at: Instant
    unit: UnitId
    order_id: OrderId
    step: StepId
    attempt: int
    serial: str
    characteristic: str
    ordered: float
    measured: float
    tolerance: float
    measure: str


@dataclass(frozen=True, slots=True)
class MaterialUsed:
    """A step took material of a lot for an order's part.

    `item` is a line of its bill of material; `quantity` is in `measure`, 0 where it was not told.
    """

    at: Instant
    unit: UnitId
    order_id: OrderId
    step: StepId
    attempt: int
    item: ItemId
    lot: str
    quantity: float = 0.0
    measure: str = ""


@dataclass(frozen=True, slots=True)
class PartScrapped:
    """A part was scrapped after a step: all its order's steps are to be made again."""

    at: Instant
    unit: UnitId
    order_id: OrderId
    step: StepId
    attempt: int
    serial: str
    reason: str


@dataclass(frozen=True, slots=True)
class ReworkOrdered:
    """A part failed after a step and is to pass `again`, some of its steps, once more."""

    at: Instant
    unit: UnitId
    order_id: OrderId
    step: StepId
    attempt: int
    serial: str
    again: tuple[StepId, ...]
    reason: str


@dataclass(frozen=True, slots=True)
class LoadMoved:
    """A load changed place.

    Places are unit ids, `buffer/<work center>`, `store` (before the first step) and `dock`.

    `transporter` is empty where the unit itself takes the load from its own buffer.
    """

    at: Instant
    transporter: str
    order_id: OrderId
    source: str
    target: str


@dataclass(frozen=True, slots=True)
class VisibilityCaptured:
    """Another system told, by EPCIS, what happened to things.

    `kind` is the type of its event, `body` the event as JSON with the prefixes it uses.
    """

    at: Instant
    kind: str
    body: str


Event: TypeAlias = (
    CapacityHeld
    | HoldDropped
    | OrderPlaced
    | OrderReleased
    | OrderDelivered
    | OrderCancelled
    | SchedulePublished
    | StopPlanned
    | StopWithdrawn
    | SlackLearnt
    | ForecastMade
    | ForecastScored
    | DriftDetected
    | ModelProposed
    | ModelAccepted
    | ClockJudged
    | WorkUnitStopped
    | WorkUnitRestarted
    | SetupStarted
    | StepStarted
    | StepFinished
    | PartMeasured
    | MaterialUsed
    | PartScrapped
    | ReworkOrdered
    | LoadMoved
    | VisibilityCaptured
)

EVENT_TYPES: Mapping[str, type[Event]] = MappingProxyType(
    {cls.__name__: cls for cls in get_args(Event)}
)


@dataclass(frozen=True, slots=True)
class NewEvent:
    """An event to be appended.

    Its id makes the append idempotent, its stream orders it among its own kind.
    """

    id: EventId
    stream: str
    event: Event


@dataclass(frozen=True, slots=True)
class Recorded:
    """An event as the log keeps it.

    `seq` over the whole log from 1, `version` within its stream from 1.
    """

    seq: int
    version: int
    id: EventId
    stream: str
    recorded_at: Instant
    event: Event


@dataclass(frozen=True, slots=True)
class Message:
    """What a source on the floor says, before it is read as an event.

    `source:epoch:seq` is the id under which a repeated message is known; `epoch` grows when the
    source restarts. `body` holds the wire's fields, JSON scalars only.
    """

    source: str
    epoch: int
    seq: int
    at: Instant
    body: Mapping[str, str | int | float | bool | None]

    @property
    def id(self) -> EventId:
        """Return the id that makes recording this message idempotent."""
        return EventId(f"{self.source}:{self.epoch}:{self.seq}")
