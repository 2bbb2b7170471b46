"""A saved choice, opened again in another version of its family; nothing is changed silently."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from math import floor
from typing import Literal, TypeAlias

from unikat.configure.choice import Choice, choose, choose_all, complete, open_choice
from unikat.configure.explain import Conflict, explain
from unikat.configure.model import Configuration
from unikat.configure.price import price
from unikat.configure.workspace import Pick, Picks
from unikat.errors import InvalidChoice, UnknownFeature, UnknownVersion
from unikat.family.features import shown_number
from unikat.family.model import Family, Feature, Value
from unikat.family.values import read_value, shown_value
from unikat.terms import Cents, FeatureName

Reason: TypeAlias = Literal["gone", "value", "rules"]


@dataclass(frozen=True, slots=True)
class Saved:
    """A choice as it is kept: its picks in sequence, what they completed to, and at what price."""

    family_id: str
    version: int
    picks: Picks
    key: str
    cents: Cents


@dataclass(frozen=True, slots=True)
class Lost:
    """A pick that another version of the family cannot take.

    gone: it has no such feature. value: the feature cannot have the value. rules: the picks kept
    before it and the rules forbid it; `conflict` is minimal in both. `allowed` are the nearest
    values, or the members of its group, that are possible beside the picks.
    """

    feature: FeatureName
    value: Value
    reason: Reason
    text: str
    allowed: tuple[str, ...] = ()
    conflict: Conflict | None = None


@dataclass(frozen=True, slots=True)
class Change:
    """A value nobody picked that differs from what was saved; None: no such feature."""

    feature: FeatureName
    before: Value | None
    after: Value | None


@dataclass(frozen=True, slots=True)
class Reopened:
    """What became of a saved choice: each pick is in `kept` or in `lost`, by its present name.

    `choice` has the kept picks. `changed` are automatic values unlike the saved completion;
    `price_difference` is what the completion costs now less what was saved.
    """

    choice: Choice
    kept: Picks
    lost: tuple[Lost, ...]
    changed: tuple[Change, ...]
    price_difference: Cents


def save_choice(choice: Choice) -> Saved:
    """Return what is kept of a choice."""
    family, configuration = choice.family, complete(choice)
    cents = price(family, configuration).total
    return Saved(family.id, family.version, choice.picks, configuration.key, cents)


def reopen(
    family: Family,
    saved: Saved,
    *,
    renamed: Sequence[Mapping[str, str]] | None = None,
    before: Family | None = None,
) -> Reopened:
    """Replay the saved picks in a version of their family; go on where one is lost.

    Parameters
    ----------
    renamed
        Old feature name -> new name, one mapping for each version after the saved one up to the
        family's, in sequence. Left out: the family's own, if it is a later version.
    before
        The version it was saved with; without it `changed` is told for the same version only.

    Raises
    ------
    UnknownVersion
        If it was saved of another family.
    """
    if saved.family_id != family.id:
        raise UnknownVersion(
            f"the choice was saved of the family {saved.family_id}, not of {family.id};"
            " open it there"
        )
    is_here = saved.version == family.version
    if renamed is None:
        renamed = (family.renamed,) if saved.version < family.version else ()
    names = _present_names(renamed)
    picks = tuple((names.get(name, name), value) for name, value in saved.picks)
    choice, lost = _replay(family, picks)
    kept = tuple(pick for at, pick in enumerate(picks) if at not in lost)
    after = complete(choice)
    old = family if before is None and is_here else before
    has_moved = old is not None and (old is not family or lost or names)
    changed = tuple(_changes(old, saved, choice, after, names)) if old and has_moved else ()
    return Reopened(
        choice=choice,
        kept=kept,
        lost=tuple(lost[at] for at in sorted(lost)),
        changed=changed,
        price_difference=price(family, after).total - saved.cents,
    )


Names: TypeAlias = Mapping[FeatureName, FeatureName]
"""The present names of those features that are called otherwise now."""


def _present_names(renamed: Sequence[Mapping[str, str]]) -> Names:
    """Follow every name through the versions, in sequence."""
    found: dict[FeatureName, FeatureName] = {}
    for first in {name for mapping in renamed for name in mapping}:
        name = first
        for mapping in renamed:
            name = mapping.get(name, name)
        if name != first:
            found[FeatureName(first)] = FeatureName(name)
    return found


def _replay(family: Family, picks: Picks) -> tuple[Choice, dict[int, Lost]]:
    """Return the choice of the picks that are possible in sequence, and the others by place."""
    lost: dict[int, Lost] = {}
    readable: dict[int, Pick] = {}
    for at, (name, value) in enumerate(picks):
        fault = _misfit(family, name, value)
        if fault is None:
            readable[at] = (name, value)
        else:
            lost[at] = fault
    choice = _at_once(family, readable.values())
    if choice is None:
        choice = open_choice(family)
        for at, (name, value) in readable.items():
            try:
                choice = _pick(choice, name, value)
            except InvalidChoice as refused:
                lost[at] = _refused(choice, name, value, str(refused))
    for at, each in lost.items():
        if each.reason == "value":
            lost[at] = _with_nearest(choice, each)
    return choice, lost


def _misfit(family: Family, name: FeatureName, value: Value) -> Lost | None:
    """Return why a feature cannot have a value whatever else is picked, None if it can."""
    if name not in family.index:
        text = f"{name} is no option of version {family.version} any more"
        return Lost(name, value, "gone", text)
    feature = family.feature(name)
    kind = "a number" if isinstance(value, Fraction) else "a text"
    fits = isinstance(value, bool) or (
        feature.is_number if isinstance(value, Fraction) else feature.kind == "String"
    )
    if not fits:
        return Lost(name, value, "value", f"{name} holds no longer {kind}")
    try:
        read_value(feature, _as_typed(value))
    except UnknownFeature as misfit:
        return Lost(name, value, "value", str(misfit))
    return None


def _as_typed(value: Value) -> bool | float | str:
    """Return a value as messages should repeat it: grid numbers are decimals."""
    if isinstance(value, Fraction):
        return int(value) if value.denominator == 1 else float(value)
    return value


def _at_once(family: Family, picks: Iterable[Pick]) -> Choice | None:
    """Return the choice of all these picks, None where they contradict the rules or each other."""
    wanted: dict[str, Value] = {}
    for name, value in picks:
        if not is_same(wanted.setdefault(name, value), value):
            return None
    try:
        return choose_all(family, wanted)
    except InvalidChoice:
        return None


def _pick(choice: Choice, name: FeatureName, value: Value) -> Choice:
    """Add a pick; two features that became one must agree.

    Raises
    ------
    InvalidChoice
        If the rules, or an earlier pick of the same feature, forbid it.
    """
    picked = dict(choice.picks)
    if name not in picked:
        return choose(choice, name, value)
    if is_same(picked[name], value):
        return choice
    message = f"{name} = {shown_value(value)} is not allowed: it is picked already"
    raise InvalidChoice(f"{message} as {shown_value(picked[name])}", picks=(name,))


def is_same(a: Value, b: Value) -> bool:
    """Whether two values are the same; true is not the number 1."""
    return type(a) is type(b) and a == b


def _refused(choice: Choice, name: FeatureName, value: Value, text: str) -> Lost:
    if name in dict(choice.picks):
        return Lost(name, value, "rules", text)
    conflict = explain(choice, name, value)
    return Lost(name, value, "rules", text, conflict.still_open, conflict)


def _with_nearest(choice: Choice, lost: Lost) -> Lost:
    """Add the nearest numbers that are possible beside the picks."""
    feature = choice.family.feature(lost.feature)
    if not isinstance(lost.value, Fraction) or not feature.is_number:
        return lost
    found: dict[str, None] = {}
    for value in near_values(feature, lost.value):
        try:
            _pick(choice, feature.name, value)
            found[shown_number(value)] = None
        except InvalidChoice:
            found.update(dict.fromkeys(explain(choice, feature.name, value).still_open))
    return Lost(lost.feature, lost.value, lost.reason, lost.text, tuple(found))


def near_values(feature: Feature, value: Fraction) -> Iterator[Fraction]:
    """Yield the grid values at or below, and at or above, a number that may lie outside."""
    low, high, step = feature.low, feature.high, feature.step
    if low is None or high is None or step is None:
        return
    below = low + floor((value - low) / step) * step
    yield from dict.fromkeys(min(max(each, low), high) for each in (below, below + step))


def _changes(
    old: Family, saved: Saved, choice: Choice, after: Configuration, names: Names
) -> Iterator[Change]:
    """Yield, in declared sequence, what nobody picked and is not as it was saved."""
    before = complete(choose_all(old, {str(name): value for name, value in saved.picks}))
    was, now = values_of(before), values_of(after)
    if names:
        was = {names.get(name, name): value for name, value in was.items()}
    picked = {names.get(name, name) for name, _ in saved.picks} | {name for name, _ in choice.picks}
    family, first = choice.family, {new: name for name, new in names.items()}
    for name in sorted(
        {name for name, _ in was.items() ^ now.items()} - picked,
        key=lambda each: (family.index.get(each, len(family.index)), each),
    ):
        then = first.get(name, name)
        was_there = then in old.index and names.get(then, then) == name
        is_there = name in family.index
        feature = family.feature(name) if is_there else old.feature(then)
        if not feature.abstract:
            yield Change(
                name,
                was.get(name, False) if was_there else None,
                now.get(name, False) if is_there else None,
            )


def values_of(configuration: Configuration) -> Mapping[FeatureName, Value]:
    """Return the value of each selected feature."""
    values: dict[FeatureName, Value] = dict.fromkeys(configuration.selected, True)
    values.update(configuration.numbers)
    values.update(configuration.texts)
    return values
