"""Write routings as the columns the promise kernel reads."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import accumulate, chain, pairwise
from types import MappingProxyType

from unikat.capacity.columns import Ints, ints
from unikat.capacity.timeline import Capacity
from unikat.configure.model import Step
from unikat.errors import NoCapacity
from unikat.terms import Instant, ItemId, Seconds, StepId

CHAIN, REPEATING, BRANCHES = range(3)
LONGEST = 2**40
"""Nominal seconds of one step beyond which nothing is computed: 35,000 years."""


@dataclass(frozen=True, slots=True)
class Routings:
    """Routings as columns; a routing with branches is there in several sequences.

    `table`, int64: how many sequences Q, where each column begins, the longest; then PTR (Q + 1)
    rows of each in STEPS (N, 4); AFTER_PTR (N + 1) and AFTER, the steps before each row, counted
    from the routing's first; SHAPES (Q). `groups` (V + 1) are the sequences of each variant,
    `sequences` their steps by position; `sees_own` if any is not a CHAIN.
    """

    table: Ints
    groups: Sequence[int]
    sequences: Sequence[tuple[int, ...]]
    longest: int
    sees_own: bool


def compile_routings(
    routings: Iterable[Sequence[Step]],
    capacity: Capacity,
    work: Mapping[StepId, Seconds] = MappingProxyType({}),
) -> Routings:
    """Return routings as columns; valid for every Capacity opened together with this one.

    Raises
    ------
    NoCapacity
        If the work of a step is negative or beyond all measure.
    """
    ptr, after_ptr, groups = [0], [0], [0]
    rows: list[int] = []
    after: list[int] = []
    shapes: list[int] = []
    sequences: list[tuple[int, ...]] = []
    for steps in routings:
        cells = [cells_of(step, capacity, work) for step in steps]
        shape = shape_of(steps, capacity)
        found = branch_sequences(steps) if shape == BRANCHES else (tuple(range(len(steps))),)
        for sequence in found:
            rows += chain.from_iterable(cells[i] for i in sequence)
            if shape == BRANCHES:
                place = {steps[i].step: at for at, i in enumerate(sequence)}
                for i in sequence:
                    after += [place[before] for before in steps[i].after]
                    after_ptr.append(len(after))
            else:
                after_ptr += [len(after)] * len(sequence)
            ptr.append(len(after_ptr) - 1)
            shapes.append(shape)
            sequences.append(sequence)
        groups.append(len(sequences))
    table = write_table(ptr, rows, after_ptr, after, shapes)
    longest = max(map(len, sequences), default=0)
    return Routings(table, groups, sequences, longest, any(shapes))


def write_table(
    ptr: Sequence[int],
    rows: Sequence[int],
    after_ptr: Sequence[int],
    after: Sequence[int],
    shapes: Sequence[int],
) -> Ints:
    """Return the columns as one table (see `Routings`)."""
    columns = (ptr, rows, after_ptr, after, shapes)
    longest = max((high - low for low, high in pairwise(ptr)), default=0)
    begins = accumulate((len(column) for column in columns[:-1]), initial=len(columns) + 2)
    return ints([len(shapes), *begins, longest, *chain.from_iterable(columns)])


def cells_of(
    step: Step, capacity: Capacity, work: Mapping[StepId, Seconds]
) -> tuple[int, int, int, int]:
    """Return a step as the kernel reads it: capability, work, setup family, material there."""
    frame, seconds = capacity.frame, work.get(step.step, step.work)
    if not 0 <= seconds <= LONGEST:
        raise NoCapacity(
            f"step {step.step} has a work of {seconds} s, which must be 0 to {LONGEST}; "
            "correct the duration in family.toml"
        )
    capability = frame.capabilities.get(step.capability, -1)
    ready = capacity.material_ready and material_of(step, capacity)[0]
    return capability, seconds, frame.kinds.of(step.setup), ready or 0


def material_of(step: Step, capacity: Capacity) -> tuple[Instant, ItemId | None]:
    """Return when the last item of a step is there, and which it is."""
    stock = capacity.material_ready
    awaited = [(stock[item], item) for item in step.items if item in stock]
    return max(awaited, default=(0, None))


def shape_of(steps: Sequence[Step], capacity: Capacity) -> int:
    """Return how the kernel must place a routing: CHAIN, REPEATING or BRANCHES."""
    frame, seen, shape = capacity.frame, 0, CHAIN
    before: tuple[StepId, ...] = ()
    for step in steps:
        if step.after != before:
            return BRANCHES
        before = (step.step,)
        units = frame.masks[frame.capabilities.get(step.capability, -1)]
        if units & seen:
            shape = REPEATING
        seen |= units
    return shape


def branch_sequences(steps: Sequence[Step]) -> tuple[tuple[int, ...], ...]:
    """Return up to six topological sequences of a routing with branches, the given one first.

    Branches share units, so it matters which is placed first: as given, longest rest first or last,
    given sequence reversed, longest step first or last.
    """
    index = {step.step: i for i, step in enumerate(steps)}
    rest = [step.work for step in steps]
    for i in range(len(steps) - 1, -1, -1):
        for before in steps[i].after:
            j = index[before]
            rest[j] = max(rest[j], steps[j].work + rest[i])
    size = range(len(steps))
    work = [step.work for step in steps]
    keys = (
        list(size),
        [-value for value in rest],
        rest,
        [-i for i in size],
        [-value for value in work],
        work,
    )
    return tuple(dict.fromkeys(_sequence(steps, index, key) for key in keys))


def _sequence(
    steps: Sequence[Step], index: Mapping[StepId, int], key: Sequence[int]
) -> tuple[int, ...]:
    """Return the topological sequence that takes the smallest key first."""
    missing = [len(step.after) for step in steps]
    followers: list[list[int]] = [[] for _ in steps]
    for i, step in enumerate(steps):
        for before in step.after:
            followers[index[before]].append(i)
    ready = [i for i, count in enumerate(missing) if count == 0]
    sequence: list[int] = []
    while ready:
        first = min(ready, key=lambda i: (key[i], i))
        ready.remove(first)
        sequence.append(first)
        for i in followers[first]:
            missing[i] -= 1
            if missing[i] == 0:
                ready.append(i)
    return tuple(sequence)
