"""Meshes and parameters the tests of `design` and `printing` share."""

import csv
from pathlib import Path

import numpy as np
from hypothesis import strategies as st

from unikat.design import Mesh, find_recipe

INSOLE = find_recipe("insole", 1)
FEET = Path(__file__).parents[2] / "examples" / "insoles" / "feet.csv"
MEASURES = ("foot_length", "foot_breadth", "heel_breadth", "ball_length")
FEATURES = {
    "thickness": 3.0,
    "heel_cup_depth": 9.0,
    "metatarsal_pad": 2.5,
    "density": 0.25,
}


def insole_parameters():
    """Any parameters within the bounds, the bounds themselves included."""
    return st.fixed_dictionaries({p.name: st.floats(p.low, p.high) for p in INSOLE.parameters})


def read_feet():
    with FEET.open() as lines:
        return list(csv.DictReader(line for line in lines if not line.startswith("#")))


def parameters_of(person):
    measures = {name: float(person[name]) for name in MEASURES}
    return {**FEATURES, **measures, "arch_height": 0.075 * measures["foot_length"]}


def box(width, depth, height):
    """A closed box with one corner at the origin."""
    corners = [(x, y, z) for z in (0.0, height) for y in (0.0, depth) for x in (0.0, width)]
    quads = [(0, 2, 3, 1), (4, 5, 7, 6), (0, 1, 5, 4), (2, 6, 7, 3), (0, 4, 6, 2), (1, 3, 7, 5)]
    faces = [face for a, b, c, d in quads for face in ((a, b, c), (a, c, d))]
    return Mesh(np.array(corners), np.array(faces, dtype=np.int32))


def sphere(radius, rounds=4):
    """An octahedron refined `rounds` times and pushed out to the sphere."""
    vertices = [(1, 0, 0), (-1, 0, 0), (0, 1, 0), (0, -1, 0), (0, 0, 1), (0, 0, -1)]
    vertices = [np.array(v, dtype=float) for v in vertices]
    faces = [(0, 2, 4), (2, 1, 4), (1, 3, 4), (3, 0, 4), (2, 0, 5), (1, 2, 5), (3, 1, 5), (0, 3, 5)]
    for _ in range(rounds):
        middles, finer = {}, []
        for face in faces:
            ends = [tuple(sorted(pair)) for pair in zip(face, face[1:] + face[:1], strict=True)]
            for a, b in ends:
                if (a, b) not in middles:
                    middle = vertices[a] + vertices[b]
                    middles[a, b] = len(vertices)
                    vertices.append(middle / np.linalg.norm(middle))
            ab, bc, ca = (middles[end] for end in ends)
            a, b, c = face
            finer += [(a, ab, ca), (ab, b, bc), (ca, bc, c), (ab, bc, ca)]
        faces = finer
    return Mesh(radius * np.array(vertices), np.array(faces, dtype=np.int32))
