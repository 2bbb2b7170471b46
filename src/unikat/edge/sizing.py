"""Sizing a plant as people and programs ask for it: JSON shapes, and one answer after the other."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from queue import Full, Queue
from threading import Event, Thread
from typing import TYPE_CHECKING, TypeAlias

import msgspec

from unikat.edge.size_file import (
    draw_demand,
    layout_names,
    read_alternatives,
    read_length,
    template_of,
)
from unikat.errors import InvalidAlternatives, UnikatError
from unikat.family.model import Family
from unikat.plant.model import Plant
from unikat.terms import Cents

if TYPE_CHECKING:
    from unikat.twin.size import Option, Sizing, Trial

    Told: TypeAlias = Trial | Sizing | UnikatError

LARGEST_SEED = 10**9
UNHEARD_S = 60.0
"""A sizing of which nobody took a line for so long is given up."""


class SizeWish(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What a plant shall do, and the alternatives (TOML, see GET of the same path).

    So many orders a day, `goal` percent of them made `within` (36h, 2d) of coming.
    """

    alternatives: str
    demand: float = 25.0
    within: str = "48h"
    goal: float = 95.0
    confidence: float = 95.0
    most: int = 300
    seed: int = 1


class TemplateReply(msgspec.Struct, frozen=True):
    """Alternatives around the plant as it is, to be edited."""

    alternatives: str


class TrialReply(msgspec.Struct, frozen=True):
    """One alternative: how many of each thing, its service with the interval of its verdict."""

    choice: Mapping[str, str]
    cost_cents: Cents
    service_percent: float
    low_percent: float
    high_percent: float
    replications: int
    busiest: str
    load_percent: float
    meets: bool


class SizeReply(msgspec.Struct, frozen=True, omit_defaults=True):
    """A line: after each `trial` that one; at the end `best` and what is `cheaper` and fails,
    dearest first, or the `fault` for which there is none.

    `is_least`: nothing cheaper was left untried.
    """

    tried: int
    trial: TrialReply | None = None
    best: TrialReply | None = None
    cheaper: tuple[TrialReply, ...] = ()
    is_least: bool = False
    fault: str = ""


class _Unheard(Exception):
    """Nobody listens any more."""


def template(plant: Plant) -> TemplateReply:
    """Return alternatives to begin with."""
    return TemplateReply(template_of(plant))


def watch_sizing(
    plant: Plant, family: Family, persons: Sequence[Mapping[str, float]], wish: SizeWish
) -> Iterator[SizeReply]:
    """Yield each alternative as it was simulated, then the cheapest that serves the demand.

    Closing the iterator ends the search at its next alternative.

    Raises
    ------
    InvalidAlternatives
        Before the first line, if the wish or its alternatives are wrong.
    """
    from unikat.twin.size import Goal, Trial, size_plant

    _check(wish)
    options, layouts = read_alternatives(wish.alternatives, plant)
    names = layout_names(wish.alternatives)
    goal = Goal(read_length(wish.within), wish.goal / 100, wish.confidence / 100)
    samples = draw_demand(family, persons, wish.demand, wish.seed)
    lines: Queue[Told] = Queue(1)
    is_over = Event()

    def tell(trial: "Told") -> None:
        """Hand a line over, or end if nobody takes it."""
        if is_over.is_set():
            raise _Unheard
        try:
            lines.put(trial, timeout=UNHEARD_S)
        except Full as error:
            raise _Unheard from error

    def search() -> None:
        with suppress(_Unheard):
            try:
                tell(
                    size_plant(
                        plant,
                        samples,
                        options,
                        layouts,
                        goal,
                        most_trials=wish.most,
                        seed=wish.seed,
                        progress=tell,
                    )
                )
            except UnikatError as error:
                tell(error)

    Thread(target=search, daemon=True).start()
    tried = 0
    try:
        while isinstance(told := lines.get(), Trial):
            tried += 1
            yield SizeReply(tried, trial=_trial(options, names, told))
        yield _last(options, names, told, tried)
    finally:
        is_over.set()


def _last(
    options: "Sequence[Option]", names: Sequence[str], told: "Sizing | UnikatError", tried: int
) -> SizeReply:
    """Return the last line; a fault before any trial is raised.

    Raises
    ------
    InvalidAlternatives
        Nothing could be tried.
    """
    if isinstance(told, UnikatError):
        if not tried:
            raise told
        return SizeReply(tried, fault=str(told))
    cheaper = tuple(_trial(options, names, trial) for trial in told.cheaper)
    best = _trial(options, names, told.best)
    return SizeReply(tried, best=best, cheaper=cheaper, is_least=told.is_least)


def _check(wish: SizeWish) -> None:
    bounds = {
        "demand": (wish.demand, 0.5, 5_000.0),
        "goal": (wish.goal, 1.0, 99.9),
        "confidence": (wish.confidence, 50.0, 99.9),
        "most": (wish.most, 1, 5_000),
        "seed": (wish.seed, 0, LARGEST_SEED),
    }
    for name, (value, low, high) in bounds.items():
        if not low <= value <= high:
            raise InvalidAlternatives(f"{name} = {value:g}; give {low:g} to {high:g}")


def _trial(options: "Sequence[Option]", names: Sequence[str], trial: "Trial") -> TrialReply:
    """Return an alternative as its JSON shape."""
    return TrialReply(
        choice=_chosen(options, names, trial),
        cost_cents=trial.cost,
        service_percent=100 * trial.service,
        low_percent=100 * trial.low,
        high_percent=100 * trial.high,
        replications=trial.replications,
        busiest=trial.busiest,
        load_percent=100 * trial.load,
        meets=trial.meets,
    )


def _chosen(options: "Sequence[Option]", names: Sequence[str], trial: "Trial") -> Mapping[str, str]:
    """Return what an alternative has of each thing."""
    found = {}
    for option, index in zip(options, trial.choice, strict=True):
        value = option.values[index]
        name = f"{option.kind} {option.name}".strip()
        found["layout" if option.kind == "layout" else name] = (
            names[value] if option.kind == "layout" else str(value)
        )
    return found
