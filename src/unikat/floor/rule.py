"""The exact supervisor as a compiled rule: refuse what covers a minimal bad vector.

Without joins fewer parts are never worse (drop a part from the sequence in which all leave, and it
still is one), so legal states are closed downwards, and the minimal bad vectors tell them all. With
joins that does not hold: an assembly may wait for the part that was dropped, so the rule looks the
state up among the legal ones.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from unikat.floor.explore import Reach, find_bad, find_legal, minimal_bad, states_of
from unikat.floor.ras import System


@dataclass(frozen=True, slots=True)
class Comparison:
    """Vectors side by side in one long integer, a spare bit above each, compared all at once.

    `ones` copies a state beside each vector; `guards`, `low` (all bits but the spare ones) and
    `spare` stand once a vector.
    """

    ones: int
    vectors: int
    guards: int
    low: int
    spare: int

    def is_covered(self, inside: int) -> bool:
        """Return whether counts of activities cover one of the vectors."""
        # A count that is too small borrows its guard bit. A vector is covered if none is missing,
        # and then adding all bits below its spare bit does not carry into it.
        kept = (inside * self.ones | self.guards) - self.vectors
        missing = kept & self.guards ^ self.guards
        return missing + self.low & self.spare != self.spare


@dataclass(frozen=True, slots=True)
class Rule:
    """What the supervisor compares a state with.

    `bad` are the minimal bad vectors. `by_transition` are those a transition can make covered, as
    they hold a place it puts a part into. `legal` is the set of legal states of a system with
    joins, else None.
    """

    system: System
    bad: tuple[int, ...]
    by_transition: tuple[Comparison, ...]
    inside: int
    legal: frozenset[int] | None

    def admits(self, state: int, transition: int) -> bool:
        """Return whether an enabled transition may fire in a legal state."""
        system = self.system
        after = state - system.takes[transition] + system.gives[transition]
        if self.legal is not None:
            return after in self.legal
        return not self.by_transition[transition].is_covered(after & self.inside)


def compile_rule(reach: Reach) -> Rule:
    """Compile the exact rule of a completely explored system."""
    system, is_legal = reach.system, find_legal(reach)
    if system.has_joins:
        return Rule(system, (), (), 0, frozenset(states_of(reach.states[is_legal])))
    bad = tuple(states_of(minimal_bad(reach, find_bad(reach, is_legal))))
    by_transition = tuple(
        put_side_by_side(system, [v for v in bad if _holds_any(system, v, transition.gives)])
        for transition in system.transitions
    )
    return Rule(system, bad, by_transition, inside_mask(system), None)


def inside_mask(system: System) -> int:
    """Return the bits of the counts of all activities, which are the lowest of a state."""
    return sum(f.mask << f.shift for f in system.fields[: len(system.activities)])


def put_side_by_side(system: System, vectors: Sequence[int]) -> Comparison:
    """Return the comparison of any state of a system with some vectors at once."""
    inside = inside_mask(system)
    width = inside.bit_length() + 1
    guards = system.guards & (1 << width) - 1
    ones = sum(1 << (width + 1) * idx for idx in range(len(vectors)))
    return Comparison(
        ones=ones,
        vectors=sum(vector << (width + 1) * idx for idx, vector in enumerate(vectors)),
        guards=guards * ones,
        low=((1 << width) - 1) * ones,
        spare=ones << width,
    )


def _holds_any(system: System, vector: int, counts: Sequence[tuple[int, int]]) -> bool:
    return any(vector >> system.fields[p].shift & system.fields[p].mask for p, _ in counts)
