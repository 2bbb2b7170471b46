"""When a unit works on a capability: the weeks of its calendars, minus stops, without end."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from unikat.plant.model import Plant
from unikat.terms import WEEK, Capability, Instant, Seconds, UnitId

Span = tuple[Instant, Instant]
OPEN_END: Instant = 1 << 60
"""The close of a window that never closes."""


@dataclass(frozen=True, slots=True)
class Windows:
    """Half-open windows, sorted and merged; the last `tail` of them repeat every week.

    `longest` is the length of the longest window of a week without stops.
    """

    spans: tuple[Span, ...]
    tail: int
    longest: Seconds


def weekly(plant: Plant, unit: UnitId, capability: Capability) -> tuple[Span, ...]:
    """Return the week's windows in which a unit and all resources of a capability are at work."""
    spans = plant.calendars[plant.center_of(unit).calendar].open
    for resource in plant.needs_of(capability):
        spans = _common(spans, plant.calendars[plant.resources[resource].calendar].open)
    return spans


def longest(week: Sequence[Span]) -> Seconds:
    """Return the longest window of a repeating week."""
    if _is_always(week):
        return OPEN_END
    return max((close - opens for opens, close in _joined(week)), default=0)


def expand(week: Sequence[Span], stops: Iterable[Span], now: Instant) -> Windows:
    """Return the windows of a repeating week from now on, without the stops."""
    stops = sorted(stop for stop in stops if stop[1] > now)
    if _is_always(week):
        return Windows(_without(((now - now % WEEK, OPEN_END),), stops, now), 0, OPEN_END)
    joined = _joined(week)
    last = max([now, *(finish for _, finish in stops)]) // WEEK + 2
    spans = [
        (turn * WEEK + opens, turn * WEEK + close)
        for turn in range(now // WEEK - 1, last)
        for opens, close in joined
    ]
    return Windows(_without(spans, stops, now), len(joined), longest(week))


def _is_always(week: Sequence[Span]) -> bool:
    return tuple(week) == ((0, WEEK),)


def _joined(week: Sequence[Span]) -> tuple[Span, ...]:
    """Join a window that ends the week with the one that begins it."""
    if len(week) > 1 and week[0][0] == 0 and week[-1][1] == WEEK:
        return (*week[1:-1], (week[-1][0], WEEK + week[0][1]))
    return tuple(week)


def _common(a: Sequence[Span], b: Sequence[Span]) -> tuple[Span, ...]:
    """Return where both are open."""
    both = ((max(x[0], y[0]), min(x[1], y[1])) for x in a for y in b)
    return tuple(sorted(span for span in both if span[0] < span[1]))


def _without(spans: Iterable[Span], stops: Iterable[Span], now: Instant) -> tuple[Span, ...]:
    """Return the spans that are left after now when the stops are taken out."""
    left = [span for span in spans if span[1] > now]
    for begin, end in stops:
        left = [
            piece
            for opens, close in left
            for piece in ((opens, min(close, begin)), (max(opens, end), close))
            if piece[0] < piece[1]
        ]
    return tuple(left)
