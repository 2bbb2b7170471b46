"""The versions of a site's family, compiled when an order, a quote or a saved choice needs one.

Few are needed at a time, so few are kept compiled; every other one is read from the store again.
"""

from collections.abc import Iterator, Mapping, Sequence
from fractions import Fraction
from functools import lru_cache

from unikat.configure.choice import choose_all, complete
from unikat.configure.model import Configuration
from unikat.configure.saved import Reopened, Saved, reopen
from unikat.configure.variant import measured_picks
from unikat.edge.store.versions import Version, Versions
from unikat.errors import (
    IllegalState,
    InvalidChoice,
    InvalidMeasurements,
    UnknownFeature,
    UnknownVersion,
)
from unikat.events import Pick
from unikat.family.load import load_family
from unikat.family.model import Family
from unikat.order.model import Order

KEPT = 4
"""Families kept compiled beside the present one; 18,616 features take some 100 MB."""


def family_of(present: Family, versions: Versions, version: int) -> Family:
    """Return a version of a family.

    Raises
    ------
    UnknownVersion
        If it was never published.
    """
    if version == present.version:
        return present
    return compiled(versions.find(present.id, version))


def compiled(version: Version) -> Family:
    """Return a published version, compiled."""
    return _compiled(version.uvl, version.sheet, tuple(sorted(version.imports.items())))


@lru_cache(maxsize=KEPT)
def _compiled(uvl: str, sheet: str, imports: tuple[tuple[str, str], ...]) -> Family:
    return load_family(uvl, sheet, imported=dict(imports))


def renamed_since(family: Family, versions: Versions, version: int) -> Sequence[Mapping[str, str]]:
    """Return what each version after `version` renamed, the family's own last."""
    if version >= family.version:  # this server was not started anew since the other was published
        return ()
    between = versions.list(family.id)
    renamed = (each.renamed for each in between if version < each.version < family.version)
    return (*renamed, family.renamed)


def reopen_in(family: Family, present: Family, versions: Versions, saved: Saved) -> Reopened:
    """Open a saved choice in a version, which need not be published yet; `present` is.

    Raises
    ------
    UnknownVersion
        If it was saved of another family, or of a version that was never published here.
    """
    if saved.family_id != present.id:
        raise UnknownVersion(
            f"this was chosen from the family {saved.family_id}, the site now sells {present.id}"
        )
    before = family_of(present, versions, saved.version)
    renamed = renamed_since(family, versions, saved.version)
    return reopen(family, saved, renamed=renamed, before=before)


def all_picks(
    family: Family, picks: Mapping[str, Pick], measurements: Mapping[str, float]
) -> Mapping[str, Pick | Fraction]:
    """Return picks with those that follow from measures in front.

    Raises
    ------
    InvalidMeasurements
        A measure the family reads is missing or out of range.
    """
    measured = measured_picks(family, measurements)
    others = {name: value for name, value in picks.items() if name not in measured}
    return {**{str(name): value for name, value in measured.items()}, **others}


def configuration_of(
    present: Family, versions: Versions, order: Order
) -> tuple[Family, Configuration]:
    """Return what an order is, with the version of the family it was placed with.

    Raises
    ------
    IllegalState
        If no published version gives the configuration that was ordered.
    """
    for family in _families_of(present, versions, order):
        try:
            picks = all_picks(family, order.picks, order.measurements)
            configuration = complete(choose_all(family, picks))
        except (InvalidChoice, InvalidMeasurements, UnknownFeature):
            continue
        if configuration.key == order.configuration_key:
            return family, configuration
    raise IllegalState(
        f"order {order.id} is no configuration of {present.id} version"
        f" {order.family_version or 'any'} as it is published here; restore the backup in which it"
        " was placed"
    )


def _families_of(present: Family, versions: Versions, order: Order) -> Iterator[Family]:
    """Yield the version an order was placed with; every one where that was not written yet."""
    if order.family_version:
        yield family_of(present, versions, order.family_version)
        return
    yield present
    for each in reversed(versions.list(present.id)):
        if each.version != present.version:
            yield family_of(present, versions, each.version)
