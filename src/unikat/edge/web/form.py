"""What a page needs to offer a family: its options in sequence, what each excludes, and the
measures it asks for.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from fractions import Fraction

import msgspec

from unikat.family.model import Family, Feature, Recipe
from unikat.terms import Cents, FeatureName

ABOUT = ("about", "help", "description", "text")


class Option(msgspec.Struct, frozen=True):
    """One feature as a page offers it.

    `widget` is section, radio, check, number or text. `rivals` are the options that a pick of this
    one replaces: the other members of its alternative group, and all below them. `groups` are the
    names below it, a list a group. `measure` is the measure it is filled from.
    """

    name: str
    id: str
    title: str
    about: str
    kind: str
    widget: str
    parent: str | None
    group: str
    least: int
    most: int
    groups: tuple[tuple[str, ...], ...]
    rivals: tuple[str, ...]
    unit: str
    low: float | None
    high: float | None
    step: float | None
    max_length: int | None
    price_cents: Cents | None
    measure: str | None


class Measure(msgspec.Struct, frozen=True):
    """One measure the shopper is asked for, with the range all its uses can take."""

    name: str
    title: str
    unit: str
    low: float
    high: float


@dataclass(frozen=True, slots=True)
class Texts:
    """What heads the page: the family's own words, or words that fit any family."""

    headline: str
    measures: str
    measuring: str
    examples: str


@dataclass(frozen=True, slots=True)
class Form:
    """A family as a form: `options` by name in declared sequence, the roots' names, the measures,
    and the words above them; `has_shape` says whether anything of it can be looked at in 3D.
    """

    options: Mapping[FeatureName, Option]
    top: FeatureName
    measures: tuple[Measure, ...]
    texts: Texts
    has_shape: bool

    def members(self, names: Iterable[str]) -> tuple[Option, ...]:
        """Return the options of these names."""
        return tuple(self.options[FeatureName(name)] for name in names)

    def children(self, name: str) -> Iterator[Option]:
        """Iterate over the options right below one."""
        for group in self.options[FeatureName(name)].groups:
            yield from self.members(group)


def build_form(family: Family) -> Form:
    """Return the form of a family."""
    measured = {each.feature: each.source for each in family.measured}
    options = {
        feature.name: _option(family, feature, k, measured.get(feature.name))
        for k, feature in enumerate(family.features)
    }
    root = family.features[0]
    return Form(options, root.name, _measures(family), _texts(root), bool(family.recipes))


def _texts(root: Feature) -> Texts:
    """Return the words of the root's attributes."""

    def word(name: str, default: str) -> str:
        text = root.attributes.get(name)
        return text if isinstance(text, str) else default

    return Texts(
        headline=word("headline", f"{root.title}, made for you only"),
        measures=word("measures_title", "Your measures"),
        measuring=word("measures_hint", "Enter what was measured."),
        examples=word("example_title", "Use an example"),
    )


def _option(family: Family, feature: Feature, place: int, measure: str | None) -> Option:
    price = feature.attributes.get("price")
    return Option(
        name=feature.name,
        id=f"f{place}",
        title=feature.title,
        about=_about(feature),
        kind=feature.kind,
        widget=_widget(feature),
        parent=feature.parent,
        group=feature.group,
        least=feature.least,
        most=feature.most,
        groups=_groups(family, feature),
        rivals=tuple(_rivals(family, feature)),
        unit=feature.unit or "",
        low=_number(feature.low),
        high=_number(feature.high),
        step=_number(feature.step),
        max_length=feature.max_length,
        price_cents=int(price) if isinstance(price, Fraction) else None,
        measure=measure,
    )


def _widget(feature: Feature) -> str:
    if feature.is_number:
        return "number"
    if feature.kind == "String":
        return "text"
    if feature.abstract or feature.group in ("mandatory", "root"):
        return "section"
    return "radio" if feature.group == "alternative" else "check"


def _groups(family: Family, feature: Feature) -> tuple[tuple[str, ...], ...]:
    """Return the names below a feature, mandatory ones as one group, each other group by itself."""
    groups: dict[tuple[str, ...], list[str]] = {}
    for name in feature.children:
        child = family.feature(name)
        single = child.group in ("mandatory", "optional")
        groups.setdefault((child.group,) if single else (child.group, *child.siblings), []).append(
            name
        )
    return tuple(tuple(names) for names in groups.values())


def _rivals(family: Family, feature: Feature) -> Iterator[str]:
    if feature.group == "alternative":
        for sibling in feature.siblings:
            if sibling != feature.name:
                yield sibling
                yield from below(family, sibling)


def below(family: Family, name: str) -> Iterator[str]:
    """Iterate over all features below one."""
    for child in family.feature(name).children:
        yield child
        yield from below(family, child)


def _about(feature: Feature) -> str:
    texts = (feature.attributes.get(name) for name in ABOUT)
    return next((text for text in texts if isinstance(text, str)), "")


def _measures(family: Family) -> tuple[Measure, ...]:
    """Return each measure once, its range the narrowest of all that read it."""
    found: dict[str, Measure] = {}
    for each in family.measured:
        feature = family.feature(each.feature)
        low, high = float(feature.low or 0), float(feature.high or 0)
        _narrow(found, each.source, feature.unit or "", low, high)
    for recipe in family.recipes:
        _narrow_by_recipe(found, recipe)
    return tuple(found.values())


def _narrow_by_recipe(found: dict[str, Measure], recipe: Recipe) -> None:
    for each in recipe.parameters:
        if each.value is None:
            _narrow(found, each.measured or each.name, each.unit, each.low, each.high)


def _narrow(found: dict[str, Measure], name: str, unit: str, low: float, high: float) -> None:
    known = found.get(name)
    if known is not None:
        low, high = max(low, known.low), min(high, known.high)
    found[name] = Measure(name, name.replace("_", " ").capitalize(), unit, low, high)


def _number(value: Fraction | None) -> float | None:
    return None if value is None else float(value)
