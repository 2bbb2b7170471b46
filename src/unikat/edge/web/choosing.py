"""What the picks leave possible, as pages and programs are told it."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from fractions import Fraction

import msgspec

from unikat.configure import (
    Choice,
    choose,
    choose_all,
    complete,
    explain,
    measured_picks,
    open_choice,
    price,
)
from unikat.configure.model import Configuration, Price
from unikat.edge.web.form import Form, Option, below
from unikat.edge.web.refusals import choose_picks, tell_reason
from unikat.errors import InvalidChoice
from unikat.events import Pick
from unikat.family.model import Family
from unikat.terms import Cents, FeatureName


class PriceLineReply(msgspec.Struct, frozen=True):
    """One line of a price."""

    text: str
    cents: Cents


class PriceReply(msgspec.Struct, frozen=True):
    """An itemised price."""

    total_cents: Cents
    currency: str
    lines: tuple[PriceLineReply, ...]


class OptionReply(msgspec.Struct, frozen=True):
    """What can become of one option, its own pick and those it would replace left aside.

    `is_on`: selected in the completed configuration. `why` says what forces or forbids it,
    `why_picks` which picks stand in its way. `difference_cents`: what the total changes by if it is
    picked.
    """

    status: str
    is_on: bool
    is_picked: bool
    why: str = ""
    why_picks: tuple[str, ...] = ()
    difference_cents: Cents | None = None


class NumberReply(msgspec.Struct, frozen=True):
    """The exact range of a number (None: it cannot be selected), and its value in the completed
    configuration.
    """

    low: float | None
    high: float | None
    value: float | None
    is_picked: bool


class ChoiceReply(msgspec.Struct, frozen=True):
    """What the picks leave possible, and the configuration and price they complete to."""

    configuration_key: str
    options: Mapping[str, OptionReply]
    numbers: Mapping[str, NumberReply]
    texts: Mapping[str, str]
    price: PriceReply


def read_picks(
    family: Family, picks: Mapping[str, Pick], measurements: Mapping[str, float] | None
) -> Mapping[str, Pick | Fraction]:
    """Return the picks with those that follow from the measures in front, so that later ones are
    refused.

    Raises
    ------
    InvalidMeasurements
        A measure is missing or out of range.
    """
    filled = without_empty(family, picks)
    if measurements is None:
        return filled
    measured = measured_picks(family, measurements)
    others = {name: value for name, value in filled.items() if name not in measured}
    return {**{str(name): value for name, value in measured.items()}, **others}


def without_empty(family: Family, picks: Mapping[str, Pick]) -> Mapping[str, Pick]:
    """Leave out texts without a letter: what says nothing is not made and not priced."""
    texts = {each.name for each in family.features if each.kind == "String"}
    return {
        name: value
        for name, value in picks.items()
        if not (name in texts and isinstance(value, str) and not value.strip())
    }


def reply_choice(
    family: Family, form: Form, picks: Mapping[str, Pick | Fraction], currency: str
) -> ChoiceReply:
    """Return what the picks leave possible.

    Raises
    ------
    UnknownFeature, InvalidChoice
        As `configure` says.
    """
    choice = choose_picks(family, picks)
    configuration = complete(choice)
    total = price(family, configuration)
    desk = _Desk(form, choice, configuration, total)
    return ChoiceReply(
        configuration_key=configuration.key,
        options={
            option.name: desk.option(option)
            for option in form.options.values()
            if option.widget in ("radio", "check") or option.kind == "Boolean"
        },
        numbers={o.name: desk.number(o) for o in form.options.values() if o.widget == "number"},
        texts=dict(configuration.texts),
        price=reply_price(total, currency),
    )


def reply_price(total: Price, currency: str) -> PriceReply:
    """Return a price as it is sent; lines that cost nothing are left out."""
    lines = tuple(PriceLineReply(line.text, line.cents) for line in total.lines if line.cents)
    return PriceReply(total.total, currency, lines)


@dataclass(frozen=True, slots=True)
class _Desk:
    """One choice, completed and priced, about whose options is asked."""

    form: Form
    choice: Choice
    configuration: Configuration
    total: Price

    def option(self, option: Option) -> OptionReply:
        """Answer for one Boolean option."""
        name = FeatureName(option.name)
        picked = {pick for pick, value in self.choice.picks if value is not False}
        is_on = name in self.configuration.selected
        base = self._without(option)
        status = base.status(name)
        if status == "open" or option.widget == "section":
            difference = (
                None if is_on or option.widget == "section" else self._difference(base, name)
            )
            return OptionReply(status, is_on, name in picked, difference_cents=difference)
        conflict = explain(base, name, value=status == "forbidden")
        why = tell_reason(base, conflict)
        return OptionReply(status, is_on, name in picked, why, conflict.picks)

    def number(self, option: Option) -> NumberReply:
        """Answer for one number."""
        name = FeatureName(option.name)
        bounds = _drop(self.choice, (name,)).bounds(name)
        value = dict(self.configuration.numbers).get(name)
        return NumberReply(
            low=None if bounds is None else float(bounds[0]),
            high=None if bounds is None else float(bounds[1]),
            value=None if value is None else float(value),
            is_picked=any(pick == name for pick, _ in self.choice.picks),
        )

    def _without(self, option: Option) -> Choice:
        """Leave out the picks that a pick or an unpick of this option would replace."""
        under = below(self.choice.family, option.name) if option.widget == "check" else ()
        return _drop(self.choice, (option.name, *option.rivals, *under))

    def _difference(self, base: Choice, name: FeatureName) -> Cents | None:
        try:
            other = complete(choose(base, name, value=True))
        except InvalidChoice:
            return None
        return price(self.choice.family, other).total - self.total.total


def _drop(choice: Choice, names: Iterable[str]) -> Choice:
    """Return the choice without the picks of these features."""
    gone = set(names)
    kept = {str(name): value for name, value in choice.picks if name not in gone}
    if len(kept) == len(choice.picks):
        return choice
    return choose_all(choice.family, kept) if kept else open_choice(choice.family)
