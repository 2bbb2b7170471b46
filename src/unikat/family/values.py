"""What a feature can be set to: raw input -> value, and value -> literals of the clauses."""

import math
import re
from fractions import Fraction
from typing import Final

from unikat.errors import UnknownFeature
from unikat.family.features import is_on_grid, shown_number
from unikat.family.model import Clauses, Feature, Value

_DECIMAL: Final = re.compile(r"[-+]?\d{1,15}(\.\d{1,15})?", re.ASCII)
_WORDS: Final = {"true": True, "yes": True, "false": False, "no": False}


def read_value(feature: Feature, raw: bool | float | Fraction | str) -> Value:
    """Return the value of a feature that `raw` means: true, a grid number or a text.

    Numbers are taken as the decimal they print as, so 3.1 is exactly 31/10. true and false select
    or deselect any feature.

    Raises
    ------
    UnknownFeature
        When the feature cannot take this value.
    """
    if isinstance(raw, bool):
        return raw
    if feature.kind == "String":
        return _text(feature, raw)
    if isinstance(raw, str) and raw.strip().lower() in _WORDS:
        return _WORDS[raw.strip().lower()]
    if feature.is_number:
        return _number(feature, raw)
    message = f"{feature.name} = {raw!r} is no value of an option; allowed: true, false"
    raise UnknownFeature(message)


def _text(feature: Feature, raw: float | Fraction | str) -> str:
    text = raw if isinstance(raw, str) else str(raw)
    longest = feature.max_length or 0
    if len(text) > longest or not text.isprintable():
        message = f"{feature.name} = {text[: longest + 20]!r} does not fit"
        raise UnknownFeature(f"{message}; allowed: up to {longest} printable letters")
    return text


def _number(feature: Feature, raw: float | Fraction | str) -> Fraction:
    low, high, step = feature.low, feature.high, feature.step
    value = _exactly(raw)
    unit = f" {feature.unit}" if feature.unit else ""
    if low is None or high is None or step is None:
        raise UnknownFeature(f"{feature.name} has no grid")
    if value is None or not is_on_grid(value, low, high, step):
        allowed = (
            f"{shown_number(low)} to {shown_number(high)}{unit} in steps of {shown_number(step)}"
        )
        raise UnknownFeature(f"{feature.name} = {raw!r:.40} is not possible; allowed: {allowed}")
    return value


def _exactly(raw: float | Fraction | str) -> Fraction | None:
    """Return the number that a float prints as, or that a text of digits names."""
    if isinstance(raw, float):
        return Fraction(repr(raw)) if math.isfinite(raw) else None
    if isinstance(raw, str):
        return Fraction(raw.strip()) if _DECIMAL.fullmatch(raw.strip()) else None
    return Fraction(raw)


def shown_value(value: Value) -> str:
    """Write a value as people type it."""
    if isinstance(value, bool):
        return "true" if value else "false"
    return shown_number(value) if isinstance(value, Fraction) else value


def literals_of(clauses: Clauses, variable: int, feature: Feature, value: Value) -> list[int]:
    """Return the literals that hold exactly when the feature has this value."""
    if isinstance(value, bool):
        return [variable if value else -variable]
    literals = [variable]
    grid = clauses.grids.get(feature.name)
    if grid is not None:
        place = len(value) if isinstance(value, str) else int((value - grid.low) / grid.step)
        literals += [grid.base + place] if place > 0 else []
        literals += [-(grid.base + place + 1)] if place < grid.num else []
    for text, literal in clauses.texts.get(feature.name, {}).items():
        literals.append(literal if text == value else -literal)
    return literals
