"""The banker's rule on any resource allocation system without joins: polynomial, for any size.

A state *drains* if its parts can leave one after the other, each walking some route to its end
alone, needing one place at a time and freeing the one behind it. Such states are legal, though not
all legal states drain. With look-ahead k a state is also admitted if at most k moves of parts
already inside lead to one that drains; as these moves are admitted themselves, nothing gets stuck.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from unikat.errors import Fault, InvalidNet
from unikat.floor.explore import Reach, words_of
from unikat.floor.ras import WORD, System

if TYPE_CHECKING:
    from unikat.floor._kernels import Flags, Ints, Links, Words


@dataclass(frozen=True, slots=True, eq=False)
class Walks:
    """What the banker reads of a system, as columns.

    `fields` (A, 3): word, shift and mask of each activity. `uses` (A, R), `capacity` (R,). `order`
    (A,): the activities, those next to the end first. The moves out of activity a are
    `first[a]:first[a + 1]`: `to` (-1: out). What move m takes before the part frees what it held
    are the rows `need_first[m]:need_first[m + 1]` of `needs`: (resource, count).
    """

    fields: "Ints"
    uses: "Ints"
    capacity: "Ints"
    order: "Ints"
    first: "Ints"
    to: "Links"
    need_first: "Ints"
    needs: "Ints"


def read_walks(system: System) -> Walks:
    """Read the ways a part can take through a system.

    Raises
    ------
    InvalidNet
        If the system has joins: parts that wait for each other do not leave one by one.
    """
    import numpy as np

    if system.has_joins:
        message = "a transition joins or splits parts, so the banker's rule does not apply"
        remedy = "Explore the system exactly, or treat the parts as one load"
        raise InvalidNet([Fault("net", 0, 0, "transitions", message, remedy)])
    num_activities = len(system.activities)
    num_inside = num_activities + len(system.idles)
    out: list[list[tuple[int, list[tuple[int, int]]]]] = [[] for _ in system.activities]
    for transition in system.transitions:
        source = next(p for p, _ in transition.takes if p < num_inside)
        target = next(p for p, _ in transition.gives if p < num_inside)
        if source < num_activities:
            need = [(p - num_inside, count) for p, count in transition.takes if p >= num_inside]
            out[source].append((target if target < num_activities else -1, need))
    fields = [(f.shift // WORD, f.shift % WORD, f.mask) for f in system.fields[:num_activities]]
    needs = [need for moves in out for _, need in moves]
    return Walks(
        fields=np.array(fields, dtype=np.int64).reshape(-1, 3),
        uses=np.array(system.uses, dtype=np.int64).reshape(-1, len(system.resources)),
        capacity=np.array(system.start[num_inside:], dtype=np.int64),
        order=np.array(_nearest_first(out), dtype=np.int64),
        first=np.cumsum([0, *map(len, out)], dtype=np.int64),
        to=np.array([to for moves in out for to, _ in moves], dtype=np.int32),
        need_first=np.cumsum([0, *map(len, needs)], dtype=np.int64),
        needs=np.array([row for need in needs for row in need], dtype=np.int64).reshape(-1, 2),
    )


def _nearest_first(out: Sequence[Sequence[tuple[int, object]]]) -> list[int]:
    """Return the activities by their number of moves to the end."""
    moves = [len(out)] * len(out)
    is_shorter = True
    while is_shorter:
        is_shorter = False
        for place, ways in enumerate(out):
            least = min((1 + (moves[to] if to >= 0 else 0) for to, _ in ways), default=len(out))
            is_shorter |= least < moves[place]
            moves[place] = min(moves[place], least)
    return sorted(range(len(out)), key=moves.__getitem__)


def find_drained(walks: Walks, states: "Words") -> "Flags":
    """Return which states drain."""
    from unikat.floor import _kernels

    w = walks
    return _kernels.find_drained(
        states, w.fields, w.uses, w.capacity, w.order, w.first, w.to, w.need_first, w.needs
    )


def look_ahead(reach: Reach, is_safe: "Flags", moves: int) -> "Flags":
    """Return the states from which at most `moves` moves of parts inside lead to a safe one."""
    import numpy as np

    is_inside = np.array(moves_inside(reach.system), dtype=np.bool_)
    edges = np.flatnonzero(is_inside[reach.by])
    source = np.repeat(np.arange(reach.num_states), np.diff(reach.first))[edges]
    to, found = reach.to[edges], is_safe.copy()
    for _ in range(moves):
        found[source[found[to]]] = True
    return found


def moves_inside(system: System) -> tuple[bool, ...]:
    """Return of each transition whether it moves a part that is inside already."""
    num_activities = len(system.activities)
    return tuple(any(p < num_activities for p, _ in t.takes) for t in system.transitions)


@dataclass(frozen=True, slots=True)
class Stroll:
    """What a random walk under the banker met: moves it was asked for, refused, and deadlocks."""

    asked: int
    refused: int
    deadlocks: int


def stroll(system: System, *, num_moves: int, seed: int, ahead: int = 1) -> Stroll:
    """Walk at random as the banker with look-ahead 0 or 1 admits, asking for every enabled move."""
    import numpy as np

    from unikat.floor import _kernels

    w = read_walks(system)
    asked, refused, deadlocks = _kernels.wander_drained(
        words_of(system, [system.origin])[0],
        words_of(system, system.takes),
        words_of(system, system.gives),
        words_of(system, [system.guards])[0],
        np.array(moves_inside(system), dtype=np.bool_),
        ahead, w.fields, w.uses, w.capacity, w.order, w.first, w.to, w.need_first, w.needs,
        num_moves, seed,
    )  # fmt: skip
    return Stroll(int(asked), int(refused), int(deadlocks))
