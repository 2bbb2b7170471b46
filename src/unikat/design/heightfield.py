"""A solid between a heightfield and its flat base: the topology every grid recipe shares."""

from functools import lru_cache

import numpy as np
import numpy.typing as npt

from unikat.design.model import Floats, Grid, Ints, Mesh

Indices = npt.NDArray[np.intp]


def build_solid(
    rows: tuple[Floats, Floats, Floats], poles: tuple[tuple[float, float, float], ...], grid: Grid
) -> Mesh:
    """Close a field of heights with a flat base at z = 0 and a wall between the two rims.

    Vertices: the first pole, the inner rows line by line, the last pole; then all again at z = 0.

    Parameters
    ----------
    rows : x, y, z, each broadcast to shape (nu - 2, nv), mm
    poles : the first and the last vertex of the top
    """
    num_top = (grid.nu - 2) * grid.nv + 2
    vertices = np.empty((2 * num_top, 3))
    inner = vertices[1 : num_top - 1].reshape(grid.nu - 2, grid.nv, 3)
    for axis, values in enumerate(rows):
        inner[:, :, axis] = values
    vertices[0], vertices[num_top - 1] = poles
    vertices[num_top:, :2] = vertices[:num_top, :2]
    vertices[num_top:, 2] = 0.0
    return Mesh(vertices, solid_faces(grid))


def measure_wall(mesh: Mesh) -> float:
    """Return the lowest height of the field above its base, mm."""
    num_top = len(mesh.vertices) // 2
    return float(mesh.vertices[:num_top, 2].min())


@lru_cache(maxsize=16)
def solid_faces(grid: Grid) -> Ints:
    """Return the faces of every solid on this grid: top, base, wall.

    >>> len(solid_faces(Grid(110, 36)))
    15556
    """
    top = _top_faces(grid)
    num_top = (grid.nu - 2) * grid.nv + 2
    start = _rim(grid)
    end = np.roll(start, -1)
    wall = np.concatenate(
        (
            np.stack((end, start, start + num_top), axis=1),
            np.stack((end, start + num_top, end + num_top), axis=1),
        )
    )
    faces = np.concatenate((top, top[:, ::-1] + num_top, wall)).astype(np.int32)
    faces.flags.writeable = False
    return faces


def _top_faces(grid: Grid) -> Indices:
    line = 1 + np.arange((grid.nu - 2) * grid.nv).reshape(grid.nu - 2, grid.nv)
    near, far = line[:-1], line[1:]
    a, b, c, d = (s.ravel() for s in (near[:, :-1], far[:, :-1], far[:, 1:], near[:, 1:]))
    heel = np.zeros(grid.nv - 1, dtype=np.intp)
    toe = heel + line[-1, -1] + 1
    return np.concatenate(
        (
            np.stack((a, b, c), axis=1),
            np.stack((a, c, d), axis=1),
            np.stack((heel, line[0, :-1], line[0, 1:]), axis=1),
            np.stack((toe, line[-1, 1:], line[-1, :-1]), axis=1),
        )
    )


def _rim(grid: Grid) -> Indices:
    """Return the vertices of the top's rim, counter-clockwise from the first pole."""
    line = 1 + np.arange((grid.nu - 2) * grid.nv).reshape(grid.nu - 2, grid.nv)
    return np.concatenate(([0], line[:, 0], [line[-1, -1] + 1], line[::-1, -1]))
