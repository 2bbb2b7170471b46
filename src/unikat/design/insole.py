"""The insole: a right insole from the measures of one foot; the left one is its mirror image.

Coordinates: x from heel (0) to toe, y to the medial side, z up. u = x / length runs 0..1, v from -1
(lateral) to 1 (medial).
"""

from dataclasses import dataclass
from functools import lru_cache
from typing import Final

import numpy as np

from unikat.design.curve import interpolate, smoothstep
from unikat.design.heightfield import build_solid, measure_wall
from unikat.design.model import Floats, Grid, Mesh, Parameter, Parameters, Recipe

TOE_ALLOWANCE: Final = 4.0
"""The insole is longer than the foot by this, mm."""
BALL_RANGE: Final = (0.55, 0.82)
"""Where the ball may lie, share of the length: ANSUR II has 0.67-0.79, others are moved inside."""


@dataclass(frozen=True, slots=True)
class _Lines:
    """What depends on the grid alone: columns (nu - 2, 1) of u, rows (1, nv) of v."""

    u: Floats
    v: Floats
    medial: Floats
    side: Floats
    ends: Floats
    cup: Floats
    arch: Floats
    bend: Floats


@lru_cache(maxsize=16)
def _lines(grid: Grid) -> _Lines:
    u = (1.0 - np.cos(np.linspace(0.0, np.pi, grid.nu)[1:-1])) / 2.0
    v = np.linspace(-1.0, 1.0, grid.nv)
    heel = np.clip((0.13 - u) / 0.13, 0.0, 1.0)
    toe = np.clip((u - 0.84) / 0.16, 0.0, 1.0)
    fore = 1.0 - smoothstep(0.22, 0.42, u)
    crest = np.exp(-(((u - 0.42) / 0.13) ** 2))
    return _Lines(
        u=u,
        v=v[None, :],
        medial=np.maximum(v, 0.0)[None, :],
        side=np.minimum(v, 0.0)[None, :],
        ends=np.sqrt(1.0 - heel**2) * np.sqrt(1.0 - toe**2),
        cup=fore[:, None] * smoothstep(0.55, 1.0, np.abs(v))[None, :],
        arch=crest[:, None] * smoothstep(-0.1, 1.0, v)[None, :],
        bend=0.03 * smoothstep(0.4, 1.0, u),
    )


def build_insole(parameters: Parameters, grid: Grid) -> Mesh:
    """Build the right insole: outline from the breadths, height from cup, arch and pad."""
    lines = _lines(grid)
    length = parameters["foot_length"] + TOE_ALLOWANCE
    ball = min(max(parameters["ball_length"] / length, BALL_RANGE[0]), BALL_RANGE[1])
    x = (length * lines.u)[:, None]
    y = _breadths(parameters, ball, length, lines)
    z = _heights(parameters, ball, lines)
    thickness = parameters["thickness"]
    heel_pole = (0.0, 0.0, thickness + 0.75 * parameters["heel_cup_depth"])
    toe_pole = (length, 0.03 * length, 0.55 * thickness)
    return build_solid((x, y, z), (heel_pole, toe_pole), grid)


def _breadths(parameters: Parameters, ball_at: float, length: float, lines: _Lines) -> Floats:
    heel = 0.51 * parameters["heel_breadth"]
    middle = 0.36 * parameters["foot_breadth"]
    ball = 0.51 * parameters["foot_breadth"]
    knots = np.array([0.0, 0.12, 0.30, 0.48, 0.97 * ball_at, ball_at + 0.06, 0.92, 1.0])
    halves = np.array(
        [
            [heel, heel, 0.97 * heel, 0.86 * middle, ball, 0.99 * ball, 0.72 * ball, 0.52 * ball],
            [heel, heel, heel, 1.12 * middle, 0.97 * ball, ball, 0.66 * ball, 0.48 * ball],
        ]
    )
    medial, side = (interpolate(knots, halves, lines.u) * lines.ends)[:, :, None]
    y: Floats = medial * lines.medial + side * lines.side + (length * lines.bend)[:, None]
    return y


def _heights(parameters: Parameters, ball_at: float, lines: _Lines) -> Floats:
    pad_u = np.exp(-(((lines.u - ball_at + 0.08) / 0.05) ** 2))
    pad_v = np.exp(-((lines.v / 0.4) ** 2))
    z = (
        parameters["thickness"]
        + parameters["heel_cup_depth"] * lines.cup
        + parameters["arch_height"] * lines.arch
        + parameters["metatarsal_pad"] * pad_u[:, None] * pad_v
    )
    taper = 1.0 - 0.45 * smoothstep(ball_at + 0.02, 1.0, lines.u)
    heights: Floats = z * taper[:, None]
    return heights


INSOLE: Final = Recipe(
    name="insole",
    version=1,
    parameters=(
        Parameter("foot_length", "mm", 200.0, 330.0, 262.0, "measurement"),
        Parameter("foot_breadth", "mm", 70.0, 135.0, 99.0, "measurement"),
        Parameter("heel_breadth", "mm", 45.0, 95.0, 70.0, "measurement"),
        Parameter("ball_length", "mm", 140.0, 260.0, 191.0, "measurement"),
        Parameter("thickness", "mm", 2.0, 6.0, 3.0, "feature"),
        Parameter("arch_height", "mm", 0.0, 40.0, 20.0, "feature"),
        Parameter("heel_cup_depth", "mm", 0.0, 18.0, 9.0, "feature"),
        Parameter("metatarsal_pad", "mm", 0.0, 5.0, 2.5, "feature"),
        Parameter("density", "", 0.1, 1.0, 0.3, "feature"),
    ),
    build=build_insole,
    measure_wall=measure_wall,
    grid=Grid(110, 36),
    preview_grid=Grid(72, 24),
)
"""15,556 triangles at the making grid (0.001 % of the volume of 160 x 48), 6,724 in the preview."""
