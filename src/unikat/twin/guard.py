"""What the kernel's supervisor reads: needs for the banker's rule, classes for the exact one."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import TypeAlias

Rest: TypeAlias = tuple[int, ...]
"""The capabilities (by index) a part has still to enter."""
Spot: TypeAlias = tuple[int, Rest]
"""Where a part is, 2c in a unit of work center c, 2c + 1 in its buffer; and its rest."""
Vector: TypeAlias = tuple[tuple[Spot, int], ...]
"""How many parts at some spots are a standstill to come, and are so in no smaller numbers."""


class Needs:
    """What a part still has to pass, as bits of centers, once for each rest of a route."""

    def __init__(self, masks: Sequence[int]) -> None:
        self._masks = masks
        self._known: dict[tuple[int, tuple[int, ...]], int] = {}
        self._of: dict[Rest, list[int]] = {}
        self.values: list[int] = []

    def of(self, route: Rest) -> list[int]:
        """Return the number of what is left once 0, 1, ... all steps of a route were entered."""
        if route not in self._of:
            only: int = 0
            choices: tuple[int, ...] = ()
            found = [self._number(only, choices)]
            for cap in reversed(route):
                mask = self._masks[cap]
                if mask & (mask - 1) == 0:
                    only |= mask
                elif mask not in choices:
                    choices = (mask, *choices)
                found.append(self._number(only, choices))
            self._of[route] = found[::-1]
        return self._of[route]

    def _number(self, only: int, choices: tuple[int, ...]) -> int:
        return self._known.setdefault((only, choices), len(self._known))

    def write(self, at: int) -> list[int]:
        """Fill `values`, which will stand from `at` on, and return the handle of each need."""
        handles = []
        for only, choices in self._known:
            handles.append(at + len(self.values))
            self.values += (only, len(choices), *choices)
        return handles


class Classes:
    """The spots that minimal bad vectors name: the state counts the parts at each.

    A move needs to be compared with the vectors alone that name the spot it leads to.
    """

    def __init__(self, bad: Sequence[Vector]) -> None:
        self._bad = bad
        self._counts = {
            spot: i for i, spot in enumerate(dict.fromkeys(s for v in bad for s, _ in v))
        }
        self._classes: dict[Spot, int] = {}
        self._rests: dict[Rest, int] = {}
        self._of: dict[Rest, list[int]] = {}

    def __len__(self) -> int:
        return len(self._counts)

    def write(self, table: Callable[[Iterable[int]], int], counts: int, num_centers: int) -> None:
        """Write vectors and classes; the counts stand in the state from `counts` on."""
        self._table, self._num_centers = table, num_centers
        vectors: dict[Spot, list[int]] = {spot: [] for spot in self._counts}
        for bad in self._bad:
            pairs = [v for spot, least in bad for v in (counts + self._counts[spot], least)]
            at = table([len(bad), *pairs])
            for spot, _ in bad:
                vectors[spot].append(at)
        for spot, of in vectors.items():
            self._classes[spot] = table([counts + self._counts[spot], len(of), *of])

    def of(self, route: Rest) -> list[int]:
        """Return the handles of the classes once 0, 1, ... all steps of a route were entered; 0 if
        there are none.
        """
        if route not in self._of:
            self._of[route] = [self._rest(route[k:]) for k in range(len(route) + 1)]
        return self._of[route]

    def _rest(self, rest: Rest) -> int:
        if self._counts and rest not in self._rests:
            places = range(2 * self._num_centers)
            self._rests[rest] = self._table(self._classes.get((i, rest), 0) for i in places)
        return self._rests.get(rest, 0)


def has_circle(follows: Mapping[int, set[int]]) -> bool:
    """Return whether a directed graph has a circle of two or more."""
    state: dict[int, int] = {}

    def visit(node: int) -> bool:
        state[node] = 1
        for other in follows.get(node, ()):
            if other != node and (state.get(other) == 1 or (other not in state and visit(other))):
                return True
        state[node] = 2
        return False

    return any(visit(node) for node in follows if node not in state)
