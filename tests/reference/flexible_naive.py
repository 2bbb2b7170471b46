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


def estimated_moves(shop, modes, sequences, path, price):
    """Return the moves of a path's steps whose estimate is least: (step, mode, place in the row).

    The estimate is the longest path through the moved step, with the ends before and the tails
    behind it as they are now; only the steps it passes on its own unit are reckoned anew.
    """
    starts, before = starts_of(shop, modes, sequences), arcs(shop, modes, sequences)
    work = {s: int(shop.mode_work[modes[s]]) for s in starts}
    end = {s: starts[s] + work[s] for s in starts}
    tail = dict.fromkeys(starts, 0)
    for s in sorted(starts, key=end.get, reverse=True):
        tail[s] = work[s] + max((tail[z] for z in starts if s in before[z]), default=0)
    found = []
    for v in path:
        head = 0 if shop.first[v] else end[v - 1]
        behind = 0 if shop.last[v] else tail[v + 1]
        for m in range(shop.mode_ptr[v], shop.mode_ptr[v + 1]):
            row = [s for s in sequences.get(int(shop.mode_unit[m]), []) if s != v]
            own = sequences[int(shop.mode_unit[modes[v]])].index(v) if m == modes[v] else None
            for i in _places(row, own, head, behind, end, tail):
                x = max([end[s] for s in row[:i]], default=0)
                y = max([tail[s] for s in row[i:]], default=0)
                if own is not None and i > own:
                    x = end[row[own - 1]] if own else 0
                    for z in row[own:i]:
                        x = max(x, 0 if shop.first[z] else end[z - 1]) + work[z]
                if own is not None and i < own:
                    y = tail[row[own]] if own < len(row) else 0
                    for z in reversed(row[i:own]):
                        y = max(y, 0 if shop.last[z] else tail[z + 1]) + work[z]
                added = int(shop.mode_work[m])
                value = max(head, x) + added + max(behind, y) + price * (added - work[v])
                found.append((value, v, m, i))
    least = min(found, default=(0,))[0]
    return [move[1:] for move in found if move[0] == least]


def _places(row, own, head, behind, end, tail):
    """Return the places of a row that can hold a best one and close no circle."""
    if own is not None:
        right = [i for i in range(own + 1, len(row) + 1) if tail[row[i - 1]] > behind]
        left = [i for i in range(own) if end[row[i]] > head]
        return left + right
    low, high = sum(end[s] <= head for s in row), sum(tail[s] > behind for s in row)
    return range(min(low, high), max(low, high) + 1)


def moved(shop, modes, sequences, move):
    """Return the makespan after a move of `estimated_moves`; None if it closes a circle."""
    v, m, i = move
    rows = {u: [s for s in row if s != v] for u, row in sequences.items()}
    rows.setdefault(int(shop.mode_unit[m]), []).insert(i, v)
    return makespan_of(shop, [m if s == v else modes[s] for s in range(shop.num_steps)], rows)
