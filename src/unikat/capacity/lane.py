"""What a work unit is like, compiled for insertion."""

from collections.abc import Mapping
from dataclasses import dataclass

from unikat.capacity.calendar import WorkingTime
from unikat.plant.model import Batch
from unikat.terms import ResourceId, Seconds, SetupFamily, UnitId

NO_FAMILY = -1  # also the last row of `change`: a unit that was never set up


@dataclass(frozen=True, slots=True)
class Lane:
    """What a unit is like, compiled for insertion.

    `change[a][b]` are setup seconds by index of `families`; its last row is for a unit that was
    never set up. `hours` has the working time by the counted resources a step holds.
    """

    unit: UnitId
    pace_permille: int
    is_interruptible: bool
    batch: Batch | None
    families: Mapping[SetupFamily, int]
    change: tuple[tuple[Seconds, ...], ...]
    hours: Mapping[tuple[ResourceId, ...], WorkingTime]

    def duration(self, work: Seconds) -> Seconds:
        """Return how long nominal work takes here."""
        return -(-work * 1000 // self.pace_permille)

    def family(self, family: SetupFamily | None) -> int:
        """Return a family's index, NO_FAMILY if it needs no setup here."""
        return NO_FAMILY if family is None else self.families.get(family, NO_FAMILY)

    def setup(self, before: int, after: int) -> Seconds:
        """Return the setup seconds between two families by index."""
        return 0 if after == NO_FAMILY else self.change[before][after]

    def hours_of(self, resources: tuple[ResourceId, ...]) -> WorkingTime:
        """Return the working time of a step that holds `resources`."""
        return self.hours.get(resources) or self.hours[()]
