"""A virtual floor: obeys commands and says what happens, as the machines of a real plant would.

It shares the plant, the dispatch and the supervisor with a real floor's control, and no code with
the twin, so that it can be the twin's truth. An order is one part that passes its steps one after
the other.
"""

from functools import partial

from unikat.capacity.model import Booking
from unikat.configure.model import Step
from unikat.errors import UnknownUnit, WrongUnitState
from unikat.events import LoadMoved, Message
from unikat.floor.agenda import Agenda
from unikat.floor.control import Control
from unikat.floor.dispatch import (
    PATIENCE,
    Queues,
    Waiting,
    begins_at,
    is_bound,
    move_to,
    ready_members,
    wanted_moves,
)
from unikat.floor.link import Link
from unikat.floor.machine import Machine, Part
from unikat.floor.model import (
    DOCK,
    STORE,
    Close,
    Command,
    FloorFigures,
    Move,
    Place,
    Release,
    Route,
    World,
    buffer_of,
)
from unikat.floor.quality import Verdict
from unikat.floor.transport import Transport
from unikat.floor.work import Work
from unikat.plant.model import Plant, WorkCenter
from unikat.terms import Instant, OrderId, UnitId


def open_floor(plant: Plant, world: World, *, seed: int, start: Instant) -> "VirtualFloor":
    """Open an empty floor at an instant; all that happens depends on the seed and the commands
    alone.
    """
    return VirtualFloor(plant, world, seed, start)


class VirtualFloor:
    """A plant that obeys commands at the present instant and is moved on by `advance`."""

    def __init__(self, plant: Plant, world: World, seed: int, start: Instant) -> None:
        self._plant = plant
        self._agenda, self._link = Agenda(start), Link(world, seed)
        self._queues = Queues(plant)
        self._machines: dict[Place, Machine] = {u: Machine(plant, u) for u in plant.units}
        self._transport = Transport(plant, self._agenda, self._link, self._machines, self._arrive)
        self._work = Work(plant, world, seed, self._agenda, self._link, self._hand_on)
        for machine in self._machines.values():
            self._work.renew(machine)
        self._control = Control(plant, world.look_ahead, world.states)
        self._parts: dict[OrderId, Part] = {}
        self._blocking: set[OrderId] = set()
        self._deadlocks = 0
        self._stuck: tuple[OrderId, ...] = ()

    # What the outside sees.

    def obey(self, command: Command) -> None:
        """Obey a command at the present instant."""
        if isinstance(command, Release):
            self._release(command.order_id, command.steps)
        elif isinstance(command, Close):
            for machine in self._machines.values():
                if machine.close(command.stops):
                    self._agenda.dirty.add(machine.center.id)
        else:
            for booking in command.bookings:
                self._book(booking)
        self._settle()

    def advance(self, until: Instant) -> tuple[Message, ...]:
        """Move on to an instant and return all messages that have arrived by then, in sequence."""
        while (at := self._agenda.next_at()) is not None and at <= until:
            self._agenda.step()
            self._settle()
        self._agenda.now = until
        return self._link.hear(until)

    def next_at(self) -> Instant | None:
        """Return when the next thing happens or is heard, None if nothing will without a
        command.
        """
        times = (self._agenda.next_at(), self._link.next_at())
        return min((at for at in times if at is not None), default=None)

    def figures(self) -> FloorFigures:
        """Return the standstills so far, the seconds each unit worked, who is stuck, the rule."""
        busy = {machine.unit: machine.busy for machine in self._machines.values()}
        return FloorFigures(self._deadlocks, busy, self._stuck, self._control.rule)

    # What may happen to it.

    def break_down(self, unit: UnitId, until: Instant | None = None) -> Instant:
        """Let a unit break down now; it is back at `until`, if it is not mended sooner, and without
        `until` only when it is mended. Return when it says that it is back.

        Raises
        ------
        UnknownUnit, WrongUnitState
            If there is no such unit, or it is down already.
        """
        machine = self._machine(unit)
        if machine.is_down:
            raise WrongUnitState(f"{unit} is down already; mend it first")
        soonest = self._agenda.now + 1
        expected = self._work.break_down(machine, None if until is None else max(until, soonest))
        self._settle()
        return expected

    def mend(self, unit: UnitId) -> None:
        """Let a unit that is down go on now.

        Raises
        ------
        UnknownUnit, WrongUnitState
            If there is no such unit, or it is not down.
        """
        machine = self._machine(unit)
        if not machine.is_down:
            raise WrongUnitState(f"{unit} is not down; there is nothing to mend")
        self._work.mend(machine)
        self._settle()

    def _machine(self, unit: UnitId) -> Machine:
        if unit not in self._machines:
            raise UnknownUnit(f"there is no unit {unit!r}; units: {', '.join(self._plant.units)}")
        return self._machines[unit]

    # Commands.

    def _release(self, order: OrderId, steps: tuple[Step, ...]) -> None:
        if order in self._parts or not steps:
            return
        route: Route = tuple(step.capability for step in steps)
        self._control.admit(route)
        self._parts[order] = Part(order, steps, route)
        self._wait(self._parts[order])
        for step in steps:
            if (booking := self._queues.bookings.get((order, step.step))) is not None:
                self._agenda.dirty.add(self._machines[booking.unit].center.id)

    def _book(self, booking: Booking) -> None:
        """Take over a booking, unless its step was begun already."""
        key = (booking.order, booking.step)
        part = self._parts.get(booking.order)
        if part is not None and booking.step in part.entered:
            return
        if (old := self._queues.bookings.get(key)) is not None:
            self._machines[old.unit].upcoming.pop(key, None)
        machine = self._machines[booking.unit]
        if machine.center.setup is not None and booking.family is not None:
            machine.upcoming[key] = booking
        if (waiting := self._queues.book(booking)) is not None:
            self._watch(waiting)
        self._agenda.dirty.add(machine.center.id)

    # Waiting, and what moves next.

    def _wait(self, part: Part) -> None:
        """Let a part wait for its next step where it is."""
        step = part.steps[part.next]
        waiting = Waiting(part.order, part.route, step, part.place, self._agenda.now)
        self._queues.add(waiting)
        if part.place in self._machines:
            self._blocking.add(part.order)
        self._watch(waiting)
        self._look_at_eligible(waiting)

    def _watch(self, part: Waiting) -> None:
        """Let the patience of a waiting part end some time after its booked start."""
        if not part.is_watched and not part.is_loose:
            part.is_watched = True
            due = max(part.since, part.key[0]) + PATIENCE
            self._agenda.plan(max(due, self._agenda.now), partial(self._lose_patience, part))

    def _lose_patience(self, part: Waiting) -> None:
        part.is_watched = False
        if self._queues.parts.get(part.order) is not part:
            return
        if max(part.since, part.key[0]) + PATIENCE > self._agenda.now:
            self._watch(part)
            return
        self._queues.loosen(part)
        self._look_at_eligible(part)

    def _look_at_eligible(self, part: Waiting) -> None:
        for unit in self._plant.eligible_units(part.step.capability):
            self._agenda.dirty.add(self._machines[unit].center.id)

    def _settle(self) -> None:
        """Begin all that can begin now; where nothing would ever happen again, try anything
        safe.
        """
        dirty = self._agenda.dirty
        while True:
            while dirty:
                center = min(dirty)
                dirty.discard(center)
                self._serve(self._plant.work_centers[center])
            if self._agenda.heap or not self._queues.parts:
                return
            if not self._break_standstill():
                self._count_standstill()
                return

    def _count_standstill(self) -> None:
        parts = self._queues.parts.values()
        inside = tuple(sorted(part.order for part in parts if part.place != STORE))
        self._deadlocks += bool(inside) and inside != self._stuck
        self._stuck = inside

    def _serve(self, center: WorkCenter) -> None:
        """Feed the free units of a work center, start or prepare them, then fill its buffer."""
        down = [unit for unit in center.units if self._machines[unit].is_down]
        for unit in center.units:
            machine = self._machines[unit]
            if machine.is_free:
                self._feed(machine, down)
            elif not machine.claimed:
                self._keep(machine)
            self._work.start(machine)
            if machine.is_free:
                self._work.prepare(machine, self._parts)
        self._fill_buffer(center)

    def _feed(self, machine: Machine, down: list[UnitId]) -> None:
        now = self._agenda.now
        for move in wanted_moves(self._queues, machine.unit, down=down, now=now):
            if self._begin(move):
                return
        begins = (
            begins_at(self._queues.parts[order])
            for _, order in self._queues.own.get(machine.unit, ())
        )
        if (later := min((begin for begin in begins if begin > now), default=None)) is not None:
            self._agenda.wake(machine.center.id, later)

    def _keep(self, machine: Machine) -> None:
        """Let a part stay for its next step where that is booked here, or its patience has
        ended.
        """
        order = next(iter(machine.inside), None)
        part = None if order is None else self._queues.parts.get(order)
        if part is None or len(machine.inside) > 1 or machine.is_down:
            return
        if part.step.capability not in machine.center.capabilities:
            return
        if part.is_loose or self._is_due_here(machine, part):
            self._begin(move_to(self._queues.parts, (part.order,), machine.unit))

    def _is_due_here(self, machine: Machine, part: Waiting) -> bool:
        booking, batch = part.booking, machine.center.batch
        if booking is None or booking.unit != machine.unit or batch is None:
            return booking is not None and booking.unit == machine.unit
        now = self._agenda.now
        if booking.start > now:
            self._agenda.wake(machine.center.id, booking.start)
        return ready_members(self._queues, part, batch.capacity, now) == (part.order,)

    def _fill_buffer(self, center: WorkCenter) -> None:
        """Take parts that block a unit into the buffer of their next one, by booked start."""
        place, slots = buffer_of(center.id), self._transport.slots
        if slots[place] >= center.buffer or not self._blocking:
            return
        waiting = (self._queues.parts[order] for order in self._blocking)
        for part in sorted((p for p in waiting if is_bound(p, center)), key=lambda p: p.key):
            if slots[place] < center.buffer:
                self._begin(move_to(self._queues.parts, (part.order,), place))

    def _break_standstill(self) -> bool:
        """Begin the first safe move of any waiting part to any place; return whether there was
        one.
        """
        for part in sorted(self._queues.parts.values(), key=lambda part: part.key):
            for place in self._places_ahead(part):
                if self._begin(move_to(self._queues.parts, (part.order,), place)):
                    return True
        return False

    def _places_ahead(self, part: Waiting) -> list[Place]:
        """Return the free units of a part's next step (its own counts), then the free buffers
        before them.
        """
        machines = [
            self._machines[unit] for unit in self._plant.eligible_units(part.step.capability)
        ]
        free = [m.unit for m in machines if m.is_free or list(m.inside) == [part.order]]
        if part.place not in self._machines:
            return list(free)
        slots = self._transport.slots
        centers = {buffer_of(m.center.id): m.center.buffer for m in machines}
        return [*free, *(place for place, size in centers.items() if slots[place] < size)]

    # Moves.

    def _begin(self, move: Move) -> bool:
        """Claim the place for a wanted move if a robot is free for it and the supervisor allows
        it.
        """
        parts = [self._parts[order] for order in move.orders]
        is_lacking = any(self._transport.is_lacking(part.place, move.target) for part in parts)
        if is_lacking or not self._control.begin(move, down=self._down()):
            self._agenda.starved.add(self._transport.center_at(move.target))
            return False
        machine = self._machines.get(move.target)
        if machine is None:
            self._transport.slots[move.target] += 1
            self._queues.remove(move.orders[0])
        else:
            self._enter(machine, parts)
        self._blocking.difference_update(move.orders)
        for part in parts:
            self._transport.carry(part, move.target)
        return True

    def _down(self) -> set[UnitId]:
        return {machine.unit for machine in self._machines.values() if machine.is_down}

    def _enter(self, machine: Machine, parts: list[Part]) -> None:
        """Let parts claim a unit for their next step, which uses up its booking."""
        for part in parts:
            waiting = self._queues.start(part.order)
            step = part.steps[part.next].step
            part.entered.add(step)
            machine.claimed.add(part.order)
            machine.inside[part.order] = part
            if waiting.booking is not None:
                self._machines[waiting.booking.unit].upcoming.pop((part.order, step), None)
        machine.build = self._queues.name_run(waiting)

    def _arrive(self, part: Part, target: Place) -> None:
        machine = self._machines.get(target)
        if machine is None:
            self._wait(part)
        else:
            machine.arrived.add(part.order)
            self._agenda.dirty.add(machine.center.id)

    def _hand_on(self, machine: Machine, judged: list[tuple[Part, Verdict]]) -> None:
        """Let finished parts wait for their next step, go back to the store, or leave by the
        dock.
        """
        for part, verdict in judged:
            if verdict.reason:
                self._take_out(machine, part, STORE)
                part.go_back(verdict.again)
                self._control.admit(part.route)
                self._wait(part)
                continue
            part.next += 1
            if part.next < len(part.steps):
                self._wait(part)
                continue
            self._take_out(machine, part, DOCK)

    def _take_out(self, machine: Machine, part: Part, target: Place) -> None:
        """Let a part leave the floor by hand, to the dock or back to the store."""
        self._link.say(LoadMoved(self._agenda.now, "", part.order, machine.unit, target))
        self._transport.take_out(part)
        part.place = target
        self._control.leave(part.order)
