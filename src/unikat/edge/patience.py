"""How long a command may go on: until some seconds have passed, or until Ctrl-C."""

import signal
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field


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
