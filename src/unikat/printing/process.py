"""Read a print process from its table in plant.toml."""

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final, TypeAlias

from unikat.errors import Fault, InvalidPlant
from unikat.printing.model import Fff, Powder, Process

Table: TypeAlias = Mapping[str, str | int | float]
Numbers: TypeAlias = Mapping[str, float]


@dataclass(frozen=True, slots=True)
class _Key:
    """The bounds of one number; a key without default must be given."""

    low: float
    high: float
    default: float | None = None
    is_whole: bool = False


_MATERIAL: Final = {
    "material_g_cm3": _Key(0.1, 20.0),
    "power_kw": _Key(0.0, 100.0),
    "p90_factor": _Key(1.0, 3.0),
}
_POWDER: Final = {
    "chamber_x_mm": _Key(10.0, 5_000.0),
    "chamber_y_mm": _Key(10.0, 5_000.0),
    "chamber_z_mm": _Key(10.0, 5_000.0),
    "build_height_mm": _Key(1.0, 5_000.0),
    "layer_mm": _Key(0.01, 2.0),
    "layer_s": _Key(0.1, 600.0),
    "warm_up_s": _Key(0.0, 604_800.0),
    "cool_down_s": _Key(0.0, 604_800.0),
    "packing_density": _Key(0.01, 1.0),
    **_MATERIAL,
}
_LINES: Final = ("first", "external", "inner", "sparse", "solid", "top")
_FILLS: Final = _LINES[1:]
_FFF: Final = {
    "plate_x_mm": _Key(10.0, 5_000.0),
    "plate_y_mm": _Key(10.0, 5_000.0),
    "plate_z_mm": _Key(10.0, 5_000.0),
    "layer_mm": _Key(0.01, 2.0),
    "bead_mm": _Key(0.05, 5.0),
    "walls": _Key(1, 50, is_whole=True),
    "top_layers": _Key(0, 100, is_whole=True),
    "bottom_layers": _Key(0, 100, is_whole=True),
    **{f"{line}_mm_s": _Key(1.0, 2_000.0) for line in _LINES},
    **{f"{line}_time": _Key(0.0, 10.0, 1.0) for line in _LINES},
    **{f"{fill}_material": _Key(0.0, 10.0, 1.0) for fill in _FILLS},
    "accel_s_per_mm": _Key(0.0, 10.0, 0.0),
    "setup_s": _Key(0.0, 86_400.0, 0.0),
    **_MATERIAL,
}


def read_process(table: Table, *, name: str = "print") -> Process:
    """Read one entry of the `[process]` table; `name` is its capability.

    Raises
    ------
    InvalidPlant
        With every fault of the entry: unknown kind or key, missing key, wrong type, out of bounds.
    """
    kind = table.get("kind")
    if kind not in _KINDS:
        known = ", ".join(f'"{known}"' for known in _KINDS)
        raise InvalidPlant([_fault(name, "kind", f"kind is {kind!r}", f"use one of {known}")])
    keys, make = _KINDS[str(kind)]
    faults = [fault for key in keys if (fault := _check(name, key, keys[key], table))]
    faults += [
        _fault(name, key, "is not a key of this kind", f"remove it or use one of {', '.join(keys)}")
        for key in table
        if key not in keys and key != "kind"
    ]
    if faults:
        raise InvalidPlant(faults)
    process = make({key: float(table.get(key, keys[key].default or 0.0)) for key in keys})
    if faults := _joint_faults(name, process):
        raise InvalidPlant(faults)
    return process


def _check(name: str, key: str, bounds: _Key, table: Table) -> Fault | None:
    low, high = bounds.low, bounds.high
    remedy = f"give a {'whole ' if bounds.is_whole else ''}number from {low:g} to {high:g}"
    value = table.get(key, bounds.default)
    if value is None:
        return _fault(name, key, "is missing", remedy)
    if isinstance(value, (str, bool)) or not math.isfinite(value):
        return _fault(name, key, f"{value!r} is not a number", remedy)
    if not low <= value <= high or (bounds.is_whole and value != int(value)):
        return _fault(name, key, f"{value:g} is not allowed", remedy)
    return None


def _joint_faults(name: str, process: Process) -> list[Fault]:
    """Check what two keys must keep together."""
    if isinstance(process, Fff) and process.layer_mm > process.bead_mm:
        remedy = f"make it at most bead_mm, {process.bead_mm:g}"
        return [_fault(name, "layer_mm", f"{process.layer_mm:g} is higher than the bead", remedy)]
    if isinstance(process, Powder) and process.build_height_mm > process.chamber_mm[2]:
        remedy = f"make it at most chamber_z_mm, {process.chamber_mm[2]:g}"
        return [_fault(name, "build_height_mm", f"{process.build_height_mm:g} is too high", remedy)]
    return []


def _fault(name: str, key: str, message: str, remedy: str) -> Fault:
    return Fault("plant.toml", 0, 0, f"process.{name}.{key}", message, remedy)


def _make_powder(numbers: Numbers) -> Powder:
    return Powder(
        chamber_mm=(numbers["chamber_x_mm"], numbers["chamber_y_mm"], numbers["chamber_z_mm"]),
        build_height_mm=numbers["build_height_mm"],
        layer_mm=numbers["layer_mm"],
        layer_s=numbers["layer_s"],
        warm_up_s=numbers["warm_up_s"],
        cool_down_s=numbers["cool_down_s"],
        packing_density=numbers["packing_density"],
        material_g_cm3=numbers["material_g_cm3"],
        power_kw=numbers["power_kw"],
        p90_factor=numbers["p90_factor"],
    )


def _make_fff(numbers: Numbers) -> Fff:
    first, external, inner, sparse, solid, top = (numbers[f"{line}_mm_s"] for line in _LINES)
    factors = [numbers[f"{line}_time"] for line in _LINES]
    materials = [numbers[f"{fill}_material"] for fill in _FILLS]
    return Fff(
        plate_mm=(numbers["plate_x_mm"], numbers["plate_y_mm"], numbers["plate_z_mm"]),
        layer_mm=numbers["layer_mm"],
        bead_mm=numbers["bead_mm"],
        walls=int(numbers["walls"]),
        top_layers=int(numbers["top_layers"]),
        bottom_layers=int(numbers["bottom_layers"]),
        speeds_mm_s=(first, external, inner, sparse, solid, top),
        time_factors=(factors[0], factors[1], factors[2], factors[3], factors[4], factors[5]),
        accel_s_per_mm=numbers["accel_s_per_mm"],
        material_factors=(materials[0], materials[1], materials[2], materials[3], materials[4]),
        setup_s=numbers["setup_s"],
        material_g_cm3=numbers["material_g_cm3"],
        power_kw=numbers["power_kw"],
        p90_factor=numbers["p90_factor"],
    )


_KINDS: Final[Mapping[str, tuple[Mapping[str, _Key], Callable[[Numbers], Process]]]] = (
    MappingProxyType({"powder": (_POWDER, _make_powder), "fff": (_FFF, _make_fff)})
)
