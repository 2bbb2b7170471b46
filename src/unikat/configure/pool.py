"""Valid configurations that a solver found before: they show again what is possible.

For small families; the kernels of a large one have a pool of their own. It only saves questions:
what it does not show, the solver decides.
"""

from collections.abc import Iterable, Sequence
from typing import Final, TypeAlias

Bits: TypeAlias = tuple[int, int]
"""Some of the kept configurations: of the older ones, and of the latest."""
_BLOCK: Final = 64
_BLOCKS: Final = 64
_FULL: Final = (1 << _BLOCK) - 1


class Pool:
    """The last 4,096 configurations found, by variable: a bit of an integer stands for each.

    The latest ones have short integers of their own, for a bit of a long one is written slowly.
    """

    def __init__(self, num_vars: int) -> None:
        self._older = [0] * (num_vars + 1)
        self._latest = [0] * (num_vars + 1)
        self._filled = (0, 0)
        self._num_blocks = 0

    def add(self, model: Sequence[int]) -> None:
        """Keep a valid configuration: entry v - 1 is v or -v."""
        older, filled = self._filled
        if filled == _FULL:
            older, filled = self._put_away(older), 0
        bit = filled + 1
        latest = self._latest
        for literal in model:
            if literal > 0:
                latest[literal] |= bit
        self._filled = older, filled | bit

    def _put_away(self, filled: int) -> int:
        """Let the latest ones take the place of the oldest block; return which bits are filled."""
        place = _BLOCK * (self._num_blocks % _BLOCKS)
        others = ~(_FULL << place)
        pairs = zip(self._older, self._latest, strict=True)
        self._older = [(old & others) | (new << place) for old, new in pairs]
        self._latest = [0] * len(self._latest)
        self._num_blocks += 1
        return filled | (_FULL << place)

    def having(self, literals: Iterable[int]) -> Bits:
        """Return those that have all these literals."""
        older, latest = self._filled
        for literal in literals:
            if not older and not latest:
                break
            old, new = self._older[abs(literal)], self._latest[abs(literal)]
            older &= old if literal > 0 else ~old
            latest &= new if literal > 0 else ~new
        return older, latest

    def unseen(self, bits: Bits, num_shown: int) -> set[int]:
        """Return the literals of the first variables that none of these, of which there are some,
        has.
        """
        older, latest = bits
        unseen: set[int] = set()
        for variable in range(1, num_shown + 1):
            true = self._older[variable] & older, self._latest[variable] & latest
            if true == (0, 0):
                unseen.add(variable)
            elif true == bits:
                unseen.add(-variable)
        return unseen
