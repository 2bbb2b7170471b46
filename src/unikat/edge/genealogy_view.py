"""The genealogy of an order as plain values, for the API and the command line."""

from collections.abc import Callable

import msgspec

from unikat.terms import Instant
from unikat.twin.genealogy import Genealogy, Passed


class ItemReply(msgspec.Struct, frozen=True):
    """Material a step used."""

    item: str
    quantity: float
    unit: str


class LotReply(msgspec.Struct, frozen=True):
    """A lot a step took material of; `quantity` is 0 where it was not told."""

    item: str
    lot: str
    quantity: float
    measure: str


class MeasuredReply(msgspec.Struct, frozen=True):
    """A characteristic as ordered and as built."""

    at: str
    characteristic: str
    ordered: float
    measured: float
    tolerance: float
    measure: str
    is_good: bool


class PassedReply(msgspec.Struct, frozen=True):
    """A step a part passed; `finished` is None while it runs, `started` if nobody told."""

    step: str
    attempt: int
    unit: str
    started: str | None
    finished: str | None
    build: str | None
    program: str
    items: tuple[ItemReply, ...]
    lots: tuple[LotReply, ...]
    mates: tuple[str, ...]
    measured: tuple[MeasuredReply, ...]
    rework: tuple[str, ...]


class PartReply(msgspec.Struct, frozen=True):
    """One part; `scrapped` says why it was, "" if it was not."""

    serial: str
    scrapped: str
    passed: tuple[PassedReply, ...]


class GenealogyReply(msgspec.Struct, frozen=True):
    """How an order's parts were built; the last one is the order's own."""

    order: str
    configuration: str
    family_version: int
    parts: tuple[PartReply, ...]


def view_genealogy(found: Genealogy, iso: Callable[[Instant], str]) -> GenealogyReply:
    """Return a genealogy with its times in ISO 8601."""
    return GenealogyReply(
        found.order,
        found.configuration_key,
        found.version,
        tuple(
            PartReply(part.serial, part.scrapped, tuple(_passed(p, iso) for p in part.passed))
            for part in found.parts
        ),
    )


def _passed(p: Passed, iso: Callable[[Instant], str]) -> PassedReply:
    return PassedReply(
        step=p.step,
        attempt=p.attempt,
        unit=p.unit,
        started=None if p.started is None else iso(p.started),
        finished=None if p.finished is None else iso(p.finished),
        build=p.build,
        program=p.program,
        items=tuple(ItemReply(line.item, line.quantity, line.unit) for line in p.items),
        lots=tuple(LotReply(u.item, u.lot, u.quantity, u.measure) for u in p.lots),
        mates=p.mates,
        measured=tuple(
            MeasuredReply(
                iso(m.at),
                m.characteristic,
                m.ordered,
                m.measured,
                m.tolerance,
                m.measure,
                abs(m.measured - m.ordered) <= m.tolerance,
            )
            for m in p.measured
        ),
        rework=tuple(r.reason for r in p.rework),
    )
