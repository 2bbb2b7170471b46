"""Draw random numbers for all replications at once, by key: whatever else is drawn, the same key
gives the same row.
"""

from functools import lru_cache
from hashlib import blake2b
from math import log1p, sqrt

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
ALMOST_ONE = 1.0 - 1e-12
_GOLDEN = np.uint64(0x9E3779B97F4A7C15)
_MIX = (np.uint64(0xBF58476D1CE4E5B9), np.uint64(0x94D049BB133111EB))
_SHIFTS = (np.uint64(30), np.uint64(27), np.uint64(31), np.uint64(11))


def uniforms(replications: int, *key: str | int) -> Floats:
    """Return one number in (0, 1) for each replication: splitmix64 counted from the hash of the
    key.
    """
    word = int.from_bytes(blake2b(repr(key).encode(), digest_size=8).digest(), "big")
    z = np.uint64(word) + _counts(replications)
    z = (z ^ (z >> _SHIFTS[0])) * _MIX[0]
    z = (z ^ (z >> _SHIFTS[1])) * _MIX[1]
    z ^= z >> _SHIFTS[2]
    row: Floats = ((z >> _SHIFTS[3]).astype(np.float64) + 0.5) * 2.0**-53
    return row


@lru_cache(maxsize=8)
def _counts(replications: int) -> NDArray[np.uint64]:
    return np.arange(1, replications + 1, dtype=np.uint64) * _GOLDEN


def lognormals(mean: float, cv: float, u: Floats, *, beyond: float = 0.0) -> Floats:
    """Return lognormal numbers of a mean and coefficient of variation, given that they exceed
    `beyond`.
    """
    from scipy.special import ndtr, ndtri

    if cv == 0:
        return np.full(u.shape, max(mean, beyond))
    sigma = sqrt(log1p(cv * cv))
    centre = np.log(mean) - sigma * sigma / 2
    if beyond > 0:
        below = ndtr((np.log(beyond) - centre) / sigma)
        u = np.minimum(below + u * (1.0 - below), ALMOST_ONE)
    drawn: Floats = np.maximum(np.exp(centre + sigma * ndtri(u)), beyond)
    return drawn


def exponentials(mean: float, u: Floats) -> Floats:
    """Return exponential numbers of a mean."""
    drawn: Floats = -mean * np.log(u)
    return drawn


def delays(work: Floats, mtbf: float, mttr: float, u: Floats, v: Floats) -> Floats:
    """Return how long breakdowns delay some work: a Poisson number of them, each an exponential
    repair.
    """
    from scipy.special import gammaincinv, pdtrik

    lost = np.zeros(u.shape)
    rate = work / mtbf
    hit = np.flatnonzero(u > np.exp(-rate))
    if hit.size:
        count = np.maximum(1.0, np.ceil(pdtrik(np.minimum(u[hit], ALMOST_ONE), rate[hit])))
        lost[hit] = mttr * gammaincinv(count, v[hit])
    return lost
