"""The status of every option of a family whose few valid configurations are all listed."""

import numpy as np
from numpy.typing import NDArray

from unikat._kernels import kernel


@kernel
def keep(
    rows: NDArray[np.uint64],
    columns: NDArray[np.uint64],
    before: NDArray[np.uint64],
    literal: int,
    agreeing: NDArray[np.uint64],
    values: NDArray[np.int8],
) -> bool:
    """Keep the listed configurations with one more literal (v or -v); False when there is none.

    `rows` uint64 (K, ceil((V + 1) / 64)): bit v of a row = value of variable v in a configuration;
    `columns` uint64 (V + 1, ceil(K / 64)) the same by variable; `before`, `agreeing` uint64
    (ceil(K / 64),): which configurations are kept; `values` int8 (2 V + 2,): status, then the first
    of them, as in `Standing`.
    """
    first = -1
    every, some = np.empty(rows.shape[1], np.uint64), np.zeros(rows.shape[1], np.uint64)
    every[:] = ~np.uint64(0)
    for word in range(before.size):
        column = columns[abs(literal), word]
        left = before[word] & (column if literal > 0 else ~column)
        agreeing[word] = left
        place = 64 * word
        while left != 0:
            if left & np.uint64(1):
                if first < 0:
                    first = place
                for i in range(every.size):
                    every[i] &= rows[place, i]
                    some[i] |= rows[place, i]
            left >>= np.uint64(1)
            place += 1
    if first < 0:
        return False
    num = values.size // 2
    one = np.uint64(1)
    values[0] = 0
    for var in range(1, num):
        word, bit = var >> 6, np.uint64(var & 63)
        is_always, is_ever = (every[word] >> bit) & one, (some[word] >> bit) & one
        values[var] = np.int8(is_always) + np.int8(is_ever) - np.int8(1)
        values[num + var] = 2 * np.int8((rows[first, word] >> bit) & one) - 1
    values[num] = -1
    return True
