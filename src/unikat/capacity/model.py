"""When a resource is busy: bookings and holds, plain values."""

from dataclasses import dataclass

from unikat.terms import BuildId, HoldId, Instant, OrderId, ResourceId, SetupFamily, StepId, UnitId


@dataclass(frozen=True, slots=True)
class Booking:
    """One step of an order on one unit: setup in [setup_start, start), work in [start, finish).

    Steps of one `build` share unit, start and finish; `not_before` is the earliest instant the
    build may start (so that others may still join it), and equals the order's release for other
    steps. `resources` are held over [start, finish). On interruptible work centers [start,
    finish) may span closed time.
    """

    order: OrderId
    step: StepId
    unit: UnitId
    setup_start: Instant
    start: Instant
    finish: Instant
    family: SetupFamily | None
    resources: tuple[ResourceId, ...]
    build: BuildId | None
    not_before: Instant


@dataclass(frozen=True, slots=True)
class Hold:
    """Bookings reserved for a quote until an instant."""

    id: HoldId
    bookings: tuple[Booking, ...]
    until: Instant


@dataclass(frozen=True, slots=True)
class Stop:
    """A unit that does not work in [start, finish): a breakdown with its expected end, or
    maintenance.
    """

    unit: UnitId
    start: Instant
    finish: Instant
