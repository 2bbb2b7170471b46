"""Read a weekly pattern such as "mon-fri 06:00-14:00" into merged seconds of the week."""

import re
from itertools import pairwise

from unikat.plant.model import Calendar
from unikat.plant.table import Table
from unikat.terms import DAY, HOUR, MINUTE, WEEK, Seconds

Span = tuple[Seconds, Seconds]

_DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_SPAN = re.compile(
    r"(mon|tue|wed|thu|fri|sat|sun)(?:-(mon|tue|wed|thu|fri|sat|sun))?"
    r" ([01]\d|2[0-4]):([0-5]\d)-([01]\d|2[0-4]):([0-5]\d)"
)
_FORM = 'write it as "mon-fri 06:00-14:00"; a finish at or before the start is on the next day'


def read_calendar(name: str, table: Table) -> Calendar:
    """Read one calendar: shifts may touch but not overlap, breaks lie inside open time."""
    shifts = _spans(table, "open")
    breaks = _spans(table, "breaks") if table.has("breaks") else ()
    table.close()
    for key, spans in (("open", shifts), ("breaks", breaks)):
        for (_, finish), (start, _) in pairwise(spans):
            if start < finish:
                table.fault(key, f"{_name(start)} lies inside another span", "let spans only touch")
    merged = merge(shifts)
    for start, finish in breaks:
        if not any(a <= start and finish <= b for a, b in merged):
            table.fault("breaks", f"the break at {_name(start)} is outside its shift", "move it")
    return Calendar(name, subtract(merged, breaks))


def merge(spans: tuple[Span, ...]) -> tuple[Span, ...]:
    """Join sorted spans that touch or overlap.

    >>> merge(((0, 5), (5, 9), (12, 15)))
    ((0, 9), (12, 15))
    """
    merged: list[Span] = []
    for start, finish in spans:
        if merged and start <= merged[-1][1]:
            merged[-1] = (merged[-1][0], max(finish, merged[-1][1]))
        else:
            merged.append((start, finish))
    return tuple(merged)


def subtract(spans: tuple[Span, ...], holes: tuple[Span, ...]) -> tuple[Span, ...]:
    """Take the holes out of sorted spans.

    >>> subtract(((0, 9), (12, 15)), ((3, 4), (12, 13)))
    ((0, 3), (4, 9), (13, 15))
    """
    for low, high in holes:
        spans = tuple(
            part
            for start, finish in spans
            for part in ((start, min(finish, low)), (max(start, high), finish))
            if part[0] < part[1]
        )
    return spans


def _spans(table: Table, key: str) -> tuple[Span, ...]:
    words = table.take_words(key, may_be_empty=key == "breaks")
    return tuple(sorted(span for word in words for span in _weekly(table, key, word)))


def _weekly(table: Table, key: str, word: str) -> list[Span]:
    match = _SPAN.fullmatch(word.strip().lower())
    if match is None:
        table.fault(key, f'"{word}" is no span of the week', _FORM)
        return []
    first, last, *clock = match.groups()
    hours = [int(part) for part in clock]
    start, finish = hours[0] * HOUR + hours[1] * MINUTE, hours[2] * HOUR + hours[3] * MINUTE
    if max(start, finish) > DAY or start == DAY:
        table.fault(key, f'"{word}" goes beyond 24:00', _FORM)
        return []
    length = finish - start if finish > start else finish + DAY - start
    day = _DAYS.index(first)
    num_days = (_DAYS.index(last or first) - day) % 7 + 1
    return [
        span for k in range(num_days) for span in _within_week((day + k) % 7 * DAY + start, length)
    ]


def _within_week(start: Seconds, length: Seconds) -> list[Span]:
    if start + length <= WEEK:
        return [(start, start + length)]
    return [(start, WEEK), (0, start + length - WEEK)]


def _name(second: Seconds) -> str:
    day, rest = divmod(second, DAY)
    return f"{_DAYS[day]} {rest // HOUR:02d}:{rest % HOUR // MINUTE:02d}"
