"""What one order's parts are made of and how: a fold of the log, each part as it was built.

A part ends when it is scrapped; what passes steps after that is the next part of the order. Where
no message named a lot, kind and quantity of the material are known all the same.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeVar

from unikat.configure.model import BomLine
from unikat.errors import UnknownOrder
from unikat.events import (
    Event,
    MaterialUsed,
    OrderPlaced,
    PartMeasured,
    PartScrapped,
    Recorded,
    ReworkOrdered,
    StepFinished,
    StepStarted,
)
from unikat.terms import BuildId, Instant, OrderId, StepId, UnitId

Told = TypeVar("Told")


@dataclass(frozen=True, slots=True)
class Passed:
    """A step a part passed, or passes now (`finished` is None).

    `program` is the recipe it was made by ("": none), `items` the material it used, `lots` what
    was told of its lots, `mates` the other orders in the same build.
    """

    step: StepId
    attempt: int
    unit: UnitId
    started: Instant | None
    finished: Instant | None
    build: BuildId | None
    program: str
    items: tuple[BomLine, ...]
    lots: tuple[MaterialUsed, ...]
    mates: tuple[OrderId, ...]
    measured: tuple[PartMeasured, ...]
    rework: tuple[ReworkOrdered, ...]


@dataclass(frozen=True, slots=True)
class BuiltPart:
    """One part: its steps in the sequence they were passed, and why it was scrapped ("": it was
    not).

    `serial` is "" until something measured, reworked or scrapped it by name.
    """

    serial: str
    passed: tuple[Passed, ...]
    scrapped: str


@dataclass(frozen=True, slots=True)
class Genealogy:
    """The parts of an order, the last one being the order's own; `version` of its family."""

    order: OrderId
    configuration_key: str
    version: int
    parts: tuple[BuiltPart, ...]


def trace_order(records: Iterable[Recorded], order: OrderId) -> Genealogy:
    """Return the genealogy of an order, in whatever sequence the log's events came.

    Raises
    ------
    UnknownOrder
        If it was never placed.
    """
    mine: list[Event] = []
    builds: dict[BuildId, set[OrderId]] = {}
    for record in records:
        event = record.event
        if isinstance(event, StepStarted | StepFinished) and event.build is not None:
            builds.setdefault(event.build, set()).add(event.order_id)
        if getattr(event, "order_id", None) == order:
            mine.append(event)
    placed = _of(mine, OrderPlaced)
    if not placed:
        raise UnknownOrder(f"no order {order}; look for its id on the confirmation")
    passed = _passed(mine, placed[0], builds)
    scraps = sorted(_of(mine, PartScrapped), key=lambda scrap: (scrap.at, scrap.serial))
    parts = tuple(_part(passed, scraps, number) for number in range(len(scraps) + 1))
    return Genealogy(order, placed[0].configuration_key, placed[0].family_version, parts)


def _of(events: Iterable[Event], kind: type[Told]) -> list[Told]:
    return [event for event in events if isinstance(event, kind)]


def _passed(
    mine: Sequence[Event], placed: OrderPlaced, builds: Mapping[BuildId, set[OrderId]]
) -> list[Passed]:
    """Return the steps passed, by when they were."""
    starts = {(e.step, e.attempt): e for e in _of(mine, StepStarted)}
    finishes = {(e.step, e.attempt): e for e in _of(mine, StepFinished)}
    steps = {step.step: step for step in placed.variant.steps}
    lines = {line.item: line for line in placed.variant.bom}
    measured = sorted(_of(mine, PartMeasured), key=lambda m: (m.at, m.characteristic))
    lots = sorted(_of(mine, MaterialUsed), key=lambda used: (used.at, used.item, used.lot))
    rework = sorted(_of(mine, ReworkOrdered), key=lambda r: r.at)
    passed = []
    for key in {*starts, *finishes}:
        start, finish = starts.get(key), finishes.get(key)
        seen = finishes[key] if start is None else start
        step = steps.get(key[0])
        mates = builds[seen.build] - {placed.order_id} if seen.build is not None else ()
        passed.append(
            Passed(
                step=key[0],
                attempt=key[1],
                unit=seen.unit,
                started=start.at if start is not None else None,
                finished=finish.at if finish is not None else None,
                build=seen.build,
                program=(step.recipe or "") if step is not None else "",
                items=tuple(lines[i] for i in (step.items if step else ()) if i in lines),
                lots=tuple(used for used in lots if (used.step, used.attempt) == key),
                mates=tuple(sorted(mates)),
                measured=tuple(m for m in measured if (m.step, m.attempt) == key),
                rework=tuple(r for r in rework if (r.step, r.attempt) == key),
            )
        )
    return sorted(passed, key=lambda p: (_first(p), p.step, p.attempt))


def _part(passed: Sequence[Passed], scraps: Sequence[PartScrapped], number: int) -> BuiltPart:
    """Return the part that ended as the `number`-th scrap, or the one that was not scrapped."""
    mine = tuple(each for each in passed if _part_of(each, scraps) == number)
    if number < len(scraps):
        return BuiltPart(scraps[number].serial, mine, scraps[number].reason)
    names = [m.serial for p in mine for m in p.measured] + [
        r.serial for p in mine for r in p.rework
    ]
    return BuiltPart(names[0] if names else "", mine, "")


def _part_of(each: Passed, scraps: Sequence[PartScrapped]) -> int:
    """Return which part passed a step: a scrap ends it at the finish it was found at."""
    if each.finished is not None:
        return sum(scrap.at < each.finished for scrap in scraps)
    return sum(scrap.at <= _first(each) for scrap in scraps)


def _first(each: Passed) -> Instant:
    return each.started if each.started is not None else each.finished or 0
