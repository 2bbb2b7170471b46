"""Loops over the states of a resource allocation system: explore, sweep, compare, drain, wander.

A state is a row of 64-bit words: a field a place, its count below one guard bit (see `ras`).
"""

import numpy as np
import numpy.typing as npt

from unikat._kernels import inner, kernel, maker

Words = npt.NDArray[np.uint64]
Ints = npt.NDArray[np.int64]
Links = npt.NDArray[np.int32]
Flags = npt.NDArray[np.bool_]

COMPLETE, TOO_MANY, OVERFLOW = 0, 1, 2
MIX, TURN, SCALE = np.uint64(0x9E3779B97F4A7C15), np.uint64(32), np.uint64(11)
SHIFT_1, SHIFT_2, SHIFT_3 = np.uint64(13), np.uint64(7), np.uint64(17)


@inner
def _has(state: Words, wanted: Words, guards: Words) -> bool:
    """Return whether every count of a state is at least the one wanted."""
    for w in range(state.shape[0]):
        if ((state[w] | guards[w]) - wanted[w]) & guards[w] != guards[w]:
            return False
    return True


@inner
def _slot_of(states: Words, table: Links, state: Words) -> np.int64:
    """Return where the hash table holds a state, or the empty place where it belongs."""
    mixed = np.uint64(0)
    for w in range(state.shape[0]):
        mixed = (mixed ^ state[w]) * MIX
        mixed ^= mixed >> TURN
    slot = np.int64(mixed & np.uint64(table.shape[0] - 1))
    while table[slot] >= 0:
        known = table[slot]
        is_same = True
        for w in range(state.shape[0]):
            if states[known, w] != state[w]:
                is_same = False
                break
        if is_same:
            return slot
        slot = np.int64((slot + 1) & (table.shape[0] - 1))
    return slot


@inner
def _fire(state: Words, takes: Words, gives: Words, after: Words) -> None:
    """Write the state after a transition into `after`."""
    for w in range(state.shape[0]):
        after[w] = state[w] - takes[w] + gives[w]


@inner
def _has_overflow(state: Words, guards: Words) -> bool:
    overflow = np.uint64(0)
    for w in range(state.shape[0]):
        overflow |= state[w] & guards[w]
    return bool(overflow)


@maker
def _double(states: Words, num_words: int) -> tuple[Words, Links]:
    """Return twice the room for states, and a hash table of them that is at most half full."""
    num_states = states.shape[0]
    wider = np.zeros((2 * num_states, num_words), dtype=np.uint64)
    wider[:num_states] = states
    table = np.full(8 * num_states, -1, dtype=np.int32)
    for each in range(num_states):
        table[_slot_of(wider, table, wider[each])] = each
    return wider, table


@kernel
def explore_states(  # noqa: C901 - one loop over states that may stop in three ways
    origin: Words, takes: Words, gives: Words, guards: Words, limit: int
) -> tuple[int, Words, Ints, Links, Links]:
    """Find the states reachable from `origin`, breadth first, at most `limit`.

    Returns a status, the states, and their edges as CSR: where those of a state begin, the state
    each leads to, and its transition.
    """
    num_words = origin.shape[0]
    states = np.zeros((1024, num_words), dtype=np.uint64)
    table = np.full(4096, -1, dtype=np.int32)
    first = np.zeros(1025, dtype=np.int64)
    to, by = np.zeros(4096, dtype=np.int32), np.zeros(4096, dtype=np.int32)
    after = np.zeros(num_words, dtype=np.uint64)
    states[0] = origin
    table[_slot_of(states, table, origin)] = 0
    num_states, num_edges, status, done = 1, 0, 0, 0
    while done < num_states and status == 0:
        for move in range(takes.shape[0]):
            if not _has(states[done], takes[move], guards):
                continue
            _fire(states[done], takes[move], gives[move], after)
            if _has_overflow(after, guards):
                status = 2
                break
            slot = _slot_of(states, table, after)
            if table[slot] < 0:
                if num_states == limit:
                    status = 1
                    break
                if num_states == states.shape[0]:
                    states, table = _double(states, num_words)
                    first = np.concatenate((first, np.zeros(num_states, dtype=np.int64)))
                    slot = _slot_of(states, table, after)
                states[num_states] = after
                table[slot] = num_states
                num_states += 1
            if num_edges == to.shape[0]:
                to = np.concatenate((to, np.zeros(num_edges, dtype=np.int32)))
                by = np.concatenate((by, np.zeros(num_edges, dtype=np.int32)))
            to[num_edges], by[num_edges] = table[slot], move
            num_edges += 1
        if status == 0:
            done += 1
            first[done] = num_edges
    first[done + 1 : num_states + 1] = first[done]
    used = first[done]
    return status, states[:num_states], first[: num_states + 1], to[:used], by[:used]


@kernel
def turn_round(first: Ints, to: Links) -> tuple[Ints, Links]:
    """Return the edges backwards, as CSR."""
    num_states = first.shape[0] - 1
    back_first = np.zeros(num_states + 1, dtype=np.int64)
    for edge in range(to.shape[0]):
        back_first[to[edge] + 1] += 1
    for state in range(num_states):
        back_first[state + 1] += back_first[state]
    fill = back_first[:num_states].copy()
    back = np.zeros(to.shape[0], dtype=np.int32)
    for state in range(num_states):
        for edge in range(first[state], first[state + 1]):
            back[fill[to[edge]]] = state
            fill[to[edge]] += 1
    return back_first, back


@kernel
def sweep(first: Ints, to: Links, is_open: Flags) -> Flags:
    """Return which states are met from state 0 through open states only."""
    is_met = np.zeros(is_open.shape[0], dtype=np.bool_)
    stack = np.zeros(is_open.shape[0], dtype=np.int32)
    height = 0
    if is_open[0]:
        is_met[0], height = True, 1
    while height:
        height -= 1
        state = stack[height]
        for edge in range(first[state], first[state + 1]):
            after = to[edge]
            if is_open[after] and not is_met[after]:
                is_met[after] = True
                stack[height] = after
                height += 1
    return is_met


@kernel
def keep_minimal(vectors: Words, guards: Words) -> Links:
    """Return the rows that cover no other; `vectors` ascend by their sum."""
    kept = np.zeros(vectors.shape[0], dtype=np.int32)
    num_kept = 0
    for row in range(vectors.shape[0]):
        is_kept = True
        for other in range(num_kept):
            if _has(vectors[row], vectors[kept[other]], guards):
                is_kept = False
                break
        if is_kept:
            kept[num_kept] = row
            num_kept += 1
    return kept[:num_kept]


@kernel
def keep_maximal(vectors: Words, guards: Words) -> Links:
    """Return the rows that no other covers; `vectors` descend by their sum."""
    kept = np.zeros(vectors.shape[0], dtype=np.int32)
    num_kept = 0
    for row in range(vectors.shape[0]):
        is_kept = True
        for other in range(num_kept - 1, -1, -1):
            if _has(vectors[kept[other]], vectors[row], guards):
                is_kept = False
                break
        if is_kept:
            kept[num_kept] = row
            num_kept += 1
    return kept[:num_kept]


@kernel
def find_covered(states: Words, bad: Words, guards: Words) -> Flags:
    """Return which states cover a bad vector."""
    found = np.zeros(states.shape[0], dtype=np.bool_)
    for row in range(states.shape[0]):
        for other in range(bad.shape[0]):
            if _has(states[row], bad[other], guards):
                found[row] = True
                break
    return found


@inner
def _is_way_free(move: int, free: Ints, held: Ints, need_first: Ints, needs: Ints) -> bool:
    """Return whether what a move needs is free besides what the walking part holds."""
    lacking = 0
    for row in range(need_first[move], need_first[move + 1]):
        r = needs[row, 0]
        lacking += needs[row, 1] > free[r] - held[r]
    return lacking == 0


@inner
def _walks_out(
    place: int, free: Ints, uses: Ints, first: Ints, to: Links, need_first: Ints, needs: Ints,
    seen: Ints, stack: Ints,
) -> bool:  # fmt: skip
    """Return whether a part alone can walk from a place to its end; `free` counts its own tokens.

    `seen` and `stack` are room to work in, shape (A,).
    """
    seen[:] = 0
    stack[0], height = place, 1
    seen[place] = 1
    while height:
        height -= 1
        here = stack[height]
        for move in range(first[here], first[here + 1]):
            target = to[move]
            if target >= 0 and seen[target]:
                continue
            if not _is_way_free(move, free, uses[here], need_first, needs):
                continue
            if target < 0:
                return True
            seen[target] = 1
            stack[height] = target
            height += 1
    return False


@maker
def is_drained(
    state: Words, fields: Ints, uses: Ints, capacity: Ints, order: Ints, first: Ints, to: Links,
    need_first: Ints, needs: Ints,
) -> bool:  # fmt: skip
    """Return whether all parts can leave one after the other, each walking alone to its end.

    Parameters
    ----------
    fields : shape (A, 3)
        Word, shift and mask of each activity.
    uses : shape (A, R)
        What a part holds in an activity.
    order : shape (A,)
        The activities, those next to the end first, so that most parts leave at the first try.
    first, to
        The moves out of each activity as CSR, and where they lead (-1: out).
    need_first, needs : CSR, rows of (resource, count)
        What each of these moves takes before the part frees what it holds.
    """
    num_places = uses.shape[0]
    count = np.zeros(num_places, dtype=np.int64)
    seen, stack = np.zeros(num_places, dtype=np.int64), np.zeros(num_places, dtype=np.int64)
    free, waiting = capacity.copy(), 0
    for place in range(num_places):
        shift, mask = np.uint64(fields[place, 1]), np.uint64(fields[place, 2])
        count[place] = np.int64((state[fields[place, 0]] >> shift) & mask)
        waiting += count[place]
        free -= count[place] * uses[place]
    is_moving = True
    while waiting and is_moving:
        is_moving = False
        for place in order:
            if not count[place]:
                continue
            free += uses[place]
            if _walks_out(place, free, uses, first, to, need_first, needs, seen, stack):
                is_moving = True
                free += (count[place] - 1) * uses[place]
                waiting -= count[place]
                count[place] = 0
            else:
                free -= uses[place]
    return waiting == 0


@kernel
def find_drained(
    states: Words, fields: Ints, uses: Ints, capacity: Ints, order: Ints, first: Ints, to: Links,
    need_first: Ints, needs: Ints,
) -> Flags:  # fmt: skip
    """Return which states drain (see `is_drained`)."""
    found = np.zeros(states.shape[0], dtype=np.bool_)
    for row in range(states.shape[0]):
        found[row] = is_drained(
            states[row], fields, uses, capacity, order, first, to, need_first, needs
        )
    return found


@inner
def _draw(seed: Words) -> np.int64:
    """Return the next non-negative number of a xorshift sequence (Marsaglia 2003)."""
    x = seed[0]
    x ^= x << SHIFT_1
    x ^= x >> SHIFT_2
    x ^= x << SHIFT_3
    seed[0] = x
    return np.int64(x >> SCALE)


@inner
def _stop_or_repair(
    free: Words, held: Ints, tokens: Words, guards: Words, numbers: Words
) -> tuple[int, int]:
    """Hold a free token of a random place, or give one back; return the change of held, stops."""
    place = _draw(numbers) % tokens.shape[0]
    if held[place] and _draw(numbers) % 2:
        held[place] -= 1
        free += tokens[place]
        return -1, 0
    if _has(free, tokens[place], guards):
        held[place] += 1
        free -= tokens[place]
        return 1, 1
    return 0, 0


@inner
def _choose_edge(
    free: Words, edges: tuple[int, int], to: Links, by: Links, is_admitted: Flags,
    takes: Words, guards: Words, numbers: Words,
) -> np.int64:  # fmt: skip
    """Return an admitted edge whose tokens are free, from a random one on; -1 if there is none."""
    first, end = edges
    start = _draw(numbers) % max(1, end - first)
    for step in range(end - first):
        edge = first + (start + step) % (end - first)
        if is_admitted[to[edge]] and _has(free, takes[by[edge]], guards):
            return np.int64(edge)
    return np.int64(-1)


@kernel
def wander_edges(
    states: Words, first: Ints, to: Links, by: Links, is_admitted: Flags,
    takes: Words, guards: Words, tokens: Words, num_moves: int, stop_permille: int, seed: int,
) -> tuple[int, int, int]:  # fmt: skip
    """Walk at random through admitted states while tokens stop and come back.

    A stop holds one token (`tokens`: one unit of each place, shape (P, W)) of a random place, a
    free unit or a part at work, until it is repaired. Where nothing may move, all is repaired
    first; where there is nothing to repair, that is a deadlock, and the walk begins anew. Returns
    the moves made, the stops and the deadlocks.
    """
    numbers = np.array([np.uint64(seed) * MIX + np.uint64(1)], dtype=np.uint64)
    held = np.zeros(tokens.shape[0], dtype=np.int64)
    free = states[0].copy()
    state, num_held, made, stops, deadlocks = np.int64(0), 0, 0, 0, 0
    while made < num_moves:
        if _draw(numbers) % 1000 < stop_permille:
            more, stopped = _stop_or_repair(free, held, tokens, guards, numbers)
            num_held, stops = num_held + more, stops + stopped
        edges = (first[state], first[state + 1])
        edge = _choose_edge(free, edges, to, by, is_admitted, takes, guards, numbers)
        if edge >= 0:
            free += states[to[edge]] - states[state]
            state = np.int64(to[edge])
            made += 1
        elif num_held:
            free[:] = states[state]
            held[:] = 0
            num_held = 0
        else:
            deadlocks += 1
            state, made = np.int64(0), made + 1
            free[:] = states[0]
    return made, stops, deadlocks


@maker
def _is_admitted(
    state: Words, takes: Words, gives: Words, guards: Words, is_inside: Flags, look_ahead: int,
    fields: Ints, uses: Ints, capacity: Ints, order: Ints, first: Ints, to: Links,
    need_first: Ints, needs: Ints,
) -> bool:  # fmt: skip
    """Return whether at most `look_ahead` (0 or 1) moves of parts inside lead to a drained one."""
    if is_drained(state, fields, uses, capacity, order, first, to, need_first, needs):
        return True
    if look_ahead == 0:
        return False
    for move in range(takes.shape[0]):
        if is_inside[move] and _has(state, takes[move], guards):
            after = state - takes[move] + gives[move]
            if is_drained(after, fields, uses, capacity, order, first, to, need_first, needs):
                return True
    return False


@kernel
def wander_drained(
    origin: Words, takes: Words, gives: Words, guards: Words, is_inside: Flags, look_ahead: int,
    fields: Ints, uses: Ints, capacity: Ints, order: Ints, first: Ints, to: Links,
    need_first: Ints, needs: Ints,
    num_moves: int, seed: int,
) -> tuple[int, int, int]:  # fmt: skip
    """Walk at random as the banker admits; return what was asked, refused, and the deadlocks.

    Every enabled transition is asked in each state, so that refused / asked is the share of moves
    the banker forbids.
    """
    num_transitions = takes.shape[0]
    numbers = np.array([np.uint64(seed) * MIX + np.uint64(1)], dtype=np.uint64)
    admitted = np.zeros(num_transitions, dtype=np.int64)
    state, after = origin.copy(), origin.copy()
    asked, refused, deadlocks = 0, 0, 0
    for _ in range(num_moves):
        num_admitted = 0
        for move in range(num_transitions):
            if not _has(state, takes[move], guards):
                continue
            asked += 1
            _fire(state, takes[move], gives[move], after)
            if _is_admitted(
                after, takes, gives, guards, is_inside, look_ahead,
                fields, uses, capacity, order, first, to, need_first, needs,
            ):  # fmt: skip
                admitted[num_admitted] = move
                num_admitted += 1
            else:
                refused += 1
        if num_admitted:
            move = admitted[_draw(numbers) % num_admitted]
            _fire(state, takes[move], gives[move], state)
        else:
            deadlocks += 1
            state[:] = origin
    return asked, refused, deadlocks
