"""The loop over triangles and layer planes behind the estimate of filament prints."""

import numpy as np
import numpy.typing as npt

from unikat._kernels import kernel

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int32]


@kernel
def sum_layers(
    vertices: Floats, faces: Ints, bottom: float, layer: float, num_layers: int
) -> tuple[Floats, Floats]:
    """Return perimeter (mm) and area (mm2) of the cut with every plane bottom + (i + 1/2) layer.

    A triangle's cut runs p -> q with the solid on its left: it adds |q - p| and (p x q) / 2. A
    vertex on the plane counts as above it, so that neighbours agree and no cut is counted twice.
    """
    perimeters = np.zeros(num_layers)
    areas = np.zeros(num_layers)
    for face in range(faces.shape[0]):
        z0, z1, z2 = (
            vertices[faces[face, 0], 2],
            vertices[faces[face, 1], 2],
            vertices[faces[face, 2], 2],
        )
        lowest, highest = min(z0, z1, z2), max(z0, z1, z2)
        first = max(int((lowest - bottom) / layer - 0.5), 0)
        last = min(int((highest - bottom) / layer + 0.5) + 1, num_layers)
        for idx in range(first, last):
            plane = bottom + (idx + 0.5) * layer
            if lowest >= plane or highest < plane:
                continue
            px, py, qx, qy = 0.0, 0.0, 0.0, 0.0
            for corner in range(3):
                a, b = faces[face, corner], faces[face, (corner + 1) % 3]
                za, zb = vertices[a, 2], vertices[b, 2]
                if (za >= plane) == (zb >= plane):
                    continue
                t = (plane - za) / (zb - za)
                x = vertices[a, 0] + t * (vertices[b, 0] - vertices[a, 0])
                y = vertices[a, 1] + t * (vertices[b, 1] - vertices[a, 1])
                if zb >= plane:
                    qx, qy = x, y
                else:
                    px, py = x, y
            perimeters[idx] += np.sqrt((qx - px) ** 2 + (qy - py) ** 2)
            areas[idx] += 0.5 * (px * qy - py * qx)
    return perimeters, areas
