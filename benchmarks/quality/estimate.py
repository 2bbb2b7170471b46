"""Print time and filament estimated without slicing, against a slicer's answers (leave one out)."""

import argparse
import csv
import json
import os
import platform
import time
from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np

from unikat.design import Mesh
from unikat.printing.calibrate import PrintRun, fit_calibration
from unikat.printing.layers import Columns, measure_columns
from unikat.printing.model import Fff

SPEEDS = (
    "first_layer_speed",
    "external_perimeter_speed",
    "perimeter_speed",
    "infill_speed",
    "solid_infill_speed",
    "top_solid_infill_speed",
)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument(
        "--data", type=Path, required=True, help="folder with slices/ (or itself that folder)"
    )
    parser.add_argument("--json", action="store_true", help="last line is one JSON object")
    options = parser.parse_args()
    folder = options.data / "slices" if (options.data / "slices").is_dir() else options.data
    measures = measure(folder)
    for name, value in measures.items():
        print(f"{name:32} {value:10.3f}")
    if options.json:
        machine = {"cpus": os.cpu_count(), "python": platform.python_version()}
        line = {"bench": "estimate", "data": str(options.data), "machine": machine}
        print(json.dumps({**line, "measures": measures, "peers": {}}))


def measure(folder: Path) -> dict[str, float]:
    with (folder / "reference.csv").open() as lines:
        rows = list(csv.DictReader(lines))
    meshes = {row["mesh"]: read_mesh(folder / f"{row['mesh']}.npz") for row in rows}
    errors: dict[str, list[tuple[float, float]]] = {}
    speedups: list[float] = []
    for profile in sorted({row["profile"] for row in rows}):
        process, density = read_profile(folder / f"profile_{profile}.ini")
        mine = [row for row in rows if row["profile"] == profile]
        runs = [run_of(row, meshes[row["mesh"]], process, density) for row in mine]
        errors[profile] = [leave_out(runs, idx, process) for idx in range(len(runs))]
        speedups += [
            float(row["slicer_cpu_s"]) / cpu_of(meshes[row["mesh"]], process, density)
            for row in mine
        ]
    every = np.array([pair for pairs in errors.values() for pair in pairs])
    measures = {
        "time_mape_percent": float(every[:, 0].mean()),
        "time_max_percent": float(every[:, 0].max()),
        "filament_mape_percent": float(every[:, 1].mean()),
        "filament_max_percent": float(every[:, 1].max()),
        "speedup": float(np.median(speedups)),
    }
    for profile, pairs in errors.items():
        measures[f"time_mape_{profile}_percent"] = float(np.mean([pair[0] for pair in pairs]))
        measures[f"filament_mape_{profile}_percent"] = float(np.mean([pair[1] for pair in pairs]))
    return measures


def leave_out(runs: Sequence[PrintRun], idx: int, process: Fff) -> tuple[float, float]:
    """Fit on all other runs; return the errors on this one: time and filament, percent."""
    fitted = fit_calibration([run for other, run in enumerate(runs) if other != idx], process)
    run = runs[idx]
    seconds = run.columns.seconds @ fitted.time_factors
    seconds += run.columns.ends_mm * fitted.accel_s_per_mm
    volume = run.columns.volumes_mm3 @ fitted.material_factors
    return (
        100.0 * abs(seconds / run.seconds - 1.0),
        100.0 * abs(volume / run.volume_mm3 - 1.0),
    )


def run_of(row: Mapping[str, str], mesh: Mesh, process: Fff, density: float) -> PrintRun:
    columns: Columns = measure_columns(mesh, process, density)
    return PrintRun(columns, float(row["print_time_s"]), 1_000.0 * float(row["filament_cm3"]))


def cpu_of(mesh: Mesh, process: Fff, density: float) -> float:
    """Return the CPU seconds of one warm estimate, the mean of ten."""
    start = time.process_time()
    for _ in range(10):
        measure_columns(mesh, process, density)
    return (time.process_time() - start) / 10.0


def read_mesh(path: Path) -> Mesh:
    with np.load(path) as arrays:
        return Mesh(arrays["V"].astype(np.float64), arrays["F"].astype(np.int32))


def read_profile(path: Path) -> tuple[Fff, float]:
    """Read a slicer profile; our bead is 0.45 mm for its 0.4 mm nozzle."""
    lines = (line.split("=", 1) for line in path.read_text().splitlines() if "=" in line)
    keys = {key.strip(): value.strip() for key, value in lines}
    first, external, inner, sparse, solid, top = (float(keys[speed]) for speed in SPEEDS)
    process = Fff(
        plate_mm=(1e3, 1e3, 1e3),
        layer_mm=float(keys["layer_height"]),
        bead_mm=1.125 * float(keys["nozzle_diameter"]),
        walls=int(keys["perimeters"]),
        top_layers=int(keys["top_solid_layers"]),
        bottom_layers=int(keys["bottom_solid_layers"]),
        speeds_mm_s=(first, external, inner, sparse, solid, top),
        time_factors=(1.0, 1.0, 1.0, 1.0, 1.0, 1.0),
        accel_s_per_mm=0.0,
        material_factors=(1.0, 1.0, 1.0, 1.0, 1.0),
        setup_s=0.0,
        material_g_cm3=float(keys["filament_density"]),
        power_kw=0.0,
        p90_factor=1.0,
    )
    return process, float(keys["fill_density"].rstrip("%")) / 100.0


if __name__ == "__main__":
    main()
