"""Two processes for one site: one serves, the other stands by, and takes over when the first ends.

The one that serves holds a lock on a file beside the database. The system frees it however that
process ends, killed too, so nobody has to find out whether it still lives. The other has read all
models and keeps up with the log meanwhile: its turn begins a moment later.
"""

import os
from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from pathlib import Path
from threading import Event, Thread
from typing import IO, Final

from unikat.errors import StoreFailure, UnikatError

KEEP_UP_S: Final = 0.1
"""How often a process that stands by reads what the other has recorded."""


class ServedElsewhere(UnikatError):
    """Another process serves the site: two would tell the floor everything twice."""

    title = "Site served already"
    status = 503


def lease_path(database: Path) -> Path:
    """Return the file that whoever serves a database has locked."""
    return database.with_name(f"{database.name}.lease")


def take_turn(
    lease: Path, keep_up: Callable[[], object], *, on_wait: Callable[[], object]
) -> IO[bytes]:
    """Return when no other process has the turn; keep up until then.

    The turn lasts until the file returned is closed, at the latest until the process ends.

    Parameters
    ----------
    keep_up
        Called every `KEEP_UP_S`, and once more when the turn begins.
    on_wait
        Called once if somebody else has the turn.

    Raises
    ------
    StoreFailure
        If the lease cannot be written, or this system has no such locks.
    """
    try:
        import fcntl

        file = lease.open("ab")
    except (ImportError, OSError) as error:
        raise StoreFailure(f"{lease} cannot be locked: {error}; serve without standby") from error
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        try:
            on_wait()
        except UnikatError:
            file.close()
            raise
        _wait(lambda: fcntl.flock(file, fcntl.LOCK_EX), keep_up)
    keep_up()
    file.truncate(0)
    file.write(f"{os.getpid()}\n".encode())
    file.flush()
    return file


def take_free_turn(lease: Path) -> AbstractContextManager[object]:
    """Take the turn only if no other process has it; where there are no such locks, as if free.

    Raises
    ------
    ServedElsewhere
        If another process has the turn.
    StoreFailure
        If the lease cannot be written.
    """

    def refuse() -> None:
        holder = lease.read_text().strip() or "another"
        raise ServedElsewhere(
            f"{lease.parent}: process {holder} serves this site; end it, or start both with"
            " `serve --standby`"
        )

    if os.name == "nt":
        return nullcontext()
    return take_turn(lease, lambda: None, on_wait=refuse)


def _wait(lock: Callable[[], object], keep_up: Callable[[], object]) -> None:
    """Wait for a lock on a thread of its own, so that the turn begins at once when it is free."""
    is_ours = Event()

    def wait() -> None:
        lock()
        is_ours.set()

    Thread(target=wait, name="standby", daemon=True).start()
    while not is_ours.wait(KEEP_UP_S):
        keep_up()
