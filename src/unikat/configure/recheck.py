"""What a version of a family does to choices made before: which lose a pick, and by what."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from unikat.configure.repair import Repair, repair
from unikat.configure.saved import Lost, Reopened
from unikat.family.model import Family


@dataclass(frozen=True, slots=True)
class Losing:
    """A choice that loses a pick; `repair` is None where what is kept is the nearest."""

    kind: str
    id: str
    reopened: Reopened
    repair: Repair | None


@dataclass(frozen=True, slots=True)
class Tally:
    """Choices of one kind: how many there are, lose a pick, change by themselves, cost otherwise.

    A choice that loses a pick is not counted as changed, dearer or cheaper too.
    """

    num: int = 0
    num_losing: int = 0
    num_changed: int = 0
    num_dearer: int = 0
    num_cheaper: int = 0


@dataclass(frozen=True, slots=True)
class Recheck:
    """A tally of each kind, how many choices lose a pick by each cause, and those that do."""

    tallies: Mapping[str, Tally]
    causes: Mapping[str, int]
    losing: tuple[Losing, ...]


def recheck(
    reopened: Iterable[tuple[str, str, Reopened]], *, repairs: int = 100, seconds: float = 1.0
) -> Recheck:
    """Count what became of choices, given as kind, id and what was reopened.

    The first `repairs` of those that lose a pick are told their repair, of `seconds` each at most.
    """
    counts: dict[str, Counter[str]] = {}
    causes: Counter[str] = Counter()
    losing: list[Losing] = []
    for kind, name, found in reopened:
        counts.setdefault(kind, Counter()).update(("num", *_facts(found)))
        if found.lost:
            causes.update(causes_of(found))
            mended = repair(found, seconds=seconds) if len(losing) < repairs else None
            losing.append(Losing(kind, name, found, mended))
    tallies = {kind: Tally(**count) for kind, count in counts.items()}
    return Recheck(tallies, dict(causes.most_common()), tuple(losing))


def _facts(found: Reopened) -> Iterator[str]:
    if found.lost:
        yield "num_losing"
        return
    if found.changed:
        yield "num_changed"
    if found.price_difference:
        yield "num_dearer" if found.price_difference > 0 else "num_cheaper"


def causes_of(found: Reopened) -> tuple[str, ...]:
    """Return what takes picks from a choice, each cause once: rules in their own words."""
    family = found.choice.family
    return tuple(dict.fromkeys(cause for lost in found.lost for cause in _causes(family, lost)))


def _causes(family: Family, lost: Lost) -> Iterator[str]:
    conflict = lost.conflict
    if lost.reason == "gone":
        yield f"{lost.feature} is gone"
    elif lost.reason == "value":
        yield f"{lost.feature} has other values"
    elif conflict is None:
        yield f"{lost.feature} is picked twice"
    elif not conflict.rules:
        yield from conflict.relations or (f"{lost.feature} is in no configuration",)
    else:
        texts = {rule.id: rule.text for rule in family.rules}
        yield from (f"{each}: {texts.get(each) or each}" for each in conflict.rules)
