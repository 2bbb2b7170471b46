"""Where new ids come from: random on a live site, counted in a rehearsal."""

import secrets
from collections import Counter
from threading import Lock

ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
"""Base 32 without I, L, O and U: nothing that is misread on a label or over the phone."""
LENGTH = 10
"""Characters of an id: 50 random bits, so a million ids collide with a chance of 1 in 2,000."""


class RandomIds:
    """Ids nobody can guess and nobody has, such as ``Q-7F3K2M9D0X``."""

    def new(self, prefix: str) -> str:
        """Return `prefix`, a dash and random characters."""
        return f"{prefix}-" + "".join(secrets.choice(ALPHABET) for _ in range(LENGTH))


class CountedIds:
    """Ids counted from 1 for each prefix, the same in every run.

    Examples
    --------
    >>> ids = CountedIds()
    >>> ids.new("Q"), ids.new("Q"), ids.new("O")
    ('Q-000001', 'Q-000002', 'O-000001')
    """

    def __init__(self) -> None:
        self._counts: Counter[str] = Counter()
        self._lock = Lock()

    def new(self, prefix: str) -> str:
        """Return `prefix`, a dash and the next count."""
        with self._lock:
            self._counts[prefix] += 1
            return f"{prefix}-{self._counts[prefix]:06d}"
