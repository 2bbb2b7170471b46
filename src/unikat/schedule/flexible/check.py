"""Check a schedule of a flexible job shop in plain Python, sharing no code with the solver."""

from collections.abc import Iterator, Mapping, Sequence
from itertools import pairwise

from unikat.schedule.flexible.model import FlexibleSchedule, FlexibleShop
from unikat.schedule.model import Violation

Stay = tuple[int, int, str]  # start, finish, name


def check_schedule(shop: FlexibleShop, schedule: FlexibleSchedule) -> tuple[Violation, ...]:
    """Return every law of the shop that a schedule breaks; none is what a schedule must have.

    Each step has one of its own modes and starts at 0 or later; no step starts before the one
    before it in its job ends; no unit does two steps at once; the makespan is the last finish and
    not below the lower bound.
    """
    if not len(schedule.modes) == len(schedule.starts) == shop.num_steps:
        return (Violation("every step once", "schedule", f"{shop.num_steps} steps were asked"),)
    found: list[Violation] = []
    by_unit: dict[int, list[Stay]] = {}
    for job in range(shop.num_jobs):
        ready = 0
        for s in range(int(shop.job_ptr[job]), int(shop.job_ptr[job + 1])):
            name, mode, start = (
                f"job {job} step {s}",
                int(schedule.modes[s]),
                int(schedule.starts[s]),
            )
            if not shop.mode_ptr[s] <= mode < shop.mode_ptr[s + 1]:
                found.append(Violation("own mode", name, f"mode {mode} is another step's"))
                continue
            if start < ready:
                found.append(Violation("precedence", name, f"starts {start}, ready {ready}"))
            ready = start + int(shop.mode_work[mode])
            by_unit.setdefault(int(shop.mode_unit[mode]), []).append((start, ready, name))
    for unit, stays in by_unit.items():
        found += _overlaps(unit, sorted(stays))
    return (*found, *_wrong_numbers(schedule, by_unit))


def _wrong_numbers(
    schedule: FlexibleSchedule, by_unit: Mapping[int, Sequence[Stay]]
) -> Iterator[Violation]:
    last = max((finish for stays in by_unit.values() for _, finish, _ in stays), default=0)
    if last != schedule.makespan:
        yield Violation("makespan", "schedule", f"{schedule.makespan}, not {last}")
    if schedule.makespan < schedule.lower_bound:
        yield Violation("bound", "schedule", f"below {schedule.lower_bound}")


def _overlaps(unit: int, stays: list[Stay]) -> list[Violation]:
    """Return the pairs of neighbours in time on one unit that overlap; what takes no time overlaps
    nothing.
    """
    stays = [stay for stay in stays if stay[0] < stay[1]]
    return [
        Violation(
            "one step at a time", f"unit {unit}", f"{later[2]} starts {later[0]} in {earlier[2]}"
        )
        for earlier, later in pairwise(stays)
        if later[0] < earlier[1]
    ]
