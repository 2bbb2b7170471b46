"""The demo, run once to its end on a virtual clock, and one table of what came of it."""

import time
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path

from unikat.configure.choice import choose_all, complete
from unikat.configure.variant import derive_variant, facts_of
from unikat.demand.shoppers import draw_shoppers
from unikat.edge.ids import CountedIds
from unikat.edge.main import OpenSite, load_models, open_site, read_persons
from unikat.edge.rough import rough_world
from unikat.events import Event
from unikat.family.model import Family
from unikat.floor.model import World
from unikat.insight.audit import audit
from unikat.insight.summary import Summary, summarise
from unikat.order.model import Order, Quote
from unikat.plant.model import Plant
from unikat.rehearse import Rehearsal, Scenario, VirtualClock, rehearse
from unikat.terms import HOUR, WEEK, Instant, OrderId, Seconds, UnitId
from unikat.twin.facts import rank_of

START: Instant = 6 * HOUR
"""The rehearsal begins on the first Monday at six."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """The table of `demo --once`: a summary, what was asked, and what was proven."""

    orders_quoted: int
    quotes_refused: int
    summary: Summary
    meshes_watertight: int
    schedules_checked: int
    reworked: int
    scrapped: int
    deadlocks: int
    violations: int
    events: int
    wall_s: float

    def as_json(self) -> Mapping[str, object]:
        """Return all figures in one flat object."""
        figures = {**asdict(self), **asdict(self.summary)}
        del figures["summary"]
        return {name: round(v, 3) if isinstance(v, float) else v for name, v in figures.items()}


def run_once(
    folder: Path,
    *,
    num_orders: int,
    seed: int,
    world: World | None = None,
    is_rough: bool = False,
    progress: Callable[[int, int], None] | None = None,
) -> Outcome:
    """Rehearse a folder's site in memory with simulated shoppers; fold the log into one table.

    A rough floor also spoils parts and has a bad line (`rough_world`).

    Raises
    ------
    InvalidSite
        If the texts of the folder have faults.
    """
    began = time.perf_counter()
    models = load_models(folder)
    persons = read_persons(folder / models.file.demo.persons)
    clock = VirtualClock(START)
    opened = open_site(folder, models=models, database="memory:", clock=clock, ids=CountedIds())
    shoppers = draw_shoppers(
        models.family,
        persons,
        models.file.demo.traffic,
        num_orders=num_orders,
        seed=seed,
        start=START,
    )
    scenario = Scenario(tuple(shoppers), seed, until=START + models.plant.horizon_s)
    world = world or (rough_world(models) if is_rough else World())
    rehearsal = rehearse(opened.site, scenario, world, clock, progress=progress)
    return _outcome(opened, rehearsal, began)


def _outcome(opened: OpenSite, rehearsal: Rehearsal, began: float) -> Outcome:
    plant = opened.site.plant
    state = opened.site.live.catch_up()
    orders: Mapping[OrderId, Order] = {**state.orders, **state.ended}
    records = list(rehearsal.log.read())
    events: list[Event] = [entry.event for entry in records]
    happened = sorted(records, key=lambda entry: rank_of(entry.event.at, entry.id))
    figures = rehearsal.floor.figures()
    family = opened.site.family
    picks = {str(name): value for name, value in family.standard.items()}
    standard = derive_variant(family, complete(choose_all(family, picks)))
    summary = summarise(
        plant,
        orders,
        events,
        standard=standard,
        busy=figures.busy,
        open_s=open_seconds(plant, START, opened.site.clock.now()),
    )
    kinds = Counter(type(event).__name__ for event in events)
    return Outcome(
        orders_quoted=len(rehearsal.quotes),
        quotes_refused=rehearsal.num_refused,
        summary=summary,
        meshes_watertight=sum(_has_shape(family, each) for each in rehearsal.quotes),
        schedules_checked=kinds["SchedulePublished"],
        reworked=kinds["ReworkOrdered"],
        scrapped=kinds["PartScrapped"],
        deadlocks=figures.deadlocks,
        violations=len(audit(plant, orders, [entry.event for entry in happened])),
        events=len(events),
        wall_s=time.perf_counter() - began,
    )


def open_seconds(plant: Plant, start: Instant, finish: Instant) -> Mapping[UnitId, Seconds]:
    """Return the working time of each unit's calendar between two instants."""
    return {
        unit: sum(
            max(0, min(close, finish - week) - max(begin, start - week))
            for week in range(start // WEEK * WEEK, finish, WEEK)
            for begin, close in plant.calendars[plant.center_of(unit).calendar].open
        )
        for unit in plant.units
    }


def table_of(outcome: Outcome) -> list[tuple[str, str]]:
    """Return the table's rows: what a planner reads, with units."""
    s = outcome.summary
    hours = f"{s.mean_promised_lead_s / HOUR:.1f} h"
    fixed = f"{s.fixed_policy_lead_s / HOUR:.1f} h ({s.fixed_policy_kept_percent:.1f} % kept)"
    ratio = f"{s.unit_cost_ratio:.2f}; of its own routing {s.unit_cost_ratio_same_routing:.2f}"
    return [
        ("quoted / accepted / shipped", _numbers(outcome)),
        ("promises kept", f"{s.promise_kept_percent:.1f} %"),
        ("mean promised lead time", hours),
        ("  a fixed-lead ERP needs", fixed),
        ("mean actual lead time", f"{s.mean_actual_lead_s / HOUR:.1f} h"),
        (
            "tardiness, mean / max",
            f"{s.mean_tardiness_s / HOUR:.2f} / {s.max_tardiness_s / HOUR:.1f} h",
        ),
        ("unit cost", f"{s.unit_cost_cents / 100:.2f}"),
        ("  standard product, long runs", f"{s.standard_cost_cents / 100:.2f}"),
        ("  ratio to the standard", ratio),
        *((f"utilisation {c}", f"{u:.0f} %") for c, u in s.utilisation_percent.items()),
        *_meshes(outcome),
        *_spoilt(outcome),
        ("schedules checked and published", str(outcome.schedules_checked)),
        ("deadlocks / violations", f"{outcome.deadlocks} / {outcome.violations}"),
        ("events in the log", str(outcome.events)),
        ("wall time", f"{outcome.wall_s:.1f} s"),
    ]


def _has_shape(family: Family, offer: Quote) -> bool:
    """Whether a part was shaped, and proven, for this quote."""
    facts = facts_of(offer.configuration)
    return any(recipe.when.holds(facts) for recipe in family.recipes)


def _meshes(outcome: Outcome) -> list[tuple[str, str]]:
    """Return the row of proven shapes; none where the family has no shapes."""
    num = outcome.meshes_watertight
    return [("meshes proven watertight", str(num))] if num else []


def _spoilt(outcome: Outcome) -> list[tuple[str, str]]:
    """Return the row of spoilt parts; none where all were good."""
    is_any = outcome.reworked or outcome.scrapped
    return [("reworked / scrapped", f"{outcome.reworked} / {outcome.scrapped}")] if is_any else []


def _numbers(outcome: Outcome) -> str:
    s = outcome.summary
    return f"{outcome.orders_quoted} / {s.orders_accepted} / {s.orders_shipped}"
