"""Read a flexible job shop from .fjs text, the format of the public instances.

First line: jobs, machines, and perhaps the mean number of alternatives. Then a line a job: the
number of its steps, and for each step the number of its modes and, for each mode, machine (from 1)
and duration.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

import numpy as np

from unikat.errors import Fault, InvalidText
from unikat.schedule.flexible.model import FlexibleShop

LARGEST = 1 << 50  # of all durations together: the search multiplies them by up to 2 ** 12
UNREAD = -1
Mode = tuple[int, int]  # machine (from 1) and duration
_WORD = re.compile(r"\S+")
_WHOLE = re.compile(r"[+-]?[0-9]{1,30}")


def read_fjs(text: str, *, name: str = "shop.fjs") -> FlexibleShop:
    r"""Read a shop; `name` is what faults call the text.

    Headers of public files name machines that no step uses (mk06), and a public file has a step
    that takes no time (orb7): both are taken as they are. A machine beyond the header's, or another
    number of jobs, is a fault.

    Raises
    ------
    InvalidText
        With all faults: words that are no whole numbers, rows too short or too long, steps without
        modes, unknown machines, durations below 0, durations too large to be added up.

    Examples
    --------
    >>> shop = read_fjs("1 2 1.5\n2  2 1 5 2 4  1 2 3\n")
    >>> shop.num_steps, shop.mode_work.tolist()
    (2, [5, 4, 3])
    """
    reader = _Reader(name)
    lines = [(i, line) for i, line in enumerate(text.splitlines(), 1) if line.strip()]
    if not lines:
        reader.blame(1, 1, "the text is empty", "Write the line `jobs machines`, then a line a job")
        raise InvalidText(reader.faults)
    num_jobs, num_machines = reader.read_header(*lines[0])
    jobs = [reader.read_job(number, line, num_machines) for number, line in lines[1:]]
    if num_jobs not in {UNREAD, len(jobs)}:
        reader.blame(
            lines[0][0], 1, f"the header promises {num_jobs} jobs, {len(jobs)} lines follow",
            "Add the missing lines, or correct the header",
        )  # fmt: skip
    total = sum(max((work for _, work in step), default=0) for job in jobs for step in job)
    if total > LARGEST:
        reader.blame(
            lines[0][0], 1, f"the durations add up to {total}, more than {LARGEST}",
            "Give them in a coarser unit of time",
        )  # fmt: skip
    if reader.faults:
        raise InvalidText(sorted(reader.faults))
    return build_shop(jobs, num_machines)


def build_shop(jobs: Sequence[Sequence[Sequence[Mode]]], num_units: int) -> FlexibleShop:
    """Build a shop from nested sequences: jobs of steps of modes (machine from 1, duration)."""
    steps = [step for job in jobs for step in job]
    modes = np.array([mode for step in steps for mode in step], np.int64).reshape(-1, 2)
    return FlexibleShop(
        job_ptr=np.cumsum([0, *map(len, jobs)], dtype=np.int64),
        mode_ptr=np.cumsum([0, *map(len, steps)], dtype=np.int64),
        mode_unit=np.ascontiguousarray(modes[:, 0] - 1),
        mode_work=np.ascontiguousarray(modes[:, 1]),
        num_units=num_units,
    )


@dataclass(slots=True)
class _Reader:
    """Reads lines and keeps what is wrong with them."""

    name: str
    faults: list[Fault] = field(default_factory=list)

    def blame(self, line: int, column: int, message: str, remedy: str) -> None:
        self.faults.append(Fault(self.name, line, column, "", message, remedy))

    def read_header(self, line: int, text: str) -> tuple[int, int]:
        """Return jobs and machines; what cannot be read limits nothing."""
        words = text.split()[:2]
        numbers = [int(word) for word in words if _WHOLE.fullmatch(word)]
        if len(numbers) < 2 or min(numbers) < 1:
            self.blame(
                line, 1, f"the header {text.strip()[:40]!r} does not give two numbers above 0",
                "Write `jobs machines` in the first line",
            )  # fmt: skip
            return UNREAD, LARGEST
        return numbers[0], numbers[1]

    def read_job(self, line: int, text: str, num_machines: int) -> list[list[Mode]]:
        """Read the steps of a job; a line that cannot be followed gives none."""
        words = list(_WORD.finditer(text))
        strange = [word for word in words if not _WHOLE.fullmatch(word[0])]
        if strange:
            more = f", nor are {len(strange) - 1} more" if len(strange) > 1 else ""
            self.blame(
                line,
                strange[0].start() + 1,
                f"{strange[0][0][:40]!r} is no whole number{more}",
                "Write whole numbers only",
            )
            return []
        numbers = iter([(word.start() + 1, int(word[0])) for word in words])
        try:
            steps = self.read_steps(line, numbers, num_machines)
        except StopIteration:
            self.blame(
                line, len(text) + 1, "the line ends before its last step does",
                "Add what is missing, or correct the number of steps or of modes",
            )  # fmt: skip
            return []
        return steps

    def read_steps(
        self, line: int, numbers: Iterator[tuple[int, int]], num_machines: int
    ) -> list[list[Mode]]:
        """Read steps until the line is used up; raise StopIteration when it ends too soon."""
        steps: list[list[Mode]] = []
        column, num_steps = next(numbers)
        if num_steps < 1:
            self.blame(
                line, column, f"a job of {num_steps} steps", "Give it a step or leave it out"
            )
            return steps
        for number in range(1, num_steps + 1):
            column, num_modes = next(numbers)
            if num_modes < 1:
                self.blame(
                    line, column, f"step {number} has {num_modes} modes",
                    "Name a machine that can do it",
                )  # fmt: skip
                return steps
            steps.append([self.read_mode(line, numbers, num_machines) for _ in range(num_modes)])
        if rest := list(numbers):
            self.blame(
                line, rest[0][0], f"{len(rest)} numbers are left behind step {num_steps}",
                "Correct the number of steps or of modes",
            )  # fmt: skip
        return steps

    def read_mode(self, line: int, numbers: Iterator[tuple[int, int]], num_machines: int) -> Mode:
        column, machine = next(numbers)
        if not 1 <= machine <= num_machines:
            self.blame(
                line, column, f"there is no machine {machine}",
                f"Machines count from 1 to the header's {num_machines}",
            )  # fmt: skip
        column, work = next(numbers)
        if work < 0:
            self.blame(line, column, f"a duration of {work}", "Give 0 or more")
        return machine, work
