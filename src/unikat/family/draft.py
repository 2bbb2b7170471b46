"""What family.toml says, as read: lines ready for the family, and what has to be proven of them."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from unikat.family.meaning import Bool, Num
from unikat.family.model import (
    Characteristic,
    Exact,
    GenericLine,
    GenericStep,
    Measured,
    Module,
    PriceEntry,
    Recipe,
    Slot,
    Value,
)
from unikat.family.table import Table
from unikat.terms import FeatureName


@dataclass(frozen=True, slots=True)
class Claim:
    """To be proven: `low <= number <= high` wherever `when` holds; a bound of None is open."""

    table: Table
    key: str
    when: Bool
    number: Num
    low: Exact | None
    high: Exact | None


@dataclass(frozen=True, slots=True)
class Presence:
    """To be proven: some valid configuration has this line; a slot is filled exactly once."""

    table: Table
    when: Bool
    slot: str | None


@dataclass(frozen=True, slots=True)
class Need:
    """To be proven: wherever a step is present (`when`), so is the recipe it names (`then`)."""

    table: Table
    when: Bool
    then: Bool


@dataclass(slots=True)
class Sheet:
    """All lines of a family.toml as read."""

    family: Table
    modules: list[Module] = field(default_factory=list)
    bom: list[GenericLine] = field(default_factory=list)
    routing: list[GenericStep] = field(default_factory=list)
    slots: list[Slot] = field(default_factory=list)
    prices: list[PriceEntry] = field(default_factory=list)
    recipes: list[Recipe] = field(default_factory=list)
    measured: list[Measured] = field(default_factory=list)
    characteristics: list[Characteristic] = field(default_factory=list)
    renamed: dict[str, str] = field(default_factory=dict)
    standard: Mapping[FeatureName, Value] = field(default_factory=dict)
    id: str = ""
    version: int = 1
    name: str = ""
    claims: list[Claim] = field(default_factory=list)
    presences: list[Presence] = field(default_factory=list)
    needs: list[Need] = field(default_factory=list)
    slot_conditions: dict[str, Bool] = field(default_factory=dict)
    step_tables: dict[str, Table] = field(default_factory=dict)
