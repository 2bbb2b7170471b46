"""Calibrate a filament printer: which factors explain the prints (or slices) already seen."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Final

import numpy as np
import numpy.typing as npt

from unikat.printing.layers import Columns
from unikat.printing.model import Fff

Floats = npt.NDArray[np.float64]
RIDGE: Final = 0.05
"""How strongly a few runs are pulled to one common factor, in mean columns."""


@dataclass(frozen=True, slots=True, eq=False)
class PrintRun:
    """One finished print or slice: its columns, its seconds without set-up, its material."""

    columns: Columns
    seconds: float
    volume_mm3: float


def fit_calibration(runs: Sequence[PrintRun], process: Fff) -> Fff:
    """Return the process with factors fitted to runs of one printer, material and product family.

    Relative errors count, factors are never negative. Time factors lean to the one factor that fits
    best, the ends of fill lines to 0, material factors to 1. Valid within the range of the runs.
    """
    times = np.array([[*run.columns.seconds, run.columns.ends_mm] for run in runs])
    volumes = np.array([run.columns.volumes_mm3 for run in runs])
    lines = np.array([1.0] * 6 + [0.0])
    seconds = np.array([run.seconds for run in runs])
    time = _fit(times, seconds, _common_factor(times @ lines, seconds) * lines)
    material = _fit(volumes, np.array([run.volume_mm3 for run in runs]), np.ones(5))
    return replace(
        process,
        time_factors=tuple(time[:6].tolist()),
        accel_s_per_mm=float(time[6]),
        material_factors=tuple(material.tolist()),
    )


def _common_factor(estimated: Floats, observed: Floats) -> float:
    ratio = estimated / observed
    return float(ratio.sum() / (ratio @ ratio))


def _fit(columns: Floats, observed: Floats, prior: Floats) -> Floats:
    """Solve non-negative least squares of relative errors with a ridge towards the prior."""
    from scipy.optimize import nnls

    rows = columns / observed[:, None]
    ridge = RIDGE * rows.mean(axis=0)
    factors: Floats = nnls(
        np.vstack((rows, np.diag(ridge))), np.concatenate((np.ones(len(rows)), ridge * prior))
    )[0]
    return factors
