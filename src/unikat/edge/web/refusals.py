"""Refusals in the shopper's words: titles of features, values with units, reasons of rules."""

from collections.abc import Mapping
from fractions import Fraction

from unikat.configure import Choice, Conflict, choose, choose_all, explain, open_choice
from unikat.errors import InvalidChoice
from unikat.events import Pick
from unikat.family.model import Family, Value
from unikat.family.values import read_value, shown_value


def choose_picks(family: Family, picks: Mapping[str, Pick | Fraction]) -> Choice:
    """Pick values as `choose_all` does, but refuse in the shopper's words.

    Raises
    ------
    UnknownFeature, InvalidChoice
        As `choose_all` says.
    """
    try:
        return choose_all(family, picks)
    except InvalidChoice as first:
        choice = open_choice(family)
        for name, value in picks.items():
            try:
                choice = choose(choice, name, value)
            except InvalidChoice as error:
                text = tell_conflict(choice, explain(choice, name, value))
                raise InvalidChoice(text, picks=error.picks, rules=error.rules) from None
        raise first from None


def tell_conflict(choice: Choice, conflict: Conflict) -> str:
    """Say why a value is refused, and what is possible instead."""
    family, picks = choice.family, dict(choice.picks)
    with_others = " and ".join(tell_value(family, name, picks[name]) for name in conflict.picks)
    because = _because(family, conflict)
    instead = " or ".join(_instead(family, conflict, each) for each in conflict.still_open)
    is_option = isinstance(conflict.value, bool)
    possible = "possible" if is_option and conflict.value else "allowed"
    text = "".join(
        (
            f"{tell_value(family, conflict.feature, conflict.value)} is not {possible}",
            f" with {with_others}" if with_others else "",
            f" ({because})" if because else "",
            f"; possible: {instead}" if instead else "",
        )
    )
    return f"{text[:1].upper()}{text[1:]}."


def tell_reason(choice: Choice, conflict: Conflict) -> str:
    """Say beside an option what forbids it (its value true) or forces it (false)."""
    family, picks = choice.family, dict(choice.picks)
    others = " and ".join(tell_value(family, name, picks[name]) for name in conflict.picks)
    because = _because(family, conflict)
    if conflict.value is False:
        start = f"Needed with {others}" if others else "Always part of it"
    else:
        start = f"Not with {others}" if others else "Never possible"
    return f"{start} ({because})." if because else f"{start}."


def _because(family: Family, conflict: Conflict) -> str:
    reasons = {rule.id: f"{rule.id}: {rule.text}" for rule in family.rules if rule.text}
    named = [reasons.get(each, each) for each in conflict.rules]
    return "; ".join(named) or "; ".join(_relation(family, each) for each in conflict.relations)


def _relation(family: Family, text: str) -> str:
    """Return a group, or what belongs to what, in words with titles for names."""
    for verb in (" belongs to ", " always has "):
        first, found, last = text.partition(verb)
        if found:
            return _title(family, first) + verb + _title(family, last)
    kind, of, names = text.partition(" of ")
    return kind + of + ", ".join(_title(family, each) for each in names.split(", "))


def _instead(family: Family, conflict: Conflict, text: str) -> str:
    unit = family.feature(conflict.feature).unit
    return f"{text} {unit}" if unit and text not in family.index else _title(family, text)


def _title(family: Family, name: str) -> str:
    known = name if name in family.index else f'"{name}"'
    return family.feature(known).title if known in family.index else name


def tell_value(family: Family, name: str, value: Pick | Value) -> str:
    """Return a pick in words: Leather, without Leather, Width 400 mm, Engraving 'ANNA'."""
    feature = family.feature(name)
    read = read_value(feature, value)
    if isinstance(read, bool):
        return feature.title if read else f"no {feature.title}"
    if isinstance(read, str):
        return f"{feature.title} '{read}'"
    return f"{feature.title} {shown_value(read)} {feature.unit or ''}".rstrip()
