"""Run several benches one after the other and write docs/benchmarks.md from what they print.

python3 run.py bench --all [NAME ...] [--data DIR] [--peer-python PYTHON] [--write-docs]

`all.toml` beside this file says with which arguments each bench runs and what its measures must
reach; `results.json` keeps the last line of each bench, so that one of them can be run anew.
"""

import argparse
import ast
import json
import operator
import subprocess
import sys
import time
import tomllib
from pathlib import Path

HERE = Path(__file__).resolve().parent
ROOT = HERE.parent
RESULTS = HERE / "results.json"
PAGE = ROOT / "docs" / "benchmarks.md"
COMPARE = {"<": operator.lt, "<=": operator.le, ">": operator.gt, ">=": operator.ge}
INTRODUCTION = """\
# Benchmarks

Written by `python3 run.py bench --all --write-docs`; change a bench or `benchmarks/all.toml`, never
this page. Each section is one run of the command in its head; machines differ, so trust ratios
within one run. What a measure must reach stands beside it, met or not.
"""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("names", nargs="*", help="benches of all.toml; none: all of them")
    parser.add_argument("--data", type=Path, default=ROOT.parent / "shared" / "data")
    parser.add_argument(
        "--peer-python",
        default=sys.executable,
        help="a Python with peers that are no dependencies: job-shop-lib, cimba",
    )
    parser.add_argument("--write-docs", action="store_true", help="write docs/benchmarks.md")
    options = parser.parse_args()
    known = tomllib.loads((HERE / "all.toml").read_text(encoding="utf-8"))
    unknown = [name for name in options.names if name not in known]
    if unknown:
        raise SystemExit(f"not in benchmarks/all.toml: {', '.join(unknown)}; it has {[*known]}")
    results = json.loads(RESULTS.read_text(encoding="utf-8")) if RESULTS.exists() else {}
    failed = []
    for name in options.names or known:
        found = run(name, known[name], options.data, options.peer_python)
        if found is None:
            failed.append(name)
            continue
        results[name] = found
        if options.write_docs:
            kept = {each: results[each] for each in known if each in results}
            RESULTS.write_text(json.dumps(kept, indent=1) + "\n", encoding="utf-8")
            PAGE.write_text(write_page(known, kept), encoding="utf-8")
    if failed:
        raise SystemExit(f"these failed, their words are above: {', '.join(failed)}")


def run(name, entry, data, peer_python):
    """Return the last line of a bench, or None when it failed."""
    path = path_of(entry.get("bench", name))
    words = entry.get("arguments", "").replace("{data}", str(data))
    words = words.replace("{peer_python}", peer_python).split()
    print(f"== {name}: {' '.join(words)}", flush=True)
    started = time.monotonic()
    done = subprocess.run(
        [sys.executable, path, *words, "--json"], stdout=subprocess.PIPE, text=True, check=False
    )
    print(done.stdout, flush=True)
    if done.returncode:
        return None
    found = json.loads(done.stdout.splitlines()[-1])
    return {key: found[key] for key in ("machine", "measures", "peers")} | {
        "wall_s": round(time.monotonic() - started)
    }


def path_of(bench):
    paths = [HERE / kind / f"{bench}.py" for kind in ("speed", "quality")]
    return next(path for path in paths if path.exists())


def write_page(known, results):
    """Return the page: a section a bench, in the sequence of all.toml."""
    parts = [INTRODUCTION]
    parts += [write_section(name, known[name], results[name]) for name in results]
    return "\n".join(parts)


def write_section(name, entry, result):
    bench = entry.get("bench", name)
    text = ast.get_docstring(ast.parse(path_of(bench).read_text(encoding="utf-8"))) or ""
    words = entry.get("arguments", "").replace("{data}", "DIR").replace("{peer_python}", "PYTHON")
    reach = entry.get("reach", {})
    machine = ", ".join(f"{key} {value}" for key, value in result["machine"].items())
    lines = [
        f"## {name}",
        "",
        text.splitlines()[0],
        "",
        f"`python3 run.py bench {bench} {words}".rstrip() + f"` ({result['wall_s']} s; {machine})",
        "",
        "| measure | measured | must reach | |",
        "|---|---:|---|---|",
    ]
    measures = result["measures"]
    lines += [f"| {key} | {shown(measures[key])} | {line} | {verdict(measures[key], line)} |"
              for key, line in reach.items() if key in measures]  # fmt: skip
    others = {key: value for key, value in measures.items() if key not in reach}
    if not reach:
        lines += [f"| {key} | {shown(value)} | | |" for key, value in others.items()]
    elif others:
        listed = ", ".join(f"{key} {shown(value)}" for key, value in others.items())
        lines += ["", f"<details><summary>also measured</summary>{listed}</details>"]
    for peer, found in result["peers"].items():
        listed = ", ".join(f"{key} {shown(value)}" for key, value in found.items())
        lines += ["", f"Peer **{peer}**: {listed}"]
    lines += ["", entry["note"]] if "note" in entry else []
    return "\n".join([*lines, ""])


def verdict(value, line):
    """Say whether a measure reaches what it must: `< 5`, `>= 100`, `93..97`."""
    if ".." in line:
        low, high = map(float, line.split(".."))
        return "met" if low <= value <= high else "**not met**"
    sign, bound = line.split()
    return "met" if COMPARE[sign](value, float(bound)) else "**not met**"


def shown(value):
    if not isinstance(value, int | float):
        return str(value)
    if isinstance(value, int) or (value == int(value) and abs(value) < 1e15):
        return f"{int(value):,}"
    return f"{value:,.0f}" if abs(value) >= 1000 else f"{value:.3g}"


if __name__ == "__main__":
    main()
