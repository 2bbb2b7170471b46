"""Process logs for tests: drawn ones for round trips, and made ones with a known law."""

from datetime import UTC, datetime, timedelta, timezone
from zoneinfo import ZoneInfo

import numpy as np
from hypothesis import strategies as st

from unikat.terms import DAY, HOUR
from unikat.twin.process_log import Activity, ProcessLog, tidy_log

MONDAY = datetime(2026, 1, 5, tzinfo=ZoneInfo("Europe/Berlin"))
OFFSETS = [UTC, timezone(timedelta(hours=5, minutes=45)), ZoneInfo("Europe/Berlin")]
names = st.text(st.characters(codec="utf-8"), min_size=1, max_size=12) | st.sampled_from(
    ["print", "Q.C.", "a  b", "<&>\"'", "=1+1", "O-1", "é,;\n"]
)
instants = st.integers(-(10**8), 2 * 10**9)


@st.composite
def activities(draw) -> Activity:
    start = draw(instants)
    finish = draw(st.none() | st.integers(0, 10**7).map(lambda length: start + length))
    job, step = (draw(names.filter(lambda n: n.split())) for _ in range(2))
    return Activity(job, step, start, finish, draw(st.just("") | names))


logs = st.builds(tidy_log, st.lists(activities(), max_size=12), st.lists(names, max_size=3))


def made_log(num_jobs: int, seed: int, *, spread: float = 0.5) -> ProcessLog:
    """A line of six steps whose lengths differ by a trait of the job that its first step shows."""
    rng = np.random.default_rng(seed)
    found = []
    for number in range(num_jobs):
        at = int(rng.integers(0, 60 * DAY))
        slow = rng.lognormal(0.0, 1.0)
        for step in ("cut", "turn", "mill", "grind", "check", "pack"):
            length = int(6 * HOUR * slow * rng.lognormal(0.0, spread)) + 60
            found.append(Activity(f"J{number:03d}", step, at, at + length, f"M{step}"))
            at += length + int(rng.exponential(4 * HOUR))
    return tidy_log(found)
