"""The alternatives of `unikat plant size` as people write them; a demand drawn from the site."""

import re
import tomllib
from collections.abc import Mapping, Sequence
from random import Random

from unikat.errors import InvalidAlternatives, InvalidMeasurements
from unikat.family.model import Family
from unikat.plant.model import Plant
from unikat.plant.table import Faults, Table
from unikat.terms import WEEK, WorkCenterId
from unikat.twin.size import Arrival, Option, Travel, weeks_for

LARGEST_FILE = 200_000
MOST_VALUES = 50
VARIANTS = 200
"""Choices drawn; each order is one of them."""
NUM_SAMPLES = 10
"""Demands drawn; the first look plays each once."""


def read_alternatives(text: str, plant: Plant) -> tuple[tuple[Option, ...], tuple[Travel, ...]]:
    """Read what may be chosen, and the travel matrices of the layouts.

    Raises
    ------
    InvalidAlternatives
        With all faults of the text.
    """
    faults = Faults({})
    top = Table(_parse(text), (), faults)
    options: list[Option] = []
    for kind in ("units", "buffer"):
        if top.has(kind):
            tables = top.take_tables(kind)
            options += [_sizes(kind, name, each, plant) for name, each in tables.items()]
    if top.has("robots"):
        options.append(_sizes("robots", "", top.take_table("robots"), plant))
    layouts = top.take_array("layout", ()) if top.has("layout") else ()
    read = [_layout(k, each, plant, faults) for k, each in enumerate(layouts)]
    top.close()
    if faults.found:
        told = "; ".join(f"{f.key}: {f.message} ({f.remedy})" for f in faults.found[:10])
        raise InvalidAlternatives(f"alternatives: {told}")
    if read:
        costs = tuple(cost for cost, _ in read)
        options.append(Option("layout", "layout", tuple(range(len(read))), costs))
    if not options:
        raise InvalidAlternatives(
            "the alternatives name nothing to choose; `unikat plant size SITE --template` shows"
            " how to write them"
        )
    return tuple(options), tuple(travel for _, travel in read)


def _parse(text: str) -> Mapping[str, object]:
    if len(text) > LARGEST_FILE:
        raise InvalidAlternatives(f"the alternatives have {len(text)} characters: too many")
    try:
        return tomllib.loads(text)
    except (tomllib.TOMLDecodeError, RecursionError) as error:
        raise InvalidAlternatives(f"the alternatives are not valid TOML: {error}") from error


def template_of(plant: Plant) -> str:
    """Return alternatives around the plant as it is, to be edited."""
    lines = [
        "# What `unikat plant size` may choose; costs in cents, for the same time (say a month).",
        "",
    ]
    for center in plant.work_centers.values():
        count, cost = len(center.units), center.rate_cents_per_h * 160
        lines.append(
            f"units.{center.id} = {{ from = {max(1, count - 1)}, to = {count + 1},"
            f" cost_cents_each = {cost} }}"
        )
    first = next(iter(plant.work_centers.values()))
    lines.append(f"# buffer.{first.id} = {{ from = 2, to = 10, step = 4, cost_cents_each = 500 }}")
    if count := len(plant.transporters):
        lines.append(
            f"robots = {{ from = {max(1, count - 1)}, to = {count + 1}, cost_cents_each = 150000 }}"
        )
    lines += [
        "",
        "# Layouts: each with its travel times, rows from, columns to, as in plant.toml.",
        "# [[layout]]",
        '# name = "as drawn"',
        "# cost_cents = 0",
        '# stops = ["powder", "blast"]',
        "# travel_s = [[0, 35], [35, 0]]",
    ]
    return "\n".join(lines) + "\n"


def layout_names(text: str) -> Sequence[str]:
    """Return the layouts' names, by number."""
    found = tomllib.loads(text).get("layout", [])
    return [str(each.get("name", f"layout {k + 1}"))[:60] for k, each in enumerate(found)]


def draw_demand(
    family: Family, persons: Sequence[Mapping[str, float]], per_day: float, seed: int
) -> list[list[Arrival]]:
    """Draw samples of the demand: what simulated shoppers of the site's family choose, so many
    orders a day. Each sample begins with a week in which the plant fills up.

    Raises
    ------
    InvalidAlternatives
        Nobody is known whom the family fits, or too few orders come.
    """
    from unikat.configure.choice import choose_all, complete
    from unikat.configure.variant import derive_variant
    from unikat.demand.shoppers import Traffic, draw_arrivals, draw_shoppers

    if not any(_fits(family, person) for person in persons):
        raise InvalidAlternatives(
            "a demand cannot be drawn: no person is known whom the family fits; give persons.csv"
        )
    traffic = Traffic(per_day, surge_days=0, looks_per_order=0.0)
    number = max(1, round(per_day * 7 * weeks_for(per_day)))
    chosen = [
        derive_variant(family, complete(choose_all(family, shopper.picks))).steps
        for shopper in draw_shoppers(
            family, persons, traffic, num_orders=min(number, VARIANTS), seed=seed, start=0
        )
    ]
    samples = []
    for k in range(NUM_SAMPLES):
        rng = Random(f"size:{seed}:{k}")
        times = draw_arrivals(traffic, num=number, seed=seed * 1_000 + k, start=0)
        samples.append([Arrival(at, rng.choice(chosen)) for at in times])
    if min(sample[-1].at for sample in samples) <= WEEK:
        raise InvalidAlternatives(
            f"{per_day:g} orders a day are too few to size a plant; give more"
        )
    return samples


def _fits(family: Family, person: Mapping[str, float]) -> bool:
    """Tell whether the family can be made for a person."""
    from unikat.demand.shoppers import draw_picks

    try:
        draw_picks(family, person, Random(0))
    except InvalidMeasurements:
        return False
    return True


def _sizes(kind: str, name: str, table: Table, plant: Plant) -> Option:
    low = table.take_integer("from", low=0 if kind == "buffer" else 1)
    high = table.take_integer("to", low=low)
    step = table.take_integer("step", 1, low=1)
    each = table.take_integer("cost_cents_each")
    table.close()
    if kind != "robots" and name not in plant.work_centers:
        table.faults.add(table.path, f"no work center is called {name!r}", "name one of the plant")
    values = tuple(range(low, high + 1, step))
    if len(values) > MOST_VALUES:
        table.faults.add(table.path, f"{len(values)} sizes", f"give {MOST_VALUES} at most")
        values = values[:1]
    return Option(kind, name, values, tuple(value * each for value in values))


def _layout(number: int, raw: object, plant: Plant, faults: Faults) -> tuple[int, Travel]:
    table = Table(raw, ("layout", str(number + 1)), faults)
    table.take_text("name", f"layout {number + 1}")
    cost = table.take_integer("cost_cents", 0)
    stops = [WorkCenterId(name) for name in table.take_words("stops")]
    rows = table.take_array("travel_s")
    table.close()
    for stop in stops:
        if stop not in plant.work_centers:
            table.fault("stops", f"no work center is called {stop!r}", "name one of the plant")
    matrix: dict[WorkCenterId, Mapping[WorkCenterId, int]] = {}
    if len(rows) != len(stops) or any(
        not isinstance(row, list) or len(row) != len(stops) for row in rows
    ):
        table.fault("travel_s", "not as many rows and columns as stops", "give one a stop")
        return cost, matrix
    for stop, row in zip(stops, rows, strict=True):
        if isinstance(row, list):
            seconds = [table.whole("travel_s", value) for value in row]
            matrix[stop] = dict(zip(stops, seconds, strict=True))
    return cost, matrix


def read_length(text: str) -> int:
    """Return the seconds of 36h or 2d.

    Raises
    ------
    InvalidAlternatives
        If it is no length.
    """
    match = re.fullmatch(r"(\d{1,5}(?:\.\d{1,3})?)(h|d)", text.strip().lower())
    seconds = round(float(match[1]) * {"h": 3600, "d": 86_400}[match[2]]) if match else 0
    if seconds <= 0:
        raise InvalidAlternatives(f"--within {text!r}: write hours or days, as 36h or 2d")
    return seconds
