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
from concurrent.futures import Future
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
    """A request of any result type."""

    weight: int
    is_urgent: bool

    def attempt(self, connection: sqlite3.Connection) -> None: ...
    def settle(self, failure: StoreFailure | None) -> None: ...


class _Request(Generic[Result]):
    """Work to be done inside a group's transaction, and whom to tell after the commit."""

    __slots__ = ("_refusal", "_result", "_work", "future", "is_urgent", "weight")

    def __init__(self, work: Work[Result], weight: int, *, is_urgent: bool) -> None:
        self._work = work
        self._refusal: UnikatError | None = None
        self._result: list[Result] = []
        self.future: Future[Result] = Future()
        self.weight = weight
        self.is_urgent = is_urgent

    def attempt(self, connection: sqlite3.Connection) -> None:
        """Do the work; what it refuses concerns nobody else in the group."""
        try:
            self._result = [self._work(connection)]
        except UnikatError as refusal:
            self._refusal = refusal

    def settle(self, failure: StoreFailure | None) -> None:
        """Tell the result after the commit, or why there is none."""
        problem = self._refusal or failure
        if problem is None:
            self.future.set_result(self._result[0])
        else:
            self.future.set_exception(problem)


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

    def submit(
        self, work: Work[Result], *, weight: int = 1, is_urgent: bool = True
    ) -> Future[Result]:
        """Queue work, in sequence; the future is done after the commit.

        What is not urgent waits for the next commit, `WRITE_BEHIND_S` at most. `weight` is the
        number of rows it writes.
        """
        request = _Request(work, weight, is_urgent=is_urgent)
        with self._closing:
            if self._is_closed:
                raise StoreFailure(f"{self._path} is closed; open the store again")
            self._queue.put(request)
        return request.future

    def run(self, work: Work[Result], *, weight: int = 1) -> Result:
        """Do work and return its result after it is durable."""
        return self.submit(work, weight=weight).result()

    def close(self) -> None:
        """Write all that was asked for, and stop."""
        with self._closing:
            if not self._is_closed:
                self._is_closed = True
                self._queue.put(None)
        self._thread.join()

    def _serve(self) -> None:
        while not (self._is_closed and self._queue.empty()):
            group = self._gather()
            if group:
                self._commit(group)
        self._connection.close()

    def _gather(self) -> list[_Asked]:
        """Return what to commit together: all that waits, and what comes while patience lasts."""
        group: list[_Asked] = []
        weight = num_urgent = 0
        until = math.inf
        while weight < GROUP_EVENTS and (request := self._next(until)) is not None:
            group.append(request)
            weight += request.weight
            num_urgent += request.is_urgent
            until = min(until, time.monotonic() + self._patience(request, num_urgent))
        self._num_last = num_urgent
        return group

    def _next(self, until: float) -> _Asked | None:
        """Return the next request, or None at the end of patience and at the end of all."""
        try:
            if until == math.inf:
                return self._queue.get()
            return self._queue.get(timeout=max(until - time.monotonic(), 0.0))
        except Empty:
            return None

    def _patience(self, request: _Asked, num_urgent: int) -> float:
        if not request.is_urgent:
            return WRITE_BEHIND_S
        return GROUP_WAIT_S if num_urgent < self._num_last else 0.0

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
            if self._connection.in_transaction:
                self._connection.execute("ROLLBACK")
            failure = StoreFailure(
                f"{self._path} could not be written: {error}; nothing was stored, try again"
            )
            failure.__cause__ = error
            return failure
        return None
