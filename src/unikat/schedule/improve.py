"""Improve a schedule by rounds: pull late jobs forward in the sequence, choose their units anew, keep what costs less."""

from time import perf_counter

import numpy as np

from unikat.schedule.columns import Columns, Ints
from unikat.schedule.construct import empty_placed
from unikat.schedule.cost import Prices, weights_of
from unikat.terms import Instant

CHUNK = 16
"""Rounds between two looks at the clock."""


def value_of(columns: Columns, placed: Ints, prices: Prices) -> int:
    """Return the weighted cost of placed loads."""
    from unikat.schedule._kernels import measure

    near = columns.now + prices.near_s
    return int(weights_of(prices) @ measure(columns, near, prices.unit_change_s, placed))


def improve_by_rounds(
    columns: Columns, placed: Ints, *, prices: Prices, seed: int, rounds: int, seconds: float
) -> tuple[Ints, int]:
    """Return the best schedule found from `placed`, and how many rounds were done.

    The clock is read between chunks of rounds, and only if `seconds` > 0.
    """
    from unikat.schedule._kernels import decode, improve, sequence_of

    key, choice = placed[3].copy(), placed[0].copy()
    best = empty_placed(columns)
    decode(columns, sequence_of(columns, key), choice, np.zeros_like(key), best)
    weights = np.append(weights_of(prices), [columns.now + prices.near_s, prices.unit_change_s])
    end = perf_counter() + seconds if seconds > 0 else None
    done = 0
    while done < rounds and (end is None or perf_counter() < end):
        chunk = (done, min(done + CHUNK, rounds))
        improve(columns, weights, seed, chunk, key, choice, best)
        done = chunk[1]
    return min((placed, best), key=lambda one: value_of(columns, one, prices)), done
