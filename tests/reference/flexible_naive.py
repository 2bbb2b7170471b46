"""A flexible job shop's makespan, critical paths, moves and optimum, as plainly as can be."""

from itertools import pairwise, product


def jobs_of(shop):
    """Return jobs as lists of steps as lists of (mode, unit, work)."""
    steps = [
        [
            (m, int(shop.mode_unit[m]), int(shop.mode_work[m]))
            for m in range(shop.mode_ptr[s], shop.mode_ptr[s + 1])
        ]
        for s in range(shop.num_steps)
    ]
    return [steps[shop.job_ptr[j] : shop.job_ptr[j + 1]] for j in range(shop.num_jobs)]


def arcs(shop, modes, sequences):
    """Return which steps come right before each, in its job and on its unit."""
    before = [[] if shop.first[s] else [s - 1] for s in range(shop.num_steps)]
    for row in sequences.values():
        for x, y in pairwise(row):
            before[y].append(x)
    return before


def starts_of(shop, modes, sequences):
    """Return the earliest start of each step, or None if the sequences close a circle."""
    before, starts, left = arcs(shop, modes, sequences), {}, set(range(shop.num_steps))
    while left:
        free = [s for s in left if all(b in starts for b in before[s])]
        if not free:
            return None
        for s in free:
            starts[s] = max(
                (starts[b] + int(shop.mode_work[modes[b]]) for b in before[s]), default=0
            )
            left.remove(s)
    return starts


def makespan_of(shop, modes, sequences):
    starts = starts_of(shop, modes, sequences)
    if starts is None:
        return None
    return max(starts[s] + int(shop.mode_work[modes[s]]) for s in starts)


def critical_paths(shop, modes, sequences):
    """Return every longest path as a tuple of steps, last first."""
    starts, before = starts_of(shop, modes, sequences), arcs(shop, modes, sequences)
    end = {s: starts[s] + int(shop.mode_work[modes[s]]) for s in starts}

    def back(path):
        s = path[-1]
        if starts[s] == 0:
            return [path]
        return [p for b in before[s] if end[b] == starts[s] for p in back((*path, b))]

    return [p for s in end if end[s] == max(end.values()) for p in back((s,))]


def sequences_of(shop, modes, sequence):
    rows = {}
    for s in sequence:
        rows.setdefault(int(shop.mode_unit[modes[s]]), []).append(int(s))
    return rows


def best_move(shop, modes, sequences, path):
    """Return the least makespan after moving one step of a path to any other place, or None."""
    found = []
    for v in path:
        rows = {u: [s for s in row if s != v] for u, row in sequences.items()}
        for m in range(shop.mode_ptr[v], shop.mode_ptr[v + 1]):
            unit = int(shop.mode_unit[m])
            row = rows.get(unit, [])
            for i in range(len(row) + 1):
                tried = {**rows, unit: [*row[:i], v, *row[i:]]}
                if m == modes[v] and tried[unit] == sequences[unit]:
                    continue
                chosen = [m if s == v else modes[s] for s in range(shop.num_steps)]
                value = makespan_of(shop, chosen, tried)
                if value is not None:
                    found.append(value)
    return min(found, default=None)


def shortest_makespan(shop):
    """Return the optimum by trying all modes and all sequences of jobs."""
    jobs = jobs_of(shop)
    best = sum(max(work for _, _, work in step) for job in jobs for step in job)
    for modes in product(*(step for job in jobs for step in job)):
        best = min(best, _shortest(jobs, modes, best))
    return best


def _shortest(jobs, modes, best):
    at = [0]
    for job in jobs:
        at.append(at[-1] + len(job))

    def branch(done, ready, free, top):
        nonlocal best
        if top >= best:
            return
        if all(d == len(job) for d, job in zip(done, jobs, strict=True)):
            best = top
            return
        for j, job in enumerate(jobs):
            if done[j] < len(job):
                _, unit, work = modes[at[j] + done[j]]
                finish = max(ready[j], free.get(unit, 0)) + work
                branch(
                    [d + (i == j) for i, d in enumerate(done)],
                    [finish if i == j else r for i, r in enumerate(ready)],
                    {**free, unit: finish},
                    max(top, finish),
                )

    branch([0] * len(jobs), [0] * len(jobs), {}, 0)
    return best
