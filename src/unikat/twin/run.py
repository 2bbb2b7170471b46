"""Play the tasks of a published sequence, all replications side by side: every instant is an
array over them.
"""

from collections.abc import Mapping, Sequence

import numpy as np

from unikat.capacity.calendar import working_time
from unikat.capacity.model import Booking, Stop
from unikat.order.model import Order, OrderState
from unikat.plant.model import Plant
from unikat.schedule.model import StepKey
from unikat.terms import WEEK, Capability, Instant, Seconds, SetupFamily, UnitId
from unikat.twin.draws import Floats, delays, exponentials, lognormals, uniforms
from unikat.twin.facts import Start
from unikat.twin.hours import Hours, Instants, mean
from unikat.twin.state import FloorState, progress_of
from unikat.twin.tasks import Task

MARGIN: Seconds = 8 * WEEK
"""How far beyond the last booked finish working hours are known; later, all is open."""


class Run:
    """What is known in each replication: when each step finishes, and when each unit is free for
    which family.
    """

    def __init__(
        self,
        plant: Plant,
        state: FloorState,
        bookings: Mapping[StepKey, Booking],
        orders: Sequence[Order],
        now: Instant,
        *,
        replications: int,
        seed: int,
        stops: Sequence[Stop] = (),
    ) -> None:
        self._plant, self._state, self._now = plant, state, now
        self._later = [stop for stop in stops if stop.start > now]
        self._replications, self._seed = replications, seed
        self._end = max((b.finish for b in bookings.values()), default=now) + MARGIN
        self._hours: dict[tuple[UnitId, Capability], Hours] = {}
        self._floor = np.full(replications, now, dtype=np.int64)
        self.progress = progress_of(state, bookings, now)
        self._unit_of = {key: unit for key, (unit, _) in self.progress.finished.items()}
        self._finish: dict[StepKey, Instants] = {
            key: np.full(replications, at, dtype=np.int64)
            for key, (_, at) in self.progress.finished.items()
        }
        self._family: dict[UnitId, SetupFamily] = dict(self.progress.families)
        self._free = {
            stop.unit: self._until_free(stop.unit, stop.finish) for stop in self.progress.stops
        }
        for stop in stops:
            if stop.start <= now:
                free = self._free.get(stop.unit, self._floor)
                self._free[stop.unit] = np.maximum(free, stop.finish)
        self._mean_free = {unit: mean(free) for unit, free in self._free.items()}
        self._placed = {order.id for order in orders if order.state is OrderState.PLACED}
        self._play_running(orders)

    def ready(self, task: Task) -> Instants:
        """Return when a task could start if its unit were free: after all it waits for.

        A build waits for its booked start, and so does the first step of an order that is not
        released yet.
        """
        unit, booking = self._unit_for(task), task.booking
        ready = self._floor
        for key in task.after:
            if key in self._finish:
                travel = self._plant.travel_s(self._unit_of[key], unit)
                ready = np.maximum(ready, self._finish[key] + travel)
        is_placed = not task.after and task.keys[0][0] in self._placed
        if booking is not None and (is_placed or self._plant.center_of(unit).batch):
            ready = np.maximum(ready, booking.start)
        return ready

    def mean_free(self, task: Task) -> Instant:
        """Return when, on average, the unit of a task is free as far as it was played."""
        if task.booking is None:
            return self._now
        return self._mean_free.get(task.booking.unit, self._now)

    def play(self, task: Task, ready: Instants) -> None:
        """Play one task next on its unit, given when it is ready."""
        step, booking = task.steps[0], task.booking
        unit = self._unit_for(task)
        center = self._plant.center_of(unit)
        hours = self._hours_at(unit, step.capability)
        nominal = self._plant.duration(unit, task.work)
        if booking is not None:
            setup = self._plant.setup_s(unit, self._family.get(unit), step.setup)
            free = self._free.get(unit, self._floor)
            if setup:
                opening = hours.fit(free, 1 if center.is_interruptible else setup)
                free = hours.add(opening, np.int64(setup) + np.zeros_like(opening))
            ready = np.maximum(ready, free)
        drawn = self._draw(task.keys[0], unit, nominal)
        start = hours.fit(ready, 1 if center.is_interruptible else nominal)
        finish = hours.add(start, drawn) if center.is_interruptible else start + drawn
        finish = finish + self._delay(task.keys[0], unit, drawn)
        if booking is not None:
            self._occupy(unit, finish)
            if step.setup is not None:
                self._family[unit] = step.setup
        for key in task.keys:
            self._finish[key], self._unit_of[key] = finish, unit

    def finish_of(self, order: Order) -> Instants:
        """Return when the last step of an order finishes."""
        finish = self._finish[order.id, order.variant.steps[0].step]
        for step in order.variant.steps[1:]:
            finish = np.maximum(finish, self._finish[order.id, step.step])
        return finish

    def _unit_for(self, task: Task) -> UnitId:
        """Return the booked unit; a step without booking is played on the first eligible one, as
        if it were free.
        """
        if task.booking is not None:
            return task.booking.unit
        return self._plant.eligible_units(task.steps[0].capability)[0]

    def _occupy(self, unit: UnitId, finish: Instants) -> None:
        self._free[unit], self._mean_free[unit] = finish, mean(finish)

    def _play_running(self, orders: Sequence[Order]) -> None:
        """Draw when running steps finish, given how long they have worked; a build draws once."""
        works = {
            (order.id, step.step): step
            for order in orders
            for step in order.variant.steps
            if (order.id, step.step) in self.progress.running
        }
        drawn: dict[tuple[UnitId, Instant], Instants] = {}
        for key, step in works.items():
            start = self._state.orders[key[0]].started[key[1]]
            load = (start.unit, start.rank[0])
            if load not in drawn:
                mates = [
                    s.work for k, s in works.items() if self.progress.running[k].unit == start.unit
                ]
                drawn[load] = self._draw_rest(key, step.capability, start, max(mates))
            self._finish[key], self._unit_of[key] = drawn[load], start.unit
            self._occupy(start.unit, drawn[load])

    def _draw_rest(
        self, key: StepKey, capability: Capability, start: Start, work: Seconds
    ) -> Instants:
        unit = start.unit
        each = self._state.units.get(unit)
        until = each.since if each is not None and each.is_down else self._now
        worked = self._worked(unit, capability, start, until)
        u = uniforms(self._replications, self._seed, *key, "work")
        cv = self._plant.units[unit].reliability.duration_cv
        total = lognormals(self._plant.duration(unit, work), cv, u, beyond=float(worked))
        rest = np.maximum(1, np.rint(total - worked)).astype(np.int64)
        begin = self._free.get(unit, self._floor)
        if self._plant.center_of(unit).is_interruptible:
            hours = self._hours_at(unit, capability)
            finish = hours.add(hours.fit(begin, 1), rest)
        else:
            finish = begin + rest
        return finish + self._delay(key, unit, rest)

    def _worked(
        self, unit: UnitId, capability: Capability, start: Start, until: Instant
    ) -> Seconds:
        """Return the work done since a start, stops left out, and closed hours where work pauses
        over them.
        """
        begun = start.rank[0]
        each = self._state.units.get(unit)
        lost = 0 if each is None else each.lost_since(start.rank, until)
        span = until - begun
        if self._plant.center_of(unit).is_interruptible:
            time = working_time(
                self._plant, unit, capability, start=begun, finish=max(until, begun + 1)
            )
            span = time.between(begun, until)
        return max(0, span - lost)

    def _until_free(self, unit: UnitId, finish: Instant) -> Instants:
        """Return when a stopped unit is back: a repair has no memory; a setup takes what it
        takes.
        """
        each = self._state.units[unit]
        if not each.is_down:
            return np.full(self._replications, finish, dtype=np.int64)
        mean = max(1, self._plant.units[unit].reliability.mttr_s)
        u = uniforms(self._replications, self._seed, unit, "repair")
        return self._now + np.maximum(1, np.rint(exponentials(mean, u))).astype(np.int64)

    def _draw(self, key: StepKey, unit: UnitId, nominal: Seconds) -> Instants:
        cv = self._plant.units[unit].reliability.duration_cv
        if cv == 0:
            return np.full(self._replications, nominal, dtype=np.int64)
        u = uniforms(self._replications, self._seed, *key, "work")
        return np.maximum(1, np.rint(lognormals(nominal, cv, u))).astype(np.int64)

    def _delay(self, key: StepKey, unit: UnitId, work: Instants) -> Instants:
        reliability = self._plant.units[unit].reliability
        if not reliability.mtbf_s:
            return np.zeros(self._replications, dtype=np.int64)
        u = uniforms(self._replications, self._seed, *key, "failures")
        v = uniforms(self._replications, self._seed, *key, "repairs")
        work_s: Floats = work.astype(np.float64)
        lost = delays(work_s, reliability.mtbf_s, reliability.mttr_s, u, v)
        rounded: Instants = np.rint(lost).astype(np.int64)
        return rounded

    def _hours_at(self, unit: UnitId, capability: Capability) -> Hours:
        known = self._hours.get((unit, capability))
        if known is None:
            time = working_time(
                self._plant, unit, capability, start=self._now, finish=self._end, stops=self._later
            )
            known = self._hours[unit, capability] = Hours.of(time)
        return known
