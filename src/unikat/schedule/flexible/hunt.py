"""Search in rounds: tabu search improves two schedules, then the elite set takes them in."""

from collections.abc import Callable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor, wait
from dataclasses import dataclass, field, replace
from typing import TypeVar

import numpy as np

from unikat.schedule.flexible.elite import Elite, link
from unikat.schedule.flexible.model import FlexibleShop, Ints
from unikat.schedule.flexible.start import Candidate, construct, evaluate, generator_state

STYLES = (  # exact or quick, iterations, patience, price of added work, one step in so many
    (False, 100_000, 4, 2, 1),
    (True, 30_000, 4, 2, 1),
    (False, 100_000, 4, 1, 1),
    (False, 100_000, 4, 0, 1),
    (False, 120_000, 4, 2, 2),
    (True, 60_000, 8, 2, 2),
    (True, 60_000, 4, 10, 2),
)  # the iterations take alike long; a third of them left long paths worse
SMALL_STEPS = 100  # of shops with fewer, the iterations are fewer in proportion
NEW_STYLE = 3  # one in so many searches on from a member tries a style by lot
LANES = 2  # schedules improved in a round, however many threads do it
TICK_S = 0.02
T = TypeVar("T")


@dataclass(slots=True)
class Watch:
    """Says when to stop, to us by its answer and to running kernels by `stop`."""

    clock: Callable[[], float]
    is_cancelled: Callable[[], bool]
    until: float = float("inf")
    stop: Ints = field(default_factory=lambda: np.zeros(1, np.int64))

    def extend(self, until: float) -> None:
        """Go on until this time."""
        self.until = until
        self.stop[0] = 0

    def is_over(self) -> bool:
        """Say whether time is up or the caller had enough."""
        if self.is_cancelled() or (self.until < float("inf") and self.clock() >= self.until):
            self.stop[0] = 1
        return bool(self.stop[0])

    def wait_for(self, futures: Sequence[Future[T]], halt: Callable[[], None]) -> list[T]:
        """Return what the futures give; when time is up call `halt` until they do."""
        while wait(futures, timeout=TICK_S).not_done:
            if self.is_over():
                halt()
        return [future.result() for future in futures]


@dataclass(slots=True)
class Hunt:
    """The state of a search; `target` is a makespan that cannot be beaten."""

    shop: FlexibleShop
    elite: Elite
    watch: Watch
    seed: int
    threads: int
    target: int
    rounds: int = 0
    constructed: int = 0

    def run(self, rounds: int | None) -> None:
        """Search until the target is met, so many rounds are done, or the watch says stop."""
        with ThreadPoolExecutor(self.threads) as pool:
            while self.rounds != rounds and not self.is_done():
                futures = [
                    pool.submit(self.improve, start, (self.seed, self.rounds, lane))
                    for lane, start in enumerate(self.next_starts())
                ]
                for found in self.watch.wait_for(futures, lambda: None):
                    self.elite.add(found)
                self.rounds += 1

    def is_done(self) -> bool:
        """Say whether the best cannot be beaten, or the watch says stop."""
        return self.is_met() or self.watch.is_over()

    def is_met(self) -> bool:
        """Say whether the best cannot be beaten."""
        return self.elite.members[0].makespan <= self.target

    def next_starts(self) -> list[Candidate]:
        """Construct in one lane while the elite set has room, then link two of its members; in the
        other lane search on from a member.
        """
        members = self.elite.members
        draw = np.random.default_rng((self.seed, self.rounds))
        starts = []
        for lane in range(LANES):
            if len(members) < 2 or (lane == 0 and len(members) < self.elite.size):
                starts.append(construct(self.shop, self.seed, self.constructed))
                self.constructed += 1
            elif lane == 0:
                one, other = draw.choice(len(members), 2, replace=False)
                starts.append(link(self.shop, members[one], members[other], draw))
            else:
                member = members[draw.integers(0, len(members), 2).min()]
                style = member.style if draw.integers(NEW_STYLE) else draw.integers(len(STYLES))
                starts.append(replace(member, style=int(style)))
        return starts

    def improve(self, start: Candidate, key: tuple[int, int, int]) -> Candidate:
        """Improve one schedule by tabu search."""
        from unikat.schedule.flexible._kernels import search
        from unikat.schedule.flexible._kernels_quick import search_quick

        shop, style = self.shop, start.style % len(STYLES)
        is_exact, iterations, patience, price, one_in = STYLES[style]
        iterations = iterations * min(shop.num_steps, SMALL_STEPS) // SMALL_STEPS
        _, modes, sequence, _, _ = (search if is_exact else search_quick)(
            shop.first, shop.last, shop.mode_ptr, shop.mode_unit, shop.mode_work, shop.num_units,
            start.modes, start.sequence, iterations, self.target, patience, price, one_in,
            generator_state(*key), self.watch.stop,
        )  # fmt: skip
        return evaluate(shop, modes, sequence, style)
