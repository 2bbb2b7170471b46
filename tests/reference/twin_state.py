"""The naive twin of the fold: sort all events by their true sequence, then play them one by one."""

from unikat.events import (
    LoadMoved,
    SetupStarted,
    StepFinished,
    StepStarted,
    WorkUnitRestarted,
    WorkUnitStopped,
)
from unikat.twin.facts import rank_of


def play(plant, records):
    """Return (unit -> (state, family), order -> (place, finished steps, running steps))."""
    work, family, down = dict.fromkeys(plant.units, "idle"), {}, set()
    place, finished, running = {}, {}, {}
    once = {record.id: record for record in records}
    for record in sorted(once.values(), key=lambda r: rank_of(r.event.at, r.id)):
        match record.event:
            case SetupStarted(unit=unit) as event:
                work[unit], family[unit] = "setup", event.family
            case StepStarted(unit=unit, order_id=order, step=step):
                work[unit], place[order] = "busy", unit
                running.setdefault(order, {})[step] = unit
            case StepFinished(unit=unit, order_id=order, step=step):
                work[unit], place[order] = "idle", unit
                running.setdefault(order, {}).pop(step, None)
                finished.setdefault(order, {})[step] = (unit, record.event.at)
            case LoadMoved(order_id=order, target=target):
                place[order] = target
            case WorkUnitStopped(unit=unit):
                down.add(unit)
            case WorkUnitRestarted(unit=unit):
                down.discard(unit)
    units = {}
    for unit, state in work.items():
        is_blocked = state == "idle" and unit in place.values()
        shown = "down" if unit in down else "blocked" if is_blocked else state
        units[unit] = (shown, family.get(unit))
    orders = {o: (place[o], finished.get(o, {}), running.get(o, {})) for o in place}
    return units, orders
