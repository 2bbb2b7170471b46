"""Explore all states of a resource allocation system and find those from which all parts can leave.

*Legal* is a state from which the empty floor can be reached again, *dead* one without a move, *bad*
an illegal state one move from a legal one: what the supervisor has to refuse. Exact, and for up to
about a million states; beyond, see `banker`.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from unikat.errors import Fault, InvalidNet
from unikat.floor.ras import WORD, System

if TYPE_CHECKING:
    from unikat.floor._kernels import Flags, Ints, Links, Words

LIMIT = 1_000_000
"""Most states explored: about two seconds and 200 MB."""


@dataclass(frozen=True, slots=True, eq=False)
class Reach:
    """The states met from the empty floor, which is state 0, and their edges.

    `states` : uint64 (N, words). The edges of state i are `first[i]:first[i + 1]` in `to` (the
    state after) and `by` (the transition). `is_complete` is False where the limit cut it off: then
    the last states have no edges, and nothing can be said of legality.
    """

    system: System
    states: "Words"
    first: "Ints"
    to: "Links"
    by: "Links"
    is_complete: bool

    @property
    def num_states(self) -> int:
        """How many states were met."""
        return len(self.states)


def words_of(system: System, states: Sequence[int]) -> "Words":
    """Return packed states as rows of 64-bit words."""
    import numpy as np

    num_words = -(-system.guards.bit_length() // WORD)
    low = (1 << WORD) - 1
    rows = [[state >> WORD * w & low for w in range(num_words)] for state in states]
    return np.array(rows, dtype=np.uint64).reshape(len(rows), num_words)


def states_of(words: "Words") -> list[int]:
    """Return rows of 64-bit words as packed states."""
    return [sum(word << WORD * w for w, word in enumerate(row)) for row in words.tolist()]


def explore(system: System, *, limit: int = LIMIT) -> Reach:
    """Find every state the parts can reach without a supervisor.

    Raises
    ------
    InvalidNet
        If a place can hold more tokens than its resources or the parts outside allow.
    """
    from unikat.floor import _kernels

    guards = words_of(system, [system.guards])[0]
    origin = words_of(system, [system.origin])[0]
    takes, gives = words_of(system, system.takes), words_of(system, system.gives)
    status, states, first, to, by = _kernels.explore_states(origin, takes, gives, guards, limit)
    if status == _kernels.OVERFLOW:
        message = "a place gets more tokens than its resources allow"
        remedy = "Let each transition free what its part held, and take what it holds next"
        raise InvalidNet([Fault("net", 0, 0, "transitions", message, remedy)])
    return Reach(system, states, first, to, by, is_complete=status == _kernels.COMPLETE)


def find_legal(reach: Reach) -> "Flags":
    """Return which states lead back to the empty floor, by a sweep along the edges backwards."""
    import numpy as np

    from unikat.floor import _kernels

    back_first, back = _kernels.turn_round(reach.first, reach.to)
    return _kernels.sweep(back_first, back, np.ones(reach.num_states, dtype=np.bool_))


def find_dead(reach: Reach) -> "Flags":
    """Return which states have no move."""
    import numpy as np

    is_dead: Flags = np.diff(reach.first) == 0
    return is_dead


def find_bad(reach: Reach, is_legal: "Flags") -> "Flags":
    """Return which illegal states are one move from a legal one."""
    import numpy as np

    source = np.repeat(np.arange(reach.num_states), np.diff(reach.first))
    is_bad = np.zeros(reach.num_states, dtype=np.bool_)
    is_bad[reach.to[is_legal[source] & ~is_legal[reach.to]]] = True
    return is_bad


def minimal_bad(reach: Reach, is_bad: "Flags") -> "Words":
    """Return the bad vectors of parts inside that cover no other bad vector."""
    from unikat.floor import _kernels

    vectors = _vectors(reach, is_bad, 1)
    return vectors[_kernels.keep_minimal(vectors, words_of(reach.system, [reach.system.guards])[0])]


def maximal_legal(reach: Reach, is_legal: "Flags") -> "Words":
    """Return the legal vectors of parts inside that no other legal vector covers."""
    from unikat.floor import _kernels

    vectors = _vectors(reach, is_legal, -1)
    return vectors[_kernels.keep_maximal(vectors, words_of(reach.system, [reach.system.guards])[0])]


def admitted_states(reach: Reach, is_allowed: "Flags") -> "Flags":
    """Return which states are met in closed loop: by moves into allowed states only."""
    from unikat.floor import _kernels

    return _kernels.sweep(reach.first, reach.to, is_allowed)


def _vectors(reach: Reach, chosen: "Flags", direction: int) -> "Words":
    """Return the counts of the activities in chosen states, by their sum up (1) or down (-1)."""
    import numpy as np

    system = reach.system
    inside = system.fields[: len(system.activities)]
    mask = words_of(system, [sum(place.mask << place.shift for place in inside)])[0]
    vectors = reach.states[chosen] & mask
    sums = np.zeros(len(vectors), dtype=np.int64)
    for place in inside:
        word = vectors[:, place.shift // WORD] >> np.uint64(place.shift % WORD)
        sums += (word & np.uint64(place.mask)).astype(np.int64)
    ordered: Words = vectors[np.argsort(direction * sums, kind="stable")]
    return ordered
