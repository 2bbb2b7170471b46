"""How wrong the clocks of sources are, estimated from when their messages arrive.

A message cannot arrive before it is sent: one from later than now tells of a clock that is fast, at
once. A slow clock looks like a slow line; it is told from one by its steadiness: over a whole span
every message comes late, and all by the same time. Ages that vary are a line, a backlog or an
import, and are left alone.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from unikat.events import Message
from unikat.terms import MINUTE, Instant, Seconds

FAST: Seconds = 10
"""A clock that is less fast does no harm: steps are longer."""
SLOW: Seconds = MINUTE
"""Messages may be late by so much, and may vary by so much, on a good line."""
SPAN: Seconds = 10 * MINUTE
NUM = 20
"""A slow clock is judged by no fewer messages, over no shorter span."""


@dataclass(frozen=True, slots=True)
class SourceClock:
    """A source's clock: it is `offset` seconds fast (negative: slow).

    In the span since `since`, `num` messages were between `least` and `most` late, corrected by
    the offset; `lag` is by how much the last whole span says it is slow (0: it is not).
    """

    offset: Seconds = 0
    since: Instant = 0
    num: int = 0
    least: Seconds = 0
    most: Seconds = 0
    lag: Seconds = 0


FLOOR = "floor/"
"""How the streams of floor messages begin; the source follows."""
RIGHT = SourceClock()
"""A clock nothing is known of."""


def hear(clock: SourceClock, at: Instant, recorded_at: Instant) -> SourceClock:
    """Return a clock after one more message; `at` is corrected by its offset."""
    late = recorded_at - at
    if clock.num >= NUM and recorded_at - clock.since >= SPAN:
        is_slow = clock.least > SLOW and clock.most - clock.least <= SLOW
        lag = clock.least if is_slow else 0
        return SourceClock(clock.offset, recorded_at, 1, late, late, lag)
    if not clock.num:
        return SourceClock(clock.offset, recorded_at, 1, late, late, clock.lag)
    least, most = min(clock.least, late), max(clock.most, late)
    return SourceClock(clock.offset, clock.since, clock.num + 1, least, most, clock.lag)


def judge_clocks(
    clocks: Mapping[str, SourceClock], messages: Iterable[Message], now: Instant
) -> Mapping[str, Seconds]:
    """Return the new offsets of the clocks that are not as wrong as was thought.

    Examples
    --------
    >>> message = Message("press", 1, 1, 1_090, {})
    >>> judge_clocks({}, [message], 1_000)
    {'press': 90}
    >>> judge_clocks({"press": SourceClock(offset=90)}, [message], 1_000)
    {}
    """
    newest: dict[str, Instant] = {}
    for message in messages:
        newest[message.source] = max(message.at, newest.get(message.source, message.at))
    found: dict[str, Seconds] = {}
    for source, at in newest.items():
        clock = clocks.get(source, RIGHT)
        ahead = at - clock.offset - now
        if ahead > FAST:
            found[source] = clock.offset + ahead
        elif clock.lag:
            found[source] = clock.offset - clock.lag
    return found
