"""Families of a folder of UVL models, and shoppers who click at random: shared by benches."""

import argparse
import gc
import json
import lzma
import os
import platform
import sys
import time
from pathlib import Path
from random import Random

import numpy as np

from unikat.configure import choose, open_choice
from unikat.family.load import load_family

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "tests"))  # the slow twins live there
SHEET = 'family = { id = "model", version = 1 }\n'
EXAMPLE = ROOT / "examples" / "insoles" / "family.uvl"
NUM_CLICKS = 10


def parser_of(text):
    parser = argparse.ArgumentParser(description=text)
    parser.add_argument("--data", type=Path, help="folder of NAME.uvl or NAME.uvl.xz; else made up")
    parser.add_argument("--models", default="", help="names to take, joined by commas; else all")
    parser.add_argument("--seconds", type=float, default=3.0, help="for each model")
    parser.add_argument("--seed", type=int, default=1, help="of the shoppers")
    parser.add_argument("--json", action="store_true", help="last line is one JSON object")
    return parser


def read_models(options):
    """Return name -> UVL text, the smallest first."""
    if options.data is None:
        texts = {"made_up": made_up(options.seed)}
    else:
        paths = [*options.data.glob("*.uvl"), *options.data.glob("*.uvl.xz")]
        texts = {path.name.split(".uvl")[0]: read(path) for path in paths}
    wanted = set(filter(None, options.models.split(",")))
    kept = {name: text for name, text in texts.items() if not wanted or name in wanted}
    if not kept:
        raise SystemExit(f"no model {options.models or '*.uvl, *.uvl.xz'} in {options.data}")
    return dict(sorted(kept.items(), key=lambda item: len(item[1])))


def read(path):
    if path.suffix == ".xz":
        with lzma.open(path, "rt", encoding="utf-8") as file:
            return file.read()
    return path.read_text(encoding="utf-8")


def made_up(seed, num_options=1_000):
    """A family of groups within groups, with random rules."""
    rng = Random(seed)
    lines, count, waiting = ["features", "\tF0"], 1, [("F0", 2)]
    rows = {"F0": []}
    while waiting and count < num_options:
        name, indent = waiting.pop(rng.randrange(len(waiting)))
        left = [f"F{count + i}" for i in range(rng.randint(2, 6))]
        count += len(left)
        rows[name].append((indent, rng.choice(("optional", "or", "alternative")), left))
        rows.update({each: [] for each in left})
        waiting += [(each, indent + 2) for each in left]

    def write(name):
        for indent, kind, left in rows[name]:
            lines.append("\t" * indent + kind)
            for each in left:
                lines.append("\t" * (indent + 1) + each)
                write(each)

    write("F0")
    lines.append("constraints")
    names = list(rows)[1:]
    for _ in range(count // 2):
        a, b, c = rng.sample(names, 3)
        lines.append("\t" + rng.choice((f"{a} => {b} | {c}", f"{a} & {b} => {c}", f"!{a} | !{b}")))
    return "\n".join(lines) + "\n"


def load(text):
    return load_family(text, SHEET)


def warm_up():
    """Compile, or load what was compiled, before anything is timed."""
    family = load(made_up(0, 150))
    for _ in shop(family, Random(0)):
        pass


def status_of(family, choice):
    """Return int8 (F + 1,): 1 forced, -1 forbidden, 0 open; own picks included."""
    if choice.standing is not None:
        return choice.standing.status[: len(family.features) + 1]
    signs = {"open": 0, "forced": 1, "picked": 1, "forbidden": -1}
    return np.array([0, *(signs[each] for each in choice.statuses().values())], np.int8)


def shop(family, rng, num_clicks=NUM_CLICKS):
    """Yield picks, the choice after each, and its seconds: uniform over open options, 70 % true."""
    choice = open_choice(family)
    picks = []
    for _ in range(num_clicks):
        left = np.flatnonzero(status_of(family, choice)[1:] == 0)
        if not left.size:
            return
        index = int(left[rng.randrange(left.size)])
        value = rng.random() < 0.7
        name = family.features[index].name
        start = time.thread_time_ns()
        choice = choose(choice, name, value)
        if choice.standing is None:
            choice.statuses()
        seconds = (time.thread_time_ns() - start) / 1e9
        picks.append(index + 1 if value else -index - 1)
        yield tuple(picks), choice, seconds


def report(name, options, measures, peers=None):
    for key, value in measures.items():
        print(f"{key:44} {value:14.4f}")
    if options.json:
        machine = {"cpus": os.cpu_count(), "python": platform.python_version()}
        line = {"bench": name, "data": str(options.data) if options.data else None}
        print(json.dumps({**line, "machine": machine, "measures": measures, "peers": peers or {}}))


def cpu_seconds(function, *arguments):
    gc.collect()
    start = time.process_time()
    result = function(*arguments)
    return result, time.process_time() - start
