"""The twin's model of how long steps take: plant.toml's, and what was learnt since, in versions."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from math import exp, log1p, sqrt

from unikat.events import ModelProposed, ModelRow
from unikat.plant.model import Plant
from unikat.terms import Capability, Instant, UnitId

LEAST_SIGMA = 0.01
"""Less spread than a hundredth is rounding to whole seconds and messages, no law of a machine."""
StepClass = tuple[Capability, UnitId]


@dataclass(frozen=True, slots=True)
class TwinModel:
    """A version of the model: `rows` are all step classes that differ from plant.toml.

    It was put to use at `accepted_at`; the version before was wrong since `changed_at`.
    """

    version: int = 0
    accepted_at: Instant = 0
    changed_at: Instant = 0
    rows: tuple[ModelRow, ...] = ()
    by_class: Mapping[StepClass, ModelRow] = field(init=False, compare=False, repr=False)

    def __post_init__(self) -> None:
        """Index the rows."""
        by_class = {(row.capability, row.unit): row for row in self.rows}
        object.__setattr__(self, "by_class", by_class)

    def row(self, plant: Plant, capability: Capability, unit: UnitId) -> ModelRow:
        """Return how a step class runs on a unit: as learnt, else as plant.toml says."""
        known = self.by_class.get((capability, unit))
        if known is not None:
            return known
        cv = plant.units[unit].reliability.duration_cv
        variance = log1p(cv * cv)
        return ModelRow(capability, unit, 0, -variance / 2, sqrt(variance))


PLAIN = TwinModel()


def model_of(proposed: ModelProposed, accepted_at: Instant) -> TwinModel:
    """Return a proposed version as it is put to use."""
    return TwinModel(proposed.version, accepted_at, proposed.changed_at, proposed.rows)


def shape_of(row: ModelRow) -> tuple[float, float]:
    """Return the coefficient of variation and the mean of work / nominal."""
    variance = row.sigma * row.sigma
    return sqrt(exp(variance) - 1), exp(row.mu + variance / 2)
