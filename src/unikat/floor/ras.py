"""A resource allocation system as a net of places: parts hold resources and move by transitions.

Peterson's and Coffman's resource systems in the form of S3PR nets (Ezpeleta, Colom, Martinez 1995):
an *activity* place holds parts and what each of them uses, an *idle* place the parts outside, a
*resource* place the free tokens. A state is one long integer: a field a place, its count and one
guard bit above it, so that all counts are compared with one subtraction.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

WORD = 64
"""Bits of a word; no field lies across two of them, so that kernels read the same states."""


@dataclass(frozen=True, slots=True)
class Transition:
    """What one move takes from and gives to places: (place index, count)."""

    name: str
    takes: tuple[tuple[int, int], ...]
    gives: tuple[tuple[int, int], ...]


@dataclass(frozen=True, slots=True)
class Field:
    """Where the count of a place lies in a state: its lowest bit, and the mask of the count."""

    shift: int
    mask: int


@dataclass(frozen=True, slots=True)
class System:
    """A resource allocation system.

    Places are numbered: `activities`, then `idles`, then `resources`; `start` is their marking when
    nobody is inside, `uses[a][r]` what a part in activity a holds of resource r. `fields`, `guards`
    (all guard bits), `origin`, `takes` and `gives` are packed from these by `build_system`.
    """

    activities: tuple[str, ...]
    idles: tuple[str, ...]
    resources: tuple[str, ...]
    start: tuple[int, ...]
    uses: tuple[tuple[int, ...], ...]
    transitions: tuple[Transition, ...]
    fields: tuple[Field, ...] = field(repr=False)
    guards: int = field(repr=False)
    origin: int = field(repr=False)
    takes: tuple[int, ...] = field(repr=False)
    gives: tuple[int, ...] = field(repr=False)

    @property
    def places(self) -> tuple[str, ...]:
        """All places in the sequence of their numbers."""
        return self.activities + self.idles + self.resources

    @property
    def has_joins(self) -> bool:
        """Whether a transition takes or gives more than one part (assembly, disassembly)."""
        return any(
            self.num_parts(t.takes) != 1 or self.num_parts(t.gives) != 1 for t in self.transitions
        )

    def num_parts(self, counts: Sequence[tuple[int, int]]) -> int:
        """Return how many of the counted tokens are parts."""
        first_resource = len(self.activities) + len(self.idles)
        return sum(count for place, count in counts if place < first_resource)

    def is_enabled(self, state: int, transition: int) -> bool:
        """Return whether all places hold what a transition takes."""
        return ((state | self.guards) - self.takes[transition]) & self.guards == self.guards

    def fire(self, state: int, transition: int) -> int:
        """Return the state after an enabled transition."""
        return state - self.takes[transition] + self.gives[transition]

    def pack(self, counts: Sequence[int]) -> int:
        """Return the state in which the places hold `counts`."""
        return _pack(self.fields, enumerate(counts))

    def unpack(self, state: int) -> tuple[int, ...]:
        """Return what each place holds."""
        return tuple(state >> place.shift & place.mask for place in self.fields)


def build_system(
    *,
    activities: Mapping[str, Mapping[str, int]],
    idles: Sequence[str],
    transitions: Mapping[str, tuple[Mapping[str, int], Mapping[str, int]]],
    start: Mapping[str, int],
    resources: Sequence[str],
) -> System:
    """Number the places and pack the states.

    Parameters
    ----------
    activities
        What a part in each activity place uses: resource -> count.
    transitions
        What each takes and gives: place -> count.
    start
        The marking when nobody is inside; 0 where nothing is said.
    """
    places = (*activities, *idles, *resources)
    number = {place: idx for idx, place in enumerate(places)}
    marking = tuple(start.get(place, 0) for place in places)
    uses = tuple(tuple(use.get(r, 0) for r in resources) for use in activities.values())
    outside = sum(start.get(idle, 0) for idle in idles)
    capacities = marking[len(places) - len(resources) :]
    bounds = (
        *(_most(use, capacities, outside) for use in uses),
        *(outside for _ in idles),
        *capacities,
    )
    fields, guards = _lay_out(bounds)
    moves = tuple(
        Transition(name, _counts(takes, number), _counts(gives, number))
        for name, (takes, gives) in transitions.items()
    )
    return System(
        activities=tuple(activities),
        idles=tuple(idles),
        resources=tuple(resources),
        start=marking,
        uses=uses,
        transitions=moves,
        fields=fields,
        guards=guards,
        origin=_pack(fields, enumerate(marking)),
        takes=tuple(_pack(fields, move.takes) for move in moves),
        gives=tuple(_pack(fields, move.gives) for move in moves),
    )


def enlarge(system: System, resource: str) -> System:
    """Return the system with one more token of a resource."""
    names = system.places

    def named(counts: Iterable[tuple[int, int]]) -> Mapping[str, int]:
        return {names[place]: count for place, count in counts}

    start = named(enumerate(system.start))
    return build_system(
        activities={
            name: {r: n for r, n in zip(system.resources, use, strict=True) if n}
            for name, use in zip(system.activities, system.uses, strict=True)
        },
        idles=system.idles,
        transitions={t.name: (named(t.takes), named(t.gives)) for t in system.transitions},
        start={**start, resource: start[resource] + 1},
        resources=system.resources,
    )


def _most(use: Sequence[int], capacities: Sequence[int], outside: int) -> int:
    """Return how many parts fit into an activity at most."""
    fits = [capacity // each for each, capacity in zip(use, capacities, strict=True) if each]
    return min(fits, default=outside)


def _counts(counts: Mapping[str, int], number: Mapping[str, int]) -> tuple[tuple[int, int], ...]:
    return tuple((number[place], count) for place, count in counts.items())


def _lay_out(bounds: Sequence[int]) -> tuple[tuple[Field, ...], int]:
    """Return the field of each place and all guard bits."""
    fields, shift, guards = [], 0, 0
    for bound in bounds:
        bits = bound.bit_length()
        if shift % WORD + bits + 1 > WORD:
            shift += WORD - shift % WORD
        fields.append(Field(shift, (1 << bits) - 1))
        guards |= 1 << shift + bits
        shift += bits + 1
    return tuple(fields), guards


def _pack(fields: Sequence[Field], counts: Iterable[tuple[int, int]]) -> int:
    return sum(count << fields[place].shift for place, count in counts)
