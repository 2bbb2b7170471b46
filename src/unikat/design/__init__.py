"""Measurements become one part, proven printable, and its 3MF, GLB and STL files."""

from unikat.design.glb import write_glb
from unikat.design.model import Mesh, Part, Placed, Recipe
from unikat.design.pair import lay_pair, preview_pair
from unikat.design.part import mesh_hash, shape_part
from unikat.design.recipes import find_recipe
from unikat.design.stl import write_stl
from unikat.design.threemf import write_threemf

__all__ = [
    "Mesh",
    "Part",
    "Placed",
    "Recipe",
    "find_recipe",
    "lay_pair",
    "mesh_hash",
    "preview_pair",
    "shape_part",
    "write_glb",
    "write_stl",
    "write_threemf",
]
