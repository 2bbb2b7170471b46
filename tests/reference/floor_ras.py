"""The naive twins of the floor's kernels: states as tuples of counts, sets and full comparisons."""


def explore_naive(system):
    """All reachable states with their successors: {state: [(transition, state after)]}."""
    edges, waiting = {}, [system.start]
    while waiting:
        state = waiting.pop()
        if state in edges:
            continue
        edges[state] = successors(system, state)
        waiting += [after for _, after in edges[state]]
    return edges


def successors(system, state):
    found = []
    for idx, transition in enumerate(system.transitions):
        after = list(state)
        for place, count in transition.takes:
            after[place] -= count
        if min(after) >= 0:
            for place, count in transition.gives:
                after[place] += count
            found.append((idx, tuple(after)))
    return found


def legal_naive(system, edges):
    """The states from which the empty floor can be reached."""
    legal, is_growing = {system.start}, True
    while is_growing:
        more = {s for s in edges if s not in legal and any(a in legal for _, a in edges[s])}
        legal |= more
        is_growing = bool(more)
    return legal


def bad_naive(edges, legal):
    return {a for s in legal for _, a in edges[s] if a not in legal}


def covers(one, other):
    return all(a >= b for a, b in zip(one, other, strict=True))


def minimal_naive(system, states):
    vectors = {state[: len(system.activities)] for state in states}
    return {v for v in vectors if not any(covers(v, o) for o in vectors if o != v)}


def maximal_naive(system, states):
    vectors = {state[: len(system.activities)] for state in states}
    return {v for v in vectors if not any(covers(o, v) for o in vectors if o != v)}


def drains_naive(system, state):
    """Whether the parts can leave one by one, each alone, by moves of that part only."""
    num_activities, num_inside = len(system.activities), len(system.activities + system.idles)
    inside = [place for place in range(num_activities) if state[place]]
    if not inside:
        return True
    for place in inside:
        seen, waiting = set(), [(place, state)]
        while waiting:
            here, now = waiting.pop()
            for idx, after in successors(system, now):
                transition = system.transitions[idx]
                if here not in dict(transition.takes):
                    continue
                to = next(p for p, _ in transition.gives if p < num_inside)
                if to >= num_activities:
                    return drains_naive(system, after)
                if to not in seen:
                    seen.add(to)
                    waiting.append((to, after))
    return False
