"""What one chain of steps costs at least where units have prices, by trying every second."""

from functools import cache


def cheapest(chain, price, travel, end_cost, *, ready, until):
    """Return the least cost; a step of `chain` is a list of (unit, seconds).

    `price[unit][t]` is what second t costs, 0 beyond; the chain ends before `until`, or for
    `end_cost(until)` alone.
    """

    def paid(unit, start, finish):
        return sum(price[unit][start:finish])

    @cache
    def rest(k, arrived, place):
        if k == len(chain):
            return end_cost(arrived)
        best = float("inf")
        for unit, seconds in chain[k]:
            soonest = arrived + (travel[place][unit] if place is not None else 0)
            for start in range(soonest, until - seconds):
                cost = paid(unit, start, start + seconds) + rest(k + 1, start + seconds, unit)
                best = min(best, cost)
        return best

    return min(rest(0, ready, None), end_cost(until))
