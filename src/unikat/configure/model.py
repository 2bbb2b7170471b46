"""What a choice ends in: a configuration, the variant derived from it, and its price."""

from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction

from unikat.terms import Capability, Cents, FeatureName, ItemId, Seconds, SetupFamily, StepId


@dataclass(frozen=True, slots=True)
class Configuration:
    """A complete, valid choice: total over all features, hashable by `key`.

    `key` is the sha256 of its canonical text (family id, version, sorted selected names, numbers,
    texts).
    """

    family_id: str
    family_version: int
    selected: frozenset[FeatureName]
    numbers: tuple[tuple[FeatureName, Fraction], ...]
    texts: tuple[tuple[FeatureName, str], ...]
    key: str


@dataclass(frozen=True, slots=True)
class BomLine:
    """One BOM line of a variant.

    `quantity` in `unit` (g, mm, piece, kWh, s) for one ordered product.
    """

    line: str
    item: ItemId
    quantity: float
    unit: str
    module: str


@dataclass(frozen=True, slots=True)
class Check:
    """A characteristic that is measured after a step: as built may differ by `tolerance` from
    `ordered`, and does by `sigma` (standard deviation) while the process is in control, all in
    `unit`.

    A part out of tolerance passes the steps of `again` once more, the measured one last, at most
    `most_reworks` times; after that, or if `again` is empty, it is scrap.
    """

    characteristic: str
    ordered: float
    tolerance: float
    sigma: float
    unit: str
    again: tuple[StepId, ...]
    most_reworks: int


@dataclass(frozen=True, slots=True)
class Step:
    """One step (operation) of a variant's routing.

    `work` is the nominal time on a unit of pace 1000; `recipe` names the recipe whose print
    estimate replaces it at the quote; `after` are the steps that must finish first; `checks` are
    what is measured when it is done.
    """

    step: StepId
    capability: Capability
    work: Seconds
    setup: SetupFamily | None
    after: tuple[StepId, ...]
    items: tuple[ItemId, ...]
    recipe: str | None = None
    checks: tuple[Check, ...] = ()


@dataclass(frozen=True, slots=True)
class Variant:
    """BOM lines and steps of one configuration.

    `steps` in topological sequence, `key` the configuration's.
    """

    key: str
    bom: tuple[BomLine, ...]
    steps: tuple[Step, ...]


@dataclass(frozen=True, slots=True)
class PriceLine:
    """One item of a price: what it is for, and its exact cents (may be negative)."""

    text: str
    cents: Cents


@dataclass(frozen=True, slots=True)
class Price:
    """An itemised price; `total` is the sum of the lines."""

    lines: tuple[PriceLine, ...]
    total: Cents


@dataclass(frozen=True, slots=True)
class RecipeCall:
    """A recipe with the parameters one configuration and one set of measurements give it.

    In house units.
    """

    recipe: str
    version: int
    parameters: Mapping[str, float]
