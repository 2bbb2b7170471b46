"""Say why a promise is as late as it is: the binding chain in links that sum to the date."""

from collections.abc import Iterator, Sequence
from itertools import groupby

from unikat.promise.model import Reason
from unikat.promise.search import Placed
from unikat.terms import Instant, Seconds


def explain(placed: Sequence[Placed], slack: Seconds) -> tuple[Reason, ...]:
    """Return the reasons of the binding chain, which sum to finish - now + slack.

    Kinds: material, travel, gather (a build waits for others), build (joined one that starts
    later), held (a counted resource), booked (the unit), setup, work, calendar (closed), slack.
    """
    last = max(placed, key=lambda step: step.finish, default=None)
    chain: list[Placed] = []
    while last:
        chain.append(last)
        last = None if last.item else last.before
    links = [link for step in reversed(chain) for link in _links(step)]
    links += _link("slack", "", slack)
    return tuple(
        Reason(kind, resource, sum(link.seconds for link in alike))
        for (kind, resource), alike in groupby(links, key=lambda link: (link.kind, link.resource))
    )


def _links(placed: Placed) -> Iterator[Reason]:
    """Split the time from the step before (or now) to this step's finish."""
    now = placed.capacity.now
    unit = placed.mode[0].unit
    spot, build, _ = placed.found
    if placed.item:
        yield Reason("material", placed.item, placed.ready - now)
    elif placed.before and placed.travel:
        yield Reason("travel", f"{placed.before.mode[0].unit}-{unit}", placed.travel)
    if build:
        yield from _link("build", build, spot.start - placed.ready)
    else:
        yield from _waiting(placed)
    duration = placed.mode[0].duration(placed.work)
    yield from _link("work", unit, duration)
    rest = spot.finish - spot.start - duration
    yield from _link("build" if build else "calendar", build or unit, rest)


def _waiting(placed: Placed) -> Iterator[Reason]:
    """Split the wait before the start: others, the unit booked, closed time, setup."""
    unit = placed.mode[0].unit
    spot, _, waits = placed.found
    marks = [(wait.kind, wait.resource, wait.until) for wait in waits]
    marks += [("booked", unit, spot.free), ("calendar", unit, spot.setup_start)]
    marks += [("setup", unit, spot.start)]
    cursor = placed.ready
    for kind, resource, until in marks:
        upto = min(max(until, cursor), spot.start)
        yield from _open_and_closed(placed, kind, resource, cursor, upto)
        cursor = upto


def _open_and_closed(
    placed: Placed, kind: str, resource: str, start: Instant, finish: Instant
) -> Iterator[Reason]:
    if kind == "calendar":
        yield from _link(kind, resource, finish - start)
        return
    lane, resources = placed.mode
    is_open = lane.hours_of(resources).between(start, finish)
    yield from _link(kind, resource, is_open)
    yield from _link("calendar", lane.unit, finish - start - is_open)


def _link(kind: str, resource: str, seconds: Seconds) -> Iterator[Reason]:
    if seconds:
        yield Reason(kind, resource, seconds)
