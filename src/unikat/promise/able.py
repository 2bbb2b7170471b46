"""Which units are able to do a step, and why none of them can in time."""

from collections.abc import Mapping

from unikat.capacity.timeline import Capacity, Mode
from unikat.configure.model import Step
from unikat.errors import NoCapacity
from unikat.terms import DAY, ResourceId, Seconds, StepId


def able_modes(step: Step, capacity: Capacity) -> tuple[Mode, ...]:
    """Return the modes of a step: units that have its capability and know its setup family.

    Raises
    ------
    NoCapacity
        If there is none.
    """
    modes = capacity.modes.get(step.capability, ())
    if not modes:
        raise NoCapacity(
            f"step {step.step} needs the capability {step.capability}, which no work center has; "
            "add it to plant.toml"
        )
    able = tuple(mode for mode in modes if not mode[0].change or _knows(mode, step))
    if not able:
        raise NoCapacity(
            f"step {step.step} needs the setup family {step.setup}, which no unit with "
            f"{step.capability} can be set up for; add it to the setup matrix"
        )
    return able


def _knows(mode: Mode, step: Step) -> bool:
    return step.setup is None or step.setup in mode[0].families


def refuse(step: Step, capacity: Capacity, work: Mapping[StepId, Seconds]) -> NoCapacity:
    """Return the error that names what keeps a step from being done within the horizon."""
    modes = able_modes(step, capacity)
    lane, resources = modes[0]
    center = capacity.plant.units[lane.unit].work_center
    longest = max(lane.hours_of(resources).longest for lane, resources in modes)
    needed = min(lane.duration(work.get(step.step, step.work)) for lane, _ in modes)
    why = "is booked or closed"
    if not lane.is_interruptible and needed > longest:
        why = f"is never open long enough in one piece ({needed} s needed, {longest} s at most)"
    full = [name for name in resources if _is_full(capacity, name)]
    where = f"work center {center}" + (f" with {', '.join(full)}" if full else "")
    return NoCapacity(
        f"step {step.step} cannot be done within {capacity.plant.horizon_s / DAY:g} days: {where} "
        f"{why}; choose another option or extend the horizon or the calendar"
    )


def _is_full(capacity: Capacity, resource: ResourceId) -> bool:
    """Tell whether all of a counted resource are held at some time from now on."""
    return capacity.uses[resource].full_until(capacity.now, capacity.until) > capacity.now
