"""Damaged families, real ones and examples: each loads or has faults; no crash, no hang."""

import argparse
import json
import lzma
import os
import platform
import signal
import sys
import time
import traceback
from pathlib import Path
from random import Random

from unikat.errors import InvalidFamily
from unikat.family.load import load_family

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "tests"))

from family_mutations import PART, WHOLE, damaged  # noqa: E402
from reference.configure_golden import SHEET, UVL  # noqa: E402

EMPTY = 'family = { id = "model", version = 1 }\n'
SLOW_S, HANG_S = 2.0, 60


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument(
        "--data", type=Path, help="folder of NAME.uvl or NAME.uvl.xz; else examples"
    )
    parser.add_argument("--mutations", type=int, default=10_000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--json", action="store_true", help="last line is one JSON object")
    options = parser.parse_args()
    texts = read_texts(options.data)
    # A model of a megabyte takes a second to load: draw the small ones as much more often.
    weights = [1 / (2_000 + len(uvl)) for uvl, _ in texts]
    signal.signal(signal.SIGALRM, _hang)
    crashes, times, num_loaded = 0, [], 0
    for number in range(options.mutations):
        rng = Random(f"{options.seed}/{number}")
        uvl, sheet = rng.choices(texts, weights)[0]
        if sheet != EMPTY and rng.random() < 0.3:
            sheet = damaged(sheet, rng)
        else:
            uvl = damaged(uvl, rng)
        outcome, seconds = attempt(uvl, sheet, damaged(PART, rng) if rng.random() < 0.3 else PART)
        times.append(seconds)
        num_loaded += outcome == "loads"
        if outcome not in ("loads", "faulty"):
            crashes += 1
            print(f"mutation {number} of seed {options.seed}: {outcome}")
        elif seconds > SLOW_S:
            print(f"mutation {number} of seed {options.seed}: {seconds:.1f} s, {outcome}")
    measures = {
        "mutations": options.mutations,
        "crashes": crashes,
        "slow_over_2s": sum(each > SLOW_S for each in times),
        "worst_s": max(times, default=0.0),
        "mean_s": sum(times) / max(1, len(times)),
        "loaded": num_loaded,
    }
    for key, value in measures.items():
        print(f"{key:44} {value:14.4f}")
    if options.json:
        machine = {"cpus": os.cpu_count(), "python": platform.python_version()}
        line = {"bench": "family_fuzz", "data": str(options.data) if options.data else None}
        print(json.dumps({**line, "machine": machine, "measures": measures, "peers": {}}))


def read_texts(folder):
    """Return pairs of UVL and sheet."""
    texts = [(UVL, SHEET), (WHOLE, EMPTY)]
    texts += [
        (path.read_text("utf-8"), path.with_suffix(".toml").read_text("utf-8"))
        for path in sorted((ROOT / "examples").glob("*/family.uvl"))
    ]
    texts += [(read(path), EMPTY) for path in (sorted(folder.glob("*.uvl*")) if folder else ())]
    return texts


def read(path):
    if path.suffix == ".xz":
        with lzma.open(path, "rt", encoding="utf-8") as file:
            return file.read()
    return path.read_text("utf-8")


def attempt(uvl, sheet, part):
    """Return what became of a text, and the CPU seconds it took."""
    start = time.process_time()
    signal.alarm(HANG_S)
    try:
        load_family(uvl, sheet, imported={"part": part})
        outcome = "loads"
    except InvalidFamily as invalid:
        outcome = "faulty" if invalid.faults else "refused without a fault"
    except Exception as error:  # noqa: BLE001 -- any other error is a crash: what is counted
        outcome = traceback.format_exception(error)[-2:]
    finally:
        signal.alarm(0)
    return outcome, time.process_time() - start


def _hang(signum, frame):
    raise TimeoutError


if __name__ == "__main__":
    main()
