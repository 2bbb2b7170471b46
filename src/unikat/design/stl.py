"""Write a mesh as binary STL, in millimetres (the format itself carries no unit)."""

import numpy as np

from unikat.design.model import Mesh

_RECORD = np.dtype([("normal", "<f4", 3), ("corners", "<f4", (3, 3)), ("attribute", "<u2")])


def write_stl(mesh: Mesh) -> bytes:
    """Write 80 bytes of title, the number of triangles, then 50 bytes a triangle."""
    corners = mesh.vertices[mesh.faces]
    across = np.cross(corners[:, 1] - corners[:, 0], corners[:, 2] - corners[:, 0])
    lengths = np.linalg.norm(across, axis=1, keepdims=True)
    records = np.zeros(len(mesh.faces), dtype=_RECORD)
    records["normal"] = np.divide(across, lengths, out=np.zeros_like(across), where=lengths > 0.0)
    records["corners"] = corners
    title = b"unikat, binary STL, millimetres".ljust(80)
    return title + len(records).to_bytes(4, "little") + records.tobytes()
