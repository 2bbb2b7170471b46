"""What the floor's control is made of: places, parts, moves, commands, and the world a virtual
floor lives in.

A *place* is a unit id, `buffer/<work center>`, `store` (before the first step) or `dock` (after the
last): the words of `events.LoadMoved`.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TypeAlias

from unikat.capacity.model import Booking, Stop
from unikat.configure.model import Step
from unikat.terms import DAY, Capability, Instant, OrderId, Seconds, UnitId, WorkCenterId

Place: TypeAlias = str
Route: TypeAlias = tuple[Capability, ...]
"""The capabilities of an order's steps, in the sequence its one part passes them."""

STORE: Place = "store"
DOCK: Place = "dock"


def buffer_of(center: WorkCenterId) -> Place:
    """Return the place in front of a work center's units."""
    return f"buffer/{center}"


@dataclass(frozen=True, slots=True)
class Need:
    """What a part still has to pass, as bits of work centers.

    `only` are the work centers of steps without alternative; `choices` holds, for each other step,
    the centers of which one is enough.
    """

    only: int
    choices: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Net:
    """The resource allocation system of a plant: how many parts fit where, and what each route
    needs.

    `num_units` and `num_slots` (buffer places) are by index of the work center; `center_of` maps a
    unit or buffer to that index; `stages[route][k]` are the centers (bits) that can do step k,
    `needs[route][k]` what is left once k steps were entered.
    """

    num_units: tuple[int, ...]
    num_slots: tuple[int, ...]
    center_of: Mapping[Place, int]
    units: frozenset[Place]
    stages: Mapping[Route, tuple[int, ...]]
    needs: Mapping[Route, tuple[Need, ...]]


@dataclass(frozen=True, slots=True)
class Token:
    """Where one part is: in `place`, with `entered` steps of its route entered (the last may still
    be at work).
    """

    place: Place
    route: Route
    entered: int


@dataclass(frozen=True, slots=True)
class Marking:
    """Where each part inside is; those in the store or at the dock hold no place and are not
    listed.
    """

    parts: Mapping[OrderId, Token]


@dataclass(frozen=True, slots=True)
class Move:
    """Parts that claim a place together: one part, or all members of a build entering an empty
    unit.

    `routes` (parallel to `orders`) says what a part entering from the store still has to pass.
    """

    orders: tuple[OrderId, ...]
    routes: tuple[Route, ...]
    target: Place


@dataclass(frozen=True, slots=True)
class Refused:
    """A move that must wait: its place is `taken`, or it would leave the `safe` states."""

    move: Move
    reason: str


@dataclass(frozen=True, slots=True)
class Allowed:
    """The moves that may begin, in the wanted sequence, those refused, and the marking after the
    allowed ones.
    """

    moves: tuple[Move, ...]
    refused: tuple[Refused, ...]
    marking: Marking


@dataclass(frozen=True, slots=True)
class Release:
    """Command: these steps of an order may be made from now on."""

    order_id: OrderId
    steps: tuple[Step, ...]


@dataclass(frozen=True, slots=True)
class Dispatch:
    """Command: the published bookings of the steps they name (other steps keep theirs)."""

    bookings: tuple[Booking, ...]


@dataclass(frozen=True, slots=True)
class Close:
    """Command: the planned stops of all units, in place of those told before."""

    stops: tuple[Stop, ...]


Command: TypeAlias = Release | Dispatch | Close


@dataclass(frozen=True, slots=True)
class Process:
    """How a characteristic truly comes out: off by `bias` from an instant on, with a standard
    deviation (None: the one the family states).
    """

    bias: float = 0.0
    sd: float | None = None
    since: Instant = 0


@dataclass(frozen=True, slots=True)
class World:
    """How a virtual floor differs from its plant file: read by nobody but the floor itself.

    `duration_factor` and `duration_cv` override by capability (1, and the unit's reliability).
    `processes` say how characteristics come out (as the family says); `flawed` and `scrapped` are
    by capability the shares of steps that must be repeated, or ruin their part.
    `duplicated`, `swapped`, `late` and `lost` are shares of the messages: said twice, up to five
    seconds later (others overtake them), up to a minute later, again only at the next beat. In
    the first `outage_s` of every `outage_every_s` nothing is heard until the line is back. Units
    name the lot of each material they take, a new one every `lot_s` (0: they name none). A unit in
    `clock_skew` speaks for itself, by a clock that is so many seconds fast.

    The supervisor explores at most `states` states (0:
    the banker's rule at once); `look_ahead` is the banker's, None switches all off.
    What starts from `drift_at` on also takes `drift` times as long, by capability.
    """

    duration_factor: Mapping[Capability, float] = field(default_factory=dict)
    duration_cv: Mapping[Capability, float] = field(default_factory=dict)
    has_breakdowns: bool = True
    processes: Mapping[str, Process] = field(default_factory=dict)
    flawed: Mapping[Capability, float] = field(default_factory=dict)
    scrapped: Mapping[Capability, float] = field(default_factory=dict)
    duplicated: float = 0.0
    late: float = 0.0
    lost: float = 0.0
    swapped: float = 0.0
    outage_s: Seconds = 0
    outage_every_s: Seconds = DAY
    look_ahead: int | None = 0
    drift: Mapping[Capability, float] = field(default_factory=dict)
    drift_at: Instant = 0
    states: int = 1_000_000
    lot_s: Seconds = 0
    clock_skew: Mapping[UnitId, Seconds] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class FloorFigures:
    """What a floor did: standstills, seconds of work done by each unit (setups and stops left
    out), who is stuck now, and the rule in force (exact, banker, none).
    """

    deadlocks: int
    busy: Mapping[UnitId, int]
    stuck: tuple[OrderId, ...]
    rule: str = ""
