"""The work of a virtual floor's machines: setups, starts, breakdowns, finishes."""

from collections.abc import Callable
from functools import partial

from unikat.configure.model import Step
from unikat.events import (
    MaterialUsed,
    SetupStarted,
    StepStarted,
    WorkUnitRestarted,
    WorkUnitStopped,
)
from unikat.floor.agenda import Agenda
from unikat.floor.draws import exponential, lognormal
from unikat.floor.link import Link
from unikat.floor.machine import Machine, Part, Spell
from unikat.floor.model import World
from unikat.floor.quality import Verdict, inspect, tell
from unikat.plant.model import Plant
from unikat.terms import HOUR, BuildId, Capability, Instant, OrderId, Seconds

USUAL_REPAIR = 4 * HOUR
"""Expected of a unit whose mean repair time plant.toml does not tell."""


class Work:
    """Lets machines work on what they are loaded with; `left` are the free counted resources.

    Work begins inside working hours where its nominal duration fits, and then goes on after closing
    time; a breakdown stops it, and it goes on where it stopped.
    """

    def __init__(
        self,
        plant: Plant,
        world: World,
        seed: int,
        agenda: Agenda,
        link: Link,
        on_finish: Callable[[Machine, list[tuple[Part, Verdict]]], None],
    ) -> None:
        self._plant, self._world, self._seed = plant, world, seed
        self._agenda, self._link, self._on_finish = agenda, link, on_finish
        self._left = {resource.id: resource.count for resource in plant.resources.values()}

    def prepare(self, machine: Machine, parts: dict[OrderId, Part]) -> None:
        """Set up for the next booked step while its part is on the way, not before the setup's
        booked start.
        """
        booking = min(machine.upcoming.values(), key=lambda b: (b.start, b.order), default=None)
        part = None if booking is None else parts.get(booking.order)
        if booking is None or part is None:
            return
        setup = self._plant.setup_s(machine.unit, machine.family, booking.family)
        if not setup:
            return
        step = next(step for step in part.steps if step.step == booking.step)
        earliest = max(self._agenda.now, booking.setup_start)
        start = machine.opening(step.capability, earliest, setup)
        if start > self._agenda.now:
            self._agenda.wake(machine.center.id, start)
        else:
            self._set_up(machine, part.order, step, setup)

    def start(self, machine: Machine) -> None:
        """Start what is loaded: first the setup, then the work inside one window with all its
        counted resources.
        """
        if not machine.is_loaded:
            return
        parts = [machine.inside[order] for order in sorted(machine.claimed)]
        steps = [part.steps[part.next] for part in parts]
        setup = self._plant.setup_s(machine.unit, machine.family, steps[0].setup)
        nominal = max(self._plant.duration(machine.unit, step.work) for step in steps)
        now = self._agenda.now
        start = machine.opening(steps[0].capability, now, setup + nominal)
        if start > now:
            self._agenda.wake(machine.center.id, start)
        elif setup:
            self._set_up(machine, parts[0].order, steps[0], setup)
        elif self._seize(machine, steps[0]):
            self._begin(machine, parts, nominal)

    def _set_up(self, machine: Machine, order: OrderId, step: Step, setup: Seconds) -> None:
        if step.setup is None:
            return
        now = self._agenda.now
        machine.phase, machine.family = "setup", step.setup
        self._link.say(SetupStarted(now, machine.unit, order, step.step, step.setup))
        self._spend(machine, step.capability, setup, partial(self._end_setup, machine))

    def _end_setup(self, machine: Machine) -> None:
        machine.phase = "idle"
        self._agenda.dirty.add(machine.center.id)

    def _seize(self, machine: Machine, step: Step) -> bool:
        """Take one of each counted resource the step needs; if one is lacking, take none and
        wait.
        """
        needs = self._plant.needs_of(step.capability)
        if any(self._left[need] == 0 for need in needs):
            self._agenda.starved.add(machine.center.id)
            return False
        for need in needs:
            self._left[need] -= 1
        machine.held = needs
        return True

    def _begin(self, machine: Machine, parts: list[Part], nominal: Seconds) -> None:
        now, first = self._agenda.now, parts[0]
        step = first.steps[first.next]
        machine.phase = "busy"
        machine.left = self._draw(machine, first, step, nominal)
        until = machine.after(step.capability, now, nominal)
        for part in parts:
            name = part.steps[part.next].step
            attempt = part.attempts.get(name, 0)
            self._link.say(
                StepStarted(now, machine.unit, part.order, name, attempt, machine.build, until)
            )
            self._name_lots(machine, part, attempt)
        self._work(machine, step)

    def _name_lots(self, machine: Machine, part: Part, attempt: int) -> None:
        """Say of which lots a step takes its material; a lot of each lasts `lot_s`."""
        if not self._world.lot_s:
            return
        now, step = self._agenda.now, part.steps[part.next]
        for item in step.items:
            lot = f"{item}-{now // self._world.lot_s + 1:04}"
            self._link.say(
                MaterialUsed(now, machine.unit, part.order, step.step, attempt, item, lot)
            )

    def _draw(self, machine: Machine, part: Part, step: Step, nominal: Seconds) -> Seconds:
        mean = nominal * self._world.duration_factor.get(step.capability, 1.0)
        if self._agenda.now >= self._world.drift_at:
            mean *= self._world.drift.get(step.capability, 1.0)
        own = self._plant.units[machine.unit].reliability.duration_cv
        cv = self._world.duration_cv.get(step.capability, own)
        key = (self._seed, part.order, step.step, part.attempts.get(step.step, 0), "work")
        return max(1, round(lognormal(mean, cv, *key)))

    def _work(self, machine: Machine, step: Step) -> None:
        """Work until the step is done or the unit fails, whichever comes first."""
        spell = min(machine.left, machine.until_failure)
        machine.left -= spell
        machine.until_failure -= spell
        machine.busy += spell
        then = self._fail if machine.left else self._finish
        self._spend(machine, step.capability, spell, partial(then, machine, step))

    def _spend(
        self, machine: Machine, capability: Capability, length: Seconds, then: Callable[[], None]
    ) -> None:
        """Let a machine spend working time, and then do what follows unless it breaks down."""
        now = self._agenda.now
        machine.spell = spell = Spell(now, length, capability, then)
        at = machine.after(capability, now, length)
        self._agenda.plan(at, partial(self._end, machine, spell))

    def _end(self, machine: Machine, spell: Spell) -> None:
        if machine.spell is spell:
            machine.spell = None
            spell.then()

    def _fail(self, machine: Machine, step: Step) -> None:
        now = self._agenda.now
        mean = self._plant.units[machine.unit].reliability.mttr_s
        repair = exponential(mean, self._seed, machine.unit, machine.num_failures, "repair")
        machine.resume = partial(self._go_on, machine, step)
        self._stop(machine, now + max(1, mean), now + max(1, round(repair)))

    def _go_on(self, machine: Machine, step: Step) -> None:
        self.renew(machine)
        self._work(machine, step)

    def break_down(self, machine: Machine, until: Instant | None) -> Instant:
        """Stop a machine in whatever it does; what is left of that goes on when it is back.

        Without `until` it is down until it is mended. Return when it is expected back.
        """
        spell, machine.spell = machine.spell, None
        machine.resume = None
        if spell is not None:
            left = spell.length - machine.worked(spell, self._agenda.now)
            machine.resume = partial(self._spend, machine, spell.capability, left, spell.then)
        if until is None:
            return self._stay_down(machine)
        self._stop(machine, until, until)
        return until

    def _stop(self, machine: Machine, until: Instant, back: Instant) -> None:
        """Take a machine down; it is said to be back at `until`, and comes at `back`."""
        self._say_down(machine, until)
        self._agenda.plan(back, partial(self._restart, machine, machine.num_stops))

    def _stay_down(self, machine: Machine) -> Instant:
        """Take a machine down until it is mended: it says that it is back after a mean repair, and
        when that has passed says so anew, for a repair whose length is exponential does not age.
        """
        mean = self._plant.units[machine.unit].reliability.mttr_s or USUAL_REPAIR
        until = self._agenda.now + mean
        self._say_down(machine, until)
        self._agenda.plan(until, partial(self._wait_on, machine, machine.num_stops))
        return until

    def _wait_on(self, machine: Machine, stop: int) -> None:
        if machine.is_down and machine.num_stops == stop:
            self._stay_down(machine)

    def _say_down(self, machine: Machine, until: Instant) -> None:
        machine.is_down = True
        machine.num_stops += 1
        self._link.say(WorkUnitStopped(self._agenda.now, machine.unit, "breakdown", until))
        self._agenda.dirty.add(machine.center.id)

    def _restart(self, machine: Machine, stop: int) -> None:
        if machine.is_down and machine.num_stops == stop:
            self.mend(machine)

    def mend(self, machine: Machine) -> None:
        """Let a machine that is down go on."""
        machine.is_down = False
        self._link.say(WorkUnitRestarted(self._agenda.now, machine.unit))
        self._agenda.rouse()
        if machine.resume is None:
            self._agenda.dirty.add(machine.center.id)
        else:
            machine.resume()

    def renew(self, machine: Machine) -> None:
        """Draw how much a machine works until it fails the next time."""
        mtbf = self._plant.units[machine.unit].reliability.mtbf_s
        if not mtbf or not self._world.has_breakdowns:
            return
        machine.num_failures += 1
        key = (self._seed, machine.unit, machine.num_failures, "failure")
        machine.until_failure = max(1, round(exponential(mtbf, *key)))

    def _finish(self, machine: Machine, _: Step) -> None:
        parts = [machine.inside[order] for order in sorted(machine.claimed)]
        build: BuildId | None = machine.build
        for need in machine.held:
            self._left[need] += 1
        machine.release()
        now = self._agenda.now
        judged = [(part, inspect(self._world, self._seed, part, now)) for part in parts]
        for part, verdict in judged:
            step = part.steps[part.next]
            for event in tell(part, step, machine.unit, build, verdict, now):
                self._link.say(event)
        self._on_finish(machine, judged)
        self._agenda.dirty.add(machine.center.id)
        self._agenda.rouse()
