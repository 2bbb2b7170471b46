"""Simulated shoppers: real measures.

Random valid wishes, arrivals that swing with the day and surge in a campaign.

They know the family only as a shopper does: they pick options from top to bottom and give up a pick
that is refused. An option's attribute `popularity` is its share among its siblings (an optional
feature: its chance).
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from math import log
from random import Random
from types import MappingProxyType

from unikat.configure.choice import choose, open_choice
from unikat.configure.variant import measured_picks
from unikat.errors import InvalidChoice, InvalidMeasurements
from unikat.events import Pick
from unikat.family.model import Family, Feature
from unikat.terms import DAY, HOUR, FeatureName, Instant

HOURLY = (1, 1, 0, 0, 0, 1, 2, 4, 6, 8, 8, 8, 9, 8, 7, 7, 7, 8, 9, 11, 12, 10, 6, 3)
"""Relative arrivals by hour of the day: web shops peak in the evening."""
OPTION_CHANCE = 0.3
NUMBER_CHANCE = 0.5
LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"


@dataclass(frozen=True, slots=True)
class Shopper:
    """One visit: who, when, with what measures and wishes.

    Whether an order follows the quote.
    """

    name: str
    at: Instant
    picks: Mapping[str, Pick]
    measurements: Mapping[str, float]
    buys: bool


@dataclass(frozen=True, slots=True)
class Traffic:
    """Arrivals: orders a day on average.

    A campaign of `surge_days` from `surge_day` on, `surge_factor` as many.

    `looks_per_order` visits end without an order for each one that does not.
    """

    orders_per_day: float
    surge_day: int = 7
    surge_days: int = 3
    surge_factor: float = 1.6
    looks_per_order: float = 0.2


def draw_shoppers(
    family: Family,
    persons: Sequence[Mapping[str, float]],
    traffic: Traffic,
    *,
    num_orders: int,
    seed: int,
    start: Instant,
) -> Iterator[Shopper]:
    """Yield shoppers in sequence of arrival until `num_orders` of them buy.

    Each is drawn from its own key (seed, index), so a longer day begins with the same visits.
    Persons whom the family cannot fit are passed over.
    """
    at, num_bought, index = float(start), 0, 0
    while num_bought < num_orders:
        rng = Random(f"shopper:{seed}:{index}")
        at = _next_arrival(at, start, traffic, rng)
        buys = rng.random() < 1 / (1 + traffic.looks_per_order)
        person = persons[rng.randrange(len(persons))]
        index += 1
        try:
            picks = draw_picks(family, person, rng)
        except InvalidMeasurements:
            continue
        num_bought += buys
        yield Shopper(f"shopper-{index}", int(at), picks, person, buys)


def draw_arrivals(traffic: Traffic, *, num: int, seed: int, start: Instant) -> list[Instant]:
    """Draw when so many visits come."""
    rng, at = Random(f"arrivals:{seed}"), float(start)
    found = []
    for _ in range(num):
        at = _next_arrival(at, start, traffic, rng)
        found.append(int(at))
    return found


def draw_picks(family: Family, person: Mapping[str, float], rng: Random) -> Mapping[str, Pick]:
    """Draw valid picks: the measured features first, then wishes from top to bottom.

    Raises
    ------
    InvalidMeasurements
        If the family cannot fit this person.
    """
    choice = open_choice(family)
    picks: dict[str, Pick] = {}
    measured = measured_picks(family, person)
    wishes = (wish for wish in _wishes(family, rng) if wish[0] not in measured)
    for feature, value in (*measured.items(), *wishes):
        try:
            choice = choose(choice, FeatureName(feature), value)
        except InvalidChoice:
            continue
        picks[feature] = float(value) if isinstance(value, Fraction) else value
    return MappingProxyType(picks)


def _wishes(family: Family, rng: Random) -> Iterator[tuple[str, Pick]]:
    """Walk the feature tree as a shopper reads a page, and yield what she wishes."""
    waiting = [family.features[0]]
    while waiting:
        feature = waiting.pop()
        yield from _own_wish(feature, rng)
        children = [_feature(family, name) for name in feature.children]
        seen: set[tuple[FeatureName, ...]] = set()
        for child in children:
            if child.siblings not in seen or child.group in ("mandatory", "optional"):
                seen.add(child.siblings)
                waiting.extend(_wanted(child, family, rng))


def _wanted(child: Feature, family: Family, rng: Random) -> list[Feature]:
    """Return which members of a child's group a shopper wants."""
    if child.group == "mandatory":
        return [child]
    if child.group == "optional":
        return [child] if rng.random() < _popularity(child, OPTION_CHANCE) else []
    members = [_feature(family, name) for name in child.siblings]
    return rng.choices(members, weights=[_popularity(member, 1.0) for member in members])


def _feature(family: Family, name: FeatureName) -> Feature:
    return family.features[family.index[name]]


def _popularity(feature: Feature, default: float) -> float:
    share = feature.attributes.get("popularity", default)
    return float(share) if not isinstance(share, (str, tuple, Mapping)) else default


def _own_wish(feature: Feature, rng: Random) -> Iterator[tuple[str, Pick]]:
    """Yield the pick a wanted feature asks for: a tick, a number on its grid, or a text."""
    if feature.low is not None and feature.high is not None and feature.step is not None:
        if rng.random() < NUMBER_CHANCE:
            num_steps = int((feature.high - feature.low) / feature.step)
            value = feature.low + feature.step * rng.randrange(num_steps + 1)
            yield feature.name, int(value) if feature.kind == "Integer" else float(value)
    elif feature.kind == "String":
        yield feature.name, "".join(rng.choices(LETTERS, k=min(5, feature.max_length or 5)))
    elif feature.group not in ("root", "mandatory") and not feature.abstract:
        yield feature.name, True


def _next_arrival(at: float, start: Instant, traffic: Traffic, rng: Random) -> float:
    """Draw the next arrival of a Poisson process with a daily profile and a surge (by thinning)."""
    visits_per_day = traffic.orders_per_day * (1 + traffic.looks_per_order)
    peak = max(HOURLY) / (sum(HOURLY) / len(HOURLY)) * max(1.0, traffic.surge_factor)
    while True:
        at += -log(1.0 - rng.random()) * DAY / (visits_per_day * peak)
        level = HOURLY[int(at % DAY) // HOUR] / (sum(HOURLY) / len(HOURLY))
        day = int(at - start) // DAY - traffic.surge_day
        surge = traffic.surge_factor if 0 <= day < traffic.surge_days else 1.0
        if rng.random() < level * surge / peak:
            return at
