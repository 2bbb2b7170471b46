"""What can make it: work centers and units, capabilities, resources, calendars, transport, rates
(ISA-95 words).
"""

from collections.abc import Mapping
from dataclasses import dataclass

from unikat.terms import (
    Capability,
    ItemId,
    ResourceId,
    Seconds,
    SetupFamily,
    UnitId,
    WorkCenterId,
)


@dataclass(frozen=True, slots=True)
class Calendar:
    """A weekly pattern: `open` are half-open (start, finish) seconds of the week, sorted, merged,
    breaks taken out.
    """

    name: str
    open: tuple[tuple[Seconds, Seconds], ...]


@dataclass(frozen=True, slots=True)
class SetupMatrix:
    """Setup seconds between setup families; `first` applies where the unit was never set up.
    Metric.
    """

    name: str
    families: tuple[SetupFamily, ...]
    first: tuple[Seconds, ...]
    change: tuple[tuple[Seconds, ...], ...]


@dataclass(frozen=True, slots=True)
class Batch:
    """A work center whose units process several orders at once (a build, an oven load).

    `capacity` orders share one start and one finish. A new build starts no sooner than `gather_s`
    after it was opened, so that others may join.
    """

    capacity: int
    gather_s: Seconds


@dataclass(frozen=True, slots=True)
class Reliability:
    """How a unit varies: duration coefficient of variation, mean time between failures (working
    time) and to repair.

    `mtbf_s` 0 means that it never fails.
    """

    duration_cv: float
    mtbf_s: Seconds
    mttr_s: Seconds


@dataclass(frozen=True, slots=True)
class WorkCenter:
    """Interchangeable work units: capabilities, the places of its input buffer, rates, and how
    they batch.
    """

    id: WorkCenterId
    area: str
    capabilities: tuple[Capability, ...]
    units: tuple[UnitId, ...]
    calendar: str
    is_interruptible: bool
    setup: str | None
    rate_cents_per_h: int
    power_kw: float
    buffer: int
    batch: Batch | None


@dataclass(frozen=True, slots=True)
class WorkUnit:
    """One machine or bench: what differs from its work center. A step takes ceil(work * 1000 /
    pace_permille).
    """

    id: UnitId
    work_center: WorkCenterId
    pace_permille: int
    reliability: Reliability


@dataclass(frozen=True, slots=True)
class Resource:
    """A counted resource (operators, fixtures, tools): one is held for the duration of each step
    that needs it.
    """

    id: ResourceId
    kind: str
    count: int
    calendar: str
    needed_by: tuple[Capability, ...]


@dataclass(frozen=True, slots=True)
class Material:
    """What an item costs a `unit`, and after how many seconds a purchase is there (0: always in
    stock).
    """

    item: ItemId
    unit: str
    cents_per_unit: float
    lead_s: Seconds
    carbon_g_per_unit: float


@dataclass(frozen=True, slots=True)
class Plant:
    """The plant, compiled once from plant.toml.

    `travel[a][b]` is the time from work center a to b in seconds, loading and unloading included
    (0: none needed); `transporters` are the robots that make these moves. `processes` are the raw
    `[process]` tables by capability (read by `printing`).
    """

    site: str
    horizon_s: Seconds
    frozen_s: Seconds
    calendars: Mapping[str, Calendar]
    setups: Mapping[str, SetupMatrix]
    work_centers: Mapping[WorkCenterId, WorkCenter]
    units: Mapping[UnitId, WorkUnit]
    resources: Mapping[ResourceId, Resource]
    transporters: tuple[str, ...]
    travel: Mapping[WorkCenterId, Mapping[WorkCenterId, Seconds]]
    materials: Mapping[ItemId, Material]
    processes: Mapping[Capability, Mapping[str, str | int | float]]
    energy_cents_per_kwh: float
    carbon_g_per_kwh: float

    def center_of(self, unit: UnitId) -> WorkCenter:
        """Return the work center of a unit."""
        return self.work_centers[self.units[unit].work_center]

    def eligible_units(self, capability: Capability) -> tuple[UnitId, ...]:
        """Return every unit that offers a capability, in the plant's sequence."""
        return tuple(
            unit
            for center in self.work_centers.values()
            if capability in center.capabilities
            for unit in center.units
        )

    def needs_of(self, capability: Capability) -> tuple[ResourceId, ...]:
        """Return the counted resources a step of this capability holds while it runs."""
        return tuple(r.id for r in self.resources.values() if capability in r.needed_by)

    def duration(self, unit: UnitId, work: Seconds) -> Seconds:
        """Return how long `work` nominal seconds take on a unit."""
        return -(-work * 1000 // self.units[unit].pace_permille)

    def setup_s(
        self, unit: UnitId, before: SetupFamily | None, after: SetupFamily | None
    ) -> Seconds:
        """Return the setup seconds on a unit from one setup family to another; None `after` needs
        no setup.
        """
        name = self.center_of(unit).setup
        if name is None or after is None or before == after:
            return 0
        matrix = self.setups[name]
        column = matrix.families.index(after)
        if before is None:
            return matrix.first[column]
        return matrix.change[matrix.families.index(before)][column]

    def travel_s(self, before: UnitId, after: UnitId) -> Seconds:
        """Return the transport seconds between two units."""
        source, target = self.units[before].work_center, self.units[after].work_center
        return self.travel.get(source, {}).get(target, 0)
