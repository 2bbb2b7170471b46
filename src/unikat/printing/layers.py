"""What a filament printer draws, from layer sums: seconds and volume a kind of line."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from unikat.design import Mesh
from unikat.printing.model import Fff
from unikat.terms import Millimetres

Floats = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True, eq=False)
class Columns:
    """What one copy takes at nominal speeds and volumes, before calibration.

    Attributes
    ----------
    seconds : shape (6,), first layer, external wall, inner wall, sparse, solid, top
    ends_mm : sum of sqrt(fill area) over layers, the measure of how many ends fill lines have
    volumes_mm3 : shape (5,), external wall, inner wall, sparse, solid, top; first layer included
    """

    seconds: Floats
    ends_mm: float
    volumes_mm3: Floats


def cut_layers(mesh: Mesh, layer: Millimetres) -> tuple[Floats, Floats]:
    """Return perimeter (mm) and area (mm2) of every layer of a closed mesh, both (layers,)."""
    from unikat.printing._kernels import sum_layers

    heights = mesh.vertices[:, 2]
    bottom, top = float(heights.min()), float(heights.max())
    num_layers = max(round((top - bottom) / layer), 1)
    perimeters, areas = sum_layers(mesh.vertices, mesh.faces, bottom, layer, num_layers)
    return perimeters, areas


def measure_columns(mesh: Mesh, process: Fff, density: float) -> Columns:
    """Measure the lines of one copy whose sparse fill takes `density` of its area.

    Lines lie `s = w - h (1 - pi / 4)` apart: beads of width w and height h have round sides.
    """
    perimeters, areas = cut_layers(mesh, process.layer_mm)
    spacing = process.bead_mm - process.layer_mm * (1.0 - np.pi / 4.0)
    fill = _fill_area(perimeters, areas, process.walls, spacing)
    solid, top = _skins(fill, process.top_layers, process.bottom_layers)
    lengths = np.stack(
        (
            np.maximum(perimeters - np.pi * process.bead_mm, 0.0),
            _inner_walls(perimeters, process, spacing),
            (fill - solid - top) * density / spacing,
            solid / spacing,
            top / spacing,
        )
    )
    speeds = np.array(process.speeds_mm_s)
    later = lengths[:, 1:].sum(axis=1)
    return Columns(
        seconds=np.concatenate(([lengths[:, 0].sum()], later)) / speeds,
        ends_mm=float(np.sqrt(fill).sum()),
        volumes_mm3=lengths.sum(axis=1) * process.layer_mm * spacing,
    )


def _fill_area(perimeters: Floats, areas: Floats, walls: int, spacing: float) -> Floats:
    """Return the area within the walls: an outline moved in by d loses P d - pi d^2."""
    depth = walls * spacing
    return np.maximum(areas - perimeters * depth + np.pi * depth**2, 0.0)


def _inner_walls(perimeters: Floats, process: Fff, spacing: float) -> Floats:
    total = np.zeros_like(perimeters)
    for wall in range(1, process.walls):
        shorter = 2.0 * np.pi * (process.bead_mm / 2.0 + wall * spacing)
        total += np.maximum(perimeters - shorter, 0.0)
    return total


def _skins(fill: Floats, num_top: int, num_bottom: int) -> tuple[Floats, Floats]:
    """Return solid fill and top skin, mm2: what the layers above or below leave uncovered.

    Assumes cross-sections that nest; a part that shifts sideways as it rises hides skin from this.
    """
    above = np.maximum(fill - _shifted(fill, num_top), 0.0)
    below = np.maximum(fill - _shifted(fill, -num_bottom), 0.0)
    covered = np.minimum(above + below, fill)
    top = np.minimum(np.maximum(fill - _shifted(fill, 1), 0.0), covered)
    return covered - top, top


def _shifted(fill: Floats, layers: int) -> Floats:
    """Return the fill area `layers` higher (lower if negative), 0 outside the part."""
    padded = np.zeros_like(fill)
    if layers >= 0:
        padded[: len(fill) - layers] = fill[layers:]
    else:
        padded[-layers:] = fill[:layers]
    return padded
