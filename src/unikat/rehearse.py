"""Rehearse a site: the same use cases as the real day, on a virtual clock and the virtual floor.

`demo --once`, the benchmarks of kept promises and the study are this one function: what is
rehearsed is what runs.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from unikat.configure.choice import choose_all, complete
from unikat.demand.shoppers import Shopper
from unikat.errors import CapacityTaken, NoCapacity
from unikat.floor.model import World
from unikat.floor.virtual import VirtualFloor, open_floor
from unikat.flow import accept, quote, record, settle
from unikat.order.model import Quote
from unikat.ports import EventLog
from unikat.shop import operate
from unikat.site import Site
from unikat.terms import CustomerId, Instant, Seconds


@dataclass(slots=True)
class VirtualClock:
    """A clock that stands still until it is set."""

    instant: Instant = 0

    def now(self) -> Instant:
        """Return the instant it was set to."""
        return self.instant


@dataclass(frozen=True, slots=True)
class Scenario:
    """Who comes when, and how often the shop turns.

    `shoppers` are sorted by `at`; the rehearsal ends when the last order is delivered, at `until`
    at the latest.
    """

    shoppers: tuple[Shopper, ...]
    seed: int
    until: Instant
    turn_s: Seconds = 900


@dataclass(frozen=True, slots=True)
class Rehearsal:
    """What was rehearsed: the log, every quote in sequence, and the floor at the end."""

    log: EventLog
    quotes: tuple[Quote, ...]
    num_refused: int
    floor: VirtualFloor


def rehearse(
    site: Site,
    scenario: Scenario,
    world: World,
    clock: VirtualClock,
    *,
    progress: Callable[[int, int], None] | None = None,
) -> Rehearsal:
    """Run every shopper of a scenario, and the shop until the last order is delivered.

    Parameters
    ----------
    site
        A fresh site whose clock is `clock`.
    world
        The truth behind the virtual floor: durations, breakdowns, faults of its messages.
    progress
        Called with (orders delivered, shoppers) once a turn; it may raise to cancel.
    """
    floor = open_floor(site.plant, world, seed=scenario.seed, start=clock.now())
    quotes: list[Quote] = []
    num_refused = 0
    coming = list(reversed(scenario.shoppers))
    while clock.now() < scenario.until and (coming or site.state().orders):
        turn = clock.now() + scenario.turn_s
        while coming and coming[-1].at <= turn:
            shopper = coming.pop()
            clock.instant = max(clock.instant, shopper.at)
            offer = visit(site, shopper)
            quotes.extend(offer)
            num_refused += not offer
        clock.instant = turn
        turn_shop(site, floor)
        if progress is not None:
            progress(len(site.state().ended), len(scenario.shoppers))
    settle(site)
    return Rehearsal(site.log, tuple(quotes), num_refused, floor)


def visit(site: Site, shopper: Shopper) -> Sequence[Quote]:
    """Let a shopper ask for a quote and accept it if she buys; empty if none could be given."""
    configuration = complete(choose_all(site.family, shopper.picks))
    try:
        offer = quote(site, configuration, shopper.measurements, picks=shopper.picks)
        if shopper.buys:
            accept(site, offer.id, CustomerId(shopper.name))
    except (NoCapacity, CapacityTaken):
        return ()
    return (offer,)


def turn_shop(site: Site, floor: VirtualFloor) -> None:
    """Bring the floor to the clock, record what it says, turn the shop, tell the floor."""
    messages = floor.advance(site.clock.now())
    if messages:
        record(site, messages)
    for command in operate(site):
        floor.obey(command)
