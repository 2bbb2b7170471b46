"""However many configurations a family has, only what is asked for leaves a record."""

import sqlite3
from pathlib import Path

from sites import MONDAY_6
from unikat.configure.choice import choose_all, complete
from unikat.configure.count import count_configurations
from unikat.edge.ids import CountedIds
from unikat.edge.main import open_site
from unikat.flow import accept, quote
from unikat.rehearse import VirtualClock
from unikat.terms import CustomerId

PLANT = """\
site = "works"
horizon_s = 7_776_000
frozen_s = 3_600
rates = { energy_cents_per_kwh = 20, carbon_g_per_kwh = 300.0 }
[calendar]
day = { open = ["mon-fri 08:00-16:00"] }
[work_center.bench]
area = "hall"
capabilities = ["fit"]
calendar = "day"
rate_cents_per_h = 3_000
buffer = 4
units = ["B1"]
[material]
part = { unit = "piece", cents_per_unit = 10 }
"""
SITE = """\
name = "Works"
currency = "EUR"
epoch = "2026-01-05"
time_zone = "Europe/Berlin"
database = "sqlite:///works.db"
"""


def write_site(folder: Path, num_options: int) -> None:
    options = "".join(f"            O{i} {{price {i + 1}}}\n" for i in range(num_options))
    rules = "".join(f"    O{i} => O{i + 1}\n" for i in range(0, num_options - 1, 7))
    number = (
        "        mandatory\n            Integer Size {min 1, max 100000, unit 'mm', default 7}\n"
    )
    (folder / "family.uvl").write_text(
        f"features\n    Thing\n{number}        optional\n{options}constraints\n{rules}", "utf-8"
    )
    line = 'id = "l{i}", item = "part", when = "O{i}", unit = "piece", quantity = "1"'
    bom = ",\n".join("  { " + line.format(i=i) + " }" for i in range(num_options))
    step = '{ id = "fit", capability = "fit", seconds = "60 + Size / 1000" }'
    (folder / "family.toml").write_text(
        f'family = {{ id = "thing", version = 1 }}\nbom = [\n{bom}\n]\nrouting = [ {step} ]\n',
        "utf-8",
    )
    (folder / "plant.toml").write_text(PLANT, "utf-8")
    (folder / "site.toml").write_text(SITE, "utf-8")


def rows_after_three_quotes_and_an_order(folder: Path) -> tuple[dict[str, int], int, int]:
    """Return the rows of every table, the number of configurations, and BOM lines made."""
    opened = open_site(folder, clock=VirtualClock(MONDAY_6), ids=CountedIds())
    try:
        family = opened.site.family
        count = count_configurations(family, has_values=True)
        for size in (8, 99_999, 31_415):
            picks = {"Size": size, "O1": True, "O3": size > 9}
            offer = quote(opened.site, complete(choose_all(family, picks)), {}, picks=picks)
        accept(opened.site, offer.id, CustomerId("Anna"))
    finally:
        opened.close()
    with sqlite3.connect(folder / "works.db") as database:
        tables = database.execute("SELECT name FROM sqlite_master WHERE type = 'table'").fetchall()
        rows = {
            name: database.execute(f'SELECT count(*) FROM "{name}"').fetchone()[0]
            for (name,) in tables
        }
    database.close()
    return rows, count.number, len(offer.variant.bom)


def test_a_family_of_more_than_10_to_the_12_leaves_the_rows_of_a_small_one(tmp_path):
    found = []
    for name, num_options in (("small", 6), ("large", 90)):
        folder = tmp_path / name
        folder.mkdir()
        write_site(folder, num_options)
        found.append(rows_after_three_quotes_and_an_order(folder))
    (small, few, _), (large, many, num_lines) = found
    assert few < 10**7 < 10**12 < many
    assert large == small
    assert sum(large.values()) < 30
    assert num_lines == 2
