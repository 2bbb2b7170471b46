"""Exact status of every option after a click: propagation, witness repair, a pool of models.

Literal 2v means "variable v is true", 2v + 1 "v is false". Counters follow `status` (what the rules
and the picks fix) and `witness` (one valid configuration with these picks), so neither is ever
computed anew. Twin: `tests/reference/configure_sat.py`.
"""

from collections.abc import Sequence
from typing import NamedTuple, TypeAlias

import numba as nb
import numpy as np
from numba import carray, types  # type: ignore[attr-defined]
from numba.extending import intrinsic
from numpy.typing import NDArray

from unikat._kernels import inlined, kernel

Lits: TypeAlias = NDArray[np.int32]
Signs: TypeAlias = NDArray[np.int8]
Held: TypeAlias = tuple[int, int]
"""The addresses of the memory of rules and of that of a space."""

opening = nb.njit(cache=True, nogil=True, forceinline=True)
"""For what Python calls too, to see a memory as the kernels do."""
POOL_WORDS = 16
"""The pool holds 64 configurations a word."""
DONE, REFUSED, NO_WITNESS, UNSURE = 0, 1, 2, 3
"""How a click ends: settled, refused, or left to a solver (a witness; options not decided)."""
STAMP, SEEN, DRAW, STORED, NUM_TRAIL, NUM_REGION, NUM_FAILED, NUM_FLIPS, NUM_SHOWN = range(9)
"""Places in `Space.counts`."""

_LOOKED_AT = 8
_WORTH, _WORTH_PER_VAR = 8, 1_000
"""Flips that make a witness worth storing; writing it takes longer in a large family."""
_TRIED = 13
_PASSES = 4
"""How often an option is tried, from the witness left by the others, before a solver is asked."""
_SHORT, _LONG, _LONGEST = 50, 400, 4_000
_BLOCK = 64


class Rules(NamedTuple):
    """Clauses by row and by literal (CSR); never changed; all fields are parts of `memory`.

    `clause_ptr` int32 (C + 1,), `clause_lit` int32; `occur_ptr` int32 (2 V + 3,), `occur` int32.
    """

    memory: NDArray[np.int64]
    clause_ptr: NDArray[np.int32]
    clause_lit: NDArray[np.int32]
    occur_ptr: NDArray[np.int32]
    occur: NDArray[np.int32]


class Space(NamedTuple):
    """The mutable arrays of one workspace, all parts of `memory`.

    `values` int8 (2 V + 2,): `status` int8 (V + 1,): 0 open, 1, -1, then `witness` int8 (V + 1,):
    1, -1; `num_left`, `support` int32 (C,): literals not false under status, true under witness;
    `pool` uint64 (POOL_WORDS, V + 1): bit i of a column = value in stored configuration i; the rest
    is scratch.
    """

    memory: NDArray[np.int64]
    values: NDArray[np.int8]
    status: NDArray[np.int8]
    witness: NDArray[np.int8]
    num_left: NDArray[np.int32]
    support: NDArray[np.int32]
    pool: NDArray[np.uint64]
    agreeing: NDArray[np.uint64]
    counts: NDArray[np.int64]
    stamps: NDArray[np.int64]
    clause_stamps: NDArray[np.int64]
    seen: NDArray[np.int64]
    trail: NDArray[np.int32]
    closure: NDArray[np.int32]
    region: NDArray[np.int32]
    failed: NDArray[np.int32]
    flips: NDArray[np.int32]
    wanted: NDArray[np.int32]
    broken: NDArray[np.int32]
    is_broken: NDArray[np.int8]


def packed(num_bytes: Sequence[int]) -> NDArray[np.int64]:
    """Return zeroed memory for arrays of these sizes, their places in front.

    A call from Python takes a tenth of a microsecond for every array that it hands over: 5 of the
    13 microseconds of a small click.
    """
    ends = 3 * len(num_bytes) + np.cumsum([(each + 7) // 8 for each in num_bytes])
    memory = np.zeros(int(ends[-1]), np.int64)
    memory[0 : 3 * len(num_bytes) : 3] = [3 * len(num_bytes), *ends[:-1]]
    memory[1 : 3 * len(num_bytes) : 3] = ends
    memory[2 : 3 * len(num_bytes) : 3] = num_bytes
    return memory


@intrinsic
def _pointer(_typing, address):  # type: ignore[no-untyped-def]  # noqa: ANN001, ANN202
    """Take an address as that of 64-bit integers."""

    def generate(context, builder, signature, arguments):  # type: ignore[no-untyped-def]  # noqa: ANN001, ANN202
        return builder.inttoptr(arguments[0], context.get_value_type(signature.return_type))

    return types.CPointer(types.int64)(address), generate  # type: ignore[no-untyped-call]


@inlined
def _memory_at(address: int) -> NDArray[np.int64]:
    """Return the memory at an address; somebody else must keep it."""
    return carray(_pointer(address), (1 << 40,))  # type: ignore[call-arg]


@opening
def _bytes(memory: NDArray[np.int64], place: int) -> NDArray[np.int8]:
    part = memory[memory[3 * place] : memory[3 * place + 1]].view(np.int8)
    return part[: memory[3 * place + 2]]


@opening
def _ints(memory: NDArray[np.int64], place: int) -> NDArray[np.int32]:
    part = memory[memory[3 * place] : memory[3 * place + 1]].view(np.int32)
    return part[: memory[3 * place + 2] // 4]


@opening
def _longs(memory: NDArray[np.int64], place: int) -> NDArray[np.int64]:
    return memory[memory[3 * place] : memory[3 * place + 1]]


@opening
def rules_in(memory: NDArray[np.int64]) -> Rules:
    """Return the parts of a memory that holds rules."""
    return Rules(memory, _ints(memory, 0), _ints(memory, 1), _ints(memory, 2), _ints(memory, 3))


@opening
def space_in(memory: NDArray[np.int64]) -> Space:
    """Return the parts of a memory that holds a space."""
    values = _bytes(memory, 0)
    num = values.size // 2
    return Space(
        memory,
        values,
        values[:num],
        values[num:],
        _ints(memory, 1),
        _ints(memory, 2),
        _longs(memory, 3).view(np.uint64).reshape(POOL_WORDS, num),
        _longs(memory, 4).view(np.uint64),
        _longs(memory, 5),
        _longs(memory, 6),
        _longs(memory, 7),
        _longs(memory, 8),
        _ints(memory, 9),
        _ints(memory, 10),
        _ints(memory, 11),
        _ints(memory, 12),
        _ints(memory, 13),
        _ints(memory, 14),
        _ints(memory, 15),
        _bytes(memory, 16),
    )


@inlined
def opened(held: Held) -> tuple[Rules, Space]:
    """Return the arrays behind two addresses.

    A function that is not inlined takes addresses: handing 25 arrays over took longer than most of
    what is done with them.
    """
    return rules_in(_memory_at(held[0])), space_in(_memory_at(held[1]))


def space_bytes(num_vars: int, num_clauses: int) -> list[int]:
    """Return the sizes of what `space_in` finds in a memory, for `packed`."""
    row = num_vars + 1
    fields = [2 * row, 4 * num_clauses, 4 * num_clauses, 8 * POOL_WORDS * row, 8 * POOL_WORDS]
    fields += [8 * 9, 8 * row, 8 * num_clauses, 16 * row]
    return [*fields, *[4 * (row + 1)] * 5, 4, 4 * num_clauses, num_clauses]


@inlined
def _count(rules: Rules, space: Space, lit: int, change: int) -> None:
    """Count a literal that became true, or is taken back, in the clauses that it shortens."""
    for k in range(rules.occur_ptr[lit ^ 1], rules.occur_ptr[(lit ^ 1) + 1]):
        space.num_left[rules.occur[k]] += change


@kernel
def undo(held: Held, trail: Lits, size: int, num_counted: int) -> None:
    """Take the literals of a propagation back, of which the first ones were counted."""
    rules, space = opened(held)
    for i in range(size):
        space.status[trail[i] >> 1] = 0
        if i < num_counted:
            _count(rules, space, trail[i], 1)


@inlined
def _enqueue_last(rules: Rules, space: Space, clause: int, trail: Lits, size: int) -> int:
    """Put the only open literal of a clause on the trail; none if that one already holds."""
    for j in range(rules.clause_ptr[clause], rules.clause_ptr[clause + 1]):
        lit = rules.clause_lit[j]
        if space.status[lit >> 1] == 0:
            space.status[lit >> 1] = 1 - 2 * (lit & 1)
            trail[size] = lit
            return size + 1
    return size


@inlined
def _enqueue(space: Space, lits: Lits, num_lits: int, trail: Lits) -> tuple[int, bool]:
    """Put literals on the trail; return its size, and whether one is already false."""
    size = 0
    for i in range(num_lits):
        lit = lits[i]
        value = 1 - 2 * (lit & 1)
        if space.status[lit >> 1] == 0:
            space.status[lit >> 1] = value
            trail[size] = lit
            size += 1
        elif space.status[lit >> 1] != value:
            return size, True
    return size, False


@kernel
def propagate(held: Held, lits: Lits, num_lits: int, trail: Lits) -> tuple[int, bool]:
    """Fix literals and what follows by unit clauses; return the size of the trail.

    True: a conflict, all is as it was. Only clauses that a literal shortens are looked at: in a
    group of k options, k and not k * k.
    """
    rules, space = opened(held)
    size, is_conflict = _enqueue(space, lits, num_lits, trail)
    at = 0
    while at < size and not is_conflict:
        lit = trail[at] ^ 1
        at += 1
        for k in range(rules.occur_ptr[lit], rules.occur_ptr[lit + 1]):
            clause = rules.occur[k]
            space.num_left[clause] -= 1
            if space.num_left[clause] == 1:
                size = _enqueue_last(rules, space, clause, trail, size)
            elif space.num_left[clause] == 0:
                is_conflict = True
    if is_conflict:
        undo(held, trail, size, at)
        return 0, True
    return size, False


@inlined
def _flip(rules: Rules, space: Space, lit: int, num_broken: int) -> int:
    """Make a literal true in the witness; return how many clauses are on the broken list."""
    space.witness[lit >> 1] = 1 - 2 * (lit & 1)
    for k in range(rules.occur_ptr[lit], rules.occur_ptr[lit + 1]):
        space.support[rules.occur[k]] += 1
    for k in range(rules.occur_ptr[lit ^ 1], rules.occur_ptr[(lit ^ 1) + 1]):
        clause = rules.occur[k]
        space.support[clause] -= 1
        if space.support[clause] == 0 and space.is_broken[clause] == 0:
            space.is_broken[clause] = 1
            space.broken[num_broken] = clause
            num_broken += 1
    return num_broken


@inlined
def _num_broken_by(rules: Rules, space: Space, lit: int, least: int) -> int:
    """Count the clauses that making `lit` true would break; stop at `least`."""
    count = 0
    for k in range(rules.occur_ptr[lit ^ 1], rules.occur_ptr[(lit ^ 1) + 1]):
        if space.support[rules.occur[k]] == 1:
            count += 1
            if count >= least:
                break
    return count


@inlined
def _only_flippable(rules: Rules, space: Space, clause: int, stamp: int) -> tuple[int, int]:
    """Return how many literals of a clause may be flipped (at most 2), and the first of them."""
    count, only = 0, -1
    for j in range(rules.clause_ptr[clause], rules.clause_ptr[clause + 1]):
        var = rules.clause_lit[j] >> 1
        if space.status[var] == 0 and space.stamps[var] != stamp:
            count += 1
            if count == 2:
                break
            only = rules.clause_lit[j]
    return count, only


@inlined
def _best_flip(rules: Rules, space: Space, clause: int, stamp: int) -> int:
    """Return the literal of a clause whose flip breaks fewest others, among a few from anywhere."""
    begin, end = rules.clause_ptr[clause], rules.clause_ptr[clause + 1]
    draw = space.counts[DRAW]
    draw ^= (draw << 13) & 0xFFFFFFFF
    draw ^= draw >> 17
    draw ^= (draw << 5) & 0xFFFFFFFF
    space.counts[DRAW] = draw
    size = end - begin
    first = draw % size
    best, least, tried = -1, 1 << 30, 0
    for i in range(size):
        lit = rules.clause_lit[begin + (first + i) % size]
        if space.status[lit >> 1] != 0 or space.stamps[lit >> 1] == stamp:
            continue
        count = _num_broken_by(rules, space, lit, least)
        if count < least:
            best, least = lit, count
        tried += 1
        if least == 0 or tried == _TRIED:
            break
    return best


@inlined
def _next_flip(rules: Rules, space: Space, num_broken: int, stamp: int) -> tuple[int, int]:
    """Drop mended clauses; return how many are broken, and a flip (-1: none helps, -2: no need)."""
    at = num_broken - 1
    while at >= 0 and at >= num_broken - _LOOKED_AT:
        clause = space.broken[at]
        if space.support[clause] > 0:
            space.is_broken[clause] = 0
            num_broken -= 1
            space.broken[at] = space.broken[num_broken]
            at -= 1
            continue
        count, only = _only_flippable(rules, space, clause, stamp)
        if count == 0:
            return num_broken, -1
        if count == 1:
            return num_broken, only
        at -= 1
    if num_broken == 0:
        return 0, -2
    return num_broken, _best_flip(rules, space, space.broken[num_broken - 1], stamp)


@kernel
def repair(held: Held, wanted: Lits, num_wanted: int, limit: int) -> bool:
    """Make literals true in the witness by a few flips of open variables; False: as it was.

    `flips` then holds what was flipped. No variable is flipped twice in one call.
    """
    rules, space = opened(held)
    space.counts[STAMP] += 1
    stamp = space.counts[STAMP]
    num_flips, num_broken = 0, 0
    for i in range(num_wanted):
        lit = wanted[i]
        space.stamps[lit >> 1] = stamp
        if space.witness[lit >> 1] != 1 - 2 * (lit & 1):
            num_broken = _flip(rules, space, lit, num_broken)
            space.flips[num_flips] = lit
            num_flips += 1
    most = num_flips + limit
    while True:
        num_broken, lit = _next_flip(rules, space, num_broken, stamp)
        if lit < 0 or num_flips == most:
            break
        space.stamps[lit >> 1] = stamp
        num_broken = _flip(rules, space, lit, num_broken)
        space.flips[num_flips] = lit
        num_flips += 1
    space.counts[NUM_FLIPS] = num_flips
    if lit == -2:
        return True
    for i in range(num_flips - 1, -1, -1):
        num_broken = _flip(rules, space, space.flips[i] ^ 1, num_broken)
    for i in range(num_broken):
        space.is_broken[space.broken[i]] = 0
    return False


@kernel
def goto(held: Held, values: Signs) -> None:
    """Move to a frozen choice (its `values`): only what differs is counted anew."""
    rules, space = opened(held)
    for begin in range(0, values.size, _BLOCK):
        end = min(begin + _BLOCK, values.size)
        is_same = True
        for i in range(begin, end):
            is_same &= space.values[i] == values[i]
        if not is_same:
            _goto_part(rules, space, values, begin, end)


@inlined
def _goto_part(rules: Rules, space: Space, values: Signs, begin: int, end: int) -> None:
    num = space.status.size
    for i in range(begin, end):
        if space.values[i] == values[i]:
            continue
        if i < num:
            if space.status[i] != 0:
                _count(rules, space, 2 * i + (space.status[i] < 0), 1)
            if values[i] != 0:
                _count(rules, space, 2 * i + (values[i] < 0), -1)
        else:
            _move(rules, space, 2 * (i - num) + (values[i] < 0))
        space.values[i] = values[i]


@inlined
def _move(rules: Rules, space: Space, lit: int) -> None:
    for k in range(rules.occur_ptr[lit], rules.occur_ptr[lit + 1]):
        space.support[rules.occur[k]] += 1
    for k in range(rules.occur_ptr[lit ^ 1], rules.occur_ptr[(lit ^ 1) + 1]):
        space.support[rules.occur[k]] -= 1


@kernel
def _store(held: Held) -> None:
    """Put the witness into the pool, in place of the oldest one."""
    _, space = opened(held)
    at = space.counts[STORED] % (64 * POOL_WORDS)
    space.counts[STORED] += 1
    word, place = at // 64, np.uint64(at % 64)
    others = ~(np.uint64(1) << place)
    row = space.pool[word]
    for var in range(row.size):
        row[var] = (row[var] & others) | (np.uint64(space.witness[var] > 0) << place)
    space.agreeing[word] |= ~others


@kernel
def agree(held: Held, picks: Lits, num_picks: int) -> None:
    """Find which stored configurations have all picks."""
    _, space = opened(held)
    for word in range(POOL_WORDS):
        filled = min(max(space.counts[STORED] - 64 * word, 0), 64)
        mask = ~np.uint64(0)
        if filled < 64:
            mask = (np.uint64(1) << np.uint64(filled)) - np.uint64(1)
        space.agreeing[word] = mask
    _agree_also(space, picks, num_picks)


@inlined
def _agree_also(space: Space, picks: Lits, num_picks: int) -> None:
    for word in range(POOL_WORDS):
        mask = space.agreeing[word]
        for i in range(num_picks):
            row = space.pool[word, picks[i] >> 1]
            mask &= row if picks[i] & 1 == 0 else ~row
        space.agreeing[word] = mask


@inlined
def _is_stored(space: Space, lit: int) -> bool:
    for word in range(POOL_WORDS):
        if space.agreeing[word] == 0:
            continue
        row = space.pool[word, lit >> 1]
        if (row if lit & 1 == 0 else ~row) & space.agreeing[word] != 0:
            return True
    return False


@inlined
def _is_satisfied(rules: Rules, space: Space, clause: int) -> bool:
    for j in range(rules.clause_ptr[clause], rules.clause_ptr[clause + 1]):
        lit = rules.clause_lit[j]
        if space.status[lit >> 1] == 1 - 2 * (lit & 1):
            return True
    return False


@inlined
def _clauses_of(rules: Rules, space: Space, lit: int, stamp: int, size: int) -> int:
    """Add to the region the open variables of the unsatisfied clauses that hold `lit`."""
    for k in range(rules.occur_ptr[lit], rules.occur_ptr[lit + 1]):
        clause = rules.occur[k]
        if space.clause_stamps[clause] == stamp:
            continue
        space.clause_stamps[clause] = stamp
        if _is_satisfied(rules, space, clause):
            continue
        for j in range(rules.clause_ptr[clause], rules.clause_ptr[clause + 1]):
            var = rules.clause_lit[j] >> 1
            if space.status[var] == 0 and space.stamps[var] != stamp:
                space.stamps[var] = stamp
                space.region[size] = var
                size += 1
    return size


@kernel
def find_region(held: Held) -> None:
    """Find the open variables that the trail's shortened clauses reach.

    A component without a shortened clause only lost clauses, so what was open in it is.
    """
    rules, space = opened(held)
    space.counts[STAMP] += 1
    stamp = space.counts[STAMP]
    size = 0
    for i in range(space.counts[NUM_TRAIL]):
        size = _clauses_of(rules, space, space.trail[i] ^ 1, stamp, size)
    at = 0
    while at < size:
        var = space.region[at]
        at += 1
        size = _clauses_of(rules, space, 2 * var, stamp, size)
        size = _clauses_of(rules, space, 2 * var + 1, stamp, size)
    space.counts[NUM_REGION] = size


@inlined
def _see_flips(space: Space) -> None:
    for i in range(space.counts[NUM_FLIPS]):
        space.seen[space.flips[i]] = space.counts[SEEN]


@inlined
def _unseen(space: Space, var: int) -> int:
    """Return the literal of an open variable not seen yet, or -1."""
    if space.status[var] != 0:
        return -1
    for lit in (2 * var, 2 * var + 1):
        if space.seen[lit] != space.counts[SEEN]:
            return lit
    return -1


@kernel
def _decide(held: Held, lit: int) -> bool:
    """Show a literal by a short repair, refute it by propagation, or show it by a long repair."""
    _, space = opened(held)
    wanted = space.wanted
    wanted[0] = lit
    if repair(held, wanted, 1, _SHORT):
        if space.counts[NUM_FLIPS] > _WORTH + space.status.size // _WORTH_PER_VAR:
            _store(held)
        return True
    size, is_conflict = propagate(held, wanted, 1, space.closure)
    undo(held, space.closure, size, size)
    if is_conflict:
        wanted[0] = lit ^ 1
        propagate(held, wanted, 1, space.closure)
        space.counts[NUM_FLIPS] = 0
        return True
    if repair(held, space.closure, size, _LONG):
        _store(held)
        return True
    return False


@kernel
def settle(held: Held) -> int:
    """Decide the region's open variables, in a few passes; `failed` keeps what stays unsure."""
    _, space = opened(held)
    space.counts[SEEN] += 1
    now = space.counts[SEEN]
    num_left = 0
    for i in range(space.counts[NUM_REGION]):
        var = space.region[i]
        if var > space.counts[NUM_SHOWN]:
            continue
        other = 2 * var + (space.witness[var] > 0)
        space.seen[other ^ 1] = now
        if _is_stored(space, other):
            space.seen[other] = now
        else:
            space.failed[num_left] = var
            num_left += 1
    for _ in range(_PASSES):
        num_failed = 0
        for i in range(num_left):
            lit = _unseen(space, space.failed[i])
            if lit < 0:
                continue
            if _decide(held, lit):
                _see_flips(space)
            else:
                space.failed[num_failed] = lit >> 1
                num_failed += 1
        num_left = num_failed
    space.counts[NUM_FAILED] = num_left
    return DONE if num_left == 0 else UNSURE


@kernel
def click(held: Held, at: Signs, picks: Lits, num_added: int) -> int:
    """Go to the frozen choice `at` (its values), fix literals, settle what they touch.

    `picks` are all literals picked, the added ones last.
    """
    goto(held, at)
    agree(held, picks, picks.size)
    return _fix(held, picks[picks.size - num_added :], num_added)


@kernel
def go_on(held: Held, literal: int) -> int:
    """Fix one more literal (v or -v) where the last click ended; settle what it touches."""
    _, space = opened(held)
    space.wanted[0] = 2 * abs(literal) + (literal < 0)
    return _fix(held, space.wanted, 1)


@kernel
def _fix(held: Held, added: Lits, num_added: int) -> int:
    _, space = opened(held)
    size, is_conflict = propagate(held, added, num_added, space.trail)
    space.counts[NUM_TRAIL] = size
    if is_conflict:
        return REFUSED
    _agree_also(space, added, num_added)
    if not repair(held, space.trail, size, _LONGEST):
        return NO_WITNESS
    find_region(held)
    return settle(held)


@kernel
def adopt(held: Held, model: Signs) -> None:
    """Take a solver's model (int8, +1 or -1 a variable) as witness; its values are seen."""
    rules, space = opened(held)
    for var in range(1, model.size):
        if space.witness[var] != model[var]:
            space.witness[var] = model[var]
            _move(rules, space, 2 * var + (model[var] < 0))
        space.seen[2 * var + (model[var] < 0)] = space.counts[SEEN]
    _store(held)


@kernel
def next_unsure(held: Held, at: int) -> tuple[int, int]:
    """Return the next literal of `failed` that is still undecided, and the place behind it."""
    _, space = opened(held)
    while at < space.counts[NUM_FAILED]:
        lit = _unseen(space, space.failed[at])
        if lit >= 0:
            return lit, at
        at += 1
    return -1, at


@kernel
def refute(held: Held, lit: int) -> None:
    """Fix the opposite of a literal that no configuration has."""
    _, space = opened(held)
    space.wanted[0] = lit ^ 1
    propagate(held, space.wanted, 1, space.closure)


@inlined
def _take(held: Held, lit: int, is_refused: bool) -> bool:
    """Show that a wanted literal is possible, or fix its opposite; False when unsure."""
    _, space = opened(held)
    if space.status[lit >> 1] != 0:
        return True
    if is_refused:
        refute(held, lit)
        return True
    return _decide(held, lit)


@kernel
def take_wanted(
    held: Held,
    wanted_ptr: NDArray[np.int64],
    wanted: Lits,
    at: int,
    is_refused: bool,
) -> int:
    """Take one wanted literal after another of the selected features; return the place it stopped.

    `wanted_ptr` int64 (F + 2,), `wanted` int32: by feature, in declared sequence. It stops at a
    literal that is neither shown nor refuted: ask a solver, `adopt` or say `is_refused`, go on. At
    the end the witness is the answer. What it has already is fixed, in `region`, only when a later
    literal must be decided: most often never.
    """
    _, space = opened(held)
    taken, size = space.region, 0
    for feature in range(1, wanted_ptr.size - 1):
        if wanted_ptr[feature + 1] <= at or space.witness[feature] < 0:
            continue
        for i in range(max(at, wanted_ptr[feature]), wanted_ptr[feature + 1]):
            lit = wanted[i]
            if space.witness[lit >> 1] != 1 - 2 * (lit & 1):
                propagate(held, taken, size, space.closure)
                size = 0
                if not _take(held, lit, is_refused and i == at):
                    return i
            if space.status[lit >> 1] == 0:
                taken[size] = lit
                size += 1
    return wanted.size
