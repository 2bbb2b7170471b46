"""Every choice a site's shoppers made that still counts, opened in a version to be published."""

from collections.abc import Iterator
from typing import TypeAlias

from unikat.configure.choice import choose_all
from unikat.configure.saved import Reopened, Saved, save_choice
from unikat.edge.families import all_picks, compiled, configuration_of, family_of, reopen_in
from unikat.edge.main import OpenSite
from unikat.errors import UnknownVersion
from unikat.family.model import Family
from unikat.order.model import Order, Quote

SAVED, QUOTES, ORDERS = "saved choices", "open quotes", "open orders"
Case: TypeAlias = tuple[str, str, Saved]


def newest_version(opened: OpenSite) -> Family:
    """Return the family as it is published, whatever the texts in the folder say.

    Raises
    ------
    UnknownVersion
        If none is published yet.
    """
    family_id = opened.models.family.id
    known = opened.store.versions.list(family_id)
    if not known:
        raise UnknownVersion(
            f"no version of the family {family_id} is published yet; `unikat serve` publishes it"
        )
    return compiled(known[-1])


def reopen_all(opened: OpenSite, family: Family) -> Iterator[tuple[str, str, Reopened]]:
    """Yield the kind, the id, and what becomes of every choice in a version of the family.

    Left out are quotes that became orders, and choices of another family.

    Raises
    ------
    UnknownVersion
        If no version is published yet.
    """
    present = newest_version(opened)
    for kind, name, saved in _cases(opened, present):
        if saved.family_id == family.id:
            yield kind, name, reopen_in(family, present, opened.store.versions, saved)


def _cases(opened: OpenSite, present: Family) -> Iterator[Case]:
    for kept in opened.store.choices.read():
        yield SAVED, kept.id, kept.saved
    state, now = opened.site.state(), opened.site.clock.now()
    for offer in opened.store.quotes.list(valid_at=now):
        if offer.order_id not in state.orders and offer.order_id not in state.ended:
            yield QUOTES, offer.id, _quoted(opened, present, offer)
    for order in state.orders.values():
        yield ORDERS, order.id, _ordered(opened, present, order)


def _quoted(opened: OpenSite, present: Family, offer: Quote) -> Saved:
    wanted = offer.configuration
    family = family_of(present, opened.store.versions, wanted.family_version)
    picks = all_picks(family, offer.picks, offer.measurements)
    return save_choice(choose_all(family, picks))


def _ordered(opened: OpenSite, present: Family, order: Order) -> Saved:
    family, _ = configuration_of(present, opened.store.versions, order)
    picks = all_picks(family, order.picks, order.measurements)
    return save_choice(choose_all(family, picks))
