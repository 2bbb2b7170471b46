"""Remaining time from a process log alone: error against the median by last step, and interval."""

import argparse
import json
import os
import platform
import time
from pathlib import Path

from unikat.edge.formats.csv_log import Columns, read_columns, read_csv_log
from unikat.edge.formats.log_file import COLUMNS, read_log_file
from unikat.twin.process_log import ProcessLog, facts_of, tidy_log
from unikat.twin.remaining_score import RemainingScore, cross_validate, score_split

DOCUMENTED = Columns(
    job="caseid",
    step="task",
    start="start_timestamp",
    finish="end_timestamp",
    resource="user",
    open="",
    time="%Y/%m/%d %H:%M:%S",
)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--fit", type=Path, help="folder with .csv or .xes logs to learn from")
    parser.add_argument("--score", type=Path, help="folder with the logs to score (else 5 folds)")
    parser.add_argument("--data", type=Path, help="the same as --fit")
    parser.add_argument("--folds", type=int, default=5)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--json", action="store_true", help="last line is one JSON object")
    options = parser.parse_args()
    fit_folder = options.fit or options.data
    if fit_folder is None:
        parser.error("name a folder: --fit DIR (with --score DIR, or 5 folds of it)")
    fit = read_folder(fit_folder)
    score = read_folder(options.score) if options.score else None
    begin = time.process_time()
    found = {
        uses_calendar: (
            cross_validate(
                fit, uses_calendar=uses_calendar, num_folds=options.folds, seed=options.seed
            )
            if score is None
            else score_split(fit, score, uses_calendar=uses_calendar, seed=options.seed)
        )
        for uses_calendar in (True, False)
    }
    print(f"fitted: {facts_of(fit)}")
    print(f"scored: {facts_of(score)}" if score else f"scored: {options.folds} folds of it")
    measures = measures_of(found[True], found[False])
    measures["fit_cpu_s"] = (time.process_time() - begin) / (2 * options.folds if not score else 2)
    for name, value in measures.items():
        print(f"{name:36} {value:14.3f}")
    if options.json:
        machine = {"cpus": os.cpu_count(), "python": platform.python_version()}
        line = {"bench": "floorlog", "data": str(fit_folder), "machine": machine}
        print(json.dumps({**line, "measures": measures, "peers": {}}))


def read_folder(folder: Path) -> ProcessLog:
    """Read all logs of a folder as one; a CSV without columns.toml has the documented columns."""
    table = folder / COLUMNS
    columns = read_columns(table.read_text("utf-8")) if table.is_file() else DOCUMENTED
    logs = [
        read_log_file(path)
        if path.suffix == ".xes"
        else read_csv_log(path.read_text("utf-8"), columns)
        for path in sorted(folder.iterdir())
        if path.suffix in (".csv", ".xes")
    ]
    if not logs:
        raise SystemExit(f"{folder} holds no .csv and no .xes")
    return tidy_log(
        [activity for log in logs for activity in log.activities],
        {job for log in logs for job in log.open_jobs},
    )


def measures_of(known: RemainingScore, blind: RemainingScore) -> dict[str, float]:
    """Return the measures; `known` was given the calendar, `blind` was not."""
    return {
        "points": float(known.num_points),
        "mae_days": known.error,
        "baseline_mae_days": known.baseline,
        "better_percent": 100 * (1 - known.error / known.baseline),
        "no_calendar_mae_days": blind.error,
        "no_calendar_better_percent": 100 * (1 - blind.error / blind.baseline),
        "coverage_percent": 100 * known.covered,
        "width_days": known.width,
        "no_calendar_coverage_percent": 100 * blind.covered,
        "no_calendar_width_days": blind.width,
    }


if __name__ == "__main__":
    main()
