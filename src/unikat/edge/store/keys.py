"""API keys: a secret shown once, of which only the SHA-256 is kept."""

import hashlib
import secrets
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from functools import partial
from sqlite3 import Connection
from typing import Protocol

from unikat.edge.store.appender import Appender
from unikat.edge.store.connection import Readers
from unikat.ports import Clock
from unikat.terms import MINUTE, Instant

PREFIX = "uk_"
"""What a secret begins with, so that a scanner of leaked secrets can know it."""


@dataclass(frozen=True, slots=True)
class ApiKey:
    """A key as it is kept: who it was made for and what it may do; never the secret."""

    sha256: str
    name: str
    scopes: frozenset[str]
    created_at: Instant
    last_used: Instant | None = None


class KeptKeys(Protocol):
    """Where keys are kept, by the hash of their secret."""

    def add(self, sha256: str, name: str, scopes: frozenset[str]) -> None:
        """Keep a key; durable when it returns."""
        ...

    def use(self, sha256: str) -> ApiKey | None:
        """Return the key of a hash and note, to the minute, that it was used."""
        ...

    def list(self) -> Sequence[ApiKey]:
        """Return all keys, oldest first."""
        ...

    def revoke(self, name: str) -> int:
        """Forget the keys of a name, and return how many there were."""
        ...


class Keys:
    """The keys of a site.

    Examples
    --------
    >>> from unikat.rehearse import VirtualClock
    >>> keys = Keys(MemoryKeys(VirtualClock()))
    >>> secret = create_key(keys, "planner", ["plan", "read"])
    >>> key = keys.find_key(secret)
    >>> key.name, sorted(key.scopes)
    ('planner', ['plan', 'read'])
    """

    def __init__(self, kept: KeptKeys) -> None:
        self._kept = kept

    def add_key(self, secret: str, name: str, scopes: Iterable[str]) -> None:
        """Keep the hash of a secret with who it was made for and what it may do."""
        self._kept.add(_hash(secret), name, frozenset(scopes))

    def find_key(self, secret: str) -> ApiKey | None:
        """Return the key of a secret and note that it was used; None if there is no such key."""
        return self._kept.use(_hash(secret))

    def list(self) -> Sequence[ApiKey]:
        """Return all keys, oldest first."""
        return self._kept.list()

    def revoke(self, name: str) -> int:
        """Forget the keys of a name, and return how many there were."""
        return self._kept.revoke(name)


def create_key(keys: Keys, name: str, scopes: Iterable[str]) -> str:
    """Make a key of 256 random bits and return its secret, which nobody can show again."""
    secret = PREFIX + secrets.token_urlsafe(32)
    keys.add_key(secret, name, scopes)
    return secret


class MemoryKeys:
    """Keys in a dict."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._keys: dict[str, ApiKey] = {}

    def add(self, sha256: str, name: str, scopes: frozenset[str]) -> None:
        """Keep a key."""
        self._keys[sha256] = ApiKey(sha256, name, scopes, self._clock.now())

    def use(self, sha256: str) -> ApiKey | None:
        """Return the key of a hash and note that it was used."""
        key = self._keys.get(sha256)
        if key is not None:
            self._keys[sha256] = replace(key, last_used=self._clock.now())
        return key

    def list(self) -> Sequence[ApiKey]:
        """Return all keys, oldest first."""
        return tuple(self._keys.values())

    def revoke(self, name: str) -> int:
        """Forget the keys of a name, and return how many there were."""
        found = [key.sha256 for key in self.list() if key.name == name]
        for sha256 in found:
            del self._keys[sha256]
        return len(found)


class SqliteKeys:
    """The keys of a file."""

    def __init__(self, appender: Appender, readers: Readers, clock: Clock) -> None:
        self._appender = appender
        self._readers = readers
        self._clock = clock

    def add(self, sha256: str, name: str, scopes: frozenset[str]) -> None:
        """Keep a key; durable when it returns."""
        row = (sha256, name, " ".join(sorted(scopes)), self._clock.now())
        query = "INSERT INTO api_key (sha256, name, scopes, created_at) VALUES (?, ?, ?, ?)"
        self._appender.run(lambda connection: connection.execute(query, row))

    def use(self, sha256: str) -> ApiKey | None:
        """Return the key of a hash and note, to the minute, that it was used."""
        found = self._select("WHERE sha256 = ?", sha256)
        if not found:
            return None
        now = self._clock.now()
        if now - (found[0].last_used or -MINUTE) >= MINUTE:
            self._appender.later(partial(_note_use, sha256, now))
        return found[0]

    def list(self) -> Sequence[ApiKey]:
        """Return all keys, oldest first."""
        return self._select("ORDER BY created_at, name")

    def revoke(self, name: str) -> int:
        """Forget the keys of a name, and return how many there were."""
        query = "DELETE FROM api_key WHERE name = ?"
        return self._appender.run(lambda connection: connection.execute(query, (name,)).rowcount)

    def _select(self, which: str, *values: str) -> Sequence[ApiKey]:
        query = f"SELECT sha256, name, scopes, created_at, last_used FROM api_key {which}"  # noqa: S608
        with self._readers.lend() as connection:
            rows = connection.execute(query, values).fetchall()
        return tuple(
            ApiKey(sha256, name, frozenset(scopes.split()), created_at, last_used)
            for sha256, name, scopes, created_at, last_used in rows
        )


def _note_use(sha256: str, now: Instant, connection: Connection) -> None:
    connection.execute("UPDATE api_key SET last_used = ? WHERE sha256 = ?", (now, sha256))


def _hash(secret: str) -> str:
    return hashlib.sha256(secret.encode(errors="surrogatepass")).hexdigest()
