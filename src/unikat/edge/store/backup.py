"""Copies a store while it is in use, and puts a proven copy back."""

import hashlib
import os
import shutil
import sqlite3
from contextlib import closing
from pathlib import Path

from unikat.edge.store.migrate import HEAD, find_revision
from unikat.edge.store.prove import prove_log
from unikat.errors import StoreFailure


def backup(path: Path, target: Path, *, is_replacing: bool = False) -> str:
    """Copy a store that may be in use to one file, check it, and write its SHA-256 beside it.

    Returns the SHA-256; `sha256sum --check` reads the file that holds it.

    Raises
    ------
    StoreFailure
        If there is no store, the target exists, or the copy does not pass SQLite's check.
    """
    _check_is_store(path)
    _check_is_free(target, is_replacing=is_replacing)
    part = target.with_name(f"{target.name}.part")
    part.unlink(missing_ok=True)
    try:
        with closing(sqlite3.connect(part)) as copy:
            with closing(sqlite3.connect(path)) as source:
                source.backup(copy)
            copy.execute("PRAGMA journal_mode = DELETE")  # one file, without a log beside it
        _check_pages(part, "quick_check")
        digest = _hash(part)
        _move(part, target)
    except (sqlite3.Error, OSError) as error:
        raise StoreFailure(f"{path} could not be copied to {target}: {error}") from error
    finally:
        part.unlink(missing_ok=True)
    hash_file(target).write_text(f"{digest}  {target.name}\n")
    return digest


def restore(
    source: Path, path: Path, *, is_verified: bool = True, is_replacing: bool = False
) -> int:
    """Put a backup in the place of a store, and return the number of its events.

    Verifying checks the SHA-256, SQLite's integrity, that every event can be read, and that no
    number is missing. Without it the hash alone is checked, where there is one.

    Raises
    ------
    StoreFailure
        If the backup is damaged, a store is at the path and may not be replaced, or is in use.
    """
    _check_is_store(source)
    _check_is_free(path, is_replacing=is_replacing)
    _check_hash(source, is_required=is_verified)
    if is_verified:
        _check_pages(source, "integrity_check")
    num_events = prove_log(source) if is_verified else _count_events(source)
    part = path.with_name(f"{path.name}.part")
    try:
        shutil.copyfile(source, part)
        _move(part, path)
    except OSError as error:
        raise StoreFailure(f"{source} could not be copied to {path}: {error}") from error
    finally:
        part.unlink(missing_ok=True)
    return num_events


def hash_file(backup_file: Path) -> Path:
    """Return the file that holds a backup's SHA-256."""
    return backup_file.with_name(f"{backup_file.name}.sha256")


def _check_is_store(path: Path) -> None:
    if not path.is_file():
        raise StoreFailure(f"there is no store at {path}; name an existing file")
    revision = find_revision(path)
    if revision is None:
        raise StoreFailure(f"{path} is empty; name another file")
    if revision > HEAD:
        raise StoreFailure(f"{path} has schema {revision}, {HEAD} is known here: update Unikat")


def _check_is_free(path: Path, *, is_replacing: bool) -> None:
    if not path.exists():
        return
    if not is_replacing:
        raise StoreFailure(f"{path} exists; name another file, or allow it to be replaced")
    try:
        # Leaving the write-ahead log needs the file for oneself, and empties what lies beside it.
        with closing(sqlite3.connect(path, timeout=0)) as connection:
            connection.execute("PRAGMA journal_mode = DELETE")
    except sqlite3.DatabaseError as error:
        if "locked" in str(error):
            raise StoreFailure(f"{path} is in use; stop the server that has it open") from error


def _check_hash(source: Path, *, is_required: bool) -> None:
    sidecar = hash_file(source)
    if not sidecar.is_file():
        if is_required:
            raise StoreFailure(f"{sidecar} is missing; without it a backup cannot be verified")
        return
    if sidecar.read_text().split()[:1] != [_hash(source)]:
        raise StoreFailure(f"{source} is not the file {sidecar} was written for; use another one")


def _check_pages(path: Path, check: str) -> None:
    with closing(sqlite3.connect(path)) as connection:
        try:
            found = connection.execute(f"PRAGMA {check}").fetchall()
        except sqlite3.Error as error:
            found = [(str(error),)]
    if found != [("ok",)]:
        raise StoreFailure(f"{path} is damaged: {found[0][0]}; use another backup")


def _count_events(path: Path) -> int:
    with closing(sqlite3.connect(path)) as connection:
        row: tuple[int] = connection.execute("SELECT count(*) FROM event").fetchone()
        return row[0]


def _hash(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _move(part: Path, target: Path) -> None:
    """Give a finished file its name, so that no crash leaves half of one under it."""
    for path in (part, part.parent):
        handle = os.open(path, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)
    for beside in ("-wal", "-shm", "-journal"):  # SQLite would apply them to the new file
        target.with_name(target.name + beside).unlink(missing_ok=True)
    part.replace(target)
