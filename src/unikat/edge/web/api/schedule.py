"""The schedule: what is booked where, and a new one on demand."""

from collections.abc import Callable, Mapping

import msgspec
from starlette.responses import Response

from unikat import flow
from unikat.edge.web.call import Call, answer
from unikat.edge.web.endpoint import JSON, Endpoint
from unikat.edge.web.problems import InvalidBody
from unikat.edge.web.scopes import Scope
from unikat.schedule.cost import PRICES, weigh
from unikat.schedule.explain import Late, Link
from unikat.schedule.model import Cost, Schedule
from unikat.schedule.recheck_buffers import Jam
from unikat.terms import Instant, OrderId, Seconds

MOST_SECONDS = 30.0
LARGEST_SEED = 2**63 - 1


class UnitReply(msgspec.Struct, frozen=True):
    """One row of the Gantt chart: a unit, its work center and calendar."""

    id: str
    center: str
    calendar: str


class BookingReply(msgspec.Struct, frozen=True):
    """One bar: a step of an order on a unit; the setup comes before `start`."""

    order: str
    step: str
    unit: str
    setup_start: str
    start: str
    finish: str
    family: str | None
    build: str | None


class ScheduleReply(msgspec.Struct, frozen=True):
    """All bookings of unfinished steps; calendars are open seconds of the week, counted from
    `epoch`.

    `published_at` is None before the first schedule (then bookings are as promised); `disturbed`
    says what has happened since that a new schedule would answer.
    """

    seq: int
    now: str
    epoch: str
    published_at: str | None
    published_cause: str
    disturbed: str
    units: tuple[UnitReply, ...]
    calendars: Mapping[str, tuple[tuple[int, int], ...]]
    bookings: tuple[BookingReply, ...]


class ScheduleWish(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """How long to search for a schedule, from which seed, and why it is made."""

    seconds: float = 2.0
    seed: int = 1
    cause: str = "asked for by the planner"


class CostReply(msgspec.Struct, frozen=True):
    """What the schedule costs, all in seconds but `broken` (promises it cannot keep)."""

    broken: int
    tardiness: Seconds
    overdue: Seconds
    setup: Seconds
    moved: Seconds
    flow: Seconds


class WorthReply(msgspec.Struct, frozen=True):
    """The cost of a schedule in one sum, by the planner's prices, and how much better any can be.

    No schedule is below `lower_bound`. Both stand in seconds of tardiness too (`value_s`,
    `lower_bound_s`). The cheapest schedule costs at most `gap_percent` of the value less.
    """

    value: int
    lower_bound: int
    value_s: Seconds
    lower_bound_s: Seconds
    gap_percent: float


class MadeReply(msgspec.Struct, frozen=True):
    """A schedule was made, checked and published; what it is worth, see `WorthReply`."""

    num_steps: int
    rounds: int
    cost: CostReply
    worth: WorthReply


class LinkReply(msgspec.Struct, frozen=True):
    """One link of a binding chain, in words too: what a stretch of time went by with.

    `kind` is work, pause (closed hours within work), setup, travel, closed, stop, resource, idle or
    running; `order` and `step` say whose it is, `resource` what was short or where travel began.
    """

    kind: str
    order: str
    step: str
    unit: str
    start: str
    finish: str
    seconds: Seconds
    resource: str
    words: str


class LateReply(msgspec.Struct, frozen=True):
    """An order that will break its promise, and why: links from the root to its finish.

    The seconds of the links sum to the time between both. `root` is now, release, material or
    running.
    """

    order: str
    due: str
    finish: str
    late_s: Seconds
    root: str
    links: tuple[LinkReply, ...]


class LateListReply(msgspec.Struct, frozen=True):
    """The orders that will break their promise as things stand, the latest first.

    `cost` and `worth` are those of all open steps as things stand.
    """

    now: str
    orders: tuple[LateReply, ...]
    cost: CostReply
    worth: WorthReply


class JamReply(msgspec.Struct, frozen=True):
    """Parts that cannot all move as planned; `words` say it to a person.

    `kind` is full (more of them need the buffer of `center` than its `places`) or circle (each is
    to enter the unit that the next one holds). `steps` (ORDER/STEP) are what they wait for.
    """

    kind: str
    center: str
    places: int
    start: str
    finish: str
    steps: tuple[str, ...]
    words: str


class JamListReply(msgspec.Struct, frozen=True):
    """Where the schedule as things stand needs more room for parts than the plant has, by time."""

    now: str
    jams: tuple[JamReply, ...]


def late_reply(late: Late, iso: Callable[[Instant], str]) -> LateReply:
    """Return a late order as JSON has it."""
    return LateReply(
        late.order,
        iso(late.due),
        iso(late.finish),
        late.finish - late.due,
        late.root,
        tuple(
            LinkReply(
                kind=link.kind,
                order=link.order,
                step=link.step,
                unit=link.unit,
                start=iso(link.start),
                finish=iso(link.finish),
                seconds=link.seconds,
                resource=link.resource,
                words=words_of(link, late.order),
            )
            for link in late.links
        ),
    )


def words_of(link: Link, order: OrderId) -> str:
    """Return a link as a person says it; `order` is the one that is late."""
    step = link.step.replace("_", " ")
    whose = step if link.order == order else f"{step} of {link.order}"
    return {
        "work": f"{whose} on {link.unit}",
        "pause": f"{link.unit} is closed during {whose}",
        "setup": f"setup of {link.unit} for {whose}",
        "travel": f"from {link.resource} to {link.unit}",
        "closed": f"{link.unit} is closed before {whose}",
        "stop": f"{link.unit} is stopped before {whose}",
        "resource": f"{whose} waits for {link.resource}",
        "idle": f"{link.unit} is kept free before {whose}",
        "running": f"{whose} is at work on {link.unit}",
    }[link.kind]


def jam_reply(jam: Jam, iso: Callable[[Instant], str]) -> JamReply:
    """Return a jam as JSON has it."""
    steps = tuple("/".join(key) for key in jam.steps)
    words = f"{len(steps)} parts need the {jam.places} places before {jam.center}"
    if jam.kind == "circle":
        words = f"{len(steps)} parts wait for each other's units, and {jam.center} has no buffer"
    start, finish = iso(jam.start), iso(jam.finish)
    return JamReply(jam.kind, jam.center, jam.places, start, finish, steps, words)


def find_jams(call: Call) -> Response:
    """Return where parts will need more room than there is."""
    iso = call.web.iso
    found = tuple(jam_reply(jam, iso) for jam in flow.jams(call.site))
    return answer(JamListReply(iso(call.site.clock.now()), found))


def find_late(call: Call) -> Response:
    """Return the orders that will break their promise, each with its binding chain."""
    schedule, late = flow.outlook(call.site)
    return answer(
        LateListReply(
            now=call.web.iso(call.site.clock.now()),
            orders=tuple(late_reply(each, call.web.iso) for each in late),
            cost=_cost(schedule.cost),
            worth=_worth(schedule),
        )
    )


def _cost(cost: Cost) -> CostReply:
    return CostReply(cost.broken, cost.tardiness, cost.overdue, cost.setup, cost.moved, cost.flow)


def _worth(schedule: Schedule) -> WorthReply:
    value, bound = weigh(schedule.cost), schedule.lower_bound
    return WorthReply(
        value=value,
        lower_bound=bound,
        value_s=value // PRICES.tardiness,
        lower_bound_s=bound // PRICES.tardiness,
        gap_percent=round(100 * (1 - bound / value), 2) if value else 0.0,
    )


def find_schedule(call: Call) -> Response:
    """Return the bookings of all unfinished steps."""
    web, plant, state = call.web, call.site.plant, call.site.state()
    published = state.published_at if state.published_cause else None
    bookings = sorted(state.bookings.values(), key=lambda b: (b.unit, b.start, b.order))
    return answer(
        ScheduleReply(
            seq=state.seq,
            now=web.iso(call.site.clock.now()),
            epoch=web.iso(0),
            published_at=None if published is None else web.iso(published),
            published_cause=state.published_cause,
            disturbed=state.disturbed,
            units=tuple(
                UnitReply(unit, center.id, center.calendar)
                for center in plant.work_centers.values()
                for unit in center.units
            ),
            calendars={name: calendar.open for name, calendar in plant.calendars.items()},
            bookings=tuple(
                BookingReply(
                    order=b.order,
                    step=b.step,
                    unit=b.unit,
                    setup_start=web.iso(b.setup_start),
                    start=web.iso(b.start),
                    finish=web.iso(b.finish),
                    family=b.family,
                    build=b.build,
                )
                for b in bookings
            ),
        )
    )


def make_schedule(call: Call) -> Response:
    """Make, check and publish a schedule."""
    wish = call.read(ScheduleWish)
    if not 0 <= wish.seconds <= MOST_SECONDS:
        raise InvalidBody(f"seconds = {wish.seconds:g} must be 0 to {MOST_SECONDS:g}")
    if not 0 <= wish.seed <= LARGEST_SEED:
        raise InvalidBody(f"seed = {wish.seed} must be 0 to {LARGEST_SEED}")
    made = flow.reschedule(
        call.site, seconds=wish.seconds, seed=wish.seed, cause=wish.cause.strip()[:200] or "asked"
    )
    reply = MadeReply(
        num_steps=len(made.bookings),
        rounds=made.rounds,
        cost=_cost(made.cost),
        worth=_worth(made),
    )
    return answer(reply, 201)


ENDPOINTS = (
    Endpoint(
        "GET",
        "/api/v1/schedule",
        (Scope.PLANNER,),
        find_schedule,
        "The bookings of all unfinished steps, with units and calendars",
        reply=ScheduleReply,
    ),
    Endpoint(
        "GET",
        "/api/v1/schedule/late",
        (Scope.PLANNER,),
        find_late,
        "The orders that will break their promise, each with what it waits for",
        reply=LateListReply,
    ),
    Endpoint(
        "GET",
        "/api/v1/schedule/jams",
        (Scope.PLANNER,),
        find_jams,
        "Where parts will need more buffer places than the plant has",
        reply=JamListReply,
    ),
    Endpoint(
        "POST",
        "/api/v1/schedule",
        (Scope.PLANNER,),
        make_schedule,
        "Make, check and publish a new schedule",
        body=ScheduleWish,
        reply=MadeReply,
        media=JSON,
        status=201,
        faults=(409,),
    ),
)
