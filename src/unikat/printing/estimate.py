"""Estimate what printing a proven part takes, by kind of process."""

import math

from unikat.design import Part
from unikat.errors import Unprintable
from unikat.printing.layers import measure_columns
from unikat.printing.model import Fff, Powder, PrintEstimate, Process
from unikat.terms import Millimetres

_MM3_PER_CM3 = 1_000.0
_S_PER_H = 3_600.0


def estimate_print(part: Part, process: Process, *, copies: int = 2) -> PrintEstimate:
    """Estimate seconds, grams and energy of printing all copies; mirrored copies count alike.

    Raises
    ------
    Unprintable
        The part does not fit the plate or chamber.
    """
    if isinstance(process, Powder):
        return _estimate_powder(part, process, copies)
    return _estimate_fff(part, process, copies)


def _estimate_powder(part: Part, process: Powder, copies: int) -> PrintEstimate:
    """Take the time of a standard build, and the share of its energy that goes with the volume.

    The density of a part is the share of its volume that is fused.
    """
    _check_fit(tuple(sorted(part.size)), tuple(sorted(process.chamber_mm)), "chamber")
    layers = math.ceil(process.build_height_mm / process.layer_mm)
    seconds = process.warm_up_s + layers * process.layer_s + process.cool_down_s
    width, depth, _ = process.chamber_mm
    expected = process.packing_density * width * depth * process.build_height_mm
    share = min(copies * part.volume_mm3 / expected, 1.0)
    fused = copies * part.volume_mm3 * part.density
    return _rounded(process, seconds, fused, share)


def _estimate_fff(part: Part, process: Fff, copies: int) -> PrintEstimate:
    """Add the calibrated columns of the lines; `setup_s` comes once, all else a copy."""
    width, depth, height = part.size
    across = (*sorted((width, depth)), height)
    _check_fit(across, (*sorted(process.plate_mm[:2]), process.plate_mm[2]), "plate")
    columns = measure_columns(part.mesh, process, part.density)
    drawing = math.fsum(columns.seconds * process.time_factors)
    ends = columns.ends_mm * process.accel_s_per_mm
    laid = math.fsum(columns.volumes_mm3 * process.material_factors)
    return _rounded(process, process.setup_s + copies * (drawing + ends), copies * laid, 1.0)


def _rounded(process: Process, seconds: float, volume: float, share: float) -> PrintEstimate:
    p50 = max(round(seconds), 1)
    return PrintEstimate(
        p50=p50,
        p90=math.ceil(p50 * process.p90_factor),
        mass_g=volume / _MM3_PER_CM3 * process.material_g_cm3,
        volume_mm3=volume,
        energy_kwh=process.power_kw * p50 / _S_PER_H * share,
    )


def _check_fit(size: tuple[Millimetres, ...], room: tuple[Millimetres, ...], where: str) -> None:
    if any(needed > given for needed, given in zip(size, room, strict=True)):
        needs, has = (" x ".join(f"{edge:.0f}" for edge in edges) for edges in (size, room))
        raise Unprintable(f"the part is {needs} mm, the {where} {has} mm; use a larger printer")
