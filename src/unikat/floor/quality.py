"""Inspect a part after a step, as built against as ordered: it is good, made again, or scrap."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from unikat.configure.model import Check, Step
from unikat.events import Event, PartMeasured, PartScrapped, ReworkOrdered, StepFinished
from unikat.floor.draws import normal, uniform
from unikat.floor.machine import Part
from unikat.floor.model import Process, World
from unikat.terms import BuildId, Instant, StepId, UnitId

MOST_REPAIRS = 2
"""A part with a flaw passes the step again at most so often before it is scrap."""

Measured = tuple[Check, float]


@dataclass(frozen=True, slots=True)
class Verdict:
    """What an inspection found: `reason` is empty if the part is good; else it passes the steps of
    `again` once more, or is scrap if there are none.
    """

    measured: tuple[Measured, ...] = ()
    reason: str = ""
    again: tuple[StepId, ...] = ()


def judge(measured: Sequence[Measured], num_reworks: int) -> Verdict:
    """Judge a part that was reworked so often already: what goes back furthest decides, and one
    characteristic that may not be reworked any more makes it scrap.
    """
    found = tuple(measured)
    failed = [(check, value) for check, value in found if not is_within(check, value)]
    if not failed:
        return Verdict(found)
    reason = "; ".join(
        f"{check.characteristic} {value:.4g} {check.unit},"
        f" ordered {check.ordered:g} within {check.tolerance:g}"
        for check, value in failed
    )
    if any(not check.again or num_reworks >= check.most_reworks for check, _ in failed):
        return Verdict(found, reason)
    return Verdict(found, reason, max((check.again for check, _ in failed), key=len))


def is_within(check: Check, value: float) -> bool:
    """Return whether a measured value is within the tolerance of what was ordered."""
    return abs(value - check.ordered) <= check.tolerance


def inspect(world: World, seed: int, part: Part, now: Instant) -> Verdict:
    """Measure what the step a part has just passed says, as the world's processes come out."""
    step = part.steps[part.next]
    key = (seed, part.order, step.step, part.attempts.get(step.step, 0))
    if _happens(world.scrapped.get(step.capability, 0.0), *key, "scrap"):
        return Verdict((), "ruined")
    if _happens(world.flawed.get(step.capability, 0.0), *key, "flaw"):
        is_last = part.num_reworks >= MOST_REPAIRS
        return Verdict((), "flawed", () if is_last else (step.step,))
    return judge([_measure(world, check, now, key) for check in step.checks], part.num_reworks)


def _happens(share: float, *key: str | int) -> bool:
    return share > 0 and uniform(*key) < share


def _measure(world: World, check: Check, now: Instant, key: tuple[int, str, str, int]) -> Measured:
    process = world.processes.get(check.characteristic, Process())
    sd = check.sigma if process.sd is None else process.sd
    mean = check.ordered + (process.bias if now >= process.since else 0.0)
    return check, round(normal(mean, sd, *key, check.characteristic), 6)


def tell(
    part: Part, step: Step, unit: UnitId, build: BuildId | None, verdict: Verdict, now: Instant
) -> Iterator[Event]:
    """Yield what is said of a part that passed a step: finished, measured, and what follows."""
    name, attempt = step.step, part.attempts.get(step.step, 0)
    is_good, is_scrap = not verdict.reason, bool(verdict.reason) and not verdict.again
    yield StepFinished(now, unit, part.order, name, attempt, build, int(is_good), int(is_scrap))
    key = (now, unit, part.order, name, attempt, part.serial)
    for check, value in verdict.measured:
        yield PartMeasured(
            *key, check.characteristic, check.ordered, value, check.tolerance, check.unit
        )
    if is_scrap:
        yield PartScrapped(*key, verdict.reason)
    elif not is_good:
        yield ReworkOrdered(*key, verdict.again, verdict.reason)
