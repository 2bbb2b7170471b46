"""Compile plant.toml into a Plant, or report every fault at once.

The text has these tables (examples/insoles/plant.toml shows each with comments): top level
`site`, `horizon_s`, `frozen_s`, `rates`; `[calendar]`, `[setup]`, `[work_center]`, `[unit]`,
`[reliability]`, `[resource]`, `[transporter]` with one shared `[travel]` matrix between work
centers, `[material]`, `[process]`. A calendar named `always` exists without being written.
"""

import re
import tomllib
from collections.abc import Callable, Iterable
from typing import TypeVar

from unikat.errors import Fault, InvalidPlant
from unikat.plant.lines import find_lines
from unikat.plant.links import check_links
from unikat.plant.model import Calendar, Plant, Reliability, WorkUnit
from unikat.plant.sections import (
    NEVER_FAILS,
    read_material,
    read_pace,
    read_process,
    read_reliability,
    read_resource,
    read_setup,
    read_transporter,
    read_travel,
    read_work_center,
)
from unikat.plant.table import FILE, Faults, Table
from unikat.plant.week import read_calendar
from unikat.terms import WEEK, Capability, ItemId, ResourceId, UnitId, WorkCenterId

Name = TypeVar("Name", bound=str)
Value = TypeVar("Value")
ALWAYS = Calendar("always", ((0, WEEK),))
LARGEST_TEXT = 1_000_000


def load_plant(text: str) -> Plant:
    """Compile the text of plant.toml.

    Raises
    ------
    InvalidPlant
        With all faults, each with its line, key and remedy.
    """
    tables = _parse(text)
    faults = Faults(find_lines(text))
    plant = _read_plant(Table(tables, (), faults))
    if faults.found:
        raise InvalidPlant(sorted(faults.found, key=lambda fault: fault.line))
    return plant


def _parse(text: str) -> dict[str, object]:
    if len(text) > LARGEST_TEXT:
        message = f"the text has {len(text)} characters, more than {LARGEST_TEXT}"
        raise InvalidPlant([Fault(FILE, 0, 0, "", message, "split the site")])
    try:
        return tomllib.loads(text)
    except (tomllib.TOMLDecodeError, RecursionError) as error:
        place = re.search(r"line (\d+), column (\d+)", str(error))
        line, column = (int(part) for part in place.groups()) if place else (0, 0)
        message = f"not valid TOML: {str(error).split(' (at ')[0]}"
        fault = Fault(FILE, line, column, "", message, "correct the line; strings need quotes")
        raise InvalidPlant([fault]) from error


def _read_plant(top: Table) -> Plant:
    """Read every table; what a table names is checked once all are read."""
    rates = top.take_table("rates")
    centers = _named(top, "work_center", read_work_center, WorkCenterId)
    paces = {name: read_pace(table) for name, table in top.take_tables("unit").items()}
    reliabilities = {
        name: read_reliability(table) for name, table in top.take_tables("reliability").items()
    }
    transporters = top.take_tables("transporter")
    for table in transporters.values():
        read_transporter(table)
    plant = Plant(
        site=top.take_text("site"),
        horizon_s=top.take_integer("horizon_s", low=1),
        frozen_s=top.take_integer("frozen_s"),
        calendars={"always": ALWAYS} | _named(top, "calendar", read_calendar, str),
        setups=_named(top, "setup", read_setup, str),
        work_centers=centers,
        units={
            unit: _unit(unit, center, paces, reliabilities)
            for center, work_center in centers.items()
            for unit in work_center.units
        },
        resources=_named(top, "resource", read_resource, ResourceId),
        transporters=tuple(transporters),
        travel=read_travel(top.take_table("travel")) if top.has("travel") else {},
        materials=_named(top, "material", read_material, ItemId),
        processes={
            Capability(name): read_process(table)
            for name, table in top.take_tables("process").items()
        },
        energy_cents_per_kwh=rates.take_number("energy_cents_per_kwh"),
        carbon_g_per_kwh=rates.take_number("carbon_g_per_kwh"),
    )
    rates.close()
    top.close()
    _check(top, plant, paces, reliabilities)
    return plant


def _named(
    top: Table, section: str, read: Callable[[str, Table], Value], name_of: Callable[[str], Name]
) -> dict[Name, Value]:
    """Read the tables of a section, each by its name."""
    tables = top.take_tables(section)
    return {name_of(name): read(name, table) for name, table in tables.items()}


def _check(top: Table, plant: Plant, paces: Iterable[str], reliabilities: Iterable[str]) -> None:
    """Report what the tables name that is not there."""
    if not plant.work_centers:
        top.fault("work_center", "there is no work center", "add [work_center] with at least one")
    names: dict[str, Iterable[str]] = {
        "unit": paces,
        "reliability": reliabilities,
        "travel": plant.travel,
        "process": plant.processes,
    }
    check_links(plant, names, top.faults)


def _unit(
    unit: UnitId,
    center: WorkCenterId,
    paces: dict[str, int],
    reliabilities: dict[str, Reliability],
) -> WorkUnit:
    reliability = reliabilities.get(unit, reliabilities.get(center, NEVER_FAILS))
    return WorkUnit(unit, center, paces.get(unit, 1000), reliability)
