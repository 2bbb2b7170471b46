"""Makespan of flexible job shops against the best known, in S seconds of two cores (CPU time)."""

import argparse
import csv
import json
import os
import platform
import sys
from collections import defaultdict
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from time import process_time

import numpy as np

sys.path.insert(0, str(Path(__file__).resolve().parent))

from _job_shop_lib import by_rules, find_fault

from unikat.schedule.flexible.bound import bound_makespan
from unikat.schedule.flexible.check import check_schedule
from unikat.schedule.flexible.fjs import read_fjs
from unikat.schedule.flexible.hunt import Watch
from unikat.schedule.flexible.model import FlexibleShop
from unikat.schedule.flexible.prove import Prover
from unikat.schedule.flexible.solve import THREADS, solve_shop
from unikat.schedule.flexible.start import construct

PEERS = ("cpsat", "job_shop_lib")


@dataclass(frozen=True)
class Instance:
    name: str
    path: Path
    family: str
    upper: int | None
    is_closed: bool


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument(
        "--data",
        type=Path,
        required=True,
        help="folder with .fjs files (or fjs/); bounds.csv there or beside",
    )
    parser.add_argument("--seconds", type=float, default=10.0, help="per instance, of two cores")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--every", type=int, default=1, help="take each K-th instance only")
    parser.add_argument("--families", default="", help="only these of bounds.csv, as a,b")
    parser.add_argument(
        "--against",
        default="",
        help="cpsat: CP-SAT alone, 8 workers, same CPU; job_shop_lib: the best of its rules, "
        "on instances it can say (a step takes the same time on all its machines)",
    )
    parser.add_argument(
        "--peer-python",
        default=sys.executable,
        help="a Python that has job-shop-lib, which wants an older ortools than we do",
    )
    parser.add_argument("--json", action="store_true", help="last line is one JSON object")
    options = parser.parse_args()
    peers = [name for name in options.against.split(",") if name]
    if unknown := set(peers) - set(PEERS):
        parser.error(f"there is no peer {', '.join(unknown)}; there are: {', '.join(PEERS)}")
    if "job_shop_lib" in peers and (fault := find_fault(options.peer_python)):
        parser.error(fault)
    instances = find_instances(options.data)
    if not instances:
        parser.error(f"there is no .fjs file in {options.data}")
    families = {name for name in options.families.split(",") if name}
    if unknown := families - {instance.family for instance in instances}:
        parser.error(f"no .fjs file in {options.data} is of family {', '.join(sorted(unknown))}")
    instances = [x for x in instances if not families or x.family in families]
    instances = instances[options.every // 2 :: options.every]
    measures, rivals = run(instances, options.seconds, options.seed, peers, options.peer_python)
    for name, value in measures.items():
        print(f"{name:28} {value:10.3f}")
    if options.json:
        machine = {"cpus": os.cpu_count(), "python": platform.python_version()}
        line = {"bench": "fjsp", "data": str(options.data), "machine": machine}
        print(json.dumps({**line, "measures": measures, "peers": rivals}))


def run(
    instances: list[Instance], seconds: float, seed: int, peers: list[str], python: str
) -> tuple[dict[str, float], dict[str, dict[str, float]]]:
    """Solve all; return our measures and those of the peers."""
    solve_shop(read_fjs(instances[0].path.read_text()), rounds=1)  # compiles before the clock runs
    gaps: dict[str, list[float]] = defaultdict(list)
    rival_gaps: dict[str, list[tuple[float, float]]] = defaultdict(list)
    invalid, closed, near, subset = 0, 0, 0, []
    for instance in instances:
        shop = read_fjs(instance.path.read_text(), name=instance.name)
        began = process_time()
        found = solve_shop(shop, seconds=seconds, seed=seed, clock=two_core_seconds)
        spent = process_time() - began
        violations = check_schedule(shop, found)
        invalid += bool(violations)
        best = instance.upper or found.makespan
        subset.append(bound_makespan(shop) / best)
        if instance.upper is not None:
            gaps[instance.family].append(gap_percent(found.makespan, best))
        if instance.is_closed:
            closed += 1
            near += found.lower_bound >= 0.99 * best
        words = [f"{instance.name:14} steps {shop.num_steps:4} best {best:6}"]
        words += [f"found {found.makespan:6} ({gap_percent(found.makespan, best):5.2f} %)"]
        words += [f"bound {found.lower_bound:6} rounds {found.rounds:5} cpu {spent:6.1f} s"]
        for peer in peers:
            makespan = (
                cpsat_alone(shop, seconds, seed) if peer == "cpsat" else by_rules(shop, python)
            )
            if makespan is not None:
                pair = (gap_percent(makespan, best), gap_percent(found.makespan, best))
                rival_gaps[peer].append(pair)
                words += [f"{peer} {makespan} ({pair[0]:.2f} %)"]
        print(" ".join(words), *violations[:3], file=sys.stderr, flush=True)
    known = [gap for family in gaps.values() for gap in family]
    measures = {
        "instances": float(len(instances)),
        **({"mean_gap_percent": mean(known)} if known else {}),  # no bound known is no gap of 0
        **{f"gap_percent_{family}": mean(gaps[family]) for family in sorted(gaps)},
        "invalid": float(invalid),
        "bound_closed_percent": 100.0 * near / max(closed, 1),
        "subset_bound_percent": 100.0 * mean(subset),
    }
    rivals = {
        peer: {
            "instances": float(len(rival_gaps[peer])),
            "mean_gap_percent": mean([theirs for theirs, _ in rival_gaps[peer]]),
            "our_gap_there_percent": mean([ours for _, ours in rival_gaps[peer]]),
        }
        for peer in peers
    }
    return measures, rivals


def two_core_seconds() -> float:
    """Return what a clock on the wall would show if both cores were ours alone."""
    return process_time() / THREADS


def gap_percent(makespan: int, best: int) -> float:
    return 100.0 * (makespan - best) / best


def mean(values: list[float]) -> float:
    return float(np.mean(values)) if values else 0.0


def cpsat_alone(shop: FlexibleShop, seconds: float, seed: int) -> int:
    """Return the makespan CP-SAT finds from the same first schedule in the same CPU time."""
    watch = Watch(two_core_seconds, lambda: False, two_core_seconds() + seconds)
    start = construct(shop, seed, 0)
    prover = Prover(shop, start.modes, start.starts, bound_makespan(shop), seed)
    with ThreadPoolExecutor(1) as pool:
        (proof,) = watch.wait_for([pool.submit(prover.run, 1e4)], prover.stop)
    if proof.modes is None or proof.starts is None:
        return start.makespan
    return int((proof.starts + shop.mode_work[proof.modes]).max())


def find_instances(folder: Path) -> list[Instance]:
    """Return every .fjs of a folder with what bounds.csv says of it."""
    table: dict[str, dict[str, str]] = {}
    for path in (folder / "bounds.csv", folder.parent / "bounds.csv"):
        if path.is_file() and not table:
            with path.open(encoding="utf-8") as lines:
                table = {row["instance"]: row for row in csv.DictReader(lines)}
    found = []
    for path in sorted(folder.rglob("*.fjs")):
        row = table.get(path.stem, {})
        upper = row.get("best_upper_bound")
        found.append(
            Instance(
                name=path.stem,
                path=path,
                family=row.get("family", "unknown"),
                upper=int(upper) if upper else None,
                is_closed=row.get("status") == "closed",
            )
        )
    return found


if __name__ == "__main__":
    main()
