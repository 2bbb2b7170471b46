"""A process log: who did which step of which job from when to when, of this site or another system.

`tidy_log` makes one of what was read; `site_log` is the one a site's own events tell.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from unikat.events import (
    OrderCancelled,
    OrderDelivered,
    Recorded,
    StepFinished,
    StepStarted,
)
from unikat.terms import Instant, OrderId, Seconds, StepId


@dataclass(frozen=True, slots=True, order=True)
class Activity:
    """One step of a job; `finish` is None while it runs, `resource` a unit or a person."""

    job: str
    step: str
    start: Instant
    finish: Instant | None = None
    resource: str = ""


@dataclass(frozen=True, slots=True)
class ProcessLog:
    """Activities by job, start, finish, step and resource, none twice.

    `open_jobs` are known to be unfinished when the log ends: their last finish is not their end.
    """

    activities: tuple[Activity, ...]
    open_jobs: frozenset[str] = frozenset()

    @property
    def until(self) -> Instant:
        """Return the last instant the log tells of; 0 if it is empty."""
        return max((a.start if a.finish is None else a.finish for a in self.activities), default=0)


@dataclass(frozen=True, slots=True)
class LogFacts:
    """What a log holds: `overlaps` are activities that begin before one of their job has ended."""

    jobs: int
    open_jobs: int
    activities: int
    steps: int
    resources: int
    overlaps: int
    running: int
    zero_length: int


def tidy_name(name: str) -> str:
    """Return a name with single blanks; letters that cannot be shown become U+FFFD.

    Examples
    --------
    >>> tidy_name("SETUP     Turning ")
    'SETUP Turning'
    """
    words = " ".join(name.split())
    if words.isprintable():
        return words
    return "".join(letter if letter.isprintable() else "\ufffd" for letter in words)


def tidy_log(activities: Iterable[Activity], open_jobs: Iterable[str] = ()) -> ProcessLog:
    """Return a log with tidy names, in its one sequence, exact duplicates dropped.

    A job with a running activity is open.
    """
    tidied = {
        Activity(tidy_name(a.job), tidy_name(a.step), a.start, a.finish, tidy_name(a.resource))
        for a in activities
    }
    jobs = {a.job for a in tidied}
    running = {a.job for a in tidied if a.finish is None}
    return ProcessLog(
        tuple(sorted(tidied, key=_place)),
        frozenset(running | {tidy_name(job) for job in open_jobs} & jobs),
    )


def mark_cut(log: ProcessLog, last: Seconds) -> ProcessLog:
    """Return the log with those jobs open that did something in its `last` seconds.

    A log that is a window on a running plant cuts them: what looks like their end is its own.
    """
    edge = log.until - last
    cut = {a.job for a in log.activities if a.finish is None or a.finish > edge}
    return ProcessLog(log.activities, log.open_jobs | cut)


def facts_of(log: ProcessLog) -> LogFacts:
    """Return what a log holds."""
    overlaps, last = 0, dict[str, Instant]()
    for each in log.activities:
        overlaps += each.start < last.get(each.job, each.start)
        last[each.job] = max(last.get(each.job, each.start), each.finish or each.start)
    return LogFacts(
        jobs=len(last),
        open_jobs=len(log.open_jobs),
        activities=len(log.activities),
        steps=len({a.step for a in log.activities}),
        resources=len({a.resource for a in log.activities if a.resource}),
        overlaps=overlaps,
        running=sum(a.finish is None for a in log.activities),
        zero_length=sum(a.start == a.finish for a in log.activities),
    )


def site_log(records: Sequence[Recorded]) -> ProcessLog:
    """Return the process log that a site's events tell, in whatever sequence they came.

    A finish whose start was lost is an activity of length zero.
    """
    starts: dict[tuple[OrderId, StepId, int], StepStarted] = {}
    finishes: dict[tuple[OrderId, StepId, int], StepFinished] = {}
    ended: set[OrderId] = set()
    for record in records:
        match record.event:
            case StepStarted() as event:
                starts[event.order_id, event.step, event.attempt] = event
            case StepFinished() as event:
                finishes[event.order_id, event.step, event.attempt] = event
            case OrderDelivered(order_id=order) | OrderCancelled(order_id=order):
                ended.add(order)
            case _:
                pass
    activities = []
    for key in sorted({*starts, *finishes}):
        start, finish = starts.get(key), finishes.get(key)
        first = start or finish
        if first is None:
            continue
        done = max(finish.at, first.at) if finish else None
        if done is None and key[0] in ended:
            continue  # its finish was lost, and it is no longer running
        activities.append(Activity(key[0], key[1], first.at, done, first.unit))
    return tidy_log(activities, {key[0] for key in (*starts, *finishes)} - ended)


def _place(a: Activity) -> tuple[str, Instant, bool, Instant, str, str]:
    return (a.job, a.start, a.finish is None, a.finish or 0, a.step, a.resource)
