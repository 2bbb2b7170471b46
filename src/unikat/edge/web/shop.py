"""The shop page: rendered with what its picks leave possible, so that it works without scripts too.

Without scripts the form is sent as a GET. It carries the picks made before; what the shopper
changed since is told by comparing its fields with the configuration those picks completed to.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from urllib.parse import urlencode

import msgspec
from starlette.datastructures import QueryParams
from starlette.responses import Response

from unikat.configure import complete
from unikat.configure.model import Configuration
from unikat.edge.web.api.quotes import QuoteReply, make_quote, read_wished, reply_quote
from unikat.edge.web.call import Call, Web
from unikat.edge.web.choosing import ChoiceReply, read_picks, reply_choice
from unikat.edge.web.completing import CompletionWish, complete_by
from unikat.edge.web.form import Form, Option
from unikat.edge.web.refusals import choose_picks
from unikat.errors import InvalidChoice, InvalidMeasurements, UnikatError
from unikat.events import Pick
from unikat.terms import FeatureName

WORDS: Mapping[str, Pick] = {"true": True, "false": False}
LOOSE = "Finishing touches"


@dataclass(frozen=True, slots=True)
class Card:
    """One card of the form: fields under a title of their own, or of the card's."""

    title: str
    fields: tuple[Option, ...]


@dataclass(frozen=True, slots=True)
class _Visit:
    """What a shopper's address says, read against the family."""

    picks: Mapping[str, Pick]
    measures: Mapping[str, float]
    choice: ChoiceReply
    fault: str
    repair: "_Repair | None" = None


@dataclass(frozen=True, slots=True)
class _Repair:
    """The nearest possible choice to a refused one: what changes, and its address."""

    text: str
    address: str


def shop(call: Call) -> Response:
    """Show the shop with the picks and measures of the address."""
    query = call.request.query_params
    web = call.web
    example = _example(web, query)
    visit = _read_visit(web, query, example)
    wished = query.get("wished", "")
    quote, fault = _quote(web, visit, wished) if "form" in query else (None, "")
    return web.templates.page(
        "shop",
        current="/",
        family_title=web.form.options[web.form.top].title,
        form=web.form,
        cards=cards(web.form),
        choice=visit.choice,
        measures=visit.measures,
        quote=quote,
        wished=wished,
        fault=visit.fault or fault,
        repair=visit.repair,
        examples=web.settings.examples,
        chosen_example=example,
        picks=visit.picks,
        picks_json=_json(visit.picks),
        kinds_json=_json(_kinds(web.form)),
        examples_json=_json([each.measurements for each in web.settings.examples]),
    )


def cards(form: Form) -> Sequence[Card]:
    """Return the top options as cards: one a section, with the numbers that follow it; the rest as
    the last.
    """
    found: list[Card] = []
    loose: list[Option] = []
    for option in form.children(form.top):
        if option.measure is not None:
            continue
        if option.widget == "section":
            found.append(Card(option.title, (option,)))
        elif option.widget == "number" and found:
            found[-1] = Card(found[-1].title, (*found[-1].fields, option))
        else:
            loose.append(option)
    return (*found, Card(LOOSE, tuple(loose))) if loose else found


def _read_visit(web: Web, query: QueryParams, example: int | None) -> _Visit:
    """Read the address; picks that cannot be are told as a fault and left out."""
    measures = _measures(query) if example is None else web.settings.examples[example].measurements
    picks = before = _before(web.form, query)
    try:
        known = read_picks(web.site.family, before, _if_complete(web.form, measures))
        if "form" in query:
            configuration = complete(choose_picks(web.site.family, known))
            picks = _changed(web.form, before, configuration, query)
        if query.get("goal") == "cheapest":
            picks = _cheapest(web, picks, measures)
        return _Visit(picks, measures, _choice(web, picks, measures), "")
    except UnikatError as error:
        repair = _repair(web, before, picks, measures) if isinstance(error, InvalidChoice) else None
        return _Visit(*_possible(web, before, measures), str(error), repair)


def _cheapest(
    web: Web, picks: Mapping[str, Pick], measures: Mapping[str, float]
) -> Mapping[str, Pick]:
    known = _if_complete(web.form, measures)
    wish = CompletionWish(dict(picks), "cheapest", None if known is None else dict(known))
    return complete_by(web, wish).picks


def _repair(
    web: Web,
    before: Mapping[str, Pick],
    picks: Mapping[str, Pick],
    measures: Mapping[str, float],
) -> _Repair | None:
    """Return the nearest choice to picks that contradict each other, the new ones first."""
    known = _if_complete(web.form, measures)
    newest = next((name for name in picks if before.get(name) != picks[name]), None)
    wish = CompletionWish(dict(picks), "nearest", None if known is None else dict(known), newest)
    try:
        found = complete_by(web, wish)
    except UnikatError:
        return None
    fields = [(f"p:{name}", _word(value)) for name, value in found.picks.items()]
    fields += [(f"m:{name}", str(value)) for name, value in measures.items()]
    return _Repair(found.text, f"{web.settings.root_path}/?{urlencode(fields)}")


def _word(value: Pick) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


def _possible(
    web: Web, picks: Mapping[str, Pick], measures: Mapping[str, float]
) -> tuple[Mapping[str, Pick], Mapping[str, float], ChoiceReply]:
    """Return the first of these that is possible: picks with measures, picks alone, nothing."""
    for tried, measured in ((picks, measures), (picks, {}), ({}, {})):
        try:
            return tried, measures, _choice(web, tried, measured)
        except UnikatError:
            continue
    raise InvalidMeasurements("nothing can be chosen; check the family")


def _choice(web: Web, picks: Mapping[str, Pick], measures: Mapping[str, float]) -> ChoiceReply:
    family = web.site.family
    read = read_picks(family, picks, _if_complete(web.form, measures))
    return reply_choice(family, web.form, read, web.site.policy.currency)


def _quote(web: Web, visit: _Visit, wished: str) -> tuple[QuoteReply | None, str]:
    if _if_complete(web.form, visit.measures) is None:
        return None, "" if not visit.measures else "Give all measures to see price and date."
    try:
        when = read_wished(web, wished) if wished else None
        return reply_quote(web, make_quote(web, visit.picks, visit.measures, when)), ""
    except UnikatError as error:
        return None, str(error)


def _if_complete(form: Form, measures: Mapping[str, float]) -> Mapping[str, float] | None:
    return measures if all(each.name in measures for each in form.measures) else None


def _before(form: Form, query: QueryParams) -> Mapping[str, Pick]:
    """Return the picks an address says were made: `p:NAME=value`."""
    return {
        name.removeprefix("p:"): _pick(form, name.removeprefix("p:"), value)
        for name, value in query.multi_items()
        if name.startswith("p:")
    }


def _pick(form: Form, name: str, text: str) -> Pick:
    option = form.options.get(FeatureName(name))
    if text in WORDS and (option is None or option.widget != "text"):
        return WORDS[text]
    if option is not None and option.widget == "number":
        return _float(text, text)
    return text


def _float(text: str, default: Pick) -> Pick:
    try:
        number = float(text)
    except ValueError:
        return default
    return int(number) if number.is_integer() else number


def _measures(query: QueryParams) -> Mapping[str, float]:
    found = {
        name.removeprefix("m:"): _float(value, "")
        for name, value in query.multi_items()
        if name.startswith("m:")
    }
    return {name: float(value) for name, value in found.items() if not isinstance(value, str)}


def _example(web: Web, query: QueryParams) -> int | None:
    text = query.get("example", "")
    if text.isascii() and text.isdecimal() and int(text[:9]) < len(web.settings.examples):
        return int(text)
    return None


def _changed(
    form: Form, before: Mapping[str, Pick], shown: Configuration, query: QueryParams
) -> Mapping[str, Pick]:
    """Return the picks after what the shopper changed on the page that showed a configuration."""
    picks = dict(before)
    for option, value in _differences(form, shown, query):
        for name in (option.name, *option.rivals):
            picks.pop(name, None)
        if value is not None:
            picks[option.name] = value
    return picks


def _differences(
    form: Form, shown: Configuration, query: QueryParams
) -> Iterator[tuple[Option, Pick | None]]:
    """Iterate over the fields that differ from a configuration; None means left empty."""
    on = {value for name, value in query.multi_items() if name == "on" or name.startswith("g:")}
    numbers, texts = dict(shown.numbers), dict(shown.texts)
    for option in form.options.values():
        name = FeatureName(option.name)
        if option.widget == "radio" and name in on and name not in shown.selected:
            yield option, True
        elif option.widget == "check" and (name in on) != (name in shown.selected):
            yield option, name in on
        elif option.widget == "number" and f"n:{name}" in query:
            yield from _new_number(option, query[f"n:{name}"], numbers.get(name))
        elif option.widget == "text" and query.get(f"t:{name}", "") != texts.get(name, ""):
            yield option, query.get(f"t:{name}") or None


def _new_number(
    option: Option, text: str, shown: Fraction | None
) -> Iterator[tuple[Option, Pick | None]]:
    value = _float(text, text) if text else None
    if value != (None if shown is None else float(shown)):
        yield option, value


def _kinds(form: Form) -> Mapping[str, Mapping[str, str | Sequence[str]]]:
    """Return what the page's script needs of each option."""
    return {
        option.name: {
            "id": option.id,
            "title": option.title,
            "unit": option.unit,
            "rivals": option.rivals,
        }
        for option in form.options.values()
    }


def _json(value: object) -> str:
    return msgspec.json.encode(value).decode()
