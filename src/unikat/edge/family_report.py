"""A study of a family as one HTML file that needs nothing else and reads without a manual."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

import jinja2

from unikat.configure.commonality import Share
from unikat.configure.count import Count
from unikat.edge.family_study import Study, how_shares
from unikat.family.features import shown_number
from unikat.family.model import Family, Feature

FEW: Final = 120
"""Most features of a tree that is shown unfolded."""
_LONG: Final = 15
_NAMES: Final = 40
_GROUPS: Final[Mapping[str, str]] = {
    "root": "",
    "mandatory": "always with it",
    "optional": "optional",
    "or": "at least one of them",
    "alternative": "exactly one of them",
}
_WORDS: Final[Mapping[str, str]] = {
    "&": " and ",
    "|": " or ",
    "!": "not ",
    "=>": " requires ",
    "<=>": " exactly with ",
    "==": " is ",
    "!=": " is not ",
    "<=": " at most ",
    ">=": " at least ",
    "<": " below ",
    ">": " above ",
}
_PIECE: Final = re.compile(
    r"""(?P<name>"[^"]*"|[A-Za-z][\w\#§%?;]*)|(?P<text>'[^']*')"""
    r"""|\s*(?P<sign><=>|=>|==|!=|<=|>=|&|\||<|>)\s*|(?P<no>!)\s*""",
    re.VERBOSE,
)


@dataclass(slots=True)
class Item:
    """One option in the tree; `share` is a width in percent and its words."""

    title: str
    how: str
    mark: tuple[str, str] | None
    share: tuple[str, str] | None
    depth: int
    children: list["Item"] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Cell:
    """One cell of a table; code is set as written."""

    text: str
    is_code: bool = False


@dataclass(frozen=True, slots=True)
class Sheet:
    """One table of what a choice needs."""

    title: str
    caption: str
    heads: tuple[str, ...]
    lines: tuple[tuple[Cell, ...], ...]


def write_report(path: Path, family: Family, study: Study, source: str) -> None:
    """Write the report of a study; a file there is replaced."""
    path.write_text(report_text(family, study, source), "utf-8")


def report_text(family: Family, study: Study, source: str) -> str:
    """Return the report as HTML; all that comes from the family is escaped."""
    environment = jinja2.Environment(
        loader=jinja2.FileSystemLoader(Path(__file__).parent),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    number = str(study.count.number)
    return environment.get_template("family_report.html").render(
        family=family,
        source=source,
        analysis=study.analysis,
        count=shown_count(study.count),
        values=shown_count(study.values) if study.values else "",
        long_count=number if study.count.is_exact and len(number) > _LONG else "",
        stopped=study.is_stopped,
        how_shares=how_shares(study),
        root=_tree(family, study),
        depth=99 if len(family.features) <= FEW else 1,
        rules=tuple(_rules(study)),
        refusals=study.bindings.num_refused,
        sheet=tuple(_sheets(family)),
    )


def shown_count(count: Count) -> str:
    """Write a count so that it fits: up to 15 digits, then a power of ten."""
    digits = str(count.number)
    if not count.is_exact:
        return f"at least 10^{len(digits) - 1}"
    if len(digits) <= _LONG:
        return f"{count.number:,}"
    return f"{digits[0]}.{digits[1:3]} × 10^{len(digits) - 1}"


def words_of(condition: str, titles: Mapping[str, str]) -> str:
    """Write a presence condition in words, options by their titles."""
    if condition == "true":
        return "always"

    def word(match: re.Match[str]) -> str:
        if match["name"]:
            return titles.get(match["name"], match["name"])
        return match["text"] or _WORDS[match["sign"] or match["no"]]

    text = _PIECE.sub(word, condition)
    return text[:1].upper() + text[1:] if text.startswith("not ") else text


# -- the tree ----------------------------------------------------------------------------------


def _tree(family: Family, study: Study) -> Item:
    marks: dict[str, tuple[str, str]] = {}
    marks.update((name, ("core", "always")) for name in study.analysis.core)
    marks.update((name, ("dead", "dead")) for name in study.analysis.dead)
    marks.update((name, ("false", "only seems optional")) for name in study.analysis.false_optional)
    shares = dict(study.commonality.shares) if study.commonality else {}
    items: dict[str, Item] = {}
    for feature in family.features:
        above = items[feature.parent] if feature.parent is not None else None
        item = Item(
            title=feature.title,
            how=", ".join(_how(feature)),
            mark=marks.get(feature.name),
            share=_share(shares.get(feature.name)),
            depth=0 if above is None else above.depth + 1,
        )
        items[feature.name] = item
        if above is not None:
            above.children.append(item)
    return items[family.features[0].name]


def _how(feature: Feature) -> Iterator[str]:
    """Yield how an option hangs in the tree, what it holds, what it costs."""
    group = _GROUPS.get(feature.group, f"{feature.least} to {feature.most} of them")
    if group:
        yield group
    if feature.low is not None and feature.high is not None:
        unit = f" {feature.unit}" if feature.unit else ""
        yield f"{shown_number(feature.low)} to {shown_number(feature.high)}{unit}"
    if feature.kind == "String":
        yield f"a text of up to {feature.max_length} letters"
    price = feature.attributes.get("price")
    if price and not isinstance(price, bool | str | tuple | Mapping):
        yield f"{float(price) / 100:+.2f}"


def _share(share: Share | None) -> tuple[str, str] | None:
    if share is None:
        return None
    text = f"{100 * share.value:.1f} %"
    if share.low != share.high:
        text = f"{text} ({100 * share.low:.0f} to {100 * share.high:.0f})"
    return f"{100 * share.value:.1f}", text


# -- rules -------------------------------------------------------------------------------------


def _rules(study: Study) -> Iterator[Mapping[str, str | int]]:
    analysis = study.analysis
    for rule, names in analysis.touched:
        because = analysis.redundant.get(rule.id)
        from_what = "" if because is None else ", ".join(because) or "the tree alone"
        yield {
            "id": rule.id,
            "text": rule.text if rule.text != rule.source else "",
            "source": rule.source,
            "because": f"redundant: {from_what}" if from_what else "",
            "touches": len(names),
            "names": ", ".join(names[:_NAMES]) + (", ..." if len(names) > _NAMES else ""),
            "binds": study.bindings.times.get(rule.id, 0),
        }


# -- the sheet ---------------------------------------------------------------------------------


def _sheets(family: Family) -> Iterator[Sheet]:
    """Yield the sheets that have a line; of each the third column is code."""
    titles: dict[str, str] = {each.name: each.title for each in family.features}
    sheets = (_bom(family, titles), _steps(family, titles), _prices(family, titles))
    yield from (sheet for sheet in sheets if sheet.lines)


def _bom(family: Family, titles: Mapping[str, str]) -> Sheet:
    rows = [
        (
            line.item,
            words_of(line.when.text, titles),
            line.quantity.text,
            line.unit,
            line.slot or "",
            line.module,
        )
        for line in family.bom
    ]
    words = "Each line is in a product whenever its condition holds; of a slot exactly one is."
    heads = ("Item", "Needed when", "Quantity", "Unit", "Slot", "Module")
    return Sheet("Bill of materials", words, heads, tuple(_lines(rows, 2)))


def _steps(family: Family, titles: Mapping[str, str]) -> Sheet:
    rows = [
        (
            step.id,
            words_of(step.when.text, titles),
            step.seconds.text,
            step.capability,
            ", ".join(step.after),
            ", ".join(step.uses),
        )
        for step in family.routing
    ]
    words = "In this sequence, as far as 'after' demands it."
    heads = ("Step", "Done when", "Seconds", "Capability", "After", "Uses")
    return Sheet("Steps of making", words, heads, tuple(_lines(rows, 2)))


def _prices(family: Family, titles: Mapping[str, str]) -> Sheet:
    rows = [(e.text, words_of(e.when.text, titles), e.cents.text) for e in family.prices]
    words = "Added to the prices of the options themselves."
    return Sheet("Prices", words, ("For", "When", "Cents"), tuple(_lines(rows, 2)))


def _lines(rows: Sequence[tuple[str, ...]], code: int) -> Iterator[tuple[Cell, ...]]:
    """Yield rows as cells; one column is code."""
    for row in rows:
        yield tuple(Cell(text, i == code) for i, text in enumerate(row))
