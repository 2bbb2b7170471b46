"""Loops over meshes: measures of all faces in one pass, and bodies by union-find."""

import numpy as np
import numpy.typing as npt

from unikat._kernels import kernel

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int32]


@kernel
def measure_faces(vertices: Floats, faces: Ints) -> tuple[float, int, float, float]:
    """Return the shortest edge, the number of flat faces, the area and the signed volume.

    Volume: sum of tetrahedra to the first vertex, which keeps the terms small far from the origin.
    """
    origin_x, origin_y, origin_z = vertices[0, 0], vertices[0, 1], vertices[0, 2]
    shortest, num_flat, area, volume = np.inf, 0, 0.0, 0.0
    for face in range(faces.shape[0]):
        a, b, c = faces[face, 0], faces[face, 1], faces[face, 2]
        ax, ay, az = vertices[a, 0], vertices[a, 1], vertices[a, 2]
        ux, uy, uz = vertices[b, 0] - ax, vertices[b, 1] - ay, vertices[b, 2] - az
        wx, wy, wz = vertices[c, 0] - ax, vertices[c, 1] - ay, vertices[c, 2] - az
        nx, ny, nz = uy * wz - uz * wy, uz * wx - ux * wz, ux * wy - uy * wx
        twice = np.sqrt(nx * nx + ny * ny + nz * nz)
        if not twice > 0.0:
            num_flat += 1
        area += 0.5 * twice
        volume += (ax - origin_x) * nx + (ay - origin_y) * ny + (az - origin_z) * nz
        bx, by, bz = wx - ux, wy - uy, wz - uz
        shortest = min(
            shortest,
            ux * ux + uy * uy + uz * uz,
            wx * wx + wy * wy + wz * wz,
            bx * bx + by * by + bz * bz,
        )
    return np.sqrt(shortest), num_flat, area, volume / 6.0


@kernel
def count_bodies(faces: Ints, num_vertices: int) -> int:
    """Return the number of bodies that share no vertex; vertices in no face don't count."""
    root = np.full(num_vertices, -1, dtype=np.int64)
    num_bodies = 0
    for face in range(faces.shape[0]):
        for corner in range(3):
            vertex = faces[face, corner]
            if root[vertex] < 0:
                root[vertex] = vertex
                num_bodies += 1
        for corner in range(1, 3):
            one, other = faces[face, 0], faces[face, corner]
            while root[one] != one:
                root[one] = root[root[one]]
                one = root[one]
            while root[other] != other:
                root[other] = root[root[other]]
                other = root[other]
            if one != other:
                root[other] = one
                num_bodies -= 1
    return num_bodies
