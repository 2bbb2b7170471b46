"""Write the schedule of a flexible job shop: JSON, CSV, iCalendar, or a Gantt picture."""

import csv
import io
import json
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path

from unikat.edge.gantt_svg import Bar, draw_gantt
from unikat.errors import UnikatError
from unikat.schedule.flexible.model import FlexibleSchedule, FlexibleShop

Writer = Callable[[FlexibleShop, FlexibleSchedule], str]
Fact = str | int | float | bool


class UnknownForm(UnikatError):
    """A schedule cannot be written in the form a file's name asks for."""

    title = "Unknown form"
    status = 422


def schedule_facts(shop: FlexibleShop, schedule: FlexibleSchedule) -> Mapping[str, Fact]:
    """Return size, makespan, bound and gap."""
    gap = 100.0 * (schedule.makespan - schedule.lower_bound) / max(schedule.lower_bound, 1)
    return {
        "jobs": shop.num_jobs,
        "units": shop.num_units,
        "steps": shop.num_steps,
        "makespan": schedule.makespan,
        "lower_bound": schedule.lower_bound,
        "gap_percent": round(gap, 3),
        "is_proven_shortest": schedule.makespan == schedule.lower_bound,
        "rounds": schedule.rounds,
        "seed": schedule.seed,
    }


def schedule_rows(shop: FlexibleShop, schedule: FlexibleSchedule) -> list[Mapping[str, int]]:
    """Return the steps by unit and start; jobs, steps and units count from 1, as in .fjs text."""
    steps = sorted(schedule.steps(shop), key=lambda s: (s.unit, s.start, s.finish))
    return [
        {
            "unit": s.unit + 1,
            "job": s.job + 1,
            "step": s.step + 1,
            "start": s.start,
            "finish": s.finish,
        }
        for s in steps
    ]


def check_target(path: Path) -> None:
    """Refuse a name that could not be written, before a long search rather than behind it.

    Raises
    ------
    UnknownForm
        The name does not end with a known form, or its folder does not exist.
    """
    forms = (*FORMS, ".ics")
    if path.suffix not in forms:
        raise UnknownForm(f"{path}: end the name with one of {', '.join(forms)}")
    if not path.parent.is_dir():
        raise UnknownForm(f"{path}: there is no folder {path.parent}; make it first")


def write_schedule_file(
    path: Path, shop: FlexibleShop, schedule: FlexibleSchedule, *, begin: datetime, unit_s: int
) -> None:
    """Write .json, .csv, .ics or .svg; times of .ics are `begin` + time x `unit_s` seconds.

    Raises
    ------
    UnknownForm
        As `check_target`.
    """
    check_target(path)
    forms: Mapping[str, Writer] = {**FORMS, ".ics": partial(_calendar, begin=begin, unit_s=unit_s)}
    path.write_text(forms[path.suffix](shop, schedule), "utf-8", newline="")


def _json(shop: FlexibleShop, schedule: FlexibleSchedule) -> str:
    facts = {**schedule_facts(shop, schedule), "schedule": schedule_rows(shop, schedule)}
    return json.dumps(facts, indent=1) + "\n"


def _csv(shop: FlexibleShop, schedule: FlexibleSchedule) -> str:
    text = io.StringIO()
    writer = csv.DictWriter(text, ("unit", "job", "step", "start", "finish"), lineterminator="\n")
    writer.writeheader()
    writer.writerows(schedule_rows(shop, schedule))
    return text.getvalue()


def _svg(shop: FlexibleShop, schedule: FlexibleSchedule) -> str:
    title = f"Makespan {schedule.makespan}, lower bound {schedule.lower_bound}"
    units = [f"unit {u + 1}" for u in range(shop.num_units)]
    bars = [
        Bar(
            row=s.unit,
            start=s.start,
            finish=s.finish,
            colour=s.job,
            label=f"{s.job + 1}.{s.step + 1}",
            text=f"job {s.job + 1} step {s.step + 1}: {s.start} to {s.finish}",
        )
        for s in schedule.steps(shop)
    ]
    return draw_gantt(title, units, bars)


def _calendar(
    shop: FlexibleShop, schedule: FlexibleSchedule, *, begin: datetime, unit_s: int
) -> str:
    """Return an iCalendar text (RFC 5545), an event a step."""
    lines = ["BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:-//Unikat//schedule//EN"]
    for row in schedule_rows(shop, schedule):
        name = f"job {row['job']} step {row['step']}"
        lines += [
            "BEGIN:VEVENT",
            f"UID:{row['job']}-{row['step']}-{schedule.seed}@unikat",
            f"DTSTAMP:{_stamp(begin)}",
            f"DTSTART:{_stamp(begin + timedelta(seconds=row['start'] * unit_s))}",
            f"DTEND:{_stamp(begin + timedelta(seconds=row['finish'] * unit_s))}",
            f"SUMMARY:{name}",
            f"LOCATION:unit {row['unit']}",
            "END:VEVENT",
        ]
    return "\r\n".join([*lines, "END:VCALENDAR", ""])


def _stamp(moment: datetime) -> str:
    return moment.astimezone(UTC).strftime("%Y%m%dT%H%M%SZ")


FORMS: Mapping[str, Writer] = {
    ".json": _json,
    ".csv": _csv,
    ".svg": _svg,
}
