"""One table `[[characteristic]]` of family.toml: what is measured of a part, and what then."""

from collections.abc import Sequence

from unikat.family.features import UNITS
from unikat.family.model import Characteristic, Condition, Formula
from unikat.family.table import Table
from unikat.terms import StepId

SIGMAS = 3
"""Without a stated sigma the tolerance is taken for so many."""


def read_characteristic(
    table: Table, when: Condition, nominal: Formula | None, steps: Sequence[StepId]
) -> Characteristic:
    """Read a characteristic; `nominal` was read before, and `steps` are those of the routing."""
    table.used.add("nominal")
    measured = table.optional("measured")
    if (nominal is None) == (measured is None):
        table.fault("", "needs either nominal or measured", "Give one of the two")
    unit = table.text("unit")
    if unit not in UNITS:
        table.fault("unit", f"unit {unit!r} is no house unit", "Write mm, g, s, kWh or piece")
    rework = table.texts("rework")
    step = table.text("step")
    for key, names in (("step", [step] if step else []), ("rework", rework)):
        _check_steps(table, key, names, steps)
    tolerance = _positive(table, "tolerance")
    sigma = _positive(table, "sigma") if "sigma" in table.content else tolerance / SIGMAS
    return Characteristic(
        id=table.text("id"),
        step=StepId(step),
        nominal=nominal,
        measured=measured,
        unit=unit,
        tolerance=tolerance,
        sigma=sigma,
        when=when,
        rework=tuple(StepId(each) for each in rework),
        most_reworks=table.whole("most_reworks") if "most_reworks" in table.content else 1,
    )


def _positive(table: Table, key: str) -> float:
    value = table.real(key)
    if key in table.content and value <= 0:
        table.fault(key, f"{key} = {value:g} is not above 0", "Write a number above 0")
    return value


def _check_steps(table: Table, key: str, names: Sequence[str], steps: Sequence[StepId]) -> None:
    for name in names:
        if name not in steps:
            known = f"Known: {', '.join(steps) or 'none'}"
            table.fault(key, f"{key} names unknown {name!r}", known)
