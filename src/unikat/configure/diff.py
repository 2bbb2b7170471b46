"""What changed between two versions of a family, line by line."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final, TypeAlias

from unikat.configure.relation import Comparison, compare
from unikat.family.model import Attribute, Family, Feature, Rule
from unikat.family.values import shown_value
from unikat.terms import FeatureName

Facts: TypeAlias = Mapping[str, str]
"""What a line says, key by key, in words."""
_GENERATED: Final = ("line ", "clause ")
"""How ids begin that only tell where a rule stands."""


@dataclass(frozen=True, slots=True)
class Change:
    """One key of a line: what it said before and says now; empty: nothing."""

    line: str
    key: str
    before: str
    after: str


@dataclass(frozen=True, slots=True)
class Section:
    """What changed in one kind of lines."""

    name: str
    added: tuple[str, ...]
    removed: tuple[str, ...]
    changed: tuple[Change, ...]

    @property
    def is_empty(self) -> bool:
        """Whether nothing changed."""
        return not (self.added or self.removed or self.changed)


@dataclass(frozen=True, slots=True)
class Diff:
    """All that changed; `renamed` maps old names of options to new ones."""

    renamed: Mapping[FeatureName, FeatureName]
    sections: tuple[Section, ...]
    comparison: Comparison


def diff(old: Family, new: Family, *, is_cancelled: Callable[[], bool] = lambda: False) -> Diff:
    """Compare two versions of a family: their texts line by line, and what they allow."""
    renamed = {
        FeatureName(before): FeatureName(after)
        for before, after in new.renamed.items()
        if before in old.index and before not in new.index and after in new.index
    }
    names = {name: renamed.get(name, name) for name in _names(old)}
    common = {name: other for name, other in names.items() if other in new.index}
    lines = tuple(
        _section(title, facts(old, names), facts(new, {})) for title, facts in _SECTIONS.items()
    )
    sections = (lines[0], _rules(old, new), *lines[1:])
    if all(section.is_empty for section in sections[:2]) and _is_same_tree(old, new, names):
        return Diff(renamed, sections, Comparison("refactoring", len(common), None, None))
    return Diff(renamed, sections, compare(old, new, common, is_cancelled=is_cancelled))


def _is_same_tree(old: Family, new: Family, names: Mapping[FeatureName, FeatureName]) -> bool:
    """Whether all groups have the same members; what else an option says was compared before."""
    return all(
        {names[each] for each in feature.siblings} == set(new.feature(names[feature.name]).siblings)
        for feature in old.features
    )


def _names(family: Family) -> Iterable[FeatureName]:
    return (feature.name for feature in family.features)


def _section(title: str, old: Mapping[str, Facts], new: Mapping[str, Facts]) -> Section:
    changed = [
        Change(line, key, before.get(key, ""), new[line].get(key, ""))
        for line, before in old.items()
        if line in new
        for key in dict.fromkeys((*before, *new[line]))
        if before.get(key, "") != new[line].get(key, "")
    ]
    added, removed = (tuple(k for k in a if k not in b) for a, b in ((new, old), (old, new)))
    return Section(title, added, removed, tuple(changed))


# -- options -----------------------------------------------------------------------------------


def _options(family: Family, names: Mapping[FeatureName, FeatureName]) -> Mapping[str, Facts]:
    return {
        names.get(feature.name, feature.name): _option(feature, names)
        for feature in family.features
    }


def _option(feature: Feature, names: Mapping[FeatureName, FeatureName]) -> Facts:
    facts = {
        "kind": feature.kind,
        "below": names.get(feature.parent, feature.parent) if feature.parent else "",
        "group": feature.group,
    }
    if feature.group == "cardinality":
        facts["cardinality"] = f"{feature.least}..{feature.most}"
    facts.update((name, _shown(value)) for name, value in feature.attributes.items())
    return facts


def _shown(value: Attribute | None) -> str:
    if value is None:
        return ""
    if isinstance(value, tuple):
        return ", ".join(map(_shown, value))
    if isinstance(value, Mapping):
        return ", ".join(f"{name} {_shown(each)}" for name, each in value.items())
    return shown_value(value)


# -- rules -------------------------------------------------------------------------------------


def _rules(old: Family, new: Family) -> Section:
    """Pair rules of the same words first, then rules of the same id that a comment gave them."""
    before, after = list(old.rules), list(new.rules)
    changed: list[Change] = []
    for rule in old.rules:
        same = next((each for each in after if _words(each) == _words(rule)), None)
        if same is not None:
            before.remove(rule)
            after.remove(same)
            changed += _rule_changes(rule, same)
    for rule in tuple(before):
        same = next((each for each in after if each.id == rule.id and _is_named(each)), None)
        if same is not None:
            before.remove(rule)
            after.remove(same)
            changed += _rule_changes(rule, same)
    added, removed = (tuple(f"{each.id}: {each.source}" for each in e) for e in (after, before))
    return Section("rules", added, removed, tuple(changed))


def _words(rule: Rule) -> str:
    return "".join(rule.source.split())


def _is_named(rule: Rule) -> bool:
    return not rule.id.startswith(_GENERATED)


def _rule_changes(old: Rule, new: Rule) -> Sequence[Change]:
    pairs = [("rule", old.source, new.source)]
    if _is_named(old) or _is_named(new):
        pairs += [("id", old.id, new.id), ("reason", old.text, new.text)]
    return [
        Change(new.id, key, before, after)
        for key, before, after in pairs
        if "".join(before.split()) != "".join(after.split())
    ]


# -- the sheet ---------------------------------------------------------------------------------


def _bom(family: Family, _: Mapping[FeatureName, FeatureName]) -> Mapping[str, Facts]:
    return {
        line.id: {
            "item": line.item,
            "quantity": line.quantity.text,
            "unit": line.unit,
            "when": line.when.text,
            "slot": line.slot or "",
            "parent": line.parent or "",
            "module": line.module,
        }
        for line in family.bom
    }


def _routing(family: Family, _: Mapping[FeatureName, FeatureName]) -> Mapping[str, Facts]:
    return {
        step.id: {
            "capability": step.capability,
            "seconds": step.seconds.text,
            "when": step.when.text,
            "slot": step.slot or "",
            "after": ", ".join(sorted(step.after)),
            "uses": ", ".join(sorted(step.uses)),
            "setup": step.setup or "",
            "recipe": step.recipe or "",
        }
        for step in family.routing
    }


def _slots(family: Family, _: Mapping[FeatureName, FeatureName]) -> Mapping[str, Facts]:
    return {slot.id: {"when": slot.when.text} for slot in family.slots}


def _prices(family: Family, _: Mapping[FeatureName, FeatureName]) -> Mapping[str, Facts]:
    return {
        entry.id: {"text": entry.text, "cents": entry.cents.text, "when": entry.when.text}
        for entry in family.prices
    }


def _recipes(family: Family, _: Mapping[FeatureName, FeatureName]) -> Mapping[str, Facts]:
    return {
        recipe.id: {
            "version": str(recipe.version),
            "when": recipe.when.text,
            **{
                each.name: f"{each.value.text if each.value else each.measured}"
                f" ({each.low:g}..{each.high:g} {each.unit})"
                for each in recipe.parameters
            },
        }
        for recipe in family.recipes
    }


def _modules(family: Family, _: Mapping[FeatureName, FeatureName]) -> Mapping[str, Facts]:
    return {
        each.id: {"personal": shown_value(each.personal), "conventional": each.conventional}
        for each in family.modules
    }


def _standard(family: Family, names: Mapping[FeatureName, FeatureName]) -> Mapping[str, Facts]:
    found: dict[str, Facts] = {
        names.get(name, name): {"value": shown_value(value)}
        for name, value in family.standard.items()
    }
    found.update((each.feature, {"measured as": each.source}) for each in family.measured)
    return found


_SECTIONS: Final[
    Mapping[str, Callable[[Family, Mapping[FeatureName, FeatureName]], Mapping[str, Facts]]]
] = {
    "options": _options,
    "bill of materials": _bom,
    "routing": _routing,
    "slots": _slots,
    "prices": _prices,
    "recipes": _recipes,
    "modules": _modules,
    "standard and measured": _standard,
}
