"""Check that what one table of plant.toml names stands in another, and that ids are unique."""

from collections.abc import Iterable, Mapping

from unikat.plant.model import Plant
from unikat.plant.table import Faults, suggest

RESERVED = ("store", "dock")  # places of the floor that are no unit


def check_links(plant: Plant, tables: Mapping[str, Iterable[str]], faults: Faults) -> None:
    """Report unknown and duplicate ids; `tables` are the names written in [unit], [reliability],
    [travel].
    """
    _check_ids(plant, faults)
    _check_work_centers(plant, faults)
    centers = set(map(str, plant.work_centers))
    units = {unit for center in plant.work_centers.values() for unit in map(str, center.units)}
    capabilities = {c for center in plant.work_centers.values() for c in center.capabilities}
    known: dict[str, set[str]] = {
        "unit": units,
        "reliability": units | centers,
        "travel": centers,
        "process": set(map(str, capabilities)),
    }
    for table, names in tables.items():
        for name in names:
            if name not in known[table]:
                message = f"{name} is unknown to the work centers"
                faults.add((table, name), message, suggest(name, sorted(known[table])))
    for resource in plant.resources.values():
        for capability in resource.needed_by:
            if capability not in capabilities:
                message = f"no work center has the capability {capability}"
                remedy = suggest(capability, sorted(map(str, capabilities)))
                faults.add(("resource", resource.id, "needed_by"), message, remedy)
        if resource.calendar not in plant.calendars:
            message = f"unknown calendar {resource.calendar}"
            remedy = suggest(resource.calendar, plant.calendars)
            faults.add(("resource", resource.id, "calendar"), message, remedy)


def _check_work_centers(plant: Plant, faults: Faults) -> None:
    for center in plant.work_centers.values():
        path = ("work_center", center.id)
        if center.calendar not in plant.calendars:
            remedy = suggest(center.calendar, plant.calendars)
            faults.add((*path, "calendar"), f"unknown calendar {center.calendar}", remedy)
        if center.setup is not None and center.setup not in plant.setups:
            remedy = suggest(center.setup, plant.setups)
            faults.add((*path, "setup"), f"unknown setup matrix {center.setup}", remedy)


def _check_ids(plant: Plant, faults: Faults) -> None:
    homes: dict[str, str] = dict.fromkeys(RESERVED, "a place every floor has")
    named: list[tuple[str, str, str]] = [
        ("work_center", name, f"work center {name}") for name in plant.work_centers
    ]
    named += [
        ("work_center", unit, f"unit of {center.id}")
        for center in plant.work_centers.values()
        for unit in center.units
    ]
    named += [("transporter", name, f"transporter {name}") for name in plant.transporters]
    named += [("resource", name, f"resource {name}") for name in plant.resources]
    for table, name, home in named:
        if name in homes:
            message = f"the id {name} ({home}) is taken by {homes[name]}"
            faults.add((table, name), message, "give each thing its own id")
        homes.setdefault(name, home)
