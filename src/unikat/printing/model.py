"""The values of the printing room: print processes and what a print takes."""

from dataclasses import dataclass
from typing import TypeAlias

from unikat.terms import Grams, Millimetres, Seconds


@dataclass(frozen=True, slots=True)
class Powder:
    """A powder bed: every part of a build has the time of the build, whatever its shape.

    `packing_density` is the share of the used chamber that parts fill as expected, not at best; it
    divides the energy of a build among its parts. `p90_factor` is the 90 % quantile of actual over
    estimated time.
    """

    chamber_mm: tuple[Millimetres, Millimetres, Millimetres]
    build_height_mm: Millimetres
    layer_mm: Millimetres
    layer_s: float
    warm_up_s: float
    cool_down_s: float
    packing_density: float
    material_g_cm3: float
    power_kw: float
    p90_factor: float


@dataclass(frozen=True, slots=True)
class Fff:
    """A filament printer: a head draws every wall and every line of fill.

    Attributes
    ----------
    speeds_mm_s : first layer, external wall, inner wall, sparse fill, solid fill, top skin
    time_factors : one a speed: actual over nominal seconds of its lines
    accel_s_per_mm : for the ends of fill lines: seconds a mm of sqrt(fill area), over layers
    material_factors : external wall, inner wall, sparse, solid, top: actual over nominal volume
    setup_s : heating, homing and taking off, once a print
    """

    plate_mm: tuple[Millimetres, Millimetres, Millimetres]
    layer_mm: Millimetres
    bead_mm: Millimetres
    walls: int
    top_layers: int
    bottom_layers: int
    speeds_mm_s: tuple[float, float, float, float, float, float]
    time_factors: tuple[float, float, float, float, float, float]
    accel_s_per_mm: float
    material_factors: tuple[float, float, float, float, float]
    setup_s: float
    material_g_cm3: float
    power_kw: float
    p90_factor: float


Process: TypeAlias = Powder | Fff


@dataclass(frozen=True, slots=True)
class PrintEstimate:
    """What all copies take; `volume_mm3` is the material laid down, `p90` is rounded up."""

    p50: Seconds
    p90: Seconds
    mass_g: Grams
    volume_mm3: float
    energy_kwh: float
