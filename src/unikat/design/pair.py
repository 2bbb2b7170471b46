"""A pair: the right part and its mirror image, laid side by side."""

from typing import Final

import numpy as np

from unikat.design.model import Mesh, Parameters, Part, Placed, Recipe
from unikat.design.part import check_parameters
from unikat.terms import Millimetres

GAP: Final[Millimetres] = 12.0


def mirror_mesh(mesh: Mesh) -> Mesh:
    """Mirror y and reverse the faces, so that they stay counter-clockwise seen from outside."""
    return Mesh(mesh.vertices * (1.0, -1.0, 1.0), mesh.faces[:, ::-1].copy())


def join_meshes(*meshes: Mesh) -> Mesh:
    """Join meshes into one of several bodies."""
    starts = np.cumsum([0, *(len(mesh.vertices) for mesh in meshes[:-1])])
    faces = [mesh.faces + start for mesh, start in zip(meshes, starts, strict=True)]
    return Mesh(
        np.concatenate([mesh.vertices for mesh in meshes]),
        np.concatenate(faces).astype(np.int32),
    )


def lay_pair(part: Part) -> tuple[Placed, Placed]:
    """Return left and right of a part, side by side as the wearer sees them."""
    half = -float(part.mesh.vertices[:, 1].max()) - GAP / 2.0
    return (
        Placed("left", mirror_mesh(part.mesh), (0.0, -half, 0.0)),
        Placed("right", part.mesh, (0.0, half, 0.0)),
    )


def preview_pair(recipe: Recipe, parameters: Parameters) -> Mesh:
    """Build both parts on the preview grid, centred on the origin: light enough for a page.

    Raises
    ------
    InvalidMeasurements
        As `shape_part`.
    """
    check_parameters(recipe, parameters)
    right = recipe.build(parameters, recipe.preview_grid)
    low, high = right.vertices.min(axis=0), right.vertices.max(axis=0)
    # The insole is built with its heel at x = 0 and its medial side, the other foot's, towards +y.
    shift = (-(low[0] + high[0]) / 2.0, -high[1] - GAP / 2.0, 0.0)
    right = Mesh(right.vertices + shift, right.faces)
    return join_meshes(mirror_mesh(right), right)
