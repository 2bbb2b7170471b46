"""Insoles a second and core with proof and volume; every person proven, a sample by a peer."""

import argparse
import csv
import json
import os
import platform
import time
from collections.abc import Mapping
from pathlib import Path

import numpy as np

from unikat.design import Mesh, find_recipe, shape_part
from unikat.design.pair import mirror_mesh
from unikat.design.proof import check_topology
from unikat.errors import Unprintable

MEASURES = {
    "foot_length": "footlength",
    "foot_breadth": "footbreadthhorizontal",
    "heel_breadth": "heelbreadth",
    "ball_length": "balloffootlength",
}
FEATURES = {"thickness": 3.0, "heel_cup_depth": 9.0, "metatarsal_pad": 2.5, "density": 0.25}
INSOLE = find_recipe("insole", 1)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, required=True, help="folder with ansur2_*.csv")
    parser.add_argument("--seed", type=int, default=1, help="which persons the peer sees")
    parser.add_argument("--json", action="store_true", help="last line is one JSON object")
    options = parser.parse_args()
    measures = measure(options.data, options.seed)
    for name, value in measures.items():
        print(f"{name:32} {value:10.3f}")
    if options.json:
        machine = {"cpus": os.cpu_count(), "python": platform.python_version()}
        line = {"bench": "insole", "data": str(options.data), "machine": machine}
        print(json.dumps({**line, "measures": measures, "peers": {}}))


def measure(folder: Path, seed: int) -> dict[str, float]:
    people = [row for path in sorted(folder.glob("ansur2_*.csv")) for row in read_rows(path)]
    feet = [parameters_of(row) for row in people]
    within = [foot for foot in feet if is_within(foot)]
    shape_part(INSOLE, within[0])
    start, num_open = time.process_time(), 0
    for foot in within:
        num_open += not is_printable(foot)
    seconds = time.process_time() - start
    picks = np.random.default_rng(seed).choice(len(within), min(200, len(within)), replace=False)
    rights = [shape_part(INSOLE, within[pick]).mesh for pick in picks]
    lefts = [mirror_mesh(mesh) for mesh in rights]
    left_faults = sum(bool(check_topology(m.faces, len(m.vertices)).faults) for m in lefts[:1])
    return {
        "insoles_per_s_core": len(within) / seconds,
        "persons": float(len(people)),
        "out_of_bounds": float(len(feet) - len(within)),
        "not_watertight": float(num_open + left_faults),
        "manifold_disagreements": float(sum(not is_manifold(mesh) for mesh in rights + lefts)),
    }


def read_rows(path: Path) -> list[dict[str, str]]:
    with path.open() as lines:
        return list(csv.DictReader(lines))


def parameters_of(row: Mapping[str, str]) -> dict[str, float]:
    foot = {name: float(row[column]) for name, column in MEASURES.items()}
    return {**FEATURES, **foot, "arch_height": 0.075 * (foot["foot_length"] + 4.0)}


def is_within(foot: Mapping[str, float]) -> bool:
    return all(p.low <= foot[p.name] <= p.high for p in INSOLE.parameters)


def is_printable(foot: Mapping[str, float]) -> bool:
    try:
        return shape_part(INSOLE, foot).report.is_watertight
    except Unprintable:
        return False


def is_manifold(mesh: Mesh) -> bool:
    import manifold3d

    peer = manifold3d.Mesh64(mesh.vertices.copy(), mesh.faces.astype(np.uint64))
    return bool(manifold3d.Manifold(peer).status() == manifold3d.Error.NoError)


if __name__ == "__main__":
    main()
