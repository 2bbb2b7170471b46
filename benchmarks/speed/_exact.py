"""The twin's kernel against exact values, its own forks and threads, and a schedule.

A unit that never rests is a Poisson source; the same steps played without what follows it (the same
draws) say when each job came. Every case: |estimate - exact| in standard errors, and the 95 % half
width in percent.
"""

import sys
from dataclasses import replace
from math import factorial, sqrt
from pathlib import Path

import numpy as np

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from _floors import draw_layout
from _shops import NOTHING, draw_problem

from unikat.schedule.problem import build_problem
from unikat.schedule.solve import solve
from unikat.twin.floor_problem import read_floor
from unikat.twin.layout import CapRow, CenterRow, JobRow, Layout, StepRow, UnitRow, compile_layout
from unikat.twin.quantiles import exponential_row, gamma_row
from unikat.twin.simulate import open_state, run_until, simulate
from unikat.twin.state import empty_state

MEAN = 10_000
JOBS, WARM_UP, CHUNK = 5_000, 1_000, 100
ENDLESS = 1 << 40
HALF_WIDTH = 0.5
"""Percent of the mean at which a case ends."""


def verify(seed: int, forks: int) -> dict[str, float]:
    """Return all measures; `worst_` are over all cases."""
    measures: dict[str, float] = {}
    for name, (exact, sample) in cases().items():
        sigma, half_width = judge(exact, sample, seed)
        print(f"{name:28} exact {exact:9.5f}  {sigma:5.2f} sigma  +- {half_width:.3f} %")
        measures["worst_sigma"] = max(measures.get("worst_sigma", 0), sigma)
        measures["worst_half_width_percent"] = max(
            measures.get("worst_half_width_percent", 0), half_width
        )
    measures["schedule_different"] = schedule_differences(seed)
    measures["forks_different"] = fork_differences(seed, forks)
    measures["threads_different"] = thread_differences(seed)
    return measures


def judge(exact, sample, seed):
    """Sample until the half width is reached; return the deviation in standard errors, and it."""
    found, calls = [], 0
    while True:
        found.extend(sample(seed + calls))
        calls += 1
        mean, error = np.mean(found), np.std(found, ddof=1) / sqrt(len(found))
        if (calls >= 10 and 196 * error / mean <= HALF_WIDTH) or calls >= 100:
            return abs(mean - exact) / error, 196 * error / mean


def cases():
    """Return of each case its exact value, and what samples it."""
    exponential, gamma = exponential_row(), gamma_row(0.5)
    found = {
        "M/M/1, load .5": (2.0, stay(queue(1, 0.5, exponential))),
        "M/M/3, load .8": (erlang(3, 0.8), stay(queue(3, 0.8, exponential))),
        "M/M/5, load .7": (erlang(5, 0.7), stay(queue(5, 0.7, exponential))),
        "M/G/1, gamma, load .7": (1 + 0.7 * 1.25 / 2 / 0.3, stay(queue(1, 0.7, gamma))),
        "Jackson, 3 units": (jackson_exact(), jackson),
    }
    for places in (1, 5, 10):
        rate = (places + 2) / (places + 3)
        found[f"2 units, {places} places"] = (rate, throughput(two_units(places, 0, 0)))
    for places, mtbf, mttr in ((2, 5, 1), (5, 10, 2), (10, 20, 5)):
        rate = two_units_exact(places, mtbf, mttr)
        layout = two_units(places, mtbf * MEAN, mttr * MEAN)
        found[f"2 units that fail, {places} places"] = (rate, throughput(layout))
    return found


def queue(servers, load, row):
    """A Poisson source, then servers with an endless buffer; quantile row 0 is the source's."""
    gap = round(MEAN / load / servers)
    steps = [
        (StepRow(0, gap, hash=2 * j + 1), StepRow(1, MEAN, hash=2 * j + 2)) for j in range(JOBS)
    ]
    rows = {(0, 0): 0, **{(1, 1 + unit): 1 for unit in range(servers)}}
    return Layout(
        (CenterRow((UnitRow(),), 0), CenterRow((UnitRow(),) * servers, ENDLESS)),
        (CapRow((0,)), CapRow((1,))),
        tuple(JobRow(0, each) for each in steps),
        rows=rows, quantiles=(exponential_row(), row),
    )  # fmt: skip


def stay(layout):
    """Return what samples the mean time in the system, in mean steps."""
    source = replace(layout, jobs=tuple(JobRow(0, job.steps[:1]) for job in layout.jobs))
    whole, alone = compile_layout(layout), compile_layout(source)

    def sample(seed):
        ends = simulate(whole, replications=CHUNK, seed=seed).finishes
        comes = simulate(alone, replications=CHUNK, seed=seed).finishes
        return (ends - comes)[:, WARM_UP:].mean(axis=1) / MEAN

    return sample


def throughput(layout):
    """Return what samples the jobs a mean step time."""
    problem = compile_layout(layout)

    def sample(seed):
        ends = np.sort(simulate(problem, replications=CHUNK, seed=seed).finishes, axis=1)
        return (JOBS - 1 - WARM_UP) * MEAN / (ends[:, -1] - ends[:, WARM_UP])

    return sample


def two_units(places, mtbf, mttr):
    centers = tuple(CenterRow((UnitRow(mtbf=mtbf, mttr=mttr, key=99 * i),), places) for i in (0, 1))
    jobs = tuple(
        JobRow(0, (StepRow(0, MEAN, hash=2 * j + 1), StepRow(1, MEAN, hash=2 * j + 2)))
        for j in range(JOBS)
    )
    rows = {(0, 0): 0, (1, 1): 0}
    return Layout(
        centers, (CapRow((0,)), CapRow((1,))), jobs, rows=rows, quantiles=(exponential_row(),)
    )


def two_units_exact(places, mtbf, mttr):
    """Solve the Markov chain of (first up, second up, parts between and in the second; one more:
    the first is blocked); units fail as they work.
    """
    top = places + 2
    states = [(a, b, n) for a in (0, 1) for b in (0, 1) for n in range(top + 1)]
    at = {state: i for i, state in enumerate(states)}
    rates = np.zeros((len(states), len(states)))
    for a, b, n in states:
        moves = []
        if a and n < top:
            moves += [((a, b, n + 1), 1.0), ((0, b, n), 1 / mtbf)]
        if b and n:
            moves += [((a, b, n - 1), 1.0), ((a, 0, n), 1 / mtbf)]
        if not a:
            moves.append(((1, b, n), 1 / mttr))
        if not b:
            moves.append(((a, 1, n), 1 / mttr))
        for target, rate in moves:
            rates[at[a, b, n], at[target]] += rate
            rates[at[a, b, n], at[a, b, n]] -= rate
    system = np.vstack([rates.T, np.ones(len(states))])
    shares = np.linalg.lstsq(system, np.r_[np.zeros(len(states)), 1.0], rcond=None)[0]
    return float(sum(shares[at[a, b, n]] for a, b, n in states if b and n))


def erlang(servers, load):
    """Return the mean time in an M/M/c, in mean steps (Erlang C)."""
    offered = servers * load
    last = offered**servers / factorial(servers) / (1 - load)
    waits = last / (sum(offered**k / factorial(k) for k in range(servers)) + last)
    return 1 + waits / (servers * (1 - load))


NEXT = ((0.0, 0.6, 0.4), (0.0, 0.0, 0.3), (0.25, 0.0, 0.0))
"""The chance that a job goes on from one unit to another; else it leaves."""
COMES = 0.55
"""Jobs that come to the first unit, a mean step."""


def jackson_exact():
    visits = np.linalg.solve(np.eye(3) - np.array(NEXT).T, [1.0, 0.0, 0.0])
    loads = COMES * visits
    return float((loads / (1 - loads)).sum() / COMES)


def jackson(seed):
    """Sample with routes drawn anew for each of ten layouts."""
    found = []
    for k in range(10):
        draw = np.random.default_rng([seed, k])
        jobs = []
        for j in range(JOBS):
            route, unit = [], 0
            while unit < 3:
                route.append(unit)
                unit = int(np.searchsorted(np.cumsum(NEXT[unit]), draw.random(), side="right"))
            steps = (
                StepRow(3, round(MEAN / COMES), hash=64 * j),
                *(StepRow(unit, MEAN, hash=64 * j + i + 1) for i, unit in enumerate(route)),
            )
            jobs.append(JobRow(0, steps))
        centers = (*(CenterRow((UnitRow(),), ENDLESS),) * 3, CenterRow((UnitRow(),), 0))
        layout = Layout(
            centers, tuple(CapRow((c,)) for c in range(4)), tuple(jobs),
            rows={(c, c): 0 for c in range(4)}, quantiles=(exponential_row(),),
        )  # fmt: skip
        source = replace(layout, jobs=tuple(JobRow(0, job.steps[:1]) for job in layout.jobs))
        ends, comes = (
            simulate(compile_layout(each), replications=CHUNK // 10, seed=seed * 10 + k).finishes
            for each in (layout, source)
        )
        found.append((ends - comes)[:, WARM_UP:].mean() / MEAN)
    return found


def schedule_differences(seed):
    """Return how many of 200 orders do not finish as scheduled where nothing varies.

    No step begins before it is booked: else a unit would take what is there instead of waiting.
    """
    drawn = draw_problem(200, seed)
    centers = {  # each unit has a capability of its own: no part stays in its unit, out of turn
        name: replace(center, buffer=10_000, capabilities=(f"c{name[1:]}",))
        for name, center in drawn.plant.work_centers.items()
    }
    plant = replace(drawn.plant, work_centers=centers)
    problem = build_problem(plant, drawn.orders, NOTHING, 0)
    schedule = solve(problem, seconds=0, seed=seed, rounds=2)
    booked = (replace(b, not_before=b.start) for b in schedule.bookings)
    bookings = {(b.order, b.step): b for b in booked}
    floor = read_floor(
        plant, bookings, empty_state(plant), problem.orders, 0, release_ahead_s=ENDLESS
    )
    played = simulate(floor.problem, floor.state, replications=1, seed=seed).finishes[0]
    finish = {}
    for b in schedule.bookings:
        finish[b.order] = max(finish.get(b.order, 0), b.finish)
    return sum(finish[order] != at for order, at in zip(floor.jobs, played.tolist(), strict=True))


def fork_differences(seed, forks):
    """Return how many of so many forks, at random instants, end in other bits than the whole."""
    problem = compile_layout(draw_layout(1_000, seed, buffer=5))
    draw = np.random.default_rng(seed)
    wrong = 0
    for replication in range(forks // 20):
        begun = open_state(problem, seed=seed, replication=replication)
        whole = run_until(problem, begun, ENDLESS)
        last = int(simulate(problem, replications=1, seed=seed, first=replication).ends[0])
        for cut in draw.integers(0, last, 20).tolist():
            fork = run_until(problem, begun, cut)
            wrong += not np.array_equal(whole, run_until(problem, fork, ENDLESS))
    return wrong


def thread_differences(seed):
    """Return how many finishes differ between 1, 2 and 4 threads."""
    problem = compile_layout(draw_layout(1_000, seed))
    one, *others = (
        simulate(problem, replications=400, seed=seed, threads=threads).finishes
        for threads in (1, 2, 4)
    )
    return sum(int((one != other).sum()) for other in others)
