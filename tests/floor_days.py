"""A day of the example site's floor as its messages, and sites that hear of it in other ways."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cache
from random import Random

from sites import MONDAY_6, open_example, quote_for
from unikat.edge.main import OpenSite
from unikat.events import Message, NewEvent, OrderPlaced, OrderReleased
from unikat.floor.model import World
from unikat.floor.virtual import open_floor
from unikat.flow import accept, record
from unikat.rehearse import VirtualClock
from unikat.shop import operate
from unikat.site import Site
from unikat.terms import DAY, CustomerId
from unikat.twin.state import hash_state

TURN_S = 900


@dataclass(frozen=True)
class FloorDay:
    """What the book said first, what the floor said in its sequence, and when all was over."""

    book: tuple[NewEvent, ...]
    messages: tuple[Message, ...]
    end: int


@cache
def floor_day(orders: int = 4) -> FloorDay:
    clock = VirtualClock(MONDAY_6)
    site = open_example(clock=clock).site
    for person in range(orders):
        accept(site, quote_for(site, person, Foam=True).id, CustomerId(f"person {person}"))
    floor = open_floor(site.plant, World(), seed=1, start=MONDAY_6)
    heard: list[Message] = []
    while site.state().orders:
        clock.instant += TURN_S
        messages = floor.advance(clock.instant)
        heard += messages
        record(site, messages)
        for command in operate(site):
            floor.obey(command)
    book = tuple(
        NewEvent(r.id, r.stream, r.event)
        for r in site.log.read()
        if isinstance(r.event, OrderPlaced | OrderReleased)
    )
    return FloorDay(book, tuple(heard), clock.instant)


def open_morning(day: FloorDay, **options: object) -> OpenSite:
    """Open a fresh site that knows the day's orders, at the day's end."""
    opened = open_example(clock=VirtualClock(day.end + DAY), **options)
    opened.site.live.append(day.book)
    return opened


def fuzzed(messages: Sequence[Message], seed: int) -> list[Message]:
    """Return messages in disorder: 10 % swapped within 5 s, 5 % doubled, 1 % a minute late."""
    draw = Random(seed)
    arrivals: list[tuple[float, int, Message]] = []
    for k, message in enumerate(messages):
        at = float(message.at)
        at += draw.uniform(0, 5) if draw.random() < 0.10 else 0.0
        at += 60.0 if draw.random() < 0.01 else 0.0
        arrivals.append((at, k, message))
        if draw.random() < 0.05:
            arrivals.append((at + draw.uniform(0, 5), k, message))
    return [message for _, _, message in sorted(arrivals, key=lambda each: each[:2])]


def digest(site: Site) -> tuple[object, ...]:
    """Return what must be equal: the floor's hash, every order's state and end, the scores."""
    state = site.state()
    ended = tuple(sorted((o.id, o.state, o.ended_at) for o in state.ended.values()))
    return hash_state(state.floor), tuple(state.orders), ended, len(state.bookings)


def renumbered(messages: Sequence[Message]) -> tuple[Message, ...]:
    """Return messages numbered from 1 without holes, as a source of its own would."""
    return tuple(replace(m, seq=k) for k, m in enumerate(messages, start=1))
