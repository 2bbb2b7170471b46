"""The demo to its end: the same seed gives the same table, whatever the machine's threads."""

import json
import os
import subprocess
import sys

import pytest

from sites import FOLDER, MONDAY_6, models
from unikat.edge.once import Outcome, open_seconds, run_once, table_of
from unikat.errors import InvalidSite
from unikat.floor.model import World
from unikat.terms import DAY, HOUR

ORDERS = 25
SCRIPT = (
    "import json\nfrom pathlib import Path\nfrom unikat.edge.once import run_once\n"
    f"print(json.dumps(run_once(Path({str(FOLDER)!r}), num_orders={ORDERS}, seed=1).as_json()))"
)
MEASURES = {
    "orders_quoted",
    "orders_accepted",
    "orders_shipped",
    "promise_kept_percent",
    "mean_promised_lead_s",
    "fixed_policy_lead_s",
    "unit_cost_ratio",
    "deadlocks",
    "violations",
    "events",
    "wall_s",
}


def figures(outcome: Outcome) -> dict[str, object]:
    return {name: value for name, value in outcome.as_json().items() if name != "wall_s"}


@pytest.fixture(scope="module")
def outcome() -> Outcome:
    return run_once(FOLDER, num_orders=ORDERS, seed=1)


def test_every_order_is_shipped_without_deadlock_or_violation(outcome) -> None:
    summary = outcome.summary
    assert (summary.orders_accepted, summary.orders_shipped) == (ORDERS, ORDERS)
    assert (outcome.deadlocks, outcome.violations) == (0, 0)
    assert outcome.orders_quoted >= ORDERS
    assert outcome.meshes_watertight == outcome.orders_quoted
    assert outcome.schedules_checked > 1


def test_the_json_has_every_measure_as_a_number(outcome) -> None:
    told = json.loads(json.dumps(outcome.as_json()))
    assert told.keys() >= MEASURES
    assert all(isinstance(told[name], (int, float)) for name in MEASURES)
    assert 0 <= told["promise_kept_percent"] <= 100
    assert told["mean_promised_lead_s"] > 0 < told["fixed_policy_lead_s"]
    assert told["unit_cost_ratio"] > 0


def test_the_same_seed_gives_the_same_outcome(outcome) -> None:
    assert figures(run_once(FOLDER, num_orders=ORDERS, seed=1)) == figures(outcome)


def test_threads_and_hash_seed_change_nothing(outcome) -> None:
    told = []
    for threads, hashes in (("1", "1"), ("2", "77")):
        env = {**os.environ, "NUMBA_NUM_THREADS": threads, "PYTHONHASHSEED": hashes}
        done = subprocess.run(
            [sys.executable, "-c", SCRIPT], capture_output=True, text=True, env=env
        )
        assert done.returncode == 0, done.stderr
        told.append({k: v for k, v in json.loads(done.stdout).items() if k != "wall_s"})
    expected = json.loads(json.dumps(figures(outcome)))
    assert told == [expected, expected]


def test_another_seed_is_another_day(outcome) -> None:
    assert figures(run_once(FOLDER, num_orders=ORDERS, seed=2)) != figures(outcome)


def test_a_worse_world_delays_deliveries_but_never_deadlocks(outcome) -> None:
    slow = World(duration_factor={"print_powder": 1.6, "print_filament": 1.6, "mill": 1.6})
    worse = run_once(FOLDER, num_orders=ORDERS, seed=1, world=slow)
    assert (worse.deadlocks, worse.violations) == (0, 0)
    assert worse.summary.orders_shipped == ORDERS
    assert worse.summary.mean_actual_lead_s > outcome.summary.mean_actual_lead_s


def test_the_table_names_what_a_planner_asks_for(outcome) -> None:
    rows = dict(table_of(outcome))
    assert rows["quoted / accepted / shipped"].endswith(f"/ {ORDERS} / {ORDERS}")
    assert rows["deadlocks / violations"] == "0 / 0"
    assert {f"utilisation {center}" for center in models().plant.work_centers} <= rows.keys()


def test_progress_reaches_every_order() -> None:
    told: list[int] = []
    run_once(FOLDER, num_orders=3, seed=1, progress=lambda done, _total: told.append(done))
    assert told[-1] == 3


def test_a_folder_without_a_site_is_refused(tmp_path) -> None:
    with pytest.raises(InvalidSite, match="no such folder"):
        run_once(tmp_path / "nothing", num_orders=1, seed=1)


def test_open_seconds_are_those_of_the_calendar() -> None:
    plant = models().plant
    week = open_seconds(plant, 0, 7 * DAY)
    for unit in plant.units:
        spans = plant.calendars[plant.center_of(unit).calendar].open
        assert week[unit] == sum(close - begin for begin, close in spans)
    parts = [open_seconds(plant, a, b) for a, b in ((0, MONDAY_6), (MONDAY_6, 9 * DAY + HOUR))]
    whole = open_seconds(plant, 0, 9 * DAY + HOUR)
    assert {u: sum(part[u] for part in parts) for u in plant.units} == whole


def test_a_rough_floor_spoils_parts_and_all_are_delivered_all_the_same():
    rough = run_once(FOLDER, num_orders=ORDERS, seed=1, is_rough=True)
    assert rough.summary.orders_shipped == ORDERS
    assert rough.reworked + rough.scrapped > 0
    assert (rough.deadlocks, rough.violations) == (0, 0)
    assert "reworked / scrapped" in dict(table_of(rough))
