"""The values of the design room: mesh, recipe, proof and part."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
import numpy.typing as npt

from unikat.terms import Millimetres

Floats: TypeAlias = npt.NDArray[np.float64]
Ints: TypeAlias = npt.NDArray[np.int32]
Parameters: TypeAlias = Mapping[str, float]


@dataclass(frozen=True, slots=True, eq=False)
class Mesh:
    """A triangle mesh, z up, faces counter-clockwise seen from outside; both arrays are read-only.

    Attributes
    ----------
    vertices : float64, shape (n, 3), mm
    faces : int32, shape (m, 3), indices of vertices
    """

    vertices: Floats
    faces: Ints

    def __post_init__(self) -> None:
        self.vertices.flags.writeable = False
        self.faces.flags.writeable = False


@dataclass(frozen=True, slots=True)
class Placed:
    """A named mesh moved by (x, y, z) mm: one item of a plate."""

    name: str
    mesh: Mesh
    shift: tuple[Millimetres, Millimetres, Millimetres] = (0.0, 0.0, 0.0)


@dataclass(frozen=True, slots=True)
class Parameter:
    """One parameter of a recipe; `source` says who gives it: "measurement" or "feature"."""

    name: str
    unit: str
    low: float
    high: float
    default: float
    source: str


@dataclass(frozen=True, slots=True)
class Grid:
    """Lines along (`nu`, the first and last are poles) and across (`nv`) a heightfield."""

    nu: int
    nv: int


@dataclass(frozen=True, slots=True)
class Recipe:
    """A parametric geometry: `build` is pure, and any parameters within the bounds build.

    `measure_wall` gives the thinnest wall of a built mesh; `grid` is made, `preview_grid` shown.
    """

    name: str
    version: int
    parameters: tuple[Parameter, ...]
    build: Callable[[Parameters, Grid], Mesh]
    measure_wall: Callable[[Mesh], Millimetres]
    grid: Grid
    preview_grid: Grid


@dataclass(frozen=True, slots=True)
class MeshLimits:
    """What a mesh must keep: edges that survive rounding to 1 um, a wall that can be made."""

    min_edge: Millimetres = 0.002
    min_wall: Millimetres = 0.5


@dataclass(frozen=True, slots=True)
class Topology:
    """What follows from the faces alone: `num_unpaired` directed edges lack their one opposite."""

    num_vertices: int
    num_unpaired: int
    num_bodies: int
    faults: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class MeshReport:
    """The proof of one mesh: printable when `faults` is empty; `bounds` are low and high corner."""

    is_watertight: bool
    num_bodies: int
    num_degenerate: int
    min_edge: Millimetres
    min_wall: Millimetres
    volume_mm3: float
    area_mm2: float
    bounds: tuple[tuple[float, float, float], tuple[float, float, float]]
    faults: tuple[str, ...]


@dataclass(frozen=True, slots=True, eq=False)
class Part:
    """One proven geometry; `recipe_key` is the sha256 of recipe, version and parameters.

    `volume_mm3` is the enclosed volume, `density` the share of it that is filled (0..1).
    """

    recipe: str
    recipe_key: str
    mesh: Mesh
    report: MeshReport
    volume_mm3: float
    area_mm2: float
    density: float

    @property
    def size(self) -> tuple[Millimetres, Millimetres, Millimetres]:
        """Return the edges of the bounding box."""
        (x0, y0, z0), (x1, y1, z1) = self.report.bounds
        return (x1 - x0, y1 - y0, z1 - z0)
