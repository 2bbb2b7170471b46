"""Every published version of the product family, as it was written, for ever.

They are no events: the log is read whole at each start, and rehearsals have one too. What they
share with it is that nothing is ever changed or removed.
"""

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from itertools import zip_longest
from sqlite3 import Connection
from threading import Lock
from typing import Protocol

from unikat.edge.store.appender import Appender
from unikat.edge.store.connection import Readers
from unikat.errors import Fault, InvalidSite, UnknownVersion
from unikat.family.tree import import_file
from unikat.ports import Clock
from unikat.terms import Instant

_SELECT = (
    "SELECT family_id, version, uvl, sheet, imports, renamed, published_at FROM family_version"
    " WHERE family_id = ?"
)


@dataclass(frozen=True, slots=True)
class Version:
    """The texts of one version of a family; `renamed` is what its sheet says of older names.

    `imports` are the texts that `uvl` imports, by name.
    """

    family_id: str
    version: int
    uvl: str = field(repr=False)
    sheet: str = field(repr=False)
    imports: Mapping[str, str] = field(default_factory=dict, repr=False)
    renamed: Mapping[str, str] = field(default_factory=dict, repr=False)
    published_at: Instant = 0

    @property
    def sha256(self) -> str:
        """Return the hash of all texts."""
        content = json.dumps([self.uvl, self.sheet, sorted(self.imports.items())])
        return hashlib.sha256(content.encode(errors="surrogatepass")).hexdigest()

    @property
    def texts(self) -> Mapping[str, str]:
        """Return the texts by file name."""
        imports = {import_file(name): text for name, text in self.imports.items()}
        return {"family.uvl": self.uvl, "family.toml": self.sheet, **imports}


class Versions(Protocol):
    """The published versions of a site's family."""

    def publish(self, new: Version) -> bool:
        """Keep a version, and return whether it is new; durable when it returns.

        Raises
        ------
        InvalidSite
            If it was published with another text, or a later version was.
        """
        ...

    def find(self, family_id: str, version: int) -> Version:
        """Return a published version.

        Raises
        ------
        UnknownVersion
            If it was never published.
        """
        ...

    def list(self, family_id: str) -> Sequence[Version]:
        """Return all versions of a family, oldest first."""
        ...


class MemoryVersions:
    """Versions in a dict."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._kept: dict[tuple[str, int], Version] = {}
        self._lock = Lock()

    def publish(self, new: Version) -> bool:
        """Keep a version, and return whether it is new."""
        with self._lock:
            if not is_new(new, self.list(new.family_id)):
                return False
            self._kept[new.family_id, new.version] = _at(new, self._clock.now())
            return True

    def find(self, family_id: str, version: int) -> Version:
        """Return a published version."""
        found = self._kept.get((family_id, version))
        if found is None:
            raise unknown_version(family_id, version)
        return found

    def list(self, family_id: str) -> Sequence[Version]:
        """Return all versions of a family, oldest first."""
        found = [each for each in self._kept.values() if each.family_id == family_id]
        return tuple(sorted(found, key=lambda each: each.version))


class SqliteVersions:
    """The versions in a file."""

    def __init__(self, appender: Appender, readers: Readers, clock: Clock) -> None:
        self._appender = appender
        self._readers = readers
        self._clock = clock

    def publish(self, new: Version) -> bool:
        """Keep a version, and return whether it is new; durable when it returns."""
        if not is_new(new, self.list(new.family_id)):  # on every start: nothing to be written
            return False
        return self._appender.run(partial(self._publish, new))

    def find(self, family_id: str, version: int) -> Version:
        """Return a published version."""
        with self._readers.lend() as connection:
            query = f"{_SELECT} AND version = ?"
            rows = connection.execute(query, (family_id, version)).fetchall()
        if not rows:
            raise unknown_version(family_id, version)
        return _version(rows[0])

    def list(self, family_id: str) -> Sequence[Version]:
        """Return all versions of a family, oldest first."""
        with self._readers.lend() as connection:
            return _list(connection, family_id)

    def _publish(self, new: Version, connection: Connection) -> bool:
        if not is_new(new, _list(connection, new.family_id)):  # another process was faster
            return False
        connection.execute(
            "INSERT INTO family_version"
            " (family_id, version, uvl, sheet, imports, renamed, sha256, published_at)"
            " VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
            (
                new.family_id,
                new.version,
                new.uvl,
                new.sheet,
                json.dumps(dict(new.imports)),
                json.dumps(dict(new.renamed)),
                new.sha256,
                self._clock.now(),
            ),
        )
        return True


def is_new(new: Version, known: Sequence[Version]) -> bool:
    """Whether a version is to be kept: later than all that are known.

    Raises
    ------
    InvalidSite
        If it is known with another text, or older than one that is known.
    """
    same = [each for each in known if each.version == new.version]
    if same and same[0].sha256 != new.sha256:
        file, line = _first_difference(same[0].texts, new.texts)
        raise InvalidSite(
            [
                Fault(
                    file,
                    line,
                    1,
                    "",
                    f"this is not the text that was published as version {new.version}",
                    f"Write version = {known[-1].version + 1} in family.toml to publish it, or put"
                    " the old text back: unikat family versions SITE --get"
                    f" {new.version} --to FOLDER",
                )
            ]
        )
    if known and new.version < known[-1].version:
        remedy = f"Write version = {known[-1].version + 1} to publish this text anew"
        message = f"version {new.version} is older than {known[-1].version}, which is published"
        raise InvalidSite([Fault("family.toml", 0, 0, "family.version", message, remedy)])
    return not same


def unknown_version(family_id: str, version: int) -> UnknownVersion:
    """Return the error for a version nobody published."""
    return UnknownVersion(
        f"version {version} of the family {family_id} was never published here;"
        " see unikat family versions SITE"
    )


def _first_difference(old: Mapping[str, str], new: Mapping[str, str]) -> tuple[str, int]:
    """Return the first file that differs, and its first line that does."""
    for name, text in new.items():
        lines = zip_longest(text.splitlines(), old.get(name, "").splitlines())
        for line, (here, there) in enumerate(lines, start=1):
            if here != there:
                return name, line
    return "family.uvl", 1  # an import is gone, or what ends a line is another


def _at(new: Version, now: Instant) -> Version:
    return Version(
        new.family_id, new.version, new.uvl, new.sheet, new.imports, new.renamed, published_at=now
    )


def _list(connection: Connection, family_id: str) -> Sequence[Version]:
    rows = connection.execute(f"{_SELECT} ORDER BY version", (family_id,)).fetchall()
    return tuple(map(_version, rows))


def _version(row: tuple[str, int, str, str, str, str, int]) -> Version:
    family_id, version, uvl, sheet, imports, renamed, published_at = row
    return Version(
        family_id, version, uvl, sheet, json.loads(imports), json.loads(renamed), published_at
    )
