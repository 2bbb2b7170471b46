"""Draw random numbers by key: the same key gives the same number, whatever was drawn before.

Two policies on the same orders thus meet the same durations and breakdowns (common random numbers).
"""

from hashlib import blake2b
from math import exp, log, log1p, sqrt
from statistics import NormalDist

_NORMAL = NormalDist()


def uniform(*key: str | int) -> float:
    """Return a number in (0, 1) that belongs to the key."""
    word = int.from_bytes(blake2b(repr(key).encode(), digest_size=8).digest(), "big")
    return ((word >> 12) + 0.5) / (1 << 52)


def lognormal(mean: float, cv: float, *key: str | int) -> float:
    """Return a lognormal number of a mean and a coefficient of variation; the mean itself if `cv`
    is 0.
    """
    if cv == 0:
        return mean
    variance = log1p(cv * cv)
    return mean * exp(sqrt(variance) * _NORMAL.inv_cdf(uniform(*key)) - variance / 2)


def normal(mean: float, sd: float, *key: str | int) -> float:
    """Return a normal number of a mean and a standard deviation."""
    return mean + sd * _NORMAL.inv_cdf(uniform(*key)) if sd > 0 else mean


def exponential(mean: float, *key: str | int) -> float:
    """Return an exponential number of a mean."""
    return -mean * log(uniform(*key))
