"""Saved choices: kept under an id nobody can guess, opened again in the family's present version.

A choice in progress is nowhere kept: its picks travel with each request. Saving is the shopper's
own wish, and durable when it is answered.
"""

import secrets
from collections.abc import Mapping
from urllib.parse import urlencode

import msgspec
from starlette.responses import RedirectResponse, Response

from unikat.configure import choose_all, complete, price
from unikat.configure.repair import repair
from unikat.configure.saved import Change, Lost, Reopened, save_choice
from unikat.configure.workspace import Picks
from unikat.edge.families import family_of, reopen_in
from unikat.edge.ids import ALPHABET
from unikat.edge.store.choices import SavedChoice
from unikat.edge.store.limits import CHOICE_KEPT
from unikat.edge.web.api.family import ChoiceWish, RuleReply
from unikat.edge.web.call import Call, Web, answer
from unikat.edge.web.choosing import read_picks
from unikat.edge.web.endpoint import JSON, Endpoint, Lane
from unikat.edge.web.scopes import Scope
from unikat.errors import InvalidMeasurements
from unikat.events import Pick
from unikat.family.model import Family
from unikat.offers import plain_pick
from unikat.terms import Cents

LENGTH = 26
"""Characters of an id: 130 random bits, as it opens the measures of a person."""
REPAIR_S = 1.0
"""How long the nearest configuration is looked for; small families take a hundredth of it."""
API = "/api/v1/choices/saved"


class SavedReply(msgspec.Struct, frozen=True):
    """A choice that was saved. `page_url` is the page that opens it again, to keep or to share."""

    id: str
    page_url: str
    family_version: int
    configuration_key: str
    price_cents: Cents
    saved_at: str
    kept_until: str


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


def save(call: Call) -> Response:
    """Save a choice, and return where it is opened again."""
    call.web.limits.check("quote", call.address)
    wish, web = call.read(ChoiceWish), call.web
    _check_measures(web, wish.measurements or {})
    picks = read_picks(call.site.family, wish.picks, wish.measurements)
    kept = SavedChoice(
        id="C-" + "".join(secrets.choice(ALPHABET) for _ in range(LENGTH)),
        saved=save_choice(choose_all(call.site.family, picks)),
        measurements=wish.measurements or {},
        saved_at=call.site.clock.now(),
    )
    web.store.choices.save(kept)
    reply = SavedReply(
        id=kept.id,
        page_url=f"{web.settings.root_path}/choices/{kept.id}",
        family_version=kept.saved.version,
        configuration_key=kept.saved.key,
        price_cents=kept.saved.cents,
        saved_at=web.iso(kept.saved_at),
        kept_until=web.iso(kept.saved_at + CHOICE_KEPT),
    )
    return answer(reply, 201, {"Location": f"{web.settings.root_path}{API}/{kept.id}"})


def _check_measures(web: Web, measurements: Mapping[str, float]) -> None:
    known = [measure.name for measure in web.form.measures]
    strange = [name[:60] for name in measurements if name not in known]
    if strange:
        raise InvalidMeasurements(
            f"{', '.join(strange[:5])}: not asked for; the measures are: {', '.join(known)}"
        )


def open_saved(call: Call) -> Response:
    """Return a saved choice in the present version of the family."""
    return answer(reply_reopened(call))


def saved_page(call: Call) -> Response:
    """Open a saved choice in the shop; where anything is not as it was saved, say so first."""
    reply = reply_reopened(call)
    if reply.lost or reply.changed or reply.price_difference_cents:
        return call.web.templates.page("saved", saved=reply)
    return RedirectResponse(reply.page_url, 303, {"Cache-Control": "no-store"})


def reply_reopened(call: Call) -> ReopenedReply:
    """Open a saved choice again.

    Raises
    ------
    UnknownChoice, UnknownVersion
        There is none, or it is of another family than the site's.
    """
    web, family = call.web, call.site.family
    kept = web.store.choices.find(call.path("choice_id"))
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
        lost=tuple(_lost(family, each, titles) for each in found.lost),
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


def _lost(family: Family, lost: Lost, titles: Mapping[str, str]) -> LostReply:
    conflict = lost.conflict
    rules = conflict.rules if conflict else ()
    return LostReply(
        feature=lost.feature,
        title=titles.get(lost.feature, lost.feature),
        value=plain_pick(lost.value),
        reason=lost.reason,
        text=lost.text,
        allowed=lost.allowed,
        picks=conflict.picks if conflict else (),
        rules=tuple(
            RuleReply(rule.id, rule.text, rule.source) for rule in family.rules if rule.id in rules
        ),
    )


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


ENDPOINTS = (
    Endpoint(
        "POST",
        API,
        (Scope.PUBLIC,),
        save,
        "Save a choice for a year, under an id nobody can guess",
        body=ChoiceWish,
        reply=SavedReply,
        media=JSON,
        status=201,
        faults=(422,),
        lane=Lane.CLERK,
    ),
    Endpoint(
        "GET",
        API + "/{choice_id}",
        (Scope.PUBLIC,),
        open_saved,
        "A saved choice in the family's present version: what is kept, lost and why, or changed",
        reply=ReopenedReply,
        faults=(404, 409),
    ),
    Endpoint(
        "GET",
        "/choices/{choice_id}",
        (Scope.PUBLIC,),
        saved_page,
        "The page that opens a saved choice",
        produces="text/html",
        faults=(404, 409),
        is_page=True,
    ),
)
