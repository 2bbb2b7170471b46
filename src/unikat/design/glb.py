"""Write a mesh as binary glTF 2.0: metres, y up, one buffer, one material."""

import json
import struct
from collections.abc import Mapping, Sequence
from typing import TypeAlias

import numpy as np
import numpy.typing as npt

from unikat.design.model import Mesh
from unikat.errors import UnikatError

Json: TypeAlias = "str | int | float | bool | Sequence[Json] | Mapping[str, Json]"
_FLOAT, _UINT16, _UINT32 = 5126, 5123, 5125


def write_glb(mesh: Mesh, colour: str) -> bytes:
    """Write a mesh with smooth normals in one colour, "#rrggbb".

    Raises
    ------
    UnikatError
        The colour is not of that form.
    """
    positions, normals = _to_gltf(mesh.vertices * 0.001), _to_gltf(_normals(mesh))
    index_type = "<u2" if len(positions) <= 0xFFFF else "<u4"
    indices = mesh.faces.astype(index_type).ravel()
    content = b"".join(_padded(a.tobytes(), b"\0") for a in (positions, normals, indices))
    head = _padded(
        json.dumps(_scene(positions, indices, colour), separators=(",", ":")).encode(), b" "
    )
    total = 12 + 8 + len(head) + 8 + len(content)
    return b"".join(
        (
            struct.pack("<4sII", b"glTF", 2, total),
            struct.pack("<I4s", len(head), b"JSON"),
            head,
            struct.pack("<I4s", len(content), b"BIN\0"),
            content,
        )
    )


def linear_colour(colour: str) -> tuple[float, float, float]:
    """Turn "#rrggbb" (sRGB) into the linear red, green and blue of glTF.

    >>> linear_colour("#ff0080")
    (1.0, 0.0, 0.2159)
    """
    try:
        channels = bytes.fromhex(colour.removeprefix("#"))
        red, green, blue = (round(_linear(channel / 255.0), 4) for channel in channels)
    except ValueError as fault:
        raise UnikatError(f"{colour!r} is no colour; write it as #rrggbb") from fault
    return red, green, blue


def _linear(channel: float) -> float:
    return channel / 12.92 if channel <= 0.04045 else float(((channel + 0.055) / 1.055) ** 2.4)


def _normals(mesh: Mesh) -> npt.NDArray[np.float64]:
    """Return unit normals a vertex, the mean of its faces weighted by their area."""
    a, b, c = (mesh.vertices[mesh.faces[:, corner]] for corner in range(3))
    across = np.cross(b - a, c - a)
    corners = mesh.faces.ravel(order="F")
    num = len(mesh.vertices)
    sums = [np.bincount(corners, np.tile(across[:, axis], 3), minlength=num) for axis in range(3)]
    normals = np.stack(sums, axis=1)
    lengths = np.linalg.norm(normals, axis=1, keepdims=True)
    # A vertex of no face, or of faces that cancel, has no normal: glTF still wants a unit vector.
    return np.where(lengths > 0.0, normals / np.where(lengths > 0.0, lengths, 1.0), (0.0, 0.0, 1.0))


def _to_gltf(values: npt.NDArray[np.float64]) -> npt.NDArray[np.float32]:
    return (values[:, (0, 2, 1)] * (1.0, 1.0, -1.0)).astype("<f4")


def _padded(content: bytes, filler: bytes) -> bytes:
    return content + filler * (-len(content) % 4)


def _scene(
    positions: npt.NDArray[np.float32],
    indices: npt.NDArray[np.uint16] | npt.NDArray[np.uint32],
    colour: str,
) -> Mapping[str, Json]:
    num, size = len(positions), positions.nbytes
    index_type = _UINT16 if indices.itemsize == 2 else _UINT32
    return {
        "asset": {"version": "2.0", "generator": "unikat"},
        "scene": 0,
        "scenes": [{"nodes": [0]}],
        "nodes": [{"mesh": 0}],
        "meshes": [
            {
                "primitives": [
                    {"attributes": {"POSITION": 0, "NORMAL": 1}, "indices": 2, "material": 0}
                ]
            }
        ],
        "materials": [
            {
                "pbrMetallicRoughness": {
                    "baseColorFactor": [*linear_colour(colour), 1.0],
                    "metallicFactor": 0.0,
                    "roughnessFactor": 0.8,
                }
            }
        ],
        "buffers": [{"byteLength": 2 * size + len(_padded(indices.tobytes(), b"\0"))}],
        "bufferViews": [
            {"buffer": 0, "byteOffset": 0, "byteLength": size, "target": 34962},
            {"buffer": 0, "byteOffset": size, "byteLength": size, "target": 34962},
            {"buffer": 0, "byteOffset": 2 * size, "byteLength": indices.nbytes, "target": 34963},
        ],
        "accessors": [
            {
                "bufferView": 0,
                "componentType": _FLOAT,
                "count": num,
                "type": "VEC3",
                "min": positions.min(axis=0).tolist(),
                "max": positions.max(axis=0).tolist(),
            },
            {"bufferView": 1, "componentType": _FLOAT, "count": num, "type": "VEC3"},
            {"bufferView": 2, "componentType": index_type, "count": len(indices), "type": "SCALAR"},
        ],
    }
