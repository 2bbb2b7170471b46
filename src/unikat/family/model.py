"""The product family: features, rules, generic BOM and routing, price lines, recipes."""

from collections.abc import Callable, Mapping
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from fractions import Fraction
from typing import TYPE_CHECKING, Literal, TypeAlias

from unikat.terms import Capability, FeatureName, ItemId, SetupFamily, StepId

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from unikat.family._kernels import Rules
    from unikat.family.meaning import Bool, Num
    from unikat.family.tabulate import Table

Exact: TypeAlias = int | Fraction
"""An exact number; whole numbers are int, because int arithmetic is ten times faster."""
Value: TypeAlias = bool | Fraction | str
"""What a feature can be set to: selected or not, a number on its grid, or a text."""
Attribute: TypeAlias = bool | Fraction | str | tuple["Attribute", ...] | Mapping[str, "Attribute"]
Kind: TypeAlias = Literal["Boolean", "Integer", "Real", "String"]
GroupKind: TypeAlias = Literal["root", "mandatory", "optional", "or", "alternative", "cardinality"]


@dataclass(frozen=True, slots=True)
class Feature:
    """One feature of the family, with all that a page needs to offer it as an option.

    `group` is how it hangs below `parent`; `siblings` are the members of that group in sequence,
    itself included, of which a selected parent needs `least` to `most`. Numbers lie on the grid
    `low + k step` up to `high`.
    """

    name: FeatureName
    kind: Kind
    parent: FeatureName | None
    group: GroupKind
    siblings: tuple[FeatureName, ...]
    least: int
    most: int
    children: tuple[FeatureName, ...]
    attributes: Mapping[str, Attribute]
    unit: str | None
    low: Fraction | None
    high: Fraction | None
    step: Fraction | None
    max_length: int | None
    default: Value | None
    abstract: bool
    line: int

    @property
    def title(self) -> str:
        """The name for people: the attribute `title`, else the name."""
        title = self.attributes.get("title")
        return title if isinstance(title, str) else self.name.replace('"', "")

    @property
    def is_number(self) -> bool:
        """Whether it holds a number."""
        return self.kind in ("Integer", "Real")


@dataclass(frozen=True, slots=True)
class Rule:
    """One cross-tree rule: `text` is its reason in words, `source` the rule as written."""

    id: str
    text: str
    source: str
    line: int


@dataclass(frozen=True, slots=True)
class Facts:
    """What formulas read: the selected features, and the numbers and texts of the selected ones."""

    selected: AbstractSet[str]
    numbers: Mapping[str, Exact]
    texts: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Formula:
    """A number computed from a configuration; `of` was compiled at load from `node`.

    `of` = `whole` / `divisor`: without a fraction where the features hold whole numbers.
    """

    text: str
    of: Callable[[Facts], Exact]
    node: "Num"
    whole: Callable[[Facts], Exact]
    divisor: int


@dataclass(frozen=True, slots=True)
class Condition:
    """A presence condition; `holds` was compiled at load from `node`."""

    text: str
    holds: Callable[[Facts], bool]
    node: "Bool"


@dataclass(frozen=True, slots=True)
class Module:
    """A product module; `personal` parts fit one person only and are not reusable."""

    id: str
    personal: bool
    conventional: str


@dataclass(frozen=True, slots=True)
class GenericLine:
    """One line of the generic BOM; below `parent` its quantity is multiplied by the parent's."""

    id: str
    item: ItemId
    quantity: Formula
    unit: str
    when: Condition
    slot: str | None
    parent: str | None
    module: str


@dataclass(frozen=True, slots=True)
class GenericStep:
    """One line of the generic routing; `uses` are ids of BOM lines."""

    id: StepId
    capability: Capability
    seconds: Formula
    when: Condition
    slot: str | None
    after: tuple[StepId, ...]
    uses: tuple[str, ...]
    setup: SetupFamily | None
    recipe: str | None


@dataclass(frozen=True, slots=True)
class Slot:
    """A place that exactly one line fills in every valid configuration with `when`."""

    id: str
    when: Condition


@dataclass(frozen=True, slots=True)
class PriceEntry:
    """An amount added to the `price` attributes of the selected features."""

    id: str
    text: str
    cents: Formula
    when: Condition


@dataclass(frozen=True, slots=True)
class Parameter:
    """One parameter of a recipe: a formula (`value`) or a measure (`measured`) within
    `low`..`high`.
    """

    name: str
    unit: str
    low: float
    high: float
    value: Formula | None
    measured: str | None


@dataclass(frozen=True, slots=True)
class Recipe:
    """A parametric geometry and where its parameters come from."""

    id: str
    version: int
    when: Condition
    parameters: tuple[Parameter, ...]


@dataclass(frozen=True, slots=True)
class Characteristic:
    """What is measured of a part after a step, against what was ordered: a formula (`nominal`) or
    one of the person's measures (`measured`).

    As built may differ by `tolerance` from as ordered; `sigma` is the standard deviation of the
    process in control, both in `unit`. A part out of tolerance goes back to the first present step
    of `rework`, at most `most_reworks` times; then, or where none is present, it is scrap.
    """

    id: str
    step: StepId
    nominal: Formula | None
    measured: str | None
    unit: str
    tolerance: float
    sigma: float
    when: Condition
    rework: tuple[StepId, ...]
    most_reworks: int


@dataclass(frozen=True, slots=True)
class Measured:
    """A numeric feature filled from a measure, rounded to the nearest grid value (halves up)."""

    feature: FeatureName
    source: str


@dataclass(frozen=True, slots=True)
class Grid:
    """A number in the clauses: variable `base + k` is true when the value is at least grid value k
    (k = 1..num).

    All are false when the feature is not selected. A text's length is such a number too.
    """

    base: int
    num: int
    low: Fraction
    step: Fraction


@dataclass(frozen=True, slots=True)
class Part:
    """The clauses of one rule or one group, kept together so that conflicts can name it."""

    id: str
    text: str
    is_rule: bool
    clauses: tuple[tuple[int, ...], ...]


@dataclass(frozen=True, slots=True)
class Clauses:
    """The family as propositional clauses; variable i + 1 is feature i.

    `hard` holds definitions and tree edges, `parts` what a conflict may name; `texts` maps a text
    feature to the variables "its text is exactly this".
    """

    num_vars: int
    hard: tuple[tuple[int, ...], ...]
    parts: tuple[Part, ...]
    grids: Mapping[FeatureName, Grid]
    texts: Mapping[FeatureName, Mapping[str, int]]


@dataclass(frozen=True, slots=True, eq=False)
class FineRules:
    """Rules about numbers with too many values for clauses: whole numbers, rows and products.

    Columns 1..V are the variables of the clauses, 0 or 1; those behind them are whole numbers from
    `low` to `high`, int64, shape (C + 1,). Row r says: wherever literal `row_when[r]` holds (0:
    always), ``sum(row_factor[k] * x[row_column[k]]) <= row_bound[r]`` over ``row_ptr[r] <= k <
    row_ptr[r + 1]``; `row_ptr` int64 (R + 1,), `row_column` int32, `row_factor` int64, `row_bound`
    int64 (R,), `row_when` int32 (R,). Products: int32 (P, 3), columns z, x, y: ``z = x * y`` with
    both factors >= 0. Sums stay below 2^62. All of this only defines literals of the clauses; what
    must hold stands there.

    `columns` gives the column and the shift of a number or of a text's length: the column is shift
    + place on its `Grid` of `Clauses.grids` when the feature is selected, else 0. The `base` of
    this grid lies above all variables: literal ``base + k`` is no variable, but in assumptions it
    means "column >= shift + k".
    """

    low: "NDArray[np.int64]"
    high: "NDArray[np.int64]"
    row_ptr: "NDArray[np.int64]"
    row_column: "NDArray[np.int32]"
    row_factor: "NDArray[np.int64]"
    row_bound: "NDArray[np.int64]"
    row_when: "NDArray[np.int32]"
    products: "NDArray[np.int32]"
    columns: Mapping[FeatureName, tuple[int, int]]


@dataclass(frozen=True, slots=True, eq=False)
class Standing:
    """What the rules and some picks leave of every variable.

    `values` int8, shape (2 V + 2,), read-only: the status, then the witness. `agreeing` uint64,
    read-only: bit i = configuration i of the family's table has the picks; None without a table.
    """

    values: "NDArray[np.int8]"
    agreeing: "NDArray[np.uint64] | None" = None

    @property
    def status(self) -> "NDArray[np.int8]":
        """Shape (V + 1,): 1 forced, -1 forbidden, 0 open; exact for features."""
        return self.values[: self.values.size // 2]

    @property
    def witness(self) -> "NDArray[np.int8]":
        """Shape (V + 1,): one valid configuration with the picks, 1 or -1."""
        return self.values[self.values.size // 2 :]


@dataclass(frozen=True, slots=True, eq=False)
class Start:
    """What a large family has from load on: clauses as arrays, what stands before any pick.

    `table` lists all valid configurations where they are few.
    """

    rules: "Rules"
    standing: Standing
    table: "Table | None" = None


@dataclass(frozen=True, slots=True, eq=False, weakref_slot=True)
class Family:
    """A product family, compiled once; compared by identity.

    `features` stand in declared sequence, `index` maps a name to its place there; `routing` is in
    topological sequence. `remarks` tell what is valid but unusual (dead options). `start` is None
    for a small family, and for one with `fine` rules.
    """

    id: str
    version: int
    name: str
    features: tuple[Feature, ...]
    index: Mapping[str, int]
    rules: tuple[Rule, ...]
    standard: Mapping[FeatureName, Value]
    modules: tuple[Module, ...]
    bom: tuple[GenericLine, ...]
    routing: tuple[GenericStep, ...]
    slots: tuple[Slot, ...]
    prices: tuple[PriceEntry, ...]
    recipes: tuple[Recipe, ...]
    measured: tuple[Measured, ...]
    renamed: Mapping[str, str]
    clauses: Clauses
    remarks: tuple[str, ...]
    characteristics: tuple[Characteristic, ...] = ()
    start: Start | None = None
    fine: FineRules | None = None

    def feature(self, name: str) -> Feature:
        """Return the feature of this name; KeyError if there is none."""
        return self.features[self.index[name]]
