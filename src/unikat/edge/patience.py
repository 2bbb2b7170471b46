"""How long a command may go on: until some seconds have passed, or until Ctrl-C."""

import signal
import time
from collections.abc import Callable, Iterator
from concurrent.futures import Future, wait
from contextlib import contextmanager
from dataclasses import dataclass, field
from threading import Thread
from typing import TypeVar

_Found = TypeVar("_Found")


@dataclass(slots=True)
class Patience:
    """Ends after `seconds` (None: never) or at the first Ctrl-C."""

    seconds: float | None
    begin: float = field(default_factory=time.monotonic)
    is_interrupted: bool = False

    def is_over(self) -> bool:
        """Whether it is time to stop."""
        return self._is_past(1.0)

    def until(self, share: float) -> Callable[[], bool]:
        """Return what tells whether a share of the time has passed."""
        return lambda: self._is_past(share)

    def _is_past(self, share: float) -> bool:
        if self.is_interrupted or self.seconds is None:
            return self.is_interrupted
        return time.monotonic() - self.begin > share * self.seconds


@contextmanager
def patience(seconds: float | None) -> Iterator[Patience]:
    """Turn the first Ctrl-C into the wish to stop with what there is; a second one ends at once."""
    patient = Patience(seconds)

    def wish(number: int, frame: object) -> None:
        if patient.is_interrupted:
            raise KeyboardInterrupt
        patient.is_interrupted = True

    usual = signal.signal(signal.SIGINT, wish)
    try:
        yield patient
    finally:
        signal.signal(signal.SIGINT, usual)


def run_beside(work: Callable[[], _Found]) -> _Found:
    """Run in a thread beside: in the main thread a SAT solver would take Ctrl-C for itself."""
    future: Future[_Found] = Future()

    def run() -> None:
        try:
            future.set_result(work())
        except BaseException as error:
            future.set_exception(error)

    Thread(target=run, daemon=True).start()
    while not future.done():  # not for ever: a signal that came to a thread is read between
        wait([future], timeout=0.2)
    return future.result()
