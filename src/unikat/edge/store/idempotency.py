"""Idempotency-Keys: the same key with the same request gets the same answer, else it is refused.

A claim is not a lock, and an answer is not waited for: work done under a claim is itself idempotent
(an order's id follows from its quote's, event ids from both), so a crash between the work and its
answer ends in the same order when the request comes again.
"""

from dataclasses import dataclass
from functools import partial
from sqlite3 import Connection
from threading import Lock
from typing import Protocol

from unikat.edge.store.appender import Appender
from unikat.edge.store.limits import ANSWER_KEPT, PURGE_EVERY
from unikat.errors import IdempotencyConflict
from unikat.ports import Clock
from unikat.terms import Instant


@dataclass(frozen=True, slots=True)
class Answer:
    """What was answered: the HTTP status and the body."""

    status: int
    body: bytes


class Idempotency(Protocol):
    """The keys that were used, and what was answered, for a day."""

    def claim(self, principal: str, key: str, request_sha256: str) -> Answer | None:
        """Use a key for a request: None means do the work, then `finish`; an answer is given again.

        Raises
        ------
        IdempotencyConflict
            If the key was used for another request.
        """
        ...

    def finish(self, principal: str, key: str, answer: Answer) -> None:
        """Keep the answer to a claimed request; on disk a moment later."""
        ...


@dataclass(slots=True)
class _Claim:
    request_sha256: str
    expires_at: Instant
    answer: Answer | None = None


class MemoryIdempotency:
    """Claims in a dict."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._claims: dict[tuple[str, str], _Claim] = {}
        self._lock = Lock()

    def claim(self, principal: str, key: str, request_sha256: str) -> Answer | None:
        """Use a key for a request, or return what was answered."""
        now = self._clock.now()
        new = _Claim(request_sha256, now + ANSWER_KEPT)
        with self._lock:
            claim = self._claims.get((principal, key))
            if claim is None or claim.expires_at <= now:
                claim = self._claims[principal, key] = new
        _check_request(key, request_sha256, claim.request_sha256)
        return claim.answer

    def finish(self, principal: str, key: str, answer: Answer) -> None:
        """Keep the answer to a claimed request."""
        self._claims[principal, key].answer = answer


class SqliteIdempotency:
    """The claims of a file."""

    def __init__(self, appender: Appender, clock: Clock) -> None:
        self._appender = appender
        self._clock = clock
        self._purge_at = clock.now()

    def claim(self, principal: str, key: str, request_sha256: str) -> Answer | None:
        """Use a key for a request, or return what was answered."""
        return self._appender.run(partial(self._claim, principal, key, request_sha256))

    def finish(self, principal: str, key: str, answer: Answer) -> None:
        """Keep the answer to a claimed request; on disk a moment later."""
        row = (answer.status, answer.body, principal, key)
        query = "UPDATE idempotency SET status = ?, response = ? WHERE principal = ? AND key = ?"
        self._appender.later(lambda connection: connection.execute(query, row))

    def _claim(
        self, principal: str, key: str, request_sha256: str, connection: Connection
    ) -> Answer | None:
        now = self._clock.now()
        found = connection.execute(
            "SELECT request_sha256, status, response FROM idempotency"
            " WHERE principal = ? AND key = ? AND expires_at > ?",
            (principal, key, now),
        ).fetchone()
        if found is not None:
            _check_request(key, request_sha256, found[0])
            return None if found[1] is None else Answer(found[1], found[2])
        self._purge(now, connection)
        connection.execute(
            "INSERT OR REPLACE INTO idempotency (principal, key, request_sha256, expires_at)"
            " VALUES (?, ?, ?, ?)",
            (principal, key, request_sha256, now + ANSWER_KEPT),
        )
        return None

    def _purge(self, now: Instant, connection: Connection) -> None:
        if now >= self._purge_at:
            self._purge_at = now + PURGE_EVERY
            connection.execute("DELETE FROM idempotency WHERE expires_at <= ?", (now,))


def _check_request(key: str, request_sha256: str, first: str) -> None:
    if request_sha256 != first:
        raise IdempotencyConflict(
            f"Idempotency-Key {key[:40]!r} was used for another request; "
            "send a new key with a new request"
        )
