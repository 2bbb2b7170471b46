"""Read the tables of plant.toml one by one into plain values; what names another table is checked
by `links`.
"""

import math

from unikat.plant.model import Batch, Material, Reliability, Resource, SetupMatrix, WorkCenter
from unikat.plant.table import Table, suggest
from unikat.terms import Capability, ItemId, ResourceId, Seconds, SetupFamily, UnitId, WorkCenterId

NEVER_FAILS = Reliability(duration_cv=0.0, mtbf_s=0, mttr_s=0)
RESOURCE_KINDS = ("operator", "fixture", "tool")
UNITS = ("g", "mm", "piece", "kWh", "s")


def read_setup(name: str, table: Table) -> SetupMatrix:
    """Read one setup matrix: square, zero on the diagonal, and no detour shorter than the direct
    change.
    """
    families = table.take_words("families")
    first = _times(table, "first_s", table.take("first_s"))
    rows = table.take_array("change_s")
    change = tuple(_times(table, "change_s", row) for row in rows)
    table.close()
    size = len(families)
    if len(first) != size or len(change) != size or any(len(row) != size for row in change):
        table.fault("change_s", f"the matrix is not {size} x {size}", "write a row a family")
        first, change = (0,) * size, ((0,) * size,) * size
    for family, row, a in zip(families, change, range(size), strict=True):
        if row[a]:
            table.fault("change_s", f"{family} to {family} takes {row[a]} s", "write 0 there")
    _check_metric(table, families, first, change)
    return SetupMatrix(name, tuple(map(SetupFamily, families)), first, change)


def _check_metric(
    table: Table,
    families: tuple[str, ...],
    first: tuple[Seconds, ...],
    change: tuple[tuple[Seconds, ...], ...],
) -> None:
    for source, row in (("the start", first), *zip(families, change, strict=True)):
        for b, via in enumerate(families):
            for c, target in enumerate(families):
                if row[c] > row[b] + change[b][c]:
                    message = (
                        f"{source} to {target} takes {row[c]} s, but only "
                        f"{row[b] + change[b][c]} s by way of {via}"
                    )
                    table.fault("change_s", message, f"write {row[b] + change[b][c]} or less")


def read_work_center(name: str, table: Table) -> WorkCenter:
    """Read one work center."""
    center = WorkCenter(
        id=WorkCenterId(name),
        area=table.take_text("area"),
        capabilities=tuple(map(Capability, table.take_words("capabilities"))),
        units=tuple(map(UnitId, table.take_words("units"))),
        calendar=table.take_text("calendar", "always"),
        is_interruptible=table.take_boolean("is_interruptible", default=False),
        setup=table.take_text("setup") if table.has("setup") else None,
        rate_cents_per_h=table.take_integer("rate_cents_per_h"),
        power_kw=table.take_number("power_kw", 0.0),
        buffer=table.take_integer("buffer", 0),
        batch=_read_batch(table.take_table("batch")) if table.has("batch") else None,
    )
    table.close()
    return center


def _read_batch(table: Table) -> Batch:
    batch = Batch(table.take_integer("capacity", low=1), table.take_integer("gather_s", 0))
    table.close()
    return batch


def read_pace(table: Table) -> int:
    """Read what a unit does differently from its work center: its pace, 1000 being the norm."""
    pace = table.take_integer("pace_permille", 1000, low=1)
    table.close()
    return pace


def read_reliability(table: Table) -> Reliability:
    """Read how durations vary, and how often a unit fails for how long."""
    reliability = Reliability(
        duration_cv=table.take_number("duration_cv", 0.0),
        mtbf_s=table.take_integer("mtbf_s", 0),
        mttr_s=table.take_integer("mttr_s", 0),
    )
    table.close()
    if reliability.mtbf_s and not reliability.mttr_s:
        table.fault("mttr_s", "a unit that fails is never repaired", "write its mean repair time")
    return reliability


def read_resource(name: str, table: Table) -> Resource:
    """Read one counted resource: held for the duration of each step that needs it."""
    for key in ("from", "to", "before"):
        if table.has(key):
            message = f"{key}: a resource held over several steps, or a place, is not supported yet"
            table.fault(key, message, "use needed_by; write places as buffer = n of a work center")
    kind = table.take_text("kind")
    if kind and kind not in RESOURCE_KINDS:
        table.fault("kind", f'unknown kind "{kind}"', suggest(kind, RESOURCE_KINDS))
    resource = Resource(
        id=ResourceId(name),
        kind=kind,
        count=table.take_integer("count", low=1),
        calendar=table.take_text("calendar", "always"),
        needed_by=tuple(map(Capability, table.take_words("needed_by"))),
    )
    table.close()
    return resource


def read_transporter(table: Table) -> None:
    """Read one transporter: all of them share the one `[travel]` matrix."""
    kind = table.take_text("kind", "robot")
    for key in ("stops", "travel_s", "is_booked"):
        if table.has(key):
            table.fault(key, f"{key}: all transporters share one matrix", "move it to [travel]")
    if kind not in {"robot", "conveyor", "person"}:
        table.fault("kind", f'unknown kind "{kind}"', "use one of: robot, conveyor, person")
    table.close()


def read_travel(table: Table) -> dict[WorkCenterId, dict[WorkCenterId, Seconds]]:
    """Read the matrix of travel seconds between work centers, row = from, column = to."""
    stops = table.take_words("stops")
    rows = [_times(table, "travel_s", row) for row in table.take_array("travel_s")]
    table.close()
    size = len(stops)
    if len(rows) != size or any(len(row) != size for row in rows):
        table.fault("travel_s", f"the matrix is not {size} x {size}", "write a row a stop")
        return {WorkCenterId(stop): {} for stop in stops}
    return {
        WorkCenterId(source): dict(zip(map(WorkCenterId, stops), row, strict=True))
        for source, row in zip(stops, rows, strict=True)
    }


def read_material(name: str, table: Table) -> Material:
    """Read what an item costs, and how long a purchase takes."""
    unit = table.take_text("unit")
    if unit and unit not in UNITS:
        table.fault("unit", f'unknown unit "{unit}"', suggest(unit, UNITS))
    material = Material(
        item=ItemId(name),
        unit=unit,
        cents_per_unit=table.take_number("cents_per_unit"),
        lead_s=table.take_integer("lead_s", 0),
        carbon_g_per_unit=table.take_number("carbon_g_per_unit", 0.0),
    )
    table.close()
    return material


def read_process(table: Table) -> dict[str, str | int | float]:
    """Keep one raw process table; `printing` reads it."""
    kept: dict[str, str | int | float] = {}
    for key in table.names():
        value = table.take(key)
        if not isinstance(value, str | int | float) or isinstance(value, bool):
            table.fault(key, f"{value!r} is neither text nor number", "write a text or a number")
        elif isinstance(value, float) and not math.isfinite(value):
            table.fault(key, f"{value} is no finite number", "write a finite number")
        else:
            kept[key] = value
    return kept


def _times(table: Table, key: str, row: object) -> tuple[Seconds, ...]:
    if row is None:
        return ()
    if not isinstance(row, list):
        table.fault(key, f"{row!r} is no array of seconds", "write it as [0, 600]")
        return ()
    return tuple(table.whole(key, value) for value in row)
