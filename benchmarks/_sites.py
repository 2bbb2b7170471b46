"""Whole sites drawn at random: family, plant and site as the four texts a manufacturer would write.

Each has routes of four to seven steps over six to nine work centers (some with several units, two
shifts or the clock round, one with setups, one whose work may pause, most with breakdowns), a size
that stretches all steps, and as much traffic as loads its bottleneck by `load`.
"""

import random
import tempfile
from dataclasses import dataclass
from pathlib import Path

from unikat.demand.shoppers import Shopper, Traffic, draw_shoppers
from unikat.edge.ids import CountedIds
from unikat.edge.main import load_models, open_site
from unikat.rehearse import VirtualClock
from unikat.site import Site
from unikat.terms import DAY, HOUR

START = 6 * HOUR
TWO_SHIFTS = 15 * 5 / 7
HEAD = """horizon_s = 7_776_000
frozen_s = 3_600
rates = { energy_cents_per_kwh = 19, carbon_g_per_kwh = 210.0 }
[calendar]
always = { open = ["mon-sun 00:00-24:00"] }
two_shift = { open = ["mon-fri 06:00-14:00", "mon-fri 14:00-22:00"], breaks = ["mon-fri 10:00-10:30", "mon-fri 18:00-18:30"] }
[setup]
tools = { families = ["t0", "t1", "t2"], first_s = [300, 300, 300], change_s = [[0, 400, 400], [400, 0, 400], [400, 400, 0]] }
"""  # noqa: E501


@dataclass(frozen=True, slots=True)
class DrawnSite:
    """A site in memory, its clock, who comes, and the capabilities of its steps by how much of its
    work they are, the largest first.
    """

    site: Site
    clock: VirtualClock
    shoppers: tuple[Shopper, ...]
    capabilities: tuple[str, ...]


@dataclass(slots=True)
class _Center:
    name: str
    units: int
    calendar: str
    cv: float
    mtbf_h: int
    mttr_h: float
    work: float = 0.0

    @property
    def hours(self) -> float:
        return 24.0 if self.calendar == "always" else TWO_SHIFTS


def draw_site(seed: int, *, orders: int, load: float = 0.75, policy: str = "") -> DrawnSite:
    """Draw a site and its shoppers; `policy` are more lines of `[shop]` and later tables."""
    rng = random.Random(seed)
    centers = [
        _Center(
            f"c{i}",
            rng.choice((1, 1, 2, 3)),
            rng.choice(("always", "two_shift", "two_shift")),
            rng.choice((0.05, 0.1, 0.2, 0.25)),
            rng.choice((0, 60, 120, 300)),
            rng.choice((0.5, 1.0, 3.0)),
        )
        for i in range(rng.randint(6, 9))
    ]
    routes = [
        [(center, rng.randrange(900, 4_500, 60)) for center in rng.sample(centers, size)]
        for size in (rng.randint(4, min(7, len(centers))) for _ in range(rng.randint(3, 5)))
    ]
    shares = [rng.uniform(0.5, 1.5) for _ in routes]
    for route, share in zip(routes, shares, strict=True):
        for center, seconds in route:
            center.work += share / sum(shares) * seconds * 1.25  # the mean size
    most = max(center.work / 3600 / center.units / center.hours for center in centers)
    texts = {
        "family.uvl": _rules(shares),
        "family.toml": _sheet(routes, seed),
        "plant.toml": _plant(centers, seed),
        "site.toml": _policy(load / most, seed, policy),
    }
    with tempfile.TemporaryDirectory() as folder:
        for name, text in texts.items():
            (Path(folder) / name).write_text(text, encoding="utf-8")
        models = load_models(Path(folder))
        clock = VirtualClock(START)
        opened = open_site(
            Path(folder), models=models, database="memory:", clock=clock, ids=CountedIds()
        )
    traffic = Traffic(load / most, surge_factor=1.0, looks_per_order=0.0)
    shoppers = draw_shoppers(
        models.family, [{}], traffic, num_orders=orders, seed=seed, start=START
    )
    by_work = sorted(centers, key=lambda center: -center.work)
    return DrawnSite(opened.site, clock, tuple(shoppers), tuple(f"do_{c.name}" for c in by_work))


def _rules(shares: list[float]) -> str:
    routes = "\n".join(
        f"                    R{r} {{popularity {share:.3f}{', default true' if r == 0 else ''}}}"
        for r, share in enumerate(shares)
    )
    return f"""namespace drawn
features
    Drawn {{abstract, price 5000}}
        mandatory
            Integer Size {{min 2, max 8, step 1, default 5}}
            Route {{abstract}}
                alternative
{routes}
"""


def _sheet(routes: list[list[tuple[_Center, int]]], seed: int) -> str:
    lines = [
        f'[family]\nid = "drawn{seed}"\nversion = 1\nname = "Drawn {seed}"',
        "standard = { Size = 5, R0 = true }",
        '[[module]]\nid = "all"\npersonal = true\nconventional = "the same"',
    ]
    for r, route in enumerate(routes):
        before = ""
        for k, (center, seconds) in enumerate(route):
            line = f'[[routing]]\nid = "r{r}_{k}"\ncapability = "do_{center.name}"\nwhen = "R{r}"\n'
            line += f'seconds = "{seconds} * (5 + Size) / 8"\n'
            line += f'setup = "t{r % 3}"\n' if center.name == "c0" else ""
            lines.append(line + (f'after = ["{before}"]\n' if before else ""))
            before = f"r{r}_{k}"
    return "\n".join(lines)


def _plant(centers: list[_Center], seed: int) -> str:
    lines = [f'site = "drawn{seed}"', HEAD, "[work_center]"]
    for center in centers:
        units = ", ".join(f'"{center.name.upper()}_{u}"' for u in range(center.units))
        setup = ', setup = "tools"' if center.name == "c0" else ""
        pausing = ", is_interruptible = true" if center.name == "c1" else ""
        lines.append(
            f'{center.name} = {{ area = "floor", capabilities = ["do_{center.name}"],'
            f' calendar = "{center.calendar}", rate_cents_per_h = 3_000, power_kw = 2.0,'
            f" buffer = 12, units = [{units}]{setup}{pausing} }}"
        )
    lines.append("[reliability]")
    for center in centers:
        stops = f", mtbf_s = {center.mtbf_h * 3600}, mttr_s = {round(center.mttr_h * 3600)}"
        lines.append(
            f"{center.name} = {{ duration_cv = {center.cv}{stops if center.mtbf_h else ''} }}"
        )
    names = ", ".join(f'"{center.name}"' for center in centers)
    rows = ",\n".join(
        str([0 if a is b else 60 + 10 * (i + j) for j, b in enumerate(centers)])
        for i, a in enumerate(centers)
    )
    lines.append('[transporter]\nT1 = { kind = "robot" }\nT2 = { kind = "robot" }')
    lines.append(f"[travel]\nstops = [{names}]\ntravel_s = [\n{rows}\n]")
    return "\n".join(lines)


def _policy(orders_per_day: float, seed: int, policy: str) -> str:
    return f"""name = "Drawn {seed}"
currency = "EUR"
epoch = "2026-01-05"
time_zone = "Europe/Berlin"
[promise]
confidence = 0.95
first_slack_s = 14_400
quote_valid_s = 60
[shop]
rounds = 20
{policy}
[demo]
orders_per_day = {orders_per_day:.3f}
"""


LAST = 85 * DAY
