"""The rest of a choice by a goal: the cheapest, the fastest to deliver, or the nearest repair."""

from collections.abc import Mapping
from fractions import Fraction
from typing import Literal, TypeAlias

import msgspec

from unikat.configure import Choice, complete, price
from unikat.configure.model import Configuration
from unikat.configure.optimise import Wish, cheapest, nearest
from unikat.configure.settle import has, picks_to
from unikat.edge.web.call import Web
from unikat.edge.web.choosing import PriceReply, read_picks, reply_price, without_empty
from unikat.edge.web.refusals import choose_picks
from unikat.errors import InvalidMeasurements
from unikat.events import Pick
from unikat.family.model import Family, Feature, Value
from unikat.family.values import read_value, shown_value
from unikat.offers import fastest, plain_pick
from unikat.terms import Cents, FeatureName

Goal: TypeAlias = Literal["cheapest", "fastest", "nearest"]
SECONDS = 2.0


class CompletionWish(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Picks, the goal, and for a repair the pick that should be kept before all others."""

    picks: dict[str, Pick]
    goal: Goal
    measurements: dict[str, float] | None = None
    newest: str | None = None


class WishChange(msgspec.Struct, frozen=True):
    """A pick that a repair gives up; `now` is the value instead (of another number, or of none)."""

    feature: str
    title: str
    was: Pick
    now: Pick
    text: str


class CompletionReply(msgspec.Struct, frozen=True):
    """A completion: `picks` are what it takes to come to it, measured values left out.

    `is_optimal`: nothing better exists. `saved_cents`, `bound_cents` (cheapest): against the usual
    completion; no completion is cheaper. `due`, `earliest` (fastest): the date that can be promised
    now, and before which none could be.
    """

    goal: Goal
    picks: Mapping[str, Pick]
    configuration_key: str
    price: PriceReply
    is_optimal: bool
    text: str
    changes: tuple[WishChange, ...] = ()
    saved_cents: Cents | None = None
    bound_cents: Cents | None = None
    due: str | None = None
    earliest: str | None = None


def complete_by(web: Web, wish: CompletionWish) -> CompletionReply:
    """Complete picks by a goal.

    Raises
    ------
    UnknownFeature, InvalidChoice, InvalidMeasurements, Unprintable, NoCapacity
        As the rooms say.
    """
    return {"cheapest": _cheapest, "fastest": _fastest, "nearest": _nearest}[wish.goal](web, wish)


def _choice(web: Web, wish: CompletionWish) -> Choice:
    """Return the picks; numbers that measures fill stay as they are shown."""
    family = web.site.family
    choice = choose_picks(family, read_picks(family, wish.picks, wish.measurements))
    if wish.measurements is not None:
        return choice
    shown = dict(complete(choice).numbers)
    measured = {
        str(each.feature): shown[each.feature] for each in family.measured if each.feature in shown
    }
    return choose_picks(family, {**measured, **{str(name): value for name, value in choice.picks}})


def _cheapest(web: Web, wish: CompletionWish) -> CompletionReply:
    choice = _choice(web, wish)
    best = cheapest(choice, seconds=SECONDS)
    saved = price(web.site.family, complete(choice)).total - int(best.objective)
    text = f"Cheaper by {saved / 100:.2f} {web.site.policy.currency}"
    return msgspec.structs.replace(
        _reply(web, wish, choice, best.configuration),
        is_optimal=best.is_optimal,
        saved_cents=saved,
        bound_cents=int(best.bound),
        text=text if saved else "Nothing is cheaper with what you chose",
    )


def _fastest(web: Web, wish: CompletionWish) -> CompletionReply:
    if wish.measurements is None:
        raise InvalidMeasurements("the fastest to deliver needs all measures; send measurements")
    choice = _choice(web, wish)
    found = fastest(web.site, choice, wish.measurements)
    return msgspec.structs.replace(
        _reply(web, wish, choice, found.configuration),
        is_optimal=found.promise.due == found.bound,
        due=web.iso(found.promise.due),
        earliest=web.iso(found.bound),
        text=f"The earliest of {found.num_tried} ways to make it",
    )


def _nearest(web: Web, wish: CompletionWish) -> CompletionReply:
    family = web.site.family
    fixed = choose_picks(family, read_picks(family, {}, wish.measurements))
    measured = (
        {each.feature for each in family.measured} if wish.measurements is not None else set()
    )
    wanted = {
        name: _on_grid(family.features[family.index[name]], value)
        if name in family.index
        else value
        for name, value in without_empty(family, wish.picks).items()
        if name not in measured
    }
    first = len(wanted) + 1
    wishes = [
        Wish(name, value, first if name == wish.newest else 1) for name, value in wanted.items()
    ]
    best = nearest(family, wishes, under=fixed, seconds=SECONDS)
    read = {FeatureName(name): read_value(family.feature(name), wanted[name]) for name in wanted}
    changes = tuple(
        _change(family, best.configuration, name, value)
        for name, value in read.items()
        if not has(best.configuration, name, value)
    )
    kept = {name: value for name, value in read.items() if has(best.configuration, name, value)}
    kept.update(_moved(best.configuration, read))
    choice = choose_picks(
        family, {**{str(n): v for n, v in fixed.picks}, **{str(n): v for n, v in kept.items()}}
    )
    return msgspec.structs.replace(
        _reply(web, wish, choice, complete(choice)),
        is_optimal=best.is_optimal,
        changes=changes,
        text=" and ".join(each.text for each in changes) or "Nothing has to change",
    )


def _moved(
    configuration: Configuration, wanted: Mapping[FeatureName, Value]
) -> Mapping[FeatureName, Value]:
    """Return the numbers that had to move."""
    return {
        name: value
        for name, value in configuration.numbers
        if isinstance(wanted.get(name), Fraction)
    }


def _on_grid(feature: Feature, value: Pick) -> Pick | Fraction:
    """Return the grid value nearest to a number."""
    low, high, step = feature.low, feature.high, feature.step
    if isinstance(value, bool | str) or low is None or high is None or step is None:
        return value
    place = round((min(max(Fraction(value), low), high) - low) / step)
    return min(low + place * step, high)


def _change(
    family: Family, configuration: Configuration, name: FeatureName, value: Value
) -> WishChange:
    feature = family.feature(name)
    number = dict(configuration.numbers).get(name)
    if number is not None and not isinstance(value, bool):
        now = plain_pick(number)
        text = f"set {feature.title} to {shown_value(number)} {feature.unit or ''}".rstrip()
    else:
        now = name in configuration.selected
        text = f"{'take' if value is False else 'let go of'} {feature.title}"
    return WishChange(name, feature.title, plain_pick(value), now, text)


def _reply(
    web: Web, wish: CompletionWish, choice: Choice, configuration: Configuration
) -> CompletionReply:
    family = web.site.family
    measured = {each.feature for each in family.measured}
    picks = {
        str(name): plain_pick(value)
        for name, value in picks_to(choice, configuration)
        if name not in measured
    }
    total = price(family, configuration)
    return CompletionReply(
        goal=wish.goal,
        picks=picks,
        configuration_key=configuration.key,
        price=reply_price(total, web.site.policy.currency),
        is_optimal=False,
        text="",
    )
