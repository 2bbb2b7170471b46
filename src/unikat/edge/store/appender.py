"""The one thread that writes: it commits in groups what many ask for, and answers after the commit.

One commit costs one synchronisation of the disk, whatever it holds. So while a group is on its way
to the disk the next requests gather; if the last group was of several, the next one waits shortly
for as many.
"""

import logging
import math
import sqlite3
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from queue import Empty, SimpleQueue
from threading import Lock, Thread
from typing import Generic, Protocol, TypeVar

from unikat.edge.store.connection import connect
from unikat.edge.store.limits import GROUP_EVENTS, GROUP_WAIT_S, WRITE_BEHIND_S
from unikat.errors import StoreFailure, UnikatError

_log = logging.getLogger(__name__)

Result = TypeVar("Result")
Work = Callable[[sqlite3.Connection], Result]


class _Asked(Protocol):
    """What the appender is asked to do, of any result type."""

    weight: int
    is_urgent: bool

    def attempt(self, connection: sqlite3.Connection) -> None:
        """Do the work; what it refuses concerns nobody else in the group."""

    def settle(self, failure: StoreFailure | None) -> None:
        """Tell that it is durable, or why it is not."""


class _Request(Generic[Result]):
    """Work somebody waits for. A lock is enough to wait: 0.3 us, where a `Future` costs 3.5."""

    __slots__ = ("_done", "_problem", "_result", "_work", "is_urgent", "weight")

    def __init__(self, work: Work[Result], weight: int) -> None:
        self.weight = weight
        self.is_urgent = True
        self._work = work
        self._problem: UnikatError | None = None
        self._result: list[Result] = []
        self._done = Lock()
        self._done.acquire()

    def attempt(self, connection: sqlite3.Connection) -> None:
        try:
            self._result = [self._work(connection)]
        except UnikatError as refusal:
            self._problem = refusal

    def settle(self, failure: StoreFailure | None) -> None:
        self._problem = self._problem or failure
        self._done.release()

    def wait(self) -> Result:
        """Return the result after the commit, or raise what prevented it."""
        self._done.acquire()
        if self._problem is not None:
            raise self._problem
        return self._result[0]


class _Later:
    """Work nobody waits for."""

    __slots__ = ("_then", "_work", "is_urgent", "weight")

    def __init__(self, work: Work[object], then: Callable[[], None]) -> None:
        self.weight = 1
        self.is_urgent = False
        self._work = work
        self._then = then

    def attempt(self, connection: sqlite3.Connection) -> None:
        self._work(connection)

    def settle(self, failure: StoreFailure | None) -> None:  # logged by the group
        self._then()


class Appender:
    """The writer of one file.

    Work is a function of the connection, called inside the transaction. It may refuse by raising a
    `UnikatError` *before* it has written anything. `num_rollbacks` grows whenever a group was
    undone: what work remembers of the database is void then.
    """

    def __init__(self, path: Path) -> None:
        self.num_rollbacks = 0
        self._path = path
        self._queue: SimpleQueue[_Asked | None] = SimpleQueue()
        self._num_last = 0
        self._is_closed = False
        self._closing = Lock()
        self._connection = connect(path)
        self._thread = Thread(target=self._serve, name="unikat-appender", daemon=True)
        self._thread.start()

    def run(self, work: Work[Result], *, weight: int = 1) -> Result:
        """Do work and return its result after the commit; `weight` is the rows it writes.

        Raises
        ------
        UnikatError
            What the work refused with, or StoreFailure if nothing could be stored.
        """
        request = _Request(work, weight)
        self._ask(request)
        return request.wait()

    def later(self, work: Work[object], *, then: Callable[[], None] | None = None) -> None:
        """Do work with the next commit, `WRITE_BEHIND_S` from now at most; call `then` after it."""
        self._ask(_Later(work, then or _rest))

    def close(self) -> None:
        """Write all that was asked for, and stop."""
        with self._closing:
            if not self._is_closed:
                self._is_closed = True
                self._queue.put(None)
        self._thread.join()

    def _ask(self, asked: _Asked) -> None:
        with self._closing:
            if self._is_closed:
                raise StoreFailure(f"{self._path} is closed; open the store again")
            self._queue.put(asked)

    def _serve(self) -> None:
        while not (self._is_closed and self._queue.empty()):
            group = self._gather()
            if group:
                self._commit(group)
        self._connection.close()

    def _gather(self) -> list[_Asked]:
        """Return what to commit together: what waits, and those who came together last time."""
        group = self._wait_for_urgent()
        if group and group[-1].is_urgent:
            self._wait_for_others()
        weight = sum(asked.weight for asked in group)
        while weight < GROUP_EVENTS and (asked := self._next(0.0)) is not None:
            group.append(asked)
            weight += asked.weight
        self._num_last = sum(asked.is_urgent for asked in group)
        return group

    def _wait_for_urgent(self) -> list[_Asked]:
        """Return all that is not urgent, with the first that is, or because it is time."""
        group: list[_Asked] = []
        until = math.inf
        while (asked := self._next(until - time.monotonic())) is not None:
            group.append(asked)
            if asked.is_urgent or len(group) >= GROUP_EVENTS:
                break
            until = min(until, time.monotonic() + WRITE_BEHIND_S)
        return group

    def _wait_for_others(self) -> None:
        # Being woken by each request would cost half as much again of CPU at 64 writers.
        until = time.monotonic() + GROUP_WAIT_S
        while self._queue.qsize() + 1 < self._num_last and time.monotonic() < until:
            time.sleep(GROUP_WAIT_S / 8)

    def _next(self, patience: float) -> _Asked | None:
        """Return the next that is asked, or None at the end of patience and at the end of all."""
        try:
            return self._queue.get(timeout=None if patience == math.inf else max(patience, 0.0))
        except Empty:
            return None

    def _commit(self, group: list[_Asked]) -> None:
        failure = self._write(group)
        if failure is not None:
            _log.error("%s", failure)
        for request in group:
            request.settle(failure)

    def _write(self, group: list[_Asked]) -> StoreFailure | None:
        try:
            self._connection.execute("BEGIN IMMEDIATE")
            for request in group:
                request.attempt(self._connection)
            self._connection.execute("COMMIT")
        except Exception as error:
            self.num_rollbacks += 1
            with suppress(sqlite3.Error):  # after some faults SQLite has already rolled back
                self._connection.execute("ROLLBACK")
            failure = StoreFailure(
                f"{self._path} could not be written: {error}; nothing was stored, try again"
            )
            failure.__cause__ = error
            return failure
        return None


def _rest() -> None:
    """Do nothing after a commit."""
