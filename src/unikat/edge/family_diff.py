"""What changed between two versions of a family, for people and for programs."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Final

from unikat.family.model import Family
from unikat.family.values import shown_value

if TYPE_CHECKING:
    from unikat.configure.diff import Diff, Section
    from unikat.configure.relation import Example

WORDS: Final[Mapping[str, str]] = {
    "refactoring": "both allow the same",
    "specialisation": "the new one allows less",
    "generalisation": "the new one allows more",
    "arbitrary edit": "each allows something that the other refuses",
    "not decided": "not decided: stopped early, or numbers too fine for a proof",
}


def diff_facts(found: "Diff", old: Family, new: Family) -> Mapping[str, object]:
    """Return a diff as JSON facts."""
    compared = found.comparison
    return {
        "relation": compared.relation,
        "meaning": WORDS[compared.relation],
        "common_options": compared.num_common,
        "only_old_allows": _example_facts(compared.only_old),
        "only_new_allows": _example_facts(compared.only_new),
        "old": {"id": old.id, "version": old.version},
        "new": {"id": new.id, "version": new.version},
        "renamed": dict(found.renamed),
        "sections": {
            section.name: {
                "added": section.added,
                "removed": section.removed,
                "changed": [
                    {"line": c.line, "key": c.key, "before": c.before, "after": c.after}
                    for c in section.changed
                ],
            }
            for section in found.sections
            if not section.is_empty
        },
    }


def _example_facts(example: "Example | None") -> Mapping[str, object] | None:
    if example is None:
        return None
    configuration = example.configuration
    return {
        "refused_picks": {name: shown_value(value) for name, value in example.picks},
        "refused_by_rules": example.rules,
        "configuration": {
            "selected": sorted(configuration.selected),
            "numbers": {name: shown_value(value) for name, value in configuration.numbers},
            "texts": dict(configuration.texts),
        },
    }


def diff_lines(found: "Diff", shown: int) -> list[str]:
    """Return a diff as lines of text; of each kind at most `shown` lines."""
    compared = found.comparison
    where = f"over the {compared.num_common} options both have"
    lines = [f"{compared.relation}: {where}, {WORDS[compared.relation]}"]
    if not compared.num_common:
        lines = ["The two have no option in common: nothing to compare."]
    for who, other, example in (
        ("only the old one", "new", compared.only_old),
        ("only the new one", "old", compared.only_new),
    ):
        if example is not None:
            lines.append(f"  {who} allows: {_picks(example)}{_because(example, other)}")
    lines += [f"renamed: {old} -> {new}" for old, new in found.renamed.items()]
    for section in found.sections:
        lines += _section_lines(section, shown)
    if all(section.is_empty for section in found.sections) and not found.renamed:
        lines.append("No line differs.")
    return lines


def _picks(example: "Example") -> str:
    return ", ".join(f"{name} = {shown_value(value)}" for name, value in example.picks) or "all"


def _because(example: "Example", other: str) -> str:
    return f" (the {other} one's {', '.join(example.rules)})" if example.rules else ""


def _section_lines(section: "Section", shown: int) -> list[str]:
    lines = [f"  + {each}" for each in section.added]
    lines += [f"  - {each}" for each in section.removed]
    lines += [
        f"  ~ {each.line}, {each.key}: {each.before or 'nothing'} -> {each.after or 'nothing'}"
        for each in section.changed
    ]
    if not lines:
        return []
    more = [f"  ... {len(lines) - shown} more; --json tells all"] if len(lines) > shown else []
    return [f"{section.name}:", *lines[:shown], *more]
