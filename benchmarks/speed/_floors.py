"""A plant drawn for the benches of the twin: 50 units, robots, setups, shifts, breakdowns."""

import numpy as np

from unikat.terms import DAY, HOUR, MINUTE
from unikat.twin.layout import CapRow, CenterRow, JobRow, Layout, StepRow, UnitRow
from unikat.twin.quantiles import lognormal_row

CENTERS, UNITS, STEPS, FAMILIES = 10, 5, 10, 5
CV, MTBF, MTTR = 0.25, 40 * HOUR, HOUR
WEEKS = 60


def draw_layout(
    num_steps: int,
    seed: int,
    *,
    robots: int = 5,
    buffer: int = 10**6,
    extra: int = 0,
    load: float = 0.8,
) -> Layout:
    """Draw jobs of ten steps each that pass the work centers in any sequence, as they come in.

    Every second work center has setups, every third works two shifts and pauses between them.
    `extra` are units more in the first work center; `load` is that of those in shifts.
    """
    draw = np.random.default_rng([seed, num_steps])
    jobs = num_steps // STEPS
    work = draw.integers(20 * MINUTE, HOUR, (jobs, STEPS))
    routes = np.array([draw.permutation(CENTERS) for _ in range(jobs)])
    families = draw.integers(0, FAMILIES, (jobs, STEPS))
    horizon = work.sum() / (CENTERS * UNITS * load * 16 / 24)
    releases = np.sort(draw.integers(0, int(horizon), jobs)).tolist()
    centers = tuple(
        CenterRow(
            tuple(
                UnitRow(900 + 50 * u, MTBF, MTTR, key=100_000 * (c * 20 + u))
                for u in range(UNITS + (extra if c == 0 else 0))
            ),
            buffer,
            is_interruptible=c % 3 == 0,
            setup=0 if c % 2 == 0 else -1,
        )
        for c in range(CENTERS)
    )
    places = draw.integers(0, 60, (CENTERS, 2))
    travel = np.abs(places[:, None] - places[None]).sum(axis=2)
    change = np.abs(np.subtract.outer(np.arange(FAMILIES), np.arange(FAMILIES))) * 2 * MINUTE
    first = [4 * MINUTE] * FAMILIES
    shifts = tuple((day * DAY + 6 * HOUR, day * DAY + 22 * HOUR) for day in range(7 * WEEKS))
    numbers = [(c, u) for c, center in enumerate(centers) for u in range(len(center.units))]
    units = [c for c, _ in numbers]
    return Layout(
        centers=centers,
        caps=tuple(CapRow((c,)) for c in range(CENTERS)),
        jobs=tuple(
            JobRow(
                releases[j],
                tuple(
                    StepRow(
                        int(c), int(work[j, k]), family=int(families[j, k]) if c % 2 == 0 else -1,
                        hash=j * 64 + k + 1,
                    )
                    for k, c in enumerate(routes[j])
                ),
            )
            for j in range(jobs)
        ),
        num_robots=robots,
        travel=tuple(map(tuple, travel.tolist())),
        setups=(tuple(map(tuple, [*change.tolist(), first])),),
        hours={(c, u): shifts for u, c in enumerate(units) if c % 3 == 0},
        rows={(c, u): 0 for u, c in enumerate(units)},
        quantiles=(lognormal_row(CV),),
    )  # fmt: skip
