"""Lower bounds on what any schedule of a shop costs: each order alone, and with prices of units.

With a price for each second of a unit, every order takes the way that is cheapest for it, as if it
were alone. What all orders pay and cost then, less the worth of all seconds the units are open for,
is not above the cost of any schedule: in a schedule no unit is used for longer than it is open.
Prices rise where the orders together want more than that, and fall where less (Lagrangian
relaxation of capacity with subgradients: Hoitomt, Luh, Pattipati 1993). Setups are taken at their
least, counted resources as if there were enough, and an order may begin anywhere in a bucket of
time that its predecessor ends in.
"""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from unikat.schedule.columns import Columns, Floats, Ints
from unikat.schedule.cost import OVERDUE_SCALE_S, Prices
from unikat.schedule.value import Links, link, price_table
from unikat.terms import WEEK

if TYPE_CHECKING:
    from unikat.schedule._kernels_bound import Market

PARTS = 2
"""Jobs are split into so many parts, each for a thread; a constant, so that sums stay the same."""
BUCKETS_A_STEP = 16
MOST_CELLS = 4_000_000
"""Units times buckets at most: then buckets are longer."""
MOST_WIDTH = 4_096
"""Buckets an order may wait; what ends later costs its end alone."""
ROUNDING = 1e-9
"""More than what sums of floats may be wrong by."""
REACH, LEAST_REACH = 0.1, 1e-4
"""How far above the best bound the prices aim, in parts of the known cost: first and last."""
GROWTH, PATIENCE, INERTIA = 1.5, 3, 0.7
"""The reach grows on a gain of half of it, is halved after so many rounds without any, and prices
keep a part of how they moved last.
"""


def bound_alone(columns: Columns, prices: Prices) -> int:
    """Return what each order alone in the plant costs, with every setup at its least."""
    from unikat._kernels import by_address
    from unikat.schedule._kernels_bound import heads

    least = least_setups(columns)
    ends = columns.jobs.end.copy()
    finish = heads(by_address(columns), least)
    np.maximum.at(ends, columns.steps.job, finish[columns.steps.load])
    jobs = columns.jobs
    over = np.maximum(ends - jobs.due, 0)
    return (
        prices.broken * int((over > 0).sum())
        + prices.tardiness * int((jobs.weight * np.maximum(ends - jobs.finish, 0)).sum())
        + prices.overdue * int((jobs.weight * (over * over // OVERDUE_SCALE_S)).sum())
        + prices.setup * _setup_seconds(columns, least)
        + prices.flow * int((ends - jobs.release).sum())
    )


def bound_by_prices(
    columns: Columns,
    placed: Ints,
    prices: Prices,
    *,
    known: int,
    rounds: int | None,
    is_over: Callable[[], bool] = lambda: False,
) -> int:
    """Return the best bound that `rounds` of prices give, or those until `is_over`.

    `placed` is a schedule and `known` its cost: how far prices move depends on how far the bound is
    below. The same rounds give the same bound whatever the number of threads.
    """
    if not columns.loads.ready.size:
        return 0
    auction = _Auction(columns, placed, prices)
    best, reach, stale, done = -np.inf, REACH * known, 0, 0
    with ThreadPoolExecutor(PARTS) as pool:
        while done != rounds and not is_over():
            value, slope = auction.value(pool)
            done += 1
            stale += 1
            if value > best:
                reach *= GROWTH if best + reach / 2 <= value else 1.0
                best, stale = value, 0
                auction.keep(slope)
            elif stale == PATIENCE:
                value, slope, stale, reach = best, auction.restore(), 0, reach / 2
            if not slope.any() or best >= known or reach < LEAST_REACH * known:
                break
            auction.move(slope, best + reach - value)
    setups = prices.setup * _setup_seconds(columns, auction.market.least)
    return max(int(best - abs(best) * ROUNDING), 0) + setups if done else 0


def least_setups(columns: Columns) -> Ints:
    """Return the shortest setup of each mode, shape (M,), over all that may come before it."""
    shop, modes = columns.shop, columns.modes
    families = columns.loads.family[modes.load]
    num = shop.change.shape[2]
    least = np.zeros(modes.load.size, dtype=np.int64)
    is_set_up = (families >= 0) & (shop.setup[modes.unit] >= 0)
    counts = np.zeros((shop.lanes.shape[0], num + 1), dtype=np.int64)
    np.add.at(counts, (modes.unit[is_set_up], families[is_set_up]), 1)
    first = np.where(shop.lanes[:, 1] >= 0, shop.lanes[:, 1], num)
    for unit in np.flatnonzero(shop.setup >= 0).tolist():
        before = counts[unit] > 0
        before[first[unit]] = True
        change = shop.change[shop.setup[unit]]
        for family in np.flatnonzero(counts[unit, :num]).tolist():
            is_free = counts[unit, family] > 1 or first[unit] == family
            others = before.copy()
            others[family] = False
            seconds = 0 if is_free or not others.any() else int(change[others, family].min())
            least[is_set_up & (modes.unit == unit) & (families == family)] = seconds
    return least


def _setup_seconds(columns: Columns, least: Ints) -> int:
    """Return the setup seconds of all loads, each in the mode where they are least."""
    return int(np.minimum.reduceat(least, columns.modes.ptr[:-1]).sum()) if least.size else 0


@dataclass(slots=True)
class _Auction:
    """Prices under way, and what they are set for."""

    columns: Columns
    links: Links
    table: Ints
    market: "Market"
    open_s: Floats
    width: Ints
    drift: Floats
    kept: tuple[Floats, Floats]

    def __init__(self, columns: Columns, placed: Ints, prices: Prices) -> None:
        from unikat._kernels import by_address
        from unikat.schedule._kernels_bound import Market, heads

        horizon = int(placed[4].max()) - columns.now + 1
        shift = _shift(columns, horizon)
        num = (horizon >> shift) + 1
        units = columns.shop.lanes.shape[0]
        self.columns, self.links, self.table = columns, link(columns), price_table(prices)
        least = least_setups(columns)
        self.market = Market(
            shift,
            np.zeros((units, num)),
            np.zeros((units, num + 1)),
            *_heirs(columns),
            least,
            heads(by_address(columns), least),
        )
        self.open_s = _open_seconds(columns, shift, num)
        self.width = _widths(columns, self.market.finish, shift)
        self.drift = np.zeros((units, num))
        self.kept = (self.drift, self.drift)

    def value(self, pool: ThreadPoolExecutor) -> tuple[float, Floats]:
        """Return the bound at the prices of now, and use less open seconds where prices can go."""
        from unikat._kernels import by_address
        from unikat.schedule._kernels_bound import pay

        market = self.market
        market.paid[:, 1:] = np.cumsum(market.price, axis=1) * float(1 << market.shift)
        parts = np.array_split(np.arange(self.width.size), PARTS)
        usage = np.zeros((PARTS, *market.price.shape))
        columns, links = by_address(self.columns), by_address(self.links)
        record = by_address(market)

        def run(k: int) -> float:
            part = parts[k]
            if not part.size:
                return 0.0
            return pay(columns, links, record, self.table, part, self.width, usage[k])

        total = sum(pool.map(run, range(PARTS)))
        np.minimum(self.width, MOST_WIDTH, out=self.width)
        slope = usage.sum(axis=0) - self.open_s
        slope[(market.price <= 0) & (slope < 0)] = 0.0
        return total - float((market.price * self.open_s).sum()), slope

    def keep(self, slope: Floats) -> None:
        """Remember the prices of now and the slope there."""
        self.kept = (self.market.price.copy(), slope)

    def restore(self) -> Floats:
        """Return to the prices remembered; return the slope there."""
        price, slope = self.kept
        self.market.price[:] = price
        self.drift = np.zeros_like(self.drift)
        return slope

    def move(self, slope: Floats, distance: float) -> None:
        """Move the prices along a slope, so far that the bound would rise by a distance."""
        self.drift = slope + INERTIA * self.drift
        price = self.market.price
        price += self.drift * (distance / float((self.drift * self.drift).sum()))
        np.maximum(price, 0.0, out=price)


def _shift(columns: Columns, horizon: int) -> int:
    """Return the bucket length as a power of two: a sixteenth of a mean step, or longer."""
    mean = max(float(columns.modes.seconds.mean()) / BUCKETS_A_STEP, 1.0)
    cells = columns.shop.lanes.shape[0] * horizon
    return int(np.log2(max(mean, cells / MOST_CELLS)))


def _heirs(columns: Columns) -> tuple[Ints, Ints]:
    """Return the job that owns each load, and the follower of that job it hands its cost to."""
    loads, steps = columns.loads, columns.steps
    owner = np.full(loads.ready.size, columns.jobs.end.size, dtype=np.int64)
    np.minimum.at(owner, steps.load, steps.job)
    after = np.repeat(np.arange(loads.ready.size), np.diff(loads.source_ptr))
    before = loads.source[:, 0]
    is_own = before >= 0
    is_own[is_own] = owner[before[is_own]] == owner[after[is_own]]
    heir = np.full(loads.ready.size, -1, dtype=np.int64)
    np.maximum.at(heir, before[is_own], after[is_own])
    return owner, heir


def _widths(columns: Columns, finish: Ints, shift: int) -> Ints:
    """Return how many buckets each order gets at first: twice what it takes alone or may take."""
    jobs, steps = columns.jobs, columns.steps
    ready = np.full(jobs.end.size, np.iinfo(np.int64).max)
    np.minimum.at(ready, steps.job, columns.loads.ready[steps.load])
    end = np.zeros(jobs.end.size, dtype=np.int64)
    np.maximum.at(end, steps.job, finish[steps.load])
    end = np.maximum(end, np.maximum(columns.now, jobs.finish))
    width: Ints = np.minimum((((end - ready) * 2) >> shift) + 4, MOST_WIDTH)
    return width


def _open_seconds(columns: Columns, shift: int, num: int) -> Floats:
    """Return for how long each unit can be used in each bucket, shape (U, num)."""
    shop, until = columns.shop, num << shift
    borders = np.arange(num + 1, dtype=np.int64) << shift
    open_s = np.zeros((shop.lanes.shape[0], num))
    for unit in range(open_s.shape[0]):
        free = int(shop.lanes[unit, 0]) - columns.now
        calendars = np.unique(columns.modes.calendar[columns.modes.unit == unit]).tolist()
        spans = [(free, until)] if shop.pause[unit] else []
        if not shop.pause[unit]:
            spans = [span for c in calendars for span in _spans(columns, c, free, until)]
        passed = np.zeros(num + 1, dtype=np.int64)
        end = 0
        for opens, closes in sorted(spans):
            begin = max(opens, end)
            if begin < closes:
                passed += np.clip(borders, begin, closes) - begin
                end = closes
        open_s[unit] = np.diff(passed)
    return open_s


def _spans(columns: Columns, calendar: int, free: int, until: int) -> list[tuple[int, int]]:
    """Return the windows of a calendar within [free, until), seconds from now."""
    first, end, tail, _ = columns.shop.calendars[calendar].tolist()
    spans = (columns.shop.windows[first:end] - columns.now).tolist()
    week = spans[len(spans) - tail :] if tail else []
    turn = 1
    while week and spans[-1][1] < until:
        spans += [[opens + turn * WEEK, closes + turn * WEEK] for opens, closes in week]
        turn += 1
    clipped = [(max(opens, free), min(closes, until)) for opens, closes in spans]
    return [span for span in clipped if span[0] < span[1]]
