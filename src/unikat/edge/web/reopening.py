"""A saved choice in the present version of the family, as pages and programs are told it."""

from collections.abc import Mapping
from urllib.parse import urlencode

import msgspec

from unikat.configure import Choice, complete, price
from unikat.configure.repair import repair
from unikat.configure.saved import Change, Lost, Reopened
from unikat.configure.workspace import Picks
from unikat.edge.families import family_of, reopen_in
from unikat.edge.store.choices import SavedChoice
from unikat.edge.web.api.family import RuleReply
from unikat.edge.web.call import Web
from unikat.edge.web.refusals import tell_conflict
from unikat.events import Pick
from unikat.family.model import Family
from unikat.family.values import shown_value
from unikat.offers import plain_pick
from unikat.terms import Cents

REPAIR_S = 1.0
"""How long the nearest configuration is looked for; small families take a hundredth of it."""


class PickReply(msgspec.Struct, frozen=True):
    """A pick by the present name of its feature."""

    feature: str
    title: str
    value: Pick


class LostReply(msgspec.Struct, frozen=True):
    """A pick that cannot be kept, and why.

    `reason`: gone (no such feature), value (the feature cannot have it), rules (`picks` and `rules`
    are a minimal set that forbids it). `allowed` are the nearest values possible, or the members of
    its group.
    """

    feature: str
    title: str
    value: Pick
    reason: str
    text: str
    allowed: tuple[str, ...] = ()
    picks: tuple[str, ...] = ()
    rules: tuple[RuleReply, ...] = ()


class ChangeReply(msgspec.Struct, frozen=True):
    """A value nobody picked that is not as it was saved; None: there is, or was, no such option."""

    feature: str
    title: str
    before: Pick | None
    after: Pick | None


class RepairReply(msgspec.Struct, frozen=True):
    """The valid configuration nearest to all saved picks: its picks, and those it drops."""

    picks: dict[str, Pick]
    dropped: tuple[PickReply, ...]
    price_cents: Cents
    is_optimal: bool
    page_url: str


class ReopenedReply(msgspec.Struct, frozen=True):
    """A saved choice in the present version of the family.

    `picks` (without those that `measurements` fill) is what to send on to /api/v1/choices or
    /api/v1/quotes; `page_url` is the shop page with them. `repair` only where that keeps more.
    """

    id: str
    saved_at: str
    family_version: int
    present_version: int
    picks: dict[str, Pick]
    measurements: Mapping[str, float]
    kept: tuple[PickReply, ...]
    lost: tuple[LostReply, ...]
    changed: tuple[ChangeReply, ...]
    price_before_cents: Cents
    price_cents: Cents
    price_difference_cents: Cents
    repair: RepairReply | None
    page_url: str


def reply_reopened(web: Web, kept: SavedChoice) -> ReopenedReply:
    """Open a saved choice again.

    Raises
    ------
    UnknownVersion
        It is of another family than the site's.
    """
    family = web.site.family
    found = reopen_in(family, family, web.store.versions, kept.saved)
    before = family_of(family, web.store.versions, kept.saved.version)
    titles = {**_titles(before), **_titles(family)}
    picks = _unmeasured(family, found.choice.picks)
    return ReopenedReply(
        id=kept.id,
        saved_at=web.iso(kept.saved_at),
        family_version=kept.saved.version,
        present_version=family.version,
        picks=picks,
        measurements=kept.measurements,
        kept=_picks(found.kept, titles),
        lost=tuple(_lost(found.choice, each, titles) for each in found.lost),
        changed=tuple(_change(each, titles) for each in found.changed),
        price_before_cents=kept.saved.cents,
        price_cents=kept.saved.cents + found.price_difference,
        price_difference_cents=found.price_difference,
        repair=_repair(web, found, kept.measurements, titles),
        page_url=_page(web, picks, kept.measurements),
    )


def _titles(family: Family) -> Mapping[str, str]:
    return {feature.name: feature.title for feature in family.features}


def _unmeasured(family: Family, picks: Picks) -> dict[str, Pick]:
    """Return picks without those that measures fill."""
    measured = {each.feature for each in family.measured}
    return {str(name): plain_pick(value) for name, value in picks if name not in measured}


def _picks(picks: Picks, titles: Mapping[str, str]) -> tuple[PickReply, ...]:
    return tuple(
        PickReply(name, titles.get(name, name), plain_pick(value)) for name, value in picks
    )


def _lost(choice: Choice, lost: Lost, titles: Mapping[str, str]) -> LostReply:
    family, conflict = choice.family, lost.conflict
    rules = conflict.rules if conflict else ()
    return LostReply(
        feature=lost.feature,
        title=titles.get(lost.feature, lost.feature),
        value=plain_pick(lost.value),
        reason=lost.reason,
        text=_told(choice, lost, titles),
        allowed=lost.allowed,
        picks=conflict.picks if conflict else (),
        rules=tuple(
            RuleReply(rule.id, rule.text, rule.source) for rule in family.rules if rule.id in rules
        ),
    )


def _told(choice: Choice, lost: Lost, titles: Mapping[str, str]) -> str:
    """Say in the shopper's words why a pick is lost."""
    title = titles.get(lost.feature, lost.feature)
    if lost.conflict is not None:
        return tell_conflict(choice, lost.conflict)
    if lost.reason == "gone":
        return f"{title} is not offered any more."
    if lost.allowed:
        unit = choice.family.feature(lost.feature).unit or ""
        values = " or ".join(f"{each} {unit}".rstrip() for each in lost.allowed)
        shown = f"{shown_value(lost.value)} {unit}".rstrip()
        return f"{title} {shown} is not offered any more; possible: {values}."
    return f"{lost.text}."


def _change(change: Change, titles: Mapping[str, str]) -> ChangeReply:
    before, after = (
        None if value is None else plain_pick(value) for value in (change.before, change.after)
    )
    return ChangeReply(change.feature, titles.get(change.feature, change.feature), before, after)


def _repair(
    web: Web, found: Reopened, measurements: Mapping[str, float], titles: Mapping[str, str]
) -> RepairReply | None:
    repaired = repair(found, seconds=REPAIR_S)
    if repaired is None or len(repaired.dropped) >= len(found.lost):
        return None
    family = repaired.choice.family
    picks = _unmeasured(family, repaired.choice.picks)
    return RepairReply(
        picks=picks,
        dropped=_picks(repaired.dropped, titles),
        price_cents=price(family, complete(repaired.choice)).total,
        is_optimal=repaired.is_optimal,
        page_url=_page(web, picks, measurements),
    )


def _page(web: Web, picks: Mapping[str, Pick], measurements: Mapping[str, float]) -> str:
    """Return the address of the shop page with these picks and measures."""
    fields = [(f"p:{name}", _word(value)) for name, value in picks.items()]
    fields += [(f"m:{name}", str(value)) for name, value in measurements.items()]
    return f"{web.settings.root_path}/" + (f"?{urlencode(fields)}" if fields else "")


def _word(value: Pick) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)
