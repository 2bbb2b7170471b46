"""All valid configurations of a small family by trying every one: the truth for every answer.

A family is told here as plain tuples and printed as UVL; nothing is read back from the code tested.
"""

from dataclasses import dataclass
from fractions import Fraction

SHEET = '[family]\nid = "small"\nversion = 1\n'


@dataclass(frozen=True)
class Option:
    """A feature; `group` = number, kind, least, most; texts are xx.., yy.. and aa.. (any other)."""

    name: str
    kind: str
    parent: str | None
    group: tuple[int, str, int, int] | None
    default: bool | None = None
    grid: tuple[Fraction, Fraction, Fraction] | None = None
    max_length: int = 0
    weight: int | None = None


@dataclass(frozen=True)
class Spec:
    """A family: options parents first, rules as nested tuples."""

    options: tuple[Option, ...]
    rules: tuple[tuple, ...]


def values_of(option):
    """Return all values of a selected option; True for a Boolean."""
    if option.kind in ("Integer", "Real"):
        low, high, step = option.grid
        return [low + k * step for k in range(int((high - low) / step) + 1)]
    if option.kind == "String":
        return ["", *(each * n for n in range(1, option.max_length + 1) for each in "xya")]
    return [True]


def tree_configurations(spec):
    """Yield every configuration the tree allows: name -> value, unselected options missing."""
    yield from _grow(spec, 0, {})


def _grow(spec, at, chosen):
    if at == len(spec.options):
        if _groups_hold(spec, chosen):
            yield dict(chosen)
        return
    option = spec.options[at]
    if option.parent is not None:
        yield from _grow(spec, at + 1, chosen)
    if option.parent is None or option.parent in chosen:
        for value in values_of(option):
            chosen[option.name] = value
            yield from _grow(spec, at + 1, chosen)
        del chosen[option.name]


def _groups_hold(spec, chosen):
    members = {}
    for option in spec.options:
        if option.parent is not None:
            members.setdefault((option.parent, option.group), []).append(option.name)
    for (parent, (_, kind, least, most)), names in members.items():
        count = sum(name in chosen for name in names)
        bounds = {
            "mandatory": (len(names), len(names)),
            "optional": (0, len(names)),
            "or": (1, len(names)),
            "alternative": (1, 1),
            "cardinality": (least, most),
        }[kind]
        if parent in chosen and not bounds[0] <= count <= bounds[1]:
            return False
    return True


def number(node, chosen, spec):
    """Evaluate a number."""
    kind, *rest = node
    if kind == "const":
        return rest[0]
    if kind == "num":
        return chosen.get(rest[0], Fraction(0))
    if kind == "len":
        return len(chosen.get(rest[0], ""))
    if kind == "weight":
        weights = {option.name: option.weight for option in spec.options}
        return weights[rest[0]] if rest[0] in chosen else 0
    if kind == "sum":
        return sum(option.weight or 0 for option in spec.options if option.name in chosen)
    if kind == "avg":
        weights = [each.weight for each in spec.options if each.name in chosen]
        weights = [weight for weight in weights if weight is not None]
        return Fraction(sum(weights), len(weights)) if weights else 0
    values = [number(each, chosen, spec) for each in rest]
    if kind in ("floor", "ceil"):
        return values[0] // 1 if kind == "floor" else -(-values[0] // 1)
    return {"+": lambda a, b: a + b, "-": lambda a, b: a - b, "*": lambda a, b: a * b}[kind](
        *values
    )


def holds(node, chosen, spec):
    """Evaluate a rule."""
    kind, *rest = node
    if kind == "is":
        return rest[0] in chosen
    if kind == "text":
        return chosen.get(rest[0], "") == rest[1]
    if kind in COMPARE:
        return COMPARE[kind](*(number(each, chosen, spec) for each in rest))
    values = [holds(each, chosen, spec) for each in rest]
    return {
        "!": lambda a: not a,
        "&": lambda a, b: a and b,
        "|": lambda a, b: a or b,
        "=>": lambda a, b: not a or b,
        "<=>": lambda a, b: a == b,
    }[kind](*values)


COMPARE = {
    "==": lambda a, b: a == b,
    "!=": lambda a, b: a != b,
    "<": lambda a, b: a < b,
    "<=": lambda a, b: a <= b,
    ">": lambda a, b: a > b,
    ">=": lambda a, b: a >= b,
}


def valid_configurations(spec, rules=None):
    """Return every configuration that the tree and the rules (default: all) allow."""
    rules = spec.rules if rules is None else rules
    return [
        chosen
        for chosen in tree_configurations(spec)
        if all(holds(rule, chosen, spec) for rule in rules)
    ]


def agrees(chosen, name, value):
    """Whether a configuration has this pick: a value, True for selected, False for not."""
    if isinstance(value, bool):
        return (name in chosen) is value
    return chosen.get(name) == value


# -- UVL -------------------------------------------------------------------------------------------


def print_uvl(spec):
    """Write the family as UVL; rule k is named Rk."""
    lines = ["features"]
    _print_option(spec, spec.options[0], 1, lines)
    if spec.rules:
        lines.append("constraints")
        lines += [f"    {print_rule(rule)} // R{k}: rule {k}" for k, rule in enumerate(spec.rules)]
    return "\n".join(lines) + "\n"


def _print_option(spec, option, depth, lines):
    attributes = []
    if option.grid:
        low, high, step = (decimal(each) for each in option.grid)
        attributes += [f"min {low}", f"max {high}", f"step {step}"]
    if option.kind == "String":
        attributes.append(f"max_length {option.max_length}")
    if option.default is not None:
        attributes.append(f"default {str(option.default).lower()}")
    if option.weight is not None:
        attributes.append(f"w {option.weight}")
    braces = f" {{{', '.join(attributes)}}}" if attributes else ""
    kind = "" if option.kind == "Boolean" else f"{option.kind} "
    lines.append("    " * depth + kind + option.name + braces)
    groups = dict.fromkeys(each.group for each in spec.options if each.parent == option.name)
    for group in groups:
        _, word, least, most = group
        lines.append(
            "    " * (depth + 1) + (f"[{least}..{most}]" if word == "cardinality" else word)
        )
        for each in spec.options:
            if each.parent == option.name and each.group == group:
                _print_option(spec, each, depth + 2, lines)


def decimal(value):
    """Write a fraction with a power of ten below as a decimal."""
    return str(int(value)) if value == int(value) else str(float(value))


def print_rule(node):
    """Write a rule, all brackets written out."""
    kind, *rest = node
    if kind in ("is", "num"):
        return rest[0]
    if kind == "const":
        return decimal(rest[0])
    if kind == "weight":
        return f"{rest[0]}.w"
    if kind in ("sum", "avg"):
        return f"{kind}(w)"
    if kind in ("len", "floor", "ceil"):
        return f"{kind}({rest[0] if kind == 'len' else print_rule(rest[0])})"
    if kind == "text":
        return f"({rest[0]} == '{rest[1]}')"
    if kind == "!":
        return f"!({print_rule(rest[0])})"
    return f"({print_rule(rest[0])} {kind} {print_rule(rest[1])})"
