"""All errors a caller may handle.

A message says what is wrong, which value, and what to do. Errors of texts people write carry every
`Fault` at once.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar


@dataclass(frozen=True, slots=True, order=True)
class Fault:
    """One fault of a text: where it is, what is wrong, and the remedy.

    `line` and `column` count from 1; 0 means that the place is named by `key` alone (a TOML table
    and key).
    """

    file: str
    line: int
    column: int
    key: str
    message: str
    remedy: str

    def __str__(self) -> str:
        place = f"{self.file}:{self.line}:{self.column}" if self.line else self.file
        key = f" [{self.key}]" if self.key else ""
        return f"{place}{key}: {self.message}. {self.remedy}."


class UnikatError(Exception):
    """Base of all errors a caller may handle.

    `title` is the kind in words, `status` its HTTP status.
    """

    title: ClassVar[str] = "Unikat error"
    status: ClassVar[int] = 400


class InvalidText(UnikatError):
    """A text people write has faults; `faults` holds all of them, in reading order."""

    title: ClassVar[str] = "Invalid text"
    status: ClassVar[int] = 422

    def __init__(self, faults: Sequence[Fault]) -> None:
        self.faults = tuple(faults)
        super().__init__("\n".join(str(fault) for fault in self.faults))


class InvalidFamily(InvalidText):
    """The product family (family.uvl, family.toml) has faults."""

    title: ClassVar[str] = "Invalid product family"


class InvalidPlant(InvalidText):
    """The plant (plant.toml) has faults."""

    title: ClassVar[str] = "Invalid plant"


class InvalidNet(InvalidText):
    """A net of places and transitions (.json) is no resource allocation system."""

    title: ClassVar[str] = "Invalid net"


class InvalidLog(InvalidText):
    """A log or document of another system (CSV, XES, EPCIS) has faults, or tells too little."""

    title: ClassVar[str] = "Invalid log"


class InvalidSite(InvalidText):
    """The site (site.toml), or the fit of family and plant, has faults."""

    title: ClassVar[str] = "Invalid site"


class UnknownFeature(UnikatError):
    """A pick names a feature the family does not have, or a value it cannot take."""

    title: ClassVar[str] = "Unknown option"
    status: ClassVar[int] = 422


class InvalidChoice(UnikatError):
    """A pick contradicts earlier picks.

    `picks` is a minimal set of them, `rules` the ids of the rules involved.
    """

    title: ClassVar[str] = "Invalid choice"
    status: ClassVar[int] = 422

    def __init__(
        self, message: str, *, picks: Sequence[str] = (), rules: Sequence[str] = ()
    ) -> None:
        self.picks = tuple(picks)
        self.rules = tuple(rules)
        super().__init__(message)


class InvalidMeasurements(UnikatError):
    """A measure is missing, is not a finite number, or lies outside what the recipe can build."""

    title: ClassVar[str] = "Invalid measurements"
    status: ClassVar[int] = 422


class Unprintable(UnikatError):
    """The geometry could not be proven watertight, oriented and within the process limits."""

    title: ClassVar[str] = "Unprintable part"
    status: ClassVar[int] = 422


class NoCapacity(UnikatError):
    """Nothing can be promised within the horizon; the message names the binding resource."""

    title: ClassVar[str] = "No capacity"
    status: ClassVar[int] = 409


class CapacityTaken(UnikatError):
    """The promised seconds were taken meanwhile.

    `due` is the new date that could be promised, or None.
    """

    title: ClassVar[str] = "Capacity taken"
    status: ClassVar[int] = 409

    def __init__(self, message: str, *, due: int | None = None) -> None:
        self.due = due
        super().__init__(message)


class QuoteExpired(UnikatError):
    """The quote's validity has passed."""

    title: ClassVar[str] = "Quote expired"
    status: ClassVar[int] = 410


class UnknownQuote(UnikatError):
    """No quote has this id."""

    title: ClassVar[str] = "Unknown quote"
    status: ClassVar[int] = 404


class UnknownVersion(UnikatError):
    """A version of the product family is not the one meant, or was never published here."""

    title: ClassVar[str] = "Unknown family version"
    status: ClassVar[int] = 409


class UnknownOrder(UnikatError):
    """No order has this id."""

    title: ClassVar[str] = "Unknown order"
    status: ClassVar[int] = 404


class IllegalState(UnikatError):
    """An order or quote may not go from its state to the wanted one."""

    title: ClassVar[str] = "Illegal state change"
    status: ClassVar[int] = 409


class InfeasibleSchedule(UnikatError):
    """A schedule violates a law of the plant and was not published."""

    title: ClassVar[str] = "Infeasible schedule"
    status: ClassVar[int] = 500


class InvalidMove(UnikatError):
    """A step cannot be moved by hand to where the planner wants it."""

    title: ClassVar[str] = "Invalid move"
    status: ClassVar[int] = 422


class InvalidStop(UnikatError):
    """A planned stop names a unit that is not there, or a time that is none."""

    title: ClassVar[str] = "Invalid stop"
    status: ClassVar[int] = 422


class BreaksPromises(UnikatError):
    """A change would break promises nobody agreed to break; nothing was changed."""

    title: ClassVar[str] = "Promises would break"
    status: ClassVar[int] = 409


class UnknownUnit(UnikatError):
    """The plant has no unit of this name."""

    title: ClassVar[str] = "Unknown unit"
    status: ClassVar[int] = 404


class WrongUnitState(UnikatError):
    """A unit that is down cannot break down, and one that is not cannot be mended."""

    title: ClassVar[str] = "Wrong state of a unit"
    status: ClassVar[int] = 409


class NoVirtualFloor(UnikatError):
    """Units can be broken on purpose on a virtual floor only."""

    title: ClassVar[str] = "No virtual floor"
    status: ClassVar[int] = 409


class InvalidScenario(UnikatError):
    """A what-if scenario names what the site does not have, or asks for what cannot be."""

    title: ClassVar[str] = "Invalid what-if"
    status: ClassVar[int] = 422


class InvalidAlternatives(InvalidScenario):
    """Alternatives of a plant's size name what is not there, or none of them serves the demand."""

    title: ClassVar[str] = "Cannot size the plant"


class NothingToPropose(UnikatError):
    """Too few steps were measured to fit the twin's model anew."""

    title: ClassVar[str] = "Nothing to propose"
    status: ClassVar[int] = 409


class UnknownModel(UnikatError):
    """There is no open proposal of this version of the twin's model."""

    title: ClassVar[str] = "Unknown model version"
    status: ClassVar[int] = 404


class BadMessage(UnikatError):
    """A floor message cannot be read as an event; it is quarantined, never lost."""

    title: ClassVar[str] = "Bad message"
    status: ClassVar[int] = 422


class VersionConflict(UnikatError):
    """Another writer appended to the stream first; load again and decide again."""

    title: ClassVar[str] = "Version conflict"
    status: ClassVar[int] = 409


class IdempotencyConflict(UnikatError):
    """An Idempotency-Key came back with another request than the one it was first used for."""

    title: ClassVar[str] = "Idempotency-Key used for another request"
    status: ClassVar[int] = 409


class StoreFailure(UnikatError):
    """The event log could not be written; nothing was acknowledged."""

    title: ClassVar[str] = "Store failure"
    status: ClassVar[int] = 503
