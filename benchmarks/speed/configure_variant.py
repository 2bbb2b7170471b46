"""Milliseconds to derive a variant of 1,000 BOM lines, 300 steps and 200 slots, and its truth."""

import gc
import time
from fractions import Fraction
from random import Random

import numpy as np
from _models import parser_of, report, shop, warm_up

from reference.configure_golden import SHEET, UVL
from unikat.configure import choose_all, complete, derive_variant, price
from unikat.family.load import load_family

SLOTS, STEP_SLOTS, MEMBERS, NUMBERS = 140, 60, 5, 8
SINGLE_LINES = 300
PICKED = {"Printed": True, "Medium": True, "HeelCup": True, "Engraving": "ANNA"}


def main() -> None:
    parser = parser_of(__doc__)
    parser.add_argument("--configurations", type=int, default=10_000)
    options = parser.parse_args()
    warm_up()
    uvl, sheet = generated(options.seed)
    family = load_family(uvl, sheet)
    gc.collect()
    gc.freeze()  # a family stays: the collector need not look through it
    rng = Random(options.seed)
    wrong, times = 0, []
    for _ in range(options.configurations):
        for _, last, _ in shop(family, rng, 6):
            choice = last
        configuration = complete(choice)
        start = time.thread_time_ns()
        variant = derive_variant(family, configuration)
        times.append((time.thread_time_ns() - start) / 1e6)
        wrong += num_wrong(family, configuration, variant)
    measures = {
        "bom_lines": len(family.bom),
        "steps": len(family.routing),
        "slots": SLOTS + STEP_SLOTS,
        "slots_wrong": wrong,
        "example_wrong": example(),
        "variant_p50_ms": float(np.quantile(times, 0.5)),
        "variant_p99_ms": float(np.quantile(times, 0.99)),
    }
    report("configure_variant", options, measures)


def generated(seed):
    """A family of groups of alternatives, each a slot of the BOM or the routing, and numbers."""
    rng = Random(seed)
    numbers = [f"N{k}" for k in range(NUMBERS)]
    uvl = ["features", "\tRoot", "\t\tmandatory"]
    uvl += [f"\t\t\tInteger {each} {{min 1, max 9}}" for each in numbers]
    groups = [f"G{k}" for k in range(SLOTS + STEP_SLOTS)]
    for group in groups:
        uvl += [f"\t\t\t{group}", "\t\t\t\talternative"]
        uvl += [f"\t\t\t\t\t{group}_{m}" for m in range(MEMBERS)]
    uvl.append("constraints")
    for _ in range(len(groups)):
        a, b = rng.sample(groups, 2)
        uvl.append(f"\t{a}_{rng.randrange(1, MEMBERS)} => !{b}_{rng.randrange(1, MEMBERS)}")
    lines = ['family = { id = "generated", version = 1 }']
    for k, group in enumerate(groups):
        for m in range(MEMBERS):
            a, b = rng.sample(numbers, 2)
            part = f'id = "{group}_{m}", slot = "{group}", when = "{group}_{m}"'
            amount = f"{rng.randint(1, 50) / 10} * {a} + {b} * {a} / {rng.randint(2, 9)}"
            if k < SLOTS:
                lines += ["[[bom]]", *_keys(part), f'item = "I{k}"', 'unit = "g"']
                lines.append(f'quantity = "{amount}"')
            else:
                after = [f"{groups[k - 1]}_{each}" for each in range(MEMBERS)] if k > SLOTS else []
                lines += ["[[routing]]", *_keys(part), f'capability = "c{k % 12}"']
                lines += [f'seconds = "60 + {amount}"', f"after = {after}"]
    for k in range(SINGLE_LINES):
        group = groups[rng.randrange(SLOTS)]
        lines += ["[[bom]]", f'id = "single{k}"', f'item = "S{k}"', 'unit = "piece"']
        lines += [f'when = "{group}_0 | {numbers[k % NUMBERS]} > 3"', 'quantity = "2"']
    return "\n".join(uvl) + "\n", "\n".join(lines) + "\n"


def _keys(part):
    return part.split(", ")


def num_wrong(family, configuration, variant):
    """Count slots that do not hold exactly the line or step of the member chosen."""
    present = {line.line for line in variant.bom} | {step.step for step in variant.steps}
    wrong = 0
    for k in range(SLOTS + STEP_SLOTS):
        names = [f"G{k}_{m}" for m in range(MEMBERS)]
        chosen = [name for name in names if name in configuration.selected]
        wrong += len(chosen) != 1 or [name for name in names if name in present] != chosen
    return wrong


def example():
    """Count what differs from the worked example: grams, seconds, cents."""
    family = load_family(UVL, SHEET)
    picks = {**PICKED, "Length": 300, "Thickness": Fraction(7, 2)}
    configuration = complete(choose_all(family, picks))
    variant = derive_variant(family, configuration)
    quantities = {line.line: line.quantity for line in variant.bom}
    works = {step.step: step.work for step in variant.steps}
    return (
        (quantities != {"powder": 23.625, "cover": 320.0, "cup": 1.0})
        + (works != {"print": 8100, "clean": 900, "engrave": 50, "glue": 420})
        + (price(family, configuration).total != 8440)
    )


if __name__ == "__main__":
    main()
