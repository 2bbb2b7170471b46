"""Where saved picks were lost: the valid configuration that is nearest to all of them."""

from dataclasses import dataclass
from fractions import Fraction

from unikat.configure.choice import Choice, choose_all
from unikat.configure.optimise import SECONDS, Wish, nearest
from unikat.configure.saved import Lost, Reopened, is_same, near_values, values_of
from unikat.configure.workspace import Pick, Picks
from unikat.family.model import Family, Value


@dataclass(frozen=True, slots=True)
class Repair:
    """The valid configuration nearest to all saved picks; `choice` has those that it meets.

    A number is met by the value nearest to it. `is_optimal`: proven that none is nearer.
    """

    choice: Choice
    dropped: Picks
    is_optimal: bool


def repair(reopened: Reopened, *, seconds: float = SECONDS) -> Repair | None:
    """Find the nearest configuration to all picks; None where what was kept is the nearest."""
    family = reopened.choice.family
    lost = [wish for each in reopened.lost if (wish := _wish(family, each))]
    return _nearest(family, (*reopened.kept, *lost), seconds) if lost else None


def _wish(family: Family, lost: Lost) -> Pick | None:
    """Return what is nearest to a lost pick, None where the feature or its kind is gone."""
    if lost.reason == "rules":
        return lost.feature, lost.value
    if lost.reason == "value" and isinstance(lost.value, Fraction):
        wanted = lost.value
        values = near_values(family.feature(lost.feature), wanted)
        near = min(values, key=lambda each: abs(each - wanted), default=None)
        return None if near is None else (lost.feature, near)
    return None


def _nearest(family: Family, picks: Picks, seconds: float) -> Repair:
    best = nearest(family, [Wish(name, value) for name, value in picks], seconds=seconds)
    values = values_of(best.configuration)
    met: dict[str, Value] = {}
    dropped: list[Pick] = []
    for name, value in picks:
        found = values.get(name, False)
        if _is_met(found, value):
            met[name] = value if isinstance(value, bool) else found
        else:
            dropped.append((name, value))
    return Repair(choose_all(family, met), tuple(dropped), best.is_optimal)


def _is_met(found: Value, value: Value) -> bool:
    if isinstance(value, bool):
        return (found is not False) == value
    return isinstance(found, Fraction) if isinstance(value, Fraction) else is_same(found, value)
