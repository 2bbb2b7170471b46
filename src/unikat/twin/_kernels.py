"""The discrete-event kernel: plays a plant's open work on, one occurrence after the other.

Integers that stay lie in one array `p`, all of the state in one array `s`, so that a fork is one
copy. A *handle* is where a row begins, 0 is none; columns are named below and filled by `layout`.
It obeys the laws of the virtual floor (`floor.virtual`), with which it shares no code: a test holds
both to the same finishes, second for second. Functions are long where a called one would be
compiled anew in each of its callers, and they stand in one file, since numba's cache looks at that
alone.
"""

from __future__ import annotations

from operator import getitem
from typing import TYPE_CHECKING, TypeVar

import numpy as np
from numba import config, types
from numba.core.datamodel.models import PointerModel
from numba.core.types import CPointer
from numba.extending import intrinsic, lower_builtin, register_model

from unikat._kernels import inner, lean

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Ints = NDArray[np.int64]
    Floats = NDArray[np.float64]

NEVER = 1 << 60
GOLDEN = np.uint64(0x9E3779B97F4A7C15)
MIX_1 = np.uint64(0xBF58476D1CE4E5B9)
MIX_2 = np.uint64(0x94D049BB133111EB)
KNOTS = 65
TAIL_LEVELS = 4096.0

# Head of the problem. ARRIVALS: (release, job) of each; the S_ tell where state tables begin.
(
    NUM_JOBS, NUM_UNITS, NUM_CENTERS, NUM_ROBOTS, NUM_FAMILIES, PATIENCE, IS_GUARDED, LOOK,
    ARRIVALS, S_CENTER, S_UNIT, S_CAP, S_JOB, S_ROBOT, S_BLOCK, S_INSIDE, S_RING, S_GROUP, S_TRIAL,
    S_HEAP, MOST_HEAPED, RING_MASK, IS_BOOKED, S_CLASS, IS_ROBUST, P_HEAD,
) = range(26)  # fmt: skip

BANKER, EXACT = 1, 2  # what IS_GUARDED says; 0: no rule
# IS_ROBUST: while units are down none may enter that keeps others in which need none of them; said
# wherever some buffer is short, so also where there is a rule.

# Rows of the problem: steps (one of no capability ends each job), needs, classes, builds, hours.
(
    STEP_CAP, STEP_UNIT, STEP_KEY, STEP_SETUP, STEP_BEFORE, STEP_BUILD, STEP_FAMILY, STEP_WORK,
    STEP_NEED, STEP_REST, STEP_HASH, STEP_WIDTH,
) = range(12)  # fmt: skip
NEED_ONLY, NEED_NUM, NEED_FIRST = range(3)
# A rest has one class for the units and one for the buffer of each work center, or none; a class
# counts its parts in the state, and names the bad vectors it is in: pairs of a count and a bound.
CLASS_COUNT, CLASS_NUM, CLASS_FIRST = range(3)
BAD_NUM, BAD_FIRST = range(2)
BUILD_NUM, BUILD_FIRST = range(2)  # pairs of job and step
HOURS_NUM, HOURS_LONGEST, HOURS_FIRST = range(3)  # pairs of opening and closing; none: always open
MODE_HOURS, MODE_ROW, MODE_WIDTH = range(3)  # a capability; MODE_ROW < 0: durations do not vary

# Head of the state.
(
    NOW, COUNT, HEAPED, ARRIVED, DIRTY, STARVED, WAITING, BLOCKING, INSIDE, STUCK, OCCURRENCES,
    RING_HEAD, RING_TAIL, BASE, IS_FULL, DONE, NUDGES, FREE, NUM_DOWN, S_HEAD,
) = range(20)  # fmt: skip

# Rows of the state. A place is a unit, or a work center for its buffer; OWNER: its work center,
# WHO: the sum of the jobs marked there, so the job itself where there is one.
OWNER, HEAD, TAIL, LOAD, TRIAL, WHO, COMMON = range(7)
(
    BIT, INDEX, FIRST_UNIT, END_UNIT, BUFFER, PAUSES, BATCH, MATRIX, CAPS, NUM_CAPS, TRAVEL, SLOTS,
    NUM_BLOCK, WAKE, FREE_UNITS, CENTER_WIDTH,
) = range(COMMON, COMMON + 16)  # fmt: skip
(
    PHASE, IS_DOWN, FAMILY, NUM_IN, FIRST_IN, NUM_CLAIMED, FIRST_CLAIM, NUM_HERE, LEFT, WORKED,
    UNTIL_FAIL, NUM_FAILS, CAP, UPCOMING, UPCOMING_END, BUSY, SPELL_END, STAMP, IS_HELD, PACE, MTBF,
    MTTR, BY_CALENDAR, UNIT_KEY, MODES, UNIT_WIDTH,
) = range(COMMON, COMMON + 26)  # fmt: skip
CENTERS, CAP_UNITS, NUM_CAP_UNITS, POOLS, NUM_POOLS, CAP_INDEX, WANTED, CAP_WIDTH = range(
    COMMON, COMMON + 8
)
(
    NEXT, PLACE, CLAIM, KEY, LOOSE, IS_WAITING, PREV_OWN, NEXT_OWN, PREV_LOOSE, NEXT_LOOSE, NEXT_IN,
    NEXT_CLAIM, BLOCK_AT, INSIDE_AT, MARK, ENTERED, WAITS, FINISH, FIRST, LAST, TARGET, ROBOT,
    CLASS, JOB_WIDTH,
) = range(24)  # fmt: skip
AT, IS_FREE, ROBOT_WIDTH = range(3)

IDLE, SETUP, WORK = range(3)
# Of what is handed on numba compiles one version a literal: these are none.
NONE, ONE = np.int64(0), np.int64(1)
END_SETUP, END_SPELL, REPAIRED, PICK_UP, DELIVER, IMPATIENT, AWAKE, FAILURE = np.arange(8)
BITS_KIND, BITS_HANDLE, BITS_COUNT = 3, 30, 24
DRAW_WORK, DRAW_FAILURE, DRAW_REPAIR = np.uint64(1), np.uint64(2), np.uint64(3)


if TYPE_CHECKING or config.DISABLE_JIT:
    Array = TypeVar("Array")

    def address_of(array: Array) -> Array:
        """Return the array itself: uncompiled code has no pointers."""
        return array

    fixed = address_of

    def lowest(bits: int) -> int:
        """Return the index of the lowest bit that is set."""
        return int(bits & -bits).bit_length() - 1

else:

    @intrinsic
    def address_of(_, array):  # noqa: ANN001, ANN202 - numba's types
        """Return where an array begins. A pointer's index is taken as it is, and one word is handed
        on instead of seven: that is half of the time.
        """
        from numba.np.arrayobj import make_array

        def generate(context, builder, signature, arguments):  # noqa: ANN001, ANN202
            return make_array(signature.args[0])(context, builder, arguments[0]).data

        return types.CPointer(array.dtype)(array), generate

    class Fixed(CPointer):
        """The address of numbers that stay: what was read from it once need not be read again."""

        def __init__(self, dtype):  # noqa: ANN001, ANN204
            super().__init__(dtype)
            self.name = f"fixed {dtype}*"

    register_model(Fixed)(PointerModel)

    @intrinsic
    def fixed(_, array):  # noqa: ANN001, ANN202
        """Return where an array begins that nobody writes to while a kernel runs."""
        from numba.np.arrayobj import make_array

        def generate(context, builder, signature, arguments):  # noqa: ANN001, ANN202
            return make_array(signature.args[0])(context, builder, arguments[0]).data

        return Fixed(array.dtype)(array), generate

    @lower_builtin(getitem, Fixed, types.Integer)
    def read_fixed(context, builder, signature, arguments):  # noqa: ANN001, ANN202
        pointer, index = arguments
        read = builder.load(builder.gep(pointer, [index]))
        read.set_metadata("invariant.load", builder.module.add_metadata([]))
        return read

    @intrinsic
    def lowest(_, bits):  # noqa: ANN001, ANN202
        """Return the index of the lowest bit that is set: one instruction."""
        from llvmlite import ir

        def generate(context, builder, signature, arguments):  # noqa: ANN001, ANN202
            return builder.cttz(arguments[0], ir.Constant(ir.IntType(1), 1))

        return types.int64(types.int64), generate


# Random numbers.


@inner
def mix(z: np.uint64) -> np.uint64:
    """Scatter 64 bits (splitmix64)."""
    z = (z ^ (z >> np.uint64(30))) * MIX_1
    z = (z ^ (z >> np.uint64(27))) * MIX_2
    return z ^ (z >> np.uint64(31))


@inner
def uniform(base: int, key: int, purpose: np.uint64) -> float:
    """Return a number in (0, 1) that depends on these three alone."""
    z = mix(mix(np.uint64(base) ^ np.uint64(key)) + purpose * GOLDEN)
    return (np.float64(z >> np.uint64(11)) + 0.5) * 2.0**-53


@lean
def quantile(q: Floats, row: int, u: float) -> float:
    """Return a quantile: 64 levels of the body, and 64 of the last sixty-fourth."""
    at = row * 2 * KNOTS
    x = u * (KNOTS - 1)
    i = int(x)
    if i == KNOTS - 2:
        x = (1.0 - u) * TAIL_LEVELS
        i = int(x)
        at += KNOTS
    return q[at + i] + (x - i) * (q[at + i + 1] - q[at + i])


@inner
def whole(seconds: float) -> int:
    """Round to whole seconds, at least one."""
    return max(1, int(np.rint(seconds)))


@inner
def draw_work(p: Ints, q: Floats, s: Ints, step: int, unit: int, nominal: int, worked: int) -> int:
    """Return how long a step takes, given that it has worked so long already."""
    mode = s[unit + MODES] + s[p[step + STEP_CAP] + CAP_INDEX] * MODE_WIDTH
    row = p[mode + MODE_ROW]
    if row < 0:
        return max(nominal, worked + 1)
    u = uniform(s[BASE], p[step + STEP_HASH], DRAW_WORK)
    if worked > 0:
        low, high = 0.0, 1.0
        for _ in range(52):
            middle = 0.5 * (low + high)
            if quantile(q, row, middle) < worked / nominal:
                low = middle
            else:
                high = middle
        u = min(low + u * (1.0 - low), 1.0 - 1e-12)
    return max(worked + 1, whole(nominal * quantile(q, row, u)))


@inner
def draw_failure(p: Ints, s: Ints, unit: int) -> None:
    """Draw how long a unit works, or by the calendar stands ready, until it fails next."""
    if s[unit + MTBF] == 0:
        return
    s[unit + NUM_FAILS] += 1
    u = uniform(s[BASE], s[unit + UNIT_KEY] + s[unit + NUM_FAILS], DRAW_FAILURE)
    length = whole(-s[unit + MTBF] * np.log(u))
    if s[unit + BY_CALENDAR]:
        push(p, s, s[NOW] + length, FAILURE, unit, NONE)
    else:
        s[unit + UNTIL_FAIL] = length


@inner
def plan_repair(p: Ints, s: Ints, unit: int) -> None:
    """Draw how long the present repair of a unit takes, and plan its end."""
    u = uniform(s[BASE], s[unit + UNIT_KEY] + s[unit + NUM_FAILS], DRAW_REPAIR)
    push(p, s, s[NOW] + whole(-s[unit + MTTR] * np.log(u)), REPAIRED, unit, NONE)


# The agenda: a heap with four branches, of pairs: a key (the instant, then the sequence of
# planning) and what happens.


@inner
def push(p: Ints, s: Ints, at: int, kind: int, handle: int, stamp: int) -> None:
    """Plan an occurrence."""
    heap, i = p[S_HEAP], s[HEAPED]
    if i == p[MOST_HEAPED]:
        s[IS_FULL] = 1
        return
    s[HEAPED] = i + 1
    s[COUNT] = (s[COUNT] + 1) & ((1 << BITS_COUNT) - 1)
    key = at << BITS_COUNT | s[COUNT]
    while i > 0:
        up = (i - 1) >> 2
        row, into = heap + 2 * up, heap + 2 * i
        if s[row] <= key:
            break
        s[into], s[into + 1] = s[row], s[row + 1]
        i = up
    into = heap + 2 * i
    s[into], s[into + 1] = key, kind | handle << BITS_KIND | stamp << BITS_HANDLE


@inner
def pop(p: Ints, s: Ints) -> int:
    """Take out the first occurrence and return what it is."""
    heap, n = p[S_HEAP], s[HEAPED] - 1
    what, last = s[heap + 1], heap + 2 * n
    s[HEAPED] = n
    key, kept, end = s[last], s[last + 1], heap + 2 * n
    into = heap
    while True:
        row = heap + 4 * (into - heap) + 2
        if row >= end:
            break
        if row + 8 <= end:  # without branches, which would be guessed wrong
            a, b, c, d = s[row], s[row + 2], s[row + 4], s[row + 6]
            left, right = row + 2 * (b < a), row + 4 + 2 * (d < c)
            low, high = min(a, b), min(c, d)
            row, least = right if high < low else left, min(low, high)
        else:
            least = s[row]
            for other in range(row + 2, end, 2):
                if s[other] < least:
                    row, least = other, s[other]
        if key < least:
            break
        s[into], s[into + 1] = least, s[row + 1]
        into = row
    s[into], s[into + 1] = key, kept
    return what


@inner
def wake(p: Ints, s: Ints, center: int, at: int) -> None:
    """Look at a work center at an instant, unless one looks earlier anyway and asks again."""
    if at < s[center + WAKE]:
        s[center + WAKE] = at
        push(p, s, at, AWAKE, center, NONE)


@inner
def rouse(s: Ints) -> None:
    """Look again at the work centers that lacked something."""
    s[DIRTY] |= s[STARVED]
    s[STARVED] = 0


# Working hours.


@inner
def window_at(p: Ints, hours: int, at: int) -> int:
    """Return the handle of the first window that closes after an instant."""
    low, high = 0, p[hours + HOURS_NUM]
    while low < high:
        middle = (low + high) >> 1
        if p[hours + HOURS_FIRST + 2 * middle + 1] <= at:
            low = middle + 1
        else:
            high = middle
    return hours + HOURS_FIRST + 2 * low


@inner
def fit(p: Ints, hours: int, at: int, length: int) -> int:
    """Return the earliest start of a length in one window; if none is so long, the next opening.

    After the last window all is open.
    """
    if p[hours + HOURS_NUM] == 0:
        return at
    end = hours + HOURS_FIRST + 2 * p[hours + HOURS_NUM]
    row = window_at(p, hours, at)
    wanted = length if length <= p[hours + HOURS_LONGEST] else 1
    while row < end:
        begin_at = max(at, p[row])
        if begin_at + wanted <= p[row + 1]:
            return begin_at
        row += 2
    return max(at, p[end - 1])


@inner
def add(p: Ints, hours: int, at: int, work: int) -> int:
    """Return by when so much open time has passed."""
    if p[hours + HOURS_NUM] == 0 or work == 0:
        return at + work
    end = hours + HOURS_FIRST + 2 * p[hours + HOURS_NUM]
    row = window_at(p, hours, at)
    while row < end:
        begin_at = max(at, p[row])
        if begin_at + work <= p[row + 1]:
            return begin_at + work
        work -= p[row + 1] - begin_at
        row += 2
    return max(at, p[end - 1]) + work


@inner
def open_between(p: Ints, hours: int, start_at: int, end_at: int) -> int:
    """Return the open seconds between two instants."""
    if p[hours + HOURS_NUM] == 0:
        return end_at - start_at
    end = hours + HOURS_FIRST + 2 * p[hours + HOURS_NUM]
    row, found = window_at(p, hours, start_at), 0
    while row < end and p[row] < end_at:
        found += min(end_at, p[row + 1]) - max(start_at, p[row])
        row += 2
    return found + max(0, end_at - max(start_at, p[end - 1]))


@inner
def hours_at(p: Ints, s: Ints, unit: int, cap: int) -> int:
    """Return the working hours of a capability on a unit."""
    return p[s[unit + MODES] + s[cap + CAP_INDEX] * MODE_WIDTH + MODE_HOURS]


@inner
def opening(p: Ints, s: Ints, unit: int, cap: int, at: int, length: int) -> int:
    """Return the earliest start; work that pauses over closed hours needs an open instant only."""
    pauses = s[s[unit + OWNER] + PAUSES]
    return fit(p, hours_at(p, s, unit, cap), at, 1 if pauses else max(1, length))


@inner
def after(p: Ints, s: Ints, unit: int, cap: int, work: int) -> int:
    """Return when some work is done that begins now."""
    if s[s[unit + OWNER] + PAUSES]:
        return add(p, hours_at(p, s, unit, cap), s[NOW], work)
    return s[NOW] + work


# Small questions.


@inner
def travel(p: Ints, s: Ints, source: int, target: int) -> int:
    """Return the transport seconds between two places."""
    if source == 0:
        return 0
    return p[s[s[source + OWNER] + TRAVEL] + s[s[target + OWNER] + INDEX]]


@inner
def setup_s(p: Ints, s: Ints, unit: int, family: int) -> int:
    """Return the setup seconds a unit needs for a family; -1: none needed, or none set up yet."""
    matrix, before, n = s[s[unit + OWNER] + MATRIX], s[unit + FAMILY], p[NUM_FAMILIES]
    if matrix == 0 or family < 0 or before == family:
        return 0
    return p[matrix + (before if before >= 0 else n) * n + family]


@inner
def is_free(s: Ints, unit: int) -> bool:
    """Return whether a part may claim a unit."""
    return s[unit + NUM_IN] + s[unit + NUM_CLAIMED] + s[unit + PHASE] + s[unit + IS_DOWN] == 0


@inner
def bound_for(p: Ints, s: Ints, job: int) -> int:
    """Return the work centers (bits) the next step of a job is bound for."""
    unit = p[s[job + NEXT] + STEP_UNIT]
    if unit:
        return s[s[unit + OWNER] + BIT]
    return s[p[s[job + NEXT] + STEP_CAP] + CENTERS]


# Queues: sorted lists; one of each unit's own parts, one of the loose parts of each capability.


@inner
def insert(s: Ints, job: int, queue: int, before: int, behind: int) -> None:
    """Put a job into a queue by key, then by number, looking from the end."""
    key, at, follower = s[job + KEY], s[queue + TAIL], 0
    while at:
        if s[at + KEY] < key or (s[at + KEY] == key and at < job):
            break
        follower, at = at, s[at + before]
    s[job + before], s[job + behind] = at, follower
    if at:
        s[at + behind] = job
    else:
        s[queue + HEAD] = job
    if follower:
        s[follower + before] = job
    else:
        s[queue + TAIL] = job


@inner
def take(s: Ints, job: int, queue: int, before: int, behind: int) -> None:
    """Take a job out of a queue."""
    a, b = s[job + before], s[job + behind]
    if a:
        s[a + behind] = b
    else:
        s[queue + HEAD] = b
    if b:
        s[b + before] = a
    else:
        s[queue + TAIL] = a


@inner
def count_blocked(p: Ints, s: Ints, job: int, change: int) -> None:
    """Count a blocking part at the work centers it is bound for."""
    bits = bound_for(p, s, job)
    while bits:
        s[p[S_CENTER] + lowest(bits) * CENTER_WIDTH + NUM_BLOCK] += change
        bits &= bits - 1


@inner
def wait(p: Ints, s: Ints, job: int) -> None:
    """Let a job wait where it is for its next step."""
    step, place, patience = s[job + NEXT], s[job + PLACE], p[PATIENCE]
    unit, cap = p[step + STEP_UNIT], p[step + STEP_CAP]
    s[WAITING] += 1
    s[cap + WANTED] += 1
    s[job + WAITS] += 1
    s[job + IS_WAITING], s[job + LOOSE] = 1, 0
    s[job + KEY] = s[NOW]
    if unit:
        s[job + KEY] = p[step + STEP_KEY]
        insert(s, job, unit, PREV_OWN, NEXT_OWN)
    if place and s[place + OWNER] != place:
        s[BLOCKING] += 1
        s[job + BLOCK_AT] = s[BLOCKING]
        s[p[S_BLOCK] + s[BLOCKING]] = job
        count_blocked(p, s, job, ONE)
    if patience >= 0:
        due = max(s[NOW], s[job + KEY]) + patience
        push(p, s, due, IMPATIENT, job, s[job + WAITS])
    elif unit == 0:
        s[job + LOOSE] = 1
        insert(s, job, cap, PREV_LOOSE, NEXT_LOOSE)
    s[DIRTY] |= s[cap + CENTERS]


@inner
def wait_no_more(p: Ints, s: Ints, job: int) -> None:
    """Take a waiting job out of all queues."""
    step, at = s[job + NEXT], s[job + BLOCK_AT]
    s[WAITING] -= 1
    s[p[step + STEP_CAP] + WANTED] -= 1
    s[job + WAITS] += 1
    s[job + IS_WAITING] = 0
    if p[step + STEP_UNIT]:
        take(s, job, p[step + STEP_UNIT], PREV_OWN, NEXT_OWN)
    if s[job + LOOSE]:
        s[job + LOOSE] = 0
        take(s, job, p[step + STEP_CAP], PREV_LOOSE, NEXT_LOOSE)
    if at:
        last = s[p[S_BLOCK] + s[BLOCKING]]
        s[BLOCKING] -= 1
        s[p[S_BLOCK] + at] = last
        s[last + BLOCK_AT] = at
        s[job + BLOCK_AT] = 0
        count_blocked(p, s, job, -ONE)


# The supervisor, on where each part is or is bound to come (its mark): the exact rule where the
# plant has one, else banker's avoidance.


@inner
def mark(p: Ints, s: Ints, job: int, place: int) -> None:
    """Note that a job claims a place, or none any more."""
    old = s[job + MARK]
    s[job + MARK] = place
    if old != place:
        if old:
            s[old + LOAD] -= 1
        if place:
            s[place + LOAD] += 1
        if p[IS_ROBUST]:  # else the supervisor asks nothing
            note(p, s, job, old, place)
    if p[IS_GUARDED] == EXACT:
        classify(p, s, job, place)


@inner
def note(p: Ints, s: Ints, job: int, old: int, place: int) -> None:
    """Keep what the supervisor asks: who is inside, and where units are free."""
    if old:
        s[old + WHO] -= job
        center = s[old + OWNER]
        if center != old and s[old + LOAD] == 0:
            s[center + FREE_UNITS] += 1
            s[FREE] |= s[center + BIT]
    else:
        s[INSIDE] += 1
        s[job + INSIDE_AT] = s[INSIDE]
        s[p[S_INSIDE] + s[INSIDE]] = job
    if place:
        s[place + WHO] += job
        center = s[place + OWNER]
        if center != place and s[place + LOAD] == 1:
            s[center + FREE_UNITS] -= 1
            if s[center + FREE_UNITS] == 0:
                s[FREE] ^= s[center + BIT]
    else:
        last, at = s[p[S_INSIDE] + s[INSIDE]], s[job + INSIDE_AT]
        s[INSIDE] -= 1
        s[p[S_INSIDE] + at] = last
        s[last + INSIDE_AT] = at


@inner
def classify(p: Ints, s: Ints, job: int, place: int) -> None:
    """Count a job in the class of its place and of what it has still to enter."""
    old, new = s[job + CLASS], 0
    if place:
        center = s[place + OWNER]
        new = p[p[s[job + ENTERED] + STEP_REST] + 2 * s[center + INDEX] + (place == center)]
    if old != new:
        if old:
            s[p[old + CLASS_COUNT]] -= 1
        if new:
            s[p[new + CLASS_COUNT]] += 1
        s[job + CLASS] = new


@inner
def is_legal(p: Ints, s: Ints, num: int) -> bool:
    """Return whether no bad vector with a class of the group is covered: those without were not
    before.
    """
    for member in range(num):
        row = s[s[p[S_GROUP] + member] + CLASS]
        if row == 0:
            continue
        for k in range(row + CLASS_FIRST, row + CLASS_FIRST + p[row + CLASS_NUM]):
            pair = p[k] + BAD_FIRST
            end = pair + 2 * p[p[k] + BAD_NUM]
            while pair < end and s[p[pair]] >= p[pair + 1]:
                pair += 2
            if pair == end:
                return False
    return True


@inner
def can_walk(p: Ints, need: int, free: int) -> bool:
    """Return whether the rest of a route finds a free unit in each work center it passes."""
    if p[need + NEED_ONLY] & ~free:
        return False
    choice = need + NEED_FIRST
    while choice < need + NEED_FIRST + p[need + NEED_NUM]:
        if p[choice] & free == 0:
            return False
        choice += 1
    return True


@inner
def can_all_walk(p: Ints, s: Ints) -> bool:
    """Return whether each work center has a free unit, or comes to have one: by a part that leaves
    a unit of it, since it finds a free unit wherever it still has to go.

    Then all others can leave as well, and `is_safe` need not go through them.
    """
    free, every = s[FREE], (1 << p[NUM_CENTERS]) - 1
    while free != every:
        before, left = free, every & ~free
        while left:
            center = p[S_CENTER] + lowest(left) * CENTER_WIDTH
            left &= left - 1
            bit, unit = s[center + BIT], s[center + FIRST_UNIT]
            while unit < s[center + END_UNIT]:
                need = p[s[s[unit + WHO] + ENTERED] + STEP_NEED] if s[unit + LOAD] == 1 else 0
                if need and can_walk(p, need, free | bit):
                    free |= bit
                    break
                unit += UNIT_WIDTH
        if free == before:
            return False
    return True


@inner
def let_leave(p: Ints, s: Ints, n: int, free: int) -> tuple[int, int]:
    """Take out of the n who wait all that can walk to the end, until nobody can; return how many
    are left, and which work centers have a free unit.
    """
    rows, before = p[S_TRIAL], -1
    while before != n:
        before, kept = n, 0
        for k in range(n):
            job, place = s[rows + 2 * k], s[rows + 2 * k + 1]
            bit = s[s[place + OWNER] + BIT] if s[place + OWNER] != place else 0
            own = bit if s[place + TRIAL] == 1 else 0
            if can_walk(p, p[s[job + ENTERED] + STEP_NEED], free | own):
                s[place + TRIAL] -= 1
                free |= own
            else:
                s[rows + 2 * kept], s[rows + 2 * kept + 1] = job, place
                kept += 1
        n = kept
    return n, free


@inner
def step_aside(p: Ints, s: Ints, n: int, free: int) -> int:
    """Let the first of those who wait in a unit (by number) that can go into a buffer of its next
    step; return which work centers have a free unit then, -1 if none can.
    """
    rows, best, target = p[S_TRIAL], -1, 0
    for k in range(n):
        job, place = s[rows + 2 * k], s[rows + 2 * k + 1]
        cap = p[s[job + ENTERED] + STEP_CAP]
        if s[place + OWNER] == place or cap == 0 or (best >= 0 and s[rows + 2 * best] < job):
            continue
        bits = s[cap + CENTERS]
        while bits:
            center = p[S_CENTER] + lowest(bits) * CENTER_WIDTH
            bits &= bits - 1
            if s[center + TRIAL] < s[center + BUFFER]:
                best, target = k, center
                break
    if best < 0:
        return -1
    place = s[rows + 2 * best + 1]
    s[place + TRIAL] -= 1
    if s[place + TRIAL] == 0:
        free |= s[s[place + OWNER] + BIT]
    s[target + TRIAL] += 1
    s[rows + 2 * best + 1] = target
    return free


@inner
def is_safe(p: Ints, s: Ints) -> bool:
    """Return whether all parts inside can leave one after the other (`floor.supervisor`).

    Those that still wait are pairs of job and place; where none can leave, the first of them (by
    number) that can steps aside into a buffer of its next step.
    """
    free, n, rows = s[FREE], 0, p[S_TRIAL]
    for c in range(p[NUM_CENTERS]):
        center = p[S_CENTER] + c * CENTER_WIDTH
        s[center + TRIAL] = s[center + LOAD]
    for k in range(1, s[INSIDE] + 1):
        job = s[p[S_INSIDE] + k]
        place = s[job + MARK]
        s[place + TRIAL] = s[place + LOAD]
        s[rows + 2 * n], s[rows + 2 * n + 1] = job, place
        n += 1
    while True:
        n, free = let_leave(p, s, n, free)
        if n == 0:
            return True
        free = step_aside(p, s, n, free)
        if free < 0:
            return False


@inner
def would_wait(p: Ints, need: int, dead: int) -> bool:
    """Return whether the rest of a route needs a work center all of whose units are down."""
    if p[need + NEED_ONLY] & dead:
        return True
    for choice in range(need + NEED_FIRST, need + NEED_FIRST + p[need + NEED_NUM]):
        if p[choice] & ~dead == 0:
            return True
    return False


@inner
def is_robust(p: Ints, s: Ints) -> bool:  # noqa: C901
    """Return whether all parts that need none of the units that are down can leave all the same
    (`floor.supervisor`).
    """
    free, dead, n, rows = 0, 0, 0, p[S_TRIAL]
    for c in range(p[NUM_CENTERS]):
        center = p[S_CENTER] + c * CENTER_WIDTH
        s[center + TRIAL] = s[center + LOAD]
        dead |= s[center + BIT]
        for unit in range(s[center + FIRST_UNIT], s[center + END_UNIT], UNIT_WIDTH):
            if s[unit + IS_DOWN] == 0:
                dead &= ~s[center + BIT]
                free |= s[center + BIT] if s[unit + LOAD] == 0 else 0
    if free == (1 << p[NUM_CENTERS]) - 1:
        return True
    for k in range(1, s[INSIDE] + 1):
        job = s[p[S_INSIDE] + k]
        place = s[job + MARK]
        s[place + TRIAL] = s[place + LOAD]
        if s[place + OWNER] == place or s[place + IS_DOWN] == 0:  # else it stays there
            s[rows + 2 * n], s[rows + 2 * n + 1] = job, place
            n += 1
    while True:
        n, free = let_leave(p, s, n, free)
        is_kept = False
        for k in range(n):
            is_kept |= not would_wait(p, p[s[s[rows + 2 * k] + ENTERED] + STEP_NEED], dead)
        if not is_kept:
            return True
        free = step_aside(p, s, n, free)
        if free < 0:
            return False


@lean
def is_allowed(p: Ints, s: Ints, num: int, target: int) -> bool:
    """Mark the group at its target if there is room and the supervisor agrees."""
    group, others = p[S_GROUP], s[target + LOAD]
    is_unit = s[target + OWNER] != target
    for k in range(num):
        others -= s[s[group + k] + MARK] == target
    if others >= (1 if is_unit else s[target + BUFFER]):
        return False
    is_entering = False
    for k in range(num):
        job = s[group + k]
        s[group + num + k] = s[job + MARK]
        is_entering |= s[job + MARK] == 0
        s[job + ENTERED] += STEP_WIDTH if is_unit else 0
        mark(p, s, job, target)
    is_agreed = p[IS_GUARDED] == 0 or can_all_walk(p, s)
    if not is_agreed:
        is_agreed = is_legal(p, s, num) if p[IS_GUARDED] == EXACT else is_safe(p, s)
    if is_agreed and is_entering and s[NUM_DOWN] and p[IS_ROBUST]:
        is_agreed = is_robust(p, s)
    if is_agreed:
        return True
    for k in range(num):
        job = s[group + k]
        s[job + ENTERED] -= STEP_WIDTH if is_unit else 0
        mark(p, s, job, s[group + num + k])
    return False


# Moves.


@inner
def pick_up(p: Ints, s: Ints, job: int) -> None:
    """Free the place a part is taken from, unless it stays there."""
    place = s[job + PLACE]
    if place == 0:
        return
    center = s[place + OWNER]
    if place == center:
        s[center + SLOTS] -= 1
    elif s[job + CLAIM] != place:
        s[place + NUM_IN] -= 1
        if s[place + FIRST_IN] == job:
            s[place + FIRST_IN] = s[job + NEXT_IN]
        else:
            at = s[place + FIRST_IN]
            while s[at + NEXT_IN] != job:
                at = s[at + NEXT_IN]
            s[at + NEXT_IN] = s[job + NEXT_IN]
    s[DIRTY] |= s[center + BIT] | s[STARVED]
    s[STARVED] = 0


@inner
def put_down(p: Ints, s: Ints, job: int, target: int) -> None:
    """Let a part arrive: in a unit it is there to be worked on, in a buffer it waits."""
    source, center = s[job + PLACE], s[target + OWNER]
    s[job + PLACE] = target
    if target == center:
        wait(p, s, job)
        return
    s[target + NUM_HERE] += 1
    if source != target:
        s[target + NUM_IN] += 1
        s[job + NEXT_IN] = s[target + FIRST_IN]
        s[target + FIRST_IN] = job
    s[DIRTY] |= s[center + BIT]


@inner
def send(p: Ints, s: Ints) -> None:  # noqa: C901
    """Give each waiting load the nearest free robot; without robots loads move all the same."""
    while s[RING_HEAD] < s[RING_TAIL]:
        job = s[p[S_RING] + (s[RING_HEAD] & p[RING_MASK])]
        source, target = s[job + PLACE], s[job + TARGET]
        center, best, least = s[source + OWNER], 0, 0
        for r in range(p[NUM_ROBOTS]):
            robot = p[S_ROBOT] + r * ROBOT_WIDTH
            if s[robot + IS_FREE]:
                at, way = s[robot + AT], 0
                if at and at != center:
                    way = p[s[at + TRAVEL] + s[center + INDEX]]
                if best == 0 or way < least:
                    best, least = robot, way
        if best == 0 and p[NUM_ROBOTS]:
            return
        s[RING_HEAD] += 1
        s[job + ROBOT] = best
        if best:
            s[best + IS_FREE] = 0
        arrival = s[NOW] + least + travel(p, s, source, target)
        if least:
            push(p, s, s[NOW] + least, PICK_UP, job, NONE)
        else:
            pick_up(p, s, job)
        push(p, s, arrival, DELIVER, job, NONE)


@inner
def begin(p: Ints, s: Ints, num: int, target: int) -> bool:  # noqa: C901
    """Let the group claim a place if a robot is free for it and the supervisor allows it."""
    group, center = p[S_GROUP], s[target + OWNER]
    if p[NUM_ROBOTS]:
        has_robot, needs_robot = False, False
        for r in range(p[NUM_ROBOTS]):
            has_robot |= s[p[S_ROBOT] + r * ROBOT_WIDTH + IS_FREE] == 1
        for k in range(num):
            needs_robot |= travel(p, s, s[s[group + k] + PLACE], target) > 0
        if needs_robot and not has_robot:
            s[STARVED] |= s[center + BIT]
            return False
    if not is_allowed(p, s, num, target):
        s[STARVED] |= s[center + BIT]
        return False
    for k in range(num):
        job = s[group + k]
        wait_no_more(p, s, job)
        if target == center:
            s[center + SLOTS] += 1
        else:
            s[job + CLAIM] = target
            s[target + NUM_CLAIMED] += 1
            s[job + NEXT_CLAIM] = s[target + FIRST_CLAIM]
            s[target + FIRST_CLAIM] = job
    for k in range(num):
        job = s[group + k]
        if s[job + PLACE] == target or travel(p, s, s[job + PLACE], target) == 0:
            pick_up(p, s, job)
            put_down(p, s, job, target)
        else:
            s[job + TARGET] = target
            s[p[S_RING] + (s[RING_TAIL] & p[RING_MASK])] = job
            s[RING_TAIL] += 1
            send(p, s)
    return True


# What a unit wants.


@inner
def ready_members(p: Ints, s: Ints, job: int, capacity: int) -> int:
    """Gather who of a part's build would start now: all, none, or the ready ones once one is
    loose.
    """
    step, group = s[job + NEXT], p[S_GROUP]
    build = p[step + STEP_BUILD]
    if build == 0:
        s[group] = job
        return 1
    left, ready, is_loose = 0, 0, False
    for k in range(p[build + BUILD_NUM]):
        other, at = p[build + BUILD_FIRST + 2 * k], p[build + BUILD_FIRST + 2 * k + 1]
        if s[other + ENTERED] <= at:
            left += 1
            if s[other + IS_WAITING] and s[other + NEXT] == at:
                if ready < capacity:
                    s[group + ready] = other
                ready += 1
                is_loose |= s[other + LOOSE] == 1
    if is_loose or (ready == left and s[NOW] >= p[step + STEP_KEY]):
        return min(ready, capacity)
    return 0


@inner
def feed(p: Ints, s: Ints, unit: int) -> None:  # noqa: C901
    """Let a free unit take the first part it may: of its own, loose, or of units that are down.

    A build begins as booked, any other step once its order and its material are there. A loose part
    is tried once: with the unit's own, or with the loose.
    """
    center = s[unit + OWNER]
    looked, later, num_caps = 0, NEVER, s[center + NUM_CAPS]
    other = s[center + FIRST_UNIT]
    k = -1
    while True:
        if k < 0:
            queue, behind = unit, NEXT_OWN
        elif k < num_caps:
            queue, behind = p[s[center + CAPS] + k], NEXT_LOOSE
        else:
            while other < s[center + END_UNIT] and s[other + IS_DOWN] == 0:
                other += UNIT_WIDTH
            if other >= s[center + END_UNIT]:
                break
            queue, behind = other, NEXT_OWN
            other += UNIT_WIDTH
        k += 1
        job = s[queue + HEAD]
        while job:
            step, follower = s[job + NEXT], s[job + behind]
            at = 0
            if p[step + STEP_UNIT]:
                at = p[step + (STEP_KEY if p[step + STEP_BUILD] else STEP_BEFORE)]
            is_own = p[step + STEP_UNIT] == unit
            is_tried = (is_own and queue != unit) or (k > num_caps and s[job + LOOSE] == 1)
            if at > s[NOW]:
                if queue == unit:
                    later = min(later, at)
            elif not is_tried and looked < p[LOOK]:
                looked += 1
                s[p[S_GROUP]] = job
                num = ready_members(p, s, job, s[center + BATCH]) if s[center + BATCH] else 1
                if num and begin(p, s, num, unit):
                    return
            elif queue != unit and looked >= p[LOOK]:
                break
            job = follower
    if later < NEVER:
        wake(p, s, center, later)


@inner
def is_wanted(p: Ints, s: Ints, center: int) -> bool:
    """Return whether any part waits for a work center's units."""
    num = 0
    for k in range(s[center + NUM_CAPS]):
        num += s[p[s[center + CAPS] + k] + WANTED]
    return num > 0


@inner
def keep(p: Ints, s: Ints, unit: int) -> bool:
    """Gather a part that shall stay for its next step: it is booked here, or its patience ended."""
    job, center = s[unit + FIRST_IN], s[unit + OWNER]
    if s[unit + NUM_IN] != 1 or s[unit + IS_DOWN] or s[job + IS_WAITING] == 0:
        return False
    step = s[job + NEXT]
    if s[p[step + STEP_CAP] + CENTERS] & s[center + BIT] == 0:
        return False
    is_due = p[step + STEP_UNIT] == unit
    if is_due and s[center + BATCH] and s[job + LOOSE] == 0:
        if p[step + STEP_KEY] > s[NOW]:
            wake(p, s, center, p[step + STEP_KEY])
        is_due = ready_members(p, s, job, s[center + BATCH]) == 1 and s[p[S_GROUP]] == job
    s[p[S_GROUP]] = job
    return is_due or s[job + LOOSE] == 1


@inner
def next_blocked(p: Ints, s: Ints, center: int, after_key: int, after_job: int) -> int:
    """Return the next part, by key, that blocks a unit and is bound for a work center."""
    best = 0
    for k in range(1, s[BLOCKING] + 1):
        job = s[p[S_BLOCK] + k]
        if bound_for(p, s, job) & s[center + BIT]:
            key = s[job + KEY]
            if (key > after_key or (key == after_key and job > after_job)) and (
                best == 0 or key < s[best + KEY] or (key == s[best + KEY] and job < best)
            ):
                best = job
    return best


@inner
def prepare(p: Ints, s: Ints, unit: int) -> None:
    """Set up for the next booked step while its part is on the way, not before its booked time."""
    while s[unit + UPCOMING] < s[unit + UPCOMING_END]:
        job, step = p[s[unit + UPCOMING]], p[s[unit + UPCOMING] + 1]
        if s[job + ENTERED] <= step:
            break
        s[unit + UPCOMING] += 2
    else:
        return
    setup = setup_s(p, s, unit, p[step + STEP_FAMILY])
    if s[job + NEXT] == 0 or setup == 0:
        return
    at = opening(p, s, unit, p[step + STEP_CAP], max(s[NOW], p[step + STEP_SETUP]), setup)
    if at > s[NOW]:
        wake(p, s, s[unit + OWNER], at)
    else:
        set_up(p, s, unit, step, setup)


# Work.


@inner
def set_up(p: Ints, s: Ints, unit: int, step: int, setup: int) -> None:
    """Begin a setup."""
    s[unit + PHASE], s[unit + FAMILY] = SETUP, p[step + STEP_FAMILY]
    push(p, s, after(p, s, unit, p[step + STEP_CAP], setup), END_SETUP, unit, NONE)


@inner
def load_of(p: Ints, s: Ints, unit: int) -> tuple[int, int]:
    """Return the first job (by number) a unit is to work on, and the longest nominal duration."""
    job, pace = s[unit + FIRST_CLAIM], s[unit + PACE]
    first, longest = job, 1
    while job:
        work = p[s[job + NEXT] + STEP_WORK]
        longest = max(longest, work if pace == 1000 else -(-work * 1000 // pace))
        first = min(first, job)
        job = s[job + NEXT_CLAIM]
    return first, longest


@inner
def work_on(p: Ints, s: Ints, unit: int) -> None:
    """Work until the step is done or the unit fails, whichever comes first."""
    spell = min(s[unit + LEFT], s[unit + UNTIL_FAIL])
    s[unit + LEFT] -= spell
    if s[unit + UNTIL_FAIL] < NEVER:
        s[unit + UNTIL_FAIL] -= spell
    s[unit + BUSY] += spell
    s[unit + SPELL_END] = after(p, s, unit, s[unit + CAP], spell)
    push(p, s, s[unit + SPELL_END], END_SPELL, unit, s[unit + STAMP])


@inner
def start(p: Ints, q: Floats, s: Ints, unit: int) -> None:
    """Start what is loaded: first the setup, then the work in one window, with all it needs."""
    first, nominal = load_of(p, s, unit)
    step = s[first + NEXT]
    cap = p[step + STEP_CAP]
    setup = setup_s(p, s, unit, p[step + STEP_FAMILY])
    at = opening(p, s, unit, cap, s[NOW], setup + nominal)
    if at > s[NOW]:
        wake(p, s, s[unit + OWNER], at)
        return
    if setup:
        set_up(p, s, unit, step, setup)
        return
    for pool in range(s[cap + POOLS], s[cap + POOLS] + s[cap + NUM_POOLS]):
        if s[p[pool]] == 0:
            s[STARVED] |= s[s[unit + OWNER] + BIT]
            return
    for pool in range(s[cap + POOLS], s[cap + POOLS] + s[cap + NUM_POOLS]):
        s[p[pool]] -= 1
    s[unit + IS_HELD], s[unit + PHASE], s[unit + CAP] = 1, WORK, cap
    s[unit + LEFT] = draw_work(p, q, s, step, unit, nominal, NONE)
    work_on(p, s, unit)


@inner
def fail(p: Ints, s: Ints, unit: int) -> None:
    """Let a unit break down; by the calendar, what is worked on is interrupted."""
    if s[unit + BY_CALENDAR] and s[unit + PHASE] == WORK:
        rest = s[unit + SPELL_END] - s[NOW]
        if s[s[unit + OWNER] + PAUSES]:
            hours = hours_at(p, s, unit, s[unit + CAP])
            rest = open_between(p, hours, s[NOW], s[unit + SPELL_END])
        s[unit + LEFT] += rest
        s[unit + BUSY] -= rest
        s[unit + STAMP] = (s[unit + STAMP] + 1) & 0xFFFF
    s[unit + IS_DOWN] = 1
    s[NUM_DOWN] += 1
    plan_repair(p, s, unit)
    s[DIRTY] |= s[s[unit + OWNER] + BIT]


@inner
def finish(p: Ints, s: Ints, unit: int) -> None:
    """End the work of a unit: its parts wait for their next step, or leave by the dock."""
    cap, group, num = s[unit + CAP], p[S_GROUP], 0
    if s[unit + IS_HELD]:
        for pool in range(s[cap + POOLS], s[cap + POOLS] + s[cap + NUM_POOLS]):
            s[p[pool]] += 1
    job = s[unit + FIRST_CLAIM]
    s[unit + PHASE], s[unit + IS_HELD], s[unit + NUM_CLAIMED], s[unit + NUM_HERE] = IDLE, 0, 0, 0
    s[unit + FIRST_CLAIM] = 0
    while job:
        k = num
        while k > 0 and s[group + k - 1] > job:
            s[group + k] = s[group + k - 1]
            k -= 1
        s[group + k] = job
        num += 1
        s[job + CLAIM] = 0
        job = s[job + NEXT_CLAIM]
    for k in range(num):
        job = s[group + k]
        s[job + NEXT] += STEP_WIDTH
        if s[job + NEXT] < s[job + LAST]:
            wait(p, s, job)
        else:
            s[job + FINISH] = s[NOW]
            s[DONE] += 1
            pick_up(p, s, job)
            s[job + PLACE] = 0
            mark(p, s, job, NONE)
    rouse(s)


@inner
def happen(p: Ints, s: Ints, what: int) -> None:  # noqa: C901
    """Let one occurrence happen."""
    kind, stamp = what & ((1 << BITS_KIND) - 1), what >> BITS_HANDLE
    row = what >> BITS_KIND & ((1 << (BITS_HANDLE - BITS_KIND)) - 1)
    if kind == END_SPELL:
        if stamp == s[row + STAMP]:
            s[OCCURRENCES] += 1
            if s[row + LEFT]:
                fail(p, s, row)
            else:
                finish(p, s, row)
    elif kind == REPAIRED:
        s[OCCURRENCES] += 1
        s[row + IS_DOWN] = 0
        s[NUM_DOWN] -= 1
        if p[IS_ROBUST]:
            rouse(s)
        draw_failure(p, s, row)
        if s[row + PHASE] == WORK:
            work_on(p, s, row)
        else:
            s[DIRTY] |= s[s[row + OWNER] + BIT]
    elif kind == END_SETUP:
        s[OCCURRENCES] += 1
        s[row + PHASE] = IDLE
        s[DIRTY] |= s[s[row + OWNER] + BIT]
    elif kind == PICK_UP:
        pick_up(p, s, row)
    elif kind == DELIVER:
        s[OCCURRENCES] += 1
        robot, target = s[row + ROBOT], s[row + TARGET]
        if robot:
            s[robot + AT], s[robot + IS_FREE] = s[target + OWNER], 1
        put_down(p, s, row, target)
        send(p, s)
        rouse(s)
    elif kind == IMPATIENT:
        if s[row + IS_WAITING] and s[row + WAITS] == stamp and s[row + LOOSE] == 0:
            cap = p[s[row + NEXT] + STEP_CAP]
            s[row + LOOSE] = 1
            insert(s, row, cap, PREV_LOOSE, NEXT_LOOSE)
            s[DIRTY] |= s[cap + CENTERS]
    elif kind == AWAKE:
        if s[row + WAKE] == s[NOW]:
            s[row + WAKE] = NEVER
        s[DIRTY] |= s[row + BIT]
    else:
        s[OCCURRENCES] += 1
        fail(p, s, row)


@inner
def serve(p: Ints, q: Floats, s: Ints, center: int) -> None:  # noqa: C901
    """Feed the free units of a work center, start or prepare them, then fill its buffer."""
    unit, has_work = s[center + FIRST_UNIT] - UNIT_WIDTH, is_wanted(p, s, center)
    while unit + UNIT_WIDTH < s[center + END_UNIT]:
        unit += UNIT_WIDTH
        if s[unit + PHASE] != IDLE:
            continue
        if is_free(s, unit):
            if has_work:
                feed(p, s, unit)
        elif s[unit + NUM_CLAIMED] == 0 and keep(p, s, unit):
            begin(p, s, ONE, unit)
        if s[unit + NUM_CLAIMED] and s[unit + NUM_HERE] == s[unit + NUM_CLAIMED]:
            if s[unit + IS_DOWN] == 0:
                start(p, q, s, unit)
        elif s[center + MATRIX] and is_free(s, unit):
            prepare(p, s, unit)
    key, job = -NEVER, NONE
    while s[center + NUM_BLOCK] and s[center + SLOTS] < s[center + BUFFER]:
        job = next_blocked(p, s, center, key, job)
        if job == 0:
            break
        key = s[job + KEY]
        s[p[S_GROUP]] = job
        begin(p, s, ONE, center)


@inner
def move_ahead(p: Ints, s: Ints) -> bool:  # noqa: C901
    """Begin the first move of a waiting part, by key, to any place that is allowed: a free unit of
    its next step (its own counts), or a free buffer before one.
    """
    end, key, last = p[S_JOB] + p[NUM_JOBS] * JOB_WIDTH, -NEVER, 0
    while True:
        job = 0
        for other in range(p[S_JOB], end, JOB_WIDTH):
            own = s[other + KEY]
            is_next = s[other + IS_WAITING] and (own > key or (own == key and other > last))
            if is_next and (job == 0 or own < s[job + KEY]):
                job = other
        if job == 0:
            return False
        key, last, place = s[job + KEY], job, s[job + PLACE]
        cap = p[s[job + NEXT] + STEP_CAP]
        num, units = s[cap + NUM_CAP_UNITS], s[cap + CAP_UNITS]
        for k in range(2 * num):
            unit = p[units + k % num]
            target, is_open = unit, is_free(s, unit)
            if place == unit and s[unit + NUM_IN] == 1 and s[unit + NUM_CLAIMED] == 0:
                is_open = True
            if k >= num:
                target = s[unit + OWNER]
                is_open = (
                    place and s[place + OWNER] != place and s[target + SLOTS] < s[target + BUFFER]
                )
            s[p[S_GROUP]] = job
            if is_open and begin(p, s, ONE, target):
                s[NUDGES] += 1
                return True


@inner
def play(p: Ints, q: Floats, s: Ints, until: int) -> None:  # noqa: C901
    """Play on until an instant, or until nothing happens any more.

    Where nothing would ever happen again, any allowed move is begun; if there is none, STUCK says
    how many parts wait for each other. Units fail no more when all jobs have left.
    """
    heap, centers = p[S_HEAP], p[S_CENTER]
    arrival, end = p[ARRIVALS] + 2 * s[ARRIVED], p[ARRIVALS] + 2 * p[NUM_JOBS]
    while True:
        while s[DIRTY]:
            center = centers + lowest(s[DIRTY]) * CENTER_WIDTH
            s[DIRTY] &= s[DIRTY] - 1
            serve(p, q, s, center)
        if s[HEAPED] == 0 and s[WAITING] and move_ahead(p, s):
            continue
        if s[DONE] == p[NUM_JOBS]:
            break
        at = s[heap] >> BITS_COUNT if s[HEAPED] else NEVER
        coming = p[arrival] if arrival < end else NEVER
        if min(at, coming) == NEVER:
            s[STUCK] = s[WAITING]
            break
        if min(at, coming) > until:
            break
        if at <= coming:
            s[NOW] = at
            while s[HEAPED] and s[heap] >> BITS_COUNT == at:
                happen(p, s, pop(p, s))
        else:
            s[NOW] = coming
            job = p[arrival + 1]
            arrival += 2
            s[OCCURRENCES] += 1
            s[ARRIVED] += 1
            s[job + NEXT] = s[job + FIRST]
            wait(p, s, job)
            if p[IS_BOOKED]:
                for step in range(s[job + FIRST], s[job + LAST], STEP_WIDTH):
                    if p[step + STEP_UNIT]:  # a unit may be set up for a later step
                        s[DIRTY] |= s[s[p[step + STEP_UNIT] + OWNER] + BIT]


@inner
def open_replication(p: Ints, q: Floats, s: Ints, seed: int, replication: int) -> None:
    """Draw what a replication needs before it begins: failures to come, and the rest of what runs.

    In the state given, a running unit says what it has WORKED; IS_DOWN is 1 where the repair is
    still to be drawn, 2 where its end is planned.
    """
    s[BASE] = np.int64(mix(mix(np.uint64(seed) + GOLDEN) ^ (np.uint64(replication) * GOLDEN)))
    s[NUM_DOWN] = 0
    for i in range(p[NUM_UNITS]):
        unit = p[S_UNIT] + i * UNIT_WIDTH
        s[NUM_DOWN] += s[unit + IS_DOWN] > 0
        if s[unit + PHASE] == WORK:
            first, nominal = load_of(p, s, unit)
            worked = s[unit + WORKED]
            drawn = draw_work(p, q, s, s[first + NEXT], unit, nominal, worked)
            s[unit + LEFT] = drawn - worked
        if s[unit + IS_DOWN] == 1:
            s[unit + NUM_FAILS] += 1
            plan_repair(p, s, unit)
        elif s[unit + IS_DOWN] == 0:
            draw_failure(p, s, unit)
            if s[unit + PHASE] == WORK:
                work_on(p, s, unit)
    s[DIRTY] |= (1 << p[NUM_CENTERS]) - 1


# What Python calls, with arrays: p int64, q float64, s int64 (each one dimension, contiguous).


@lean
def advance(p: Ints, q: Floats, s: Ints, until: int) -> None:
    """Play on until an instant, or until nothing happens any more."""
    play(fixed(p), fixed(q), address_of(s), until)


@lean
def begin_replication(p: Ints, q: Floats, s: Ints, seed: int, replication: int) -> None:
    """Draw what a replication needs before it begins."""
    open_replication(fixed(p), fixed(q), address_of(s), seed, replication)


@lean
def stand(p: Ints, s: Ints, job: int, place: int) -> None:
    """Let a job be in a place."""
    mark(fixed(p), address_of(s), job, place)


@lean
def queue(p: Ints, s: Ints, job: int) -> None:
    """Let a job wait where it is."""
    wait(fixed(p), address_of(s), job)


@lean
def plan(p: Ints, s: Ints, at: int, kind: int, handle: int) -> None:
    """Plan an occurrence."""
    push(fixed(p), address_of(s), at, kind, handle, NONE)
