"""A virtual floor: obeys commands and says what happens, as the machines of a real plant would.

It shares the plant, the dispatch and the supervisor with a real floor's control, and no code with the twin, so that it
can be the twin's truth. An order is one part that passes its steps one after the other. Work that has begun goes on
after closing time; a breakdown stops it, and it goes on where it stopped.
"""

from collections.abc import Callable
from dataclasses import replace
from heapq import heappop, heappush
from typing import TypeAlias

from unikat.capacity.model import Booking
from unikat.configure.model import Step
from unikat.events import (
    Event,
    LoadMoved,
    Message,
    SetupStarted,
    StepFinished,
    StepStarted,
    WorkUnitRestarted,
    WorkUnitStopped,
)
from unikat.floor.dispatch import PATIENCE, Queues, Waiting, move_to, wanted_moves
from unikat.floor.draws import exponential, lognormal
from unikat.floor.link import Link
from unikat.floor.machine import Machine, Part, Robots
from unikat.floor.model import (
    DOCK,
    STORE,
    Command,
    FloorFigures,
    Marking,
    Move,
    Place,
    Release,
    Route,
    World,
    buffer_of,
)
from unikat.floor.net import build_net
from unikat.floor.supervisor import allowed_moves, make_move, remove_part
from unikat.plant.model import Plant, WorkCenter
from unikat.terms import BuildId, Instant, OrderId, ResourceId, Seconds, UnitId, WorkCenterId

Occurrence: TypeAlias = tuple[Instant, int, Callable[[], None]]


def open_floor(plant: Plant, world: World, *, seed: int, start: Instant) -> "VirtualFloor":
    """Open an empty floor at an instant; all that happens depends on the seed and the commands alone."""
    return VirtualFloor(plant, world, seed, start)


class VirtualFloor:
    """A plant that obeys commands at the present instant and is moved on by `advance`."""

    def __init__(self, plant: Plant, world: World, seed: int, start: Instant) -> None:
        self.plant, self.world, self.seed, self.now = plant, world, seed, start
        self._net = build_net(plant, ())
        self._marking = Marking({})
        self._queues = Queues(plant)
        self._link = Link(world, seed)
        self._heap: list[Occurrence] = []
        self._count = 0
        self._wakes: set[tuple[Instant, WorkCenterId]] = set()
        self._machines = {unit: Machine(plant, unit) for unit in plant.units}
        for machine in self._machines.values():
            self._renew_failure(machine)
        self._slots = dict.fromkeys((buffer_of(center) for center in plant.work_centers), 0)
        self._robots = Robots(plant)
        self._left = {resource.id: resource.count for resource in plant.resources.values()}
        self._parts: dict[OrderId, Part] = {}
        self._runs: dict[BuildId, int] = {}
        self._dirty: set[WorkCenterId] = set()
        self._starved: set[WorkCenterId] = set()
        self._deadlocks = 0
        self._stuck: tuple[OrderId, ...] = ()

    # What the outside sees.

    def obey(self, command: Command) -> None:
        """Obey a command at the present instant."""
        if isinstance(command, Release):
            self._release(command.order_id, command.steps)
        else:
            for booking in command.bookings:
                self._book(booking)
        self._settle()

    def advance(self, until: Instant) -> tuple[Message, ...]:
        """Move on to an instant and return all messages that have arrived by then, in sequence."""
        while self._heap and self._heap[0][0] <= until:
            self.now = self._heap[0][0]
            while self._heap and self._heap[0][0] == self.now:
                heappop(self._heap)[2]()
            self._settle()
        self.now = until
        return self._link.hear(until)

    def next_at(self) -> Instant | None:
        """Return when the next thing happens or is heard, None if nothing will without a command."""
        times = [self._heap[0][0]] if self._heap else []
        heard = self._link.next_at()
        return min(times if heard is None else [*times, heard], default=None)

    def figures(self) -> FloorFigures:
        """Return the standstills so far, and the seconds each unit worked."""
        busy = {unit: machine.busy for unit, machine in self._machines.items()}
        return FloorFigures(self._deadlocks, busy, self._stuck)

    # Commands.

    def _release(self, order: OrderId, steps: tuple[Step, ...]) -> None:
        if order in self._parts or not steps:
            return
        route: Route = tuple(step.capability for step in steps)
        if route not in self._net.stages:
            self._net = build_net(self.plant, (*self._net.stages, route))
        self._parts[order] = Part(order, steps, route)
        self._wait(self._parts[order], STORE)
        self._dirty.update(self._centers_booked(order))

    def _centers_booked(self, order: OrderId) -> set[WorkCenterId]:
        keys = ((order, step.step) for step in self._parts[order].steps)
        bookings = (self._queues.bookings.get(key) for key in keys)
        return {self._machines[b.unit].center.id for b in bookings if b is not None}

    def _book(self, booking: Booking) -> None:
        part = self._parts.get(booking.order)
        if part is not None and booking.step in part.entered:
            return
        self._queues.book(booking)
        for machine in self._machines.values():
            machine.upcoming.pop((booking.order, booking.step), None)
        machine = self._machines[booking.unit]
        if machine.center.setup is not None and booking.family is not None:
            machine.upcoming[booking.order, booking.step] = booking
        self._dirty.add(machine.center.id)

    # Waiting, and what moves next.

    def _wait(self, part: Part, place: Place) -> None:
        """Let a part wait for its next step; after a while any eligible unit will do."""
        part.place = place
        waiting = Waiting(part.order, part.route, part.steps[part.next], place, self.now)
        self._queues.add(waiting)
        self._at(max(self.now, waiting.key[0]) + PATIENCE, lambda: self._lose_patience(waiting))
        self._dirty_eligible(waiting)

    def _dirty_eligible(self, part: Waiting) -> None:
        for unit in self.plant.eligible_units(part.step.capability):
            self._dirty.add(self._machines[unit].center.id)

    def _lose_patience(self, part: Waiting) -> None:
        if self._queues.parts.get(part.order) is not part or part.is_loose:
            return
        due = max(part.since, part.key[0]) + PATIENCE
        if due > self.now:
            self._at(due, lambda: self._lose_patience(part))
            return
        self._queues.loosen(part)
        self._dirty_eligible(part)

    def _settle(self) -> None:
        """Begin all that can begin now; where nothing will ever happen again, try anything that is safe."""
        while True:
            while self._dirty:
                center = min(self._dirty)
                self._dirty.discard(center)
                self._serve(self.plant.work_centers[center])
            if self._heap or not self._queues.parts or self._break_standstill():
                if not self._dirty:
                    return
                continue
            inside = tuple(sorted(o for o, p in self._queues.parts.items() if p.place != STORE))
            if inside and inside != self._stuck:
                self._deadlocks += 1
            self._stuck = inside
            return

    def _serve(self, center: WorkCenter) -> None:
        """Feed the free units of a work center, start what is loaded, prepare the rest, then fill the buffer."""
        down = [unit for unit in center.units if self._machines[unit].is_down]
        for unit in center.units:
            machine = self._machines[unit]
            if machine.is_free:
                self._feed(machine, down)
            else:
                self._keep(machine)
            self._start(machine)
            if machine.is_free:
                self._prepare(machine)
        self._fill_buffer(center)

    def _feed(self, machine: Machine, down: list[UnitId]) -> None:
        for move in wanted_moves(self._queues, machine.unit, down=down, now=self.now):
            if self._begin(move):
                return
        if machine.center.batch is not None:
            starts = (start for start, _ in self._queues.own.get(machine.unit, ()))
            if (later := next((s for s in starts if s > self.now), None)) is not None:
                self._wake(machine.center.id, later)

    def _keep(self, machine: Machine) -> None:
        """Let a part stay for its next step where that is booked here, or nothing better is at hand."""
        if len(machine.inside) != 1 or machine.is_down or machine.is_claimed:
            return
        order = next(iter(machine.inside))
        part = self._queues.parts.get(order)
        if part is None or part.step.capability not in machine.center.capabilities:
            return
        booking = part.booking
        is_here = booking is not None and booking.unit == machine.unit
        if part.is_loose or (is_here and machine.center.batch is None):
            self._begin(move_to(self._queues.parts, (order,), machine.unit))

    def _fill_buffer(self, center: WorkCenter) -> None:
        """Take parts that block a unit into the buffer of their next one, by booked start."""
        place = buffer_of(center.id)
        if self._slots[place] >= center.buffer:
            return
        blocking = [
            part
            for machine in self._machines.values()
            for order in machine.inside
            if (part := self._queues.parts.get(order)) is not None
            and part.step.capability in center.capabilities
            and (part.booking is None or part.booking.unit in center.units)
        ]
        for part in sorted(blocking, key=lambda part: part.key):
            if self._slots[place] < center.buffer:
                self._begin(move_to(self._queues.parts, (part.order,), place))

    def _break_standstill(self) -> bool:
        """Begin the first safe move of any waiting part to any place; return whether there was one."""
        for part in sorted(self._queues.parts.values(), key=lambda part: part.key):
            for place in self._places_ahead(part):
                if self._begin(move_to(self._queues.parts, (part.order,), place)):
                    return True
        return False

    def _places_ahead(self, part: Waiting) -> list[Place]:
        units = self.plant.eligible_units(part.step.capability)
        places: list[Place] = [
            unit
            for unit in units
            if self._machines[unit].is_free or list(self._machines[unit].inside) == [part.order]
        ]
        if part.place in self._machines:
            centers = dict.fromkeys(self._machines[unit].center for unit in units)
            places += [
                buffer_of(c.id) for c in centers if self._slots[buffer_of(c.id)] < c.buffer
            ]
        return places

    # Moves.

    def _begin(self, move: Move) -> bool:
        """Claim the place and a robot for a wanted move if the supervisor allows it."""
        parts = [self._parts[order] for order in move.orders]
        target = self._center_at(move.target)
        if not self._robots.free and any(self._travel(p.place, move.target) for p in parts):
            self._starved.add(target)
            return False
        if self.world.look_ahead is None:
            self._marking = make_move(self._net, self._marking, move)
        else:
            look_ahead = self.world.look_ahead
            allowed = allowed_moves(self._net, self._marking, (move,), look_ahead=look_ahead)
            if not allowed.moves:
                self._starved.add(target)
                return False
            self._marking = allowed.marking
        self._claim(parts, move.target)
        return True

    def _claim(self, parts: list[Part], target: Place) -> None:
        machine = self._machines.get(target)
        if machine is None:
            self._slots[target] += 1
            for part in parts:
                self._queues.remove(part.order)
        else:
            self._enter(machine, parts)
        for part in parts:
            source = part.place
            if source == target or not self._travel(source, target):
                self._leave(part)
                self._arrive(part, target, "")
            else:
                self._robots.waiting.append((part, target))
        self._send_robots()

    def _enter(self, machine: Machine, parts: list[Part]) -> None:
        """Let parts use up their bookings and claim a unit for their next step."""
        waiting = [self._queues.start(part.order) for part in parts]
        machine.build = self._name_run(machine, waiting[0])
        machine.claimed = {part.order for part in parts}
        machine.inside.update((part.order, part) for part in parts)
        for part in parts:
            step = part.steps[part.next].step
            part.entered.add(step)
            for other in self._machines.values():
                other.upcoming.pop((part.order, step), None)

    def _name_run(self, machine: Machine, part: Waiting) -> BuildId | None:
        """Return the id of the build that starts; what is left of a build that went without it gets a number."""
        build = part.booking.build if part.booking is not None else None
        if build is None:
            return BuildId(f"{part.order}/{part.step.step}") if machine.center.batch else None
        self._runs[build] = self._runs.get(build, 0) + 1
        return build if self._runs[build] == 1 else BuildId(f"{build}/{self._runs[build]}")

    def _send_robots(self) -> None:
        while self._robots.waiting and (self._robots.free or not self._robots.names):
            part, target = self._robots.waiting.pop(0)
            source, loaded = self._center_at(part.place), self._travel(part.place, target)
            robot, empty = self._robots.take(source)
            pick_up = self.now + empty
            if empty:
                self._at(pick_up, lambda part=part: self._leave(part))  # type: ignore[misc]
            else:
                self._leave(part)
            self._at(
                pick_up + loaded,
                lambda part=part, target=target, robot=robot: self._deliver(  # type: ignore[misc]
                    part, target, robot
                ),
            )

    def _deliver(self, part: Part, target: Place, robot: str) -> None:
        self._robots.release(robot, self._center_at(target))
        self._arrive(part, target, robot)
        self._send_robots()
        self._rouse()

    def _leave(self, part: Part) -> None:
        """Free the place a part is taken from, unless it stays."""
        machine = self._machines.get(part.place)
        if part.place in self._slots:
            self._slots[part.place] -= 1
        elif machine is not None and part.order not in machine.claimed:
            del machine.inside[part.order]
        if part.place != STORE:
            self._dirty.add(self._center_at(part.place))
            self._rouse()

    def _arrive(self, part: Part, target: Place, robot: str) -> None:
        if part.place != target:
            self._say(LoadMoved(self.now, robot, part.order, part.place, target))
        machine = self._machines.get(target)
        if machine is None:
            self._wait(part, target)
            return
        part.place = target
        machine.arrived.add(part.order)
        self._dirty.add(machine.center.id)

    # Work.

    def _prepare(self, machine: Machine) -> None:
        """Set up for the next booked step while its part is on the way, not before the booked start of the setup."""
        booking = min(machine.upcoming.values(), key=lambda b: (b.start, b.order), default=None)
        part = None if booking is None else self._parts.get(booking.order)
        if booking is None or part is None:
            return
        setup = self.plant.setup_s(machine.unit, machine.family, booking.family)
        step = next(step for step in part.steps if step.step == booking.step)
        start = machine.hours(step.capability).fit(max(self.now, booking.setup_start), max(1, setup))
        if setup == 0:
            return
        if start > self.now:
            self._wake(machine.center.id, start)
        else:
            self._set_up(machine, part.order, step, setup)

    def _start(self, machine: Machine) -> None:
        """Start the work on what is loaded: first the setup, then in one window, with all counted resources."""
        if not machine.is_loaded:
            return
        parts = [machine.inside[order] for order in sorted(machine.claimed)]
        steps = [part.steps[part.next] for part in parts]
        step, hours = steps[0], machine.hours(steps[0].capability)
        setup = self.plant.setup_s(machine.unit, machine.family, step.setup)
        nominal = max(self.plant.duration(machine.unit, step.work) for step in steps)
        length = 1 if machine.center.is_interruptible else setup + nominal
        if (start := hours.fit(self.now, length)) > self.now:
            self._wake(machine.center.id, start)
        elif setup:
            self._set_up(machine, parts[0].order, step, setup)
        elif self._seize(machine, step):
            machine.phase = "busy"
            machine.left = self._draw_work(machine, parts[0].order, step, nominal)
            for part in parts:
                until = machine.after(self.now, nominal)
                key = (machine.unit, part.order, part.steps[part.next].step)
                self._say(StepStarted(self.now, *key, 0, machine.build, until))
            self._work(machine)

    def _set_up(self, machine: Machine, order: OrderId, step: Step, setup: Seconds) -> None:
        if step.setup is None:
            return
        machine.phase, machine.family = "setup", step.setup
        self._say(SetupStarted(self.now, machine.unit, order, step.step, step.setup))
        hours = machine.hours(step.capability)
        self._at(hours.add(self.now, setup), lambda: self._end_setup(machine))

    def _end_setup(self, machine: Machine) -> None:
        machine.phase = "idle"
        self._dirty.add(machine.center.id)

    def _seize(self, machine: Machine, step: Step) -> bool:
        """Take one of each counted resource the step needs; if one is lacking take none and wait."""
        needs: tuple[ResourceId, ...] = self.plant.needs_of(step.capability)
        if any(self._left[need] == 0 for need in needs):
            self._starved.add(machine.center.id)
            return False
        for need in needs:
            self._left[need] -= 1
        machine.held = needs
        machine.capability = step.capability
        return True

    def _draw_work(
        self, machine: Machine, order: OrderId, step: Step, nominal: Seconds
    ) -> Seconds:
        reliability = self.plant.units[machine.unit].reliability
        mean = nominal * self.world.duration_factor.get(step.capability, 1.0)
        cv = self.world.duration_cv.get(step.capability, reliability.duration_cv)
        return max(1, round(lognormal(mean, cv, self.seed, order, step.step, 0, "work")))

    def _work(self, machine: Machine) -> None:
        """Work until the step is done or the unit fails, whichever comes first."""
        spell = min(machine.left, machine.until_failure)
        machine.left -= spell
        machine.until_failure -= spell
        machine.busy += spell
        at = machine.after(self.now, spell)
        if machine.left:
            self._at(at, lambda: self._fail(machine))
        else:
            self._at(at, lambda: self._finish(machine))

    def _fail(self, machine: Machine) -> None:
        mean = self.plant.units[machine.unit].reliability.mttr_s
        repair = exponential(mean, self.seed, machine.unit, machine.num_failures, "repair")
        machine.is_down = True
        until = self.now + max(1, mean)
        self._say(WorkUnitStopped(self.now, machine.unit, "breakdown", until))
        self._at(self.now + max(1, round(repair)), lambda: self._restart(machine))
        self._dirty.add(machine.center.id)

    def _restart(self, machine: Machine) -> None:
        machine.is_down = False
        self._renew_failure(machine)
        self._say(WorkUnitRestarted(self.now, machine.unit))
        self._work(machine)

    def _renew_failure(self, machine: Machine) -> None:
        mtbf = self.plant.units[machine.unit].reliability.mtbf_s
        if not mtbf or not self.world.has_breakdowns:
            return
        machine.num_failures += 1
        key = (self.seed, machine.unit, machine.num_failures, "failure")
        machine.until_failure = max(1, round(exponential(mtbf, *key)))

    def _finish(self, machine: Machine) -> None:
        parts = [machine.inside[order] for order in sorted(machine.claimed)]
        for need in machine.held:
            self._left[need] += 1
        build = machine.build
        machine.release()
        for part in parts:
            key = (machine.unit, part.order, part.steps[part.next].step)
            self._say(StepFinished(self.now, *key, 0, build))
        for part in parts:
            part.next += 1
            if part.next < len(part.steps):
                self._wait(part, part.place)
            else:
                self._ship(part)
        self._dirty.add(machine.center.id)
        self._rouse()

    def _ship(self, part: Part) -> None:
        self._say(LoadMoved(self.now, "", part.order, part.place, DOCK))
        self._leave(part)
        self._marking = remove_part(self._marking, part.order)
        self._parts[part.order] = replace(part, place=DOCK)

    # The small things.

    def _say(self, event: Event) -> None:
        self._link.say(event)

    def _rouse(self) -> None:
        """Look again at the centers that lacked a robot, a counted resource or the supervisor's leave."""
        self._dirty |= self._starved
        self._starved.clear()

    def _at(self, at: Instant, action: Callable[[], None]) -> None:
        self._count += 1
        heappush(self._heap, (at, self._count, action))

    def _wake(self, center: WorkCenterId, at: Instant) -> None:
        if (at, center) not in self._wakes:
            self._wakes.add((at, center))
            self._at(at, lambda: self._awake(center, at))

    def _awake(self, center: WorkCenterId, at: Instant) -> None:
        self._wakes.discard((at, center))
        self._dirty.add(center)

    def _center_at(self, place: Place) -> WorkCenterId:
        machine = self._machines.get(place)
        return WorkCenterId(place.removeprefix("buffer/")) if machine is None else machine.center.id

    def _travel(self, source: Place, target: Place) -> Seconds:
        if source == STORE:
            return 0
        centers = self._center_at(source), self._center_at(target)
        return self.plant.travel.get(centers[0], {}).get(centers[1], 0)
