"""Speed of the makespan search: tabu moves and iterations a second of one core, exact and quick."""

import argparse
import json
import os
import platform
from pathlib import Path
from time import process_time

import numpy as np

from unikat.schedule.flexible import _kernels, _kernels_quick
from unikat.schedule.flexible.fjs import build_shop, read_fjs
from unikat.schedule.flexible.model import FlexibleShop
from unikat.schedule.flexible.start import construct, evaluate, generator_state

ITERATIONS = 20_000
STYLE = (4, 2, 1)  # patience, price of work, every step of a path


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, help="folder with mk10.fjs; else a shop of its size")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--json", action="store_true", help="last line is one JSON object")
    options = parser.parse_args()
    measures = measure(read_shop(options.data, options.seed), options.seed)
    for name, value in measures.items():
        print(f"{name:32} {value:14.1f}")
    if options.json:
        machine = {"cpus": os.cpu_count(), "python": platform.python_version()}
        folder = str(options.data) if options.data else None
        line = {"bench": "schedule_kernels", "data": folder, "machine": machine}
        print(json.dumps({**line, "measures": measures, "peers": {}}))


def measure(shop: FlexibleShop, seed: int) -> dict[str, float]:
    start = construct(shop, seed, 1)
    measures = {}
    for name, kernel in (("", _kernels.search), ("quick_", _kernels_quick.search_quick)):
        search(kernel, shop, start, 1, seed)  # compiles before the clock runs
        began = process_time()
        best, modes, sequence, done, moves = search(kernel, shop, start, ITERATIONS, seed)
        seconds = process_time() - began
        assert evaluate(shop, modes, sequence).makespan == best <= start.makespan
        measures |= {
            f"{name or 'exact_'}moves_per_s_core": moves / seconds,
            f"{name}iterations_per_s_core": done / seconds,
            f"{name}moves_per_iteration": moves / done,
        }
    return measures


def search(kernel, shop, start, iterations, seed):
    return kernel(
        shop.first, shop.last, shop.mode_ptr, shop.mode_unit, shop.mode_work, shop.num_units,
        start.modes, start.sequence, iterations, 0, *STYLE, generator_state(seed),
        np.zeros(1, np.int64),
    )  # fmt: skip


def read_shop(folder: Path | None, seed: int) -> FlexibleShop:
    """Return mk10 of a folder, or a drawn shop of the same size: 20 jobs, 15 units, 240 steps."""
    if folder is not None:
        (path, *_) = folder.rglob("mk10.fjs")
        return read_fjs(path.read_text(), name=path.name)
    draw = np.random.default_rng(seed)
    jobs = []
    for _ in range(20):
        steps = [draw.choice(15, draw.integers(1, 6), replace=False) + 1 for _ in range(12)]
        jobs.append([[(int(u), int(draw.integers(5, 20))) for u in units] for units in steps])
    return build_shop(jobs, 15)


if __name__ == "__main__":
    main()
