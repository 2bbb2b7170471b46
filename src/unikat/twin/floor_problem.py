"""Read a plant, its floor and its open orders into a layout, and the floor's state into its arrays.

What the floor has begun goes on from where it is: a running step has worked for so long, a unit
that is down has its repair still to be drawn, parts stand where they were put down last.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from hashlib import blake2b
from itertools import chain
from types import MappingProxyType

from unikat.capacity.calendar import working_time
from unikat.capacity.model import Booking, Stop
from unikat.configure.model import Step
from unikat.floor.explore import LIMIT
from unikat.floor.model import buffer_of
from unikat.floor.plant_net import place_name
from unikat.floor.policy import ExactRule, compile_exact
from unikat.floor.quality import MOST_REPAIRS
from unikat.order.model import Order, OrderState
from unikat.plant.model import Plant, SetupMatrix
from unikat.schedule.model import Progress, StepKey
from unikat.terms import (
    MINUTE,
    WEEK,
    Capability,
    Instant,
    OrderId,
    Seconds,
    SetupFamily,
    UnitId,
    WorkCenterId,
)
from unikat.twin.facts import OrderTrack, Start, UnitState
from unikat.twin.guard import Spot, Vector
from unikat.twin.layout import (
    CapRow,
    CenterRow,
    Floats,
    FloorProblem,
    Ints,
    JobRow,
    Layout,
    StepRow,
    UnitRow,
    Window,
    compile_layout,
    needs_guard,
)
from unikat.twin.model import PLAIN, TwinModel, shape_of
from unikat.twin.quantiles import lognormal_row, repeated_row
from unikat.twin.state import FloorState, empty_state, progress_of

MARGIN: Seconds = 8 * WEEK
"""How far beyond the last booked finish working hours are known; later, all is open."""
UNUSUAL = 2
"""A stop said to last more of its unit's mean repairs ends as it is said, instead of as drawn."""
BUILDS_AHEAD = 3
"""Without bookings, parts may share a build with those of so many full builds."""
IN_SHOP: Instant = -1
"""The release of an order that was released before now: it comes before all others."""
PATIENCE: Seconds = 30 * MINUTE
"""How long a part waits for its booked unit before any eligible one may take it: the floor's."""


@dataclass(frozen=True, slots=True, eq=False)
class OpenFloor:
    """A floor in the middle of its work: `jobs` are the open orders, in the problem's sequence;
    `done` when those finished that have no step left.
    """

    problem: FloorProblem
    state: Ints
    jobs: tuple[OrderId, ...]
    done: Mapping[OrderId, Instant]


def read_floor(
    plant: Plant,
    bookings: Mapping[StepKey, Booking],
    floor: FloorState,
    orders: Iterable[Order],
    now: Instant,
    *,
    stops: Sequence[Stop] = (),
    release_ahead_s: Seconds = 0,
    model: TwinModel = PLAIN,
    repeats: Mapping[Capability, float] = MappingProxyType({}),
    states: int = LIMIT,
) -> OpenFloor:
    """Compile all open work; `stops` are known ones: in them a unit begins nothing. `repeats` are
    the shares of steps that are done again, by capability. The supervisor is the floor's, which
    explores at most `states` states (0: the banker's rule at once).
    """
    reader = _Reader(plant, bookings, floor, now, stops, model, repeats=repeats, states=states)
    return reader.read(orders, release_ahead_s)


def lay_out(
    plant: Plant,
    orders: Mapping[OrderId, tuple[Step, ...]],
    comes: Mapping[OrderId, Instant],
) -> Layout:
    """Lay out an empty plant and orders that come when they come, without bookings: each unit takes
    who came first. Of those who wait for a batch work center, up to its capacity go together.
    """
    reader = _Reader(plant, {}, empty_state(plant), 0, (), PLAIN)
    layout = reader.layout(orders, comes, orders.values())
    batches = [plant.work_centers[center].batch for center in reader.centers]
    sizes = [max(batch.capacity if (batch := batches[c]) else 0 for c in cap.centers)
             for cap in layout.caps]  # fmt: skip
    seen = [0] * len(sizes)

    def join(step: StepRow) -> StepRow:
        """Let a step share a build with those of its capability that come about when it does."""
        if not sizes[step.cap]:
            return step
        seen[step.cap] += 1
        window = seen[step.cap] // (BUILDS_AHEAD * sizes[step.cap])
        return replace(step, build=window * len(sizes) + step.cap)

    jobs = tuple(replace(job, steps=tuple(map(join, job.steps))) for job in layout.jobs)
    return replace(layout, jobs=jobs, patience=None)


class _Reader:
    """Numbers what the plant names, then writes jobs and what the floor is at."""

    def __init__(
        self,
        plant: Plant,
        bookings: Mapping[StepKey, Booking],
        floor: FloorState,
        now: Instant,
        stops: Sequence[Stop],
        model: TwinModel,
        *,
        repeats: Mapping[Capability, float] = MappingProxyType({}),
        states: int = LIMIT,
    ) -> None:
        self.plant, self.bookings, self.floor = plant, bookings, floor
        self.now, self.stops, self.model, self.repeats = now, stops, model, repeats
        self.states = states
        self.progress: Progress = progress_of(floor, bookings, now)
        self.centers = sorted(plant.work_centers)
        self.units = [u for c in self.centers for u in plant.work_centers[c].units]
        self.unit_at = {unit: i for i, unit in enumerate(self.units)}
        centers = plant.work_centers.values()
        self.caps: list[Capability] = list(
            dict.fromkeys(chain.from_iterable(center.capabilities for center in centers))
        )
        self.cap_at = {cap: i for i, cap in enumerate(self.caps)}
        self.pools = sorted(plant.resources)
        self.families: list[SetupFamily] = sorted(
            {family for matrix in plant.setups.values() for family in matrix.families}
        )
        self.family_at = {family: i for i, family in enumerate(self.families)}
        self.build_at: dict[str, int] = {}

    def read(self, orders: Iterable[Order], release_ahead_s: Seconds) -> OpenFloor:
        """Compile the layout, and let the floor's state stand in its arrays."""
        left: dict[OrderId, tuple[Step, ...]] = {}
        release: dict[OrderId, Instant] = {}
        done: dict[OrderId, Instant] = {}
        orders = sorted(orders, key=lambda order: order.id)
        for order in orders:
            steps = self._open_steps(order)
            if steps:
                left[order.id] = steps
                release[order.id] = self._released_at(order, steps, release_ahead_s)
            else:
                finished = self.progress.finished
                done[order.id] = max(finished[order.id, s.step][1] for s in order.variant.steps)
        whole = (order.variant.steps for order in orders)
        problem = compile_layout(self.layout(left, release, whole), now=self.now)
        state = problem.origin.copy()
        _Floor(self, problem, state).stand(left, release)
        return OpenFloor(problem, state, tuple(left), done)

    def _open_steps(self, order: Order) -> tuple[Step, ...]:
        """Return the steps not finished, one that runs first."""
        steps = [s for s in order.variant.steps if (order.id, s.step) not in self.progress.finished]
        running = self.progress.running
        return tuple(sorted(steps, key=lambda step: (order.id, step.step) not in running))

    def _released_at(self, order: Order, steps: tuple[Step, ...], ahead_s: Seconds) -> Instant:
        """Return when a part is there: an order not released comes a while before its booking."""
        booking = self.bookings.get((order.id, steps[0].step))
        is_in_shop = order.state is not OrderState.PLACED or booking is None
        if is_in_shop or self.place_of(order.id, steps) is not None:
            return IN_SHOP
        return max(self.now, booking.start - ahead_s) if booking else self.now

    def place_of(self, order: OrderId, steps: tuple[Step, ...]) -> str | None:
        """Return the unit or the buffer in which a part is, None if it is not on the floor yet."""
        track = self.floor.orders.get(order)
        if track is None:
            return None
        start = track.running.get(steps[0].step)
        place = track.place if start is None else start.unit
        is_known = place in self.unit_at or place.removeprefix("buffer/") in self.plant.work_centers
        return place if is_known else None

    def layout(
        self,
        left: Mapping[OrderId, tuple[Step, ...]],
        release: Mapping[OrderId, Instant],
        whole: Iterable[tuple[Step, ...]],
    ) -> Layout:
        """Return all of it as numbers; `whole` are all steps of the orders, the finished ones too:
        a part that waits is where it was brought for one.
        """
        plant = self.plant
        rows, quantiles = self._rows()
        setups = list(plant.setups)
        centers = tuple(
            CenterRow(
                tuple(self._unit_row(unit) for unit in center.units),
                center.buffer,
                center.is_interruptible,
                center.batch.capacity if center.batch else 0,
                setups.index(center.setup) if center.setup is not None else -1,
            )
            for center in (plant.work_centers[name] for name in self.centers)
        )
        layout = Layout(
            centers=centers,
            caps=tuple(self._cap_row(cap) for cap in self.caps),
            jobs=tuple(
                JobRow(release[order], tuple(self._step_row(order, step) for step in steps))
                for order, steps in left.items()
            ),
            pools=tuple(plant.resources[name].count for name in self.pools),
            num_robots=len(plant.transporters),
            travel=tuple(
                tuple(plant.travel.get(a, {}).get(b, 0) for b in self.centers) for a in self.centers
            ),
            setups=tuple(self._matrix(matrix) for matrix in plant.setups.values()),
            hours=self._hours(),
            rows=rows,
            quantiles=quantiles,
            patience=PATIENCE,
        )
        is_exact = self.states > 0 and needs_guard(layout)
        routes = {tuple(step.capability for step in steps) for steps in whole}
        rule = compile_exact(plant, routes, limit=self.states) if is_exact else None
        return layout if rule is None else replace(layout, bad=self._bad(rule))

    def _bad(self, rule: ExactRule) -> tuple[Vector, ...]:
        """Return the bad vectors of the floor's rule by spot; those of other routes never count."""
        spots: dict[str, Spot] = {}
        for rest in {route[k:] for route in rule.routes for k in range(len(route) + 1)}:
            by_number = tuple(self.cap_at[cap] for cap in rest)
            for c, center in enumerate(self.centers):
                spots[place_name(center, rest)] = 2 * c, by_number
                spots[place_name(buffer_of(center), rest)] = 2 * c + 1, by_number
        every = (vector for guard in rule.guards for vector in guard.vectors)
        vectors = (vector for vector in every if vector.keys() <= spots.keys())
        return tuple(tuple((spots[p], n) for p, n in vector.items()) for vector in vectors)

    def _unit_row(self, unit: UnitId) -> UnitRow:
        each = self.plant.units[unit]
        return UnitRow(
            each.pace_permille,
            each.reliability.mtbf_s,
            each.reliability.mttr_s,
            key=hash_of("unit", unit),
        )

    def _cap_row(self, cap: Capability) -> CapRow:
        # In the plant's sequence, in which a part that stands still looks for a way on.
        centers = self.plant.work_centers.values()
        offered = (c.id for c in centers if cap in c.capabilities)
        pools = (self.pools.index(name) for name in self.plant.needs_of(cap))
        return CapRow(tuple(self.centers.index(c) for c in offered), tuple(pools))

    def _step_row(self, order: OrderId, step: Step) -> StepRow:
        cap, work = self.cap_at[step.capability], step.work
        booking = self.bookings.get((order, step.step))
        family = -1 if step.setup is None else self.family_at.get(step.setup, -1)
        key = hash_of(order, step.step)
        if booking is None:
            return StepRow(cap, work, family=family, hash=key)
        build = -1
        if booking.build is not None:
            build = self.build_at.setdefault(booking.build, len(self.build_at))
        return StepRow(
            cap, work, self.unit_at[booking.unit], booking.start, booking.setup_start,
            booking.not_before, build, family, key,
        )  # fmt: skip

    def _matrix(self, matrix: SetupMatrix) -> tuple[tuple[Seconds, ...], ...]:
        """Return a setup matrix over all families; the last row is for a unit never set up."""
        known = {family: i for i, family in enumerate(matrix.families)}
        none = (0,) * len(self.families)

        def widen(row: Sequence[Seconds]) -> tuple[Seconds, ...]:
            return tuple(row[known[f]] if f in known else 0 for f in self.families)

        changes = (widen(matrix.change[known[f]]) if f in known else none for f in self.families)
        return (*changes, widen(matrix.first))

    def _rows(self) -> tuple[dict[tuple[int, int], int], tuple[Floats, ...]]:
        """Return which quantile row each capability has on each unit, and the rows."""
        rows: dict[tuple[int, int], int] = {}
        by_shape: dict[tuple[float, float, float], int] = {}
        for u, unit in enumerate(self.units):
            cv = self.plant.units[unit].reliability.duration_cv
            if cv > 0:
                row = by_shape.setdefault((cv, 1.0, 0.0), len(by_shape))
                rows.update({(cap, u): row for cap in range(len(self.caps))})
        for learnt in self.model.rows:
            if learnt.capability in self.cap_at and learnt.unit in self.unit_at:
                row = by_shape.setdefault((*shape_of(learnt), 0.0), len(by_shape))
                rows[self.cap_at[learnt.capability], self.unit_at[learnt.unit]] = row
        for capability, share in self.repeats.items():
            for unit in self.plant.eligible_units(capability):
                cv, mean = shape_of(self.model.row(self.plant, capability, unit))
                row = by_shape.setdefault((cv, mean, share), len(by_shape))
                rows[self.cap_at[capability], self.unit_at[unit]] = row
        return rows, tuple(_row_of(cv, share) * mean for cv, mean, share in by_shape)

    def worked(self, capability: Capability, start: Start) -> Seconds:
        """Return the work done since a start, stops left out, and closed hours where work pauses
        over them.
        """
        unit, begun = start.unit, start.rank[0]
        each = self.floor.units[unit]
        until = each.since if each.is_down else self.now
        span = until - begun
        if self.plant.center_of(unit).is_interruptible:
            time = working_time(
                self.plant, unit, capability, start=begun, finish=max(until, begun + 1)
            )
            span = time.between(begun, until)
        return max(0, span - each.lost_since(start.rank, until))

    def _hours(self) -> dict[tuple[int, int], tuple[Window, ...]]:
        later = [stop for stop in self.stops if stop.start > self.now]
        end = max((b.finish for b in self.bookings.values()), default=self.now) + MARGIN
        hours: dict[tuple[int, int], tuple[Window, ...]] = {}
        for u, unit in enumerate(self.units):
            for cap in self.plant.center_of(unit).capabilities:
                time = working_time(
                    self.plant, unit, cap, start=self.now, finish=end, stops=later
                )  # fmt: skip
                if len(time.open) > 1:
                    hours[self.cap_at[cap], u] = tuple(zip(time.open, time.close, strict=True))
        return hours


class _Floor:
    """Lets parts, units, robots and counted resources stand as the floor's state says."""

    def __init__(self, reader: _Reader, problem: FloorProblem, state: Ints) -> None:
        from unikat.twin import _kernels as k

        self.k, self.reader, self.problem, self.s = k, reader, problem, state

    def stand(
        self, left: Mapping[OrderId, tuple[Step, ...]], release: Mapping[OrderId, Instant]
    ) -> None:
        """Fill the state: units and robots first, then each part where it is."""
        self._stand_units()
        self._stand_robots()
        waiting = []
        for j, (order, steps) in enumerate(left.items()):
            if release[order] == IN_SHOP:
                job, place = int(self.problem.jobs[j]), self.reader.place_of(order, steps)
                self.s[self.k.ARRIVED] += 1
                self.s[job + self.k.NEXT] = self.s[job + self.k.FIRST]
                if place is None or self._stand_part(job, order, steps, self._place(place)):
                    waiting.append(job)
        for job in waiting:
            self.k.queue(self.problem.p, self.s, job)

    def _stand_units(self) -> None:
        k, s, floor, now = self.k, self.s, self.reader.floor, self.reader.now
        back = {stop.unit: stop.finish for stop in self.reader.progress.stops}
        for u, unit in enumerate(self.reader.units):
            row, each = int(self.problem.units[u]), floor.units.get(unit, UnitState())
            if each.family is not None:
                s[row + k.FAMILY] = self.reader.family_at.get(each.family, -1)
            s[row + k.IS_DOWN] = each.is_down
            if each.is_down and (until := self._stated_return(unit, each)) > now:
                s[row + k.IS_DOWN] = 2
                k.plan(self.problem.p, s, until, k.REPAIRED, row)
            if each.state == "setup" and unit in back:
                s[row + k.PHASE] = k.SETUP
                k.plan(self.problem.p, s, max(now, back[unit]), k.END_SETUP, row)
        for stop in self.reader.stops:
            if stop.start <= now:
                row = int(self.problem.units[self.reader.unit_at[stop.unit]])
                s[row + k.IS_DOWN] = 2
                k.plan(self.problem.p, s, stop.finish, k.REPAIRED, row)

    def _stated_return(self, unit: UnitId, each: UnitState) -> Instant:
        """Return when a unit that is down said it is back, if that says more than a usual repair
        would; else 0, and the repair is drawn.
        """
        mttr = self.reader.plant.units[unit].reliability.mttr_s
        until = each.stops[-1][1]
        return until if until - each.since > UNUSUAL * mttr else 0

    def _stand_robots(self) -> None:
        k, plant = self.k, self.reader.plant
        first = int(self.problem.p[k.S_ROBOT])
        for r, name in enumerate(sorted(plant.transporters)):
            each = self.reader.floor.transporters.get(name)  # none: one that is only imagined
            place = 0 if each is None else self._place(each.at)
            if place:
                self.s[first + r * k.ROBOT_WIDTH + k.AT] = self.s[place + k.OWNER]

    def _place(self, name: str) -> int:
        """Return the handle of a unit or a buffer; 0 for the store and the dock."""
        if name in self.reader.unit_at:
            return int(self.problem.units[self.reader.unit_at[UnitId(name)]])
        center = name.removeprefix("buffer/")
        if center in self.reader.centers:
            return int(self.problem.centers[self.reader.centers.index(WorkCenterId(center))])
        return 0

    def _stand_part(self, job: int, order: OrderId, steps: tuple[Step, ...], place: int) -> bool:
        """Put a part where it is; return whether it waits there for its next step."""
        k, s, track = self.k, self.s, self.reader.floor.orders[order]
        is_buffer = s[place + k.OWNER] == place
        start = track.running.get(steps[0].step)
        is_waiting = is_buffer or (start is None and self._is_done_here(track, steps[0]))
        s[job + k.PLACE] = place
        s[job + k.ENTERED] += 0 if is_waiting else k.STEP_WIDTH
        k.stand(self.problem.p, s, job, place)
        if is_buffer:
            s[place + k.SLOTS] += 1
            return True
        s[place + k.NUM_IN] += 1
        s[job + k.NEXT_IN], s[place + k.FIRST_IN] = s[place + k.FIRST_IN], job
        if is_waiting:
            return True
        s[job + k.CLAIM] = place
        s[place + k.NUM_CLAIMED] += 1
        s[place + k.NUM_HERE] += 1
        s[job + k.NEXT_CLAIM], s[place + k.FIRST_CLAIM] = s[place + k.FIRST_CLAIM], job
        if start is not None and s[place + k.PHASE] != k.WORK:
            self._run(place, steps[0], start)
        return False

    def _is_done_here(self, track: OrderTrack, step: Step) -> bool:
        """Return whether the last the part met where it is was the end of a step, or the unit
        cannot do its next one: it waits to be fetched.
        """
        if any(each.rank > track.place_rank for each in track.finished.values()):
            return True
        unit = UnitId(track.place)
        return step.capability not in self.reader.plant.center_of(unit).capabilities

    def _run(self, unit: int, step: Step, start: Start) -> None:
        """Let a unit be in the middle of a step that has worked for a while."""
        k, s, reader = self.k, self.s, self.reader
        s[unit + k.PHASE], s[unit + k.IS_HELD] = k.WORK, 1
        cap = int(self.problem.p[k.S_CAP]) + reader.cap_at[step.capability] * k.CAP_WIDTH
        s[unit + k.CAP] = cap
        s[unit + k.WORKED] = reader.worked(step.capability, start)
        for pool in range(int(s[cap + k.POOLS]), int(s[cap + k.POOLS] + s[cap + k.NUM_POOLS])):
            s[self.problem.p[pool]] -= 1


@lru_cache(maxsize=64)
def _row_of(cv: float, share: float) -> Floats:
    row = lognormal_row(cv)
    return repeated_row(row, share, MOST_REPAIRS) if share else row


def hash_of(*key: str) -> int:
    """Return 62 bits that name what is drawn for: the same whatever else there is."""
    return int.from_bytes(blake2b("\n".join(key).encode(), digest_size=8).digest(), "big") >> 2
