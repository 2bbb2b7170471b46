"""All routes a product family sends through the plant."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from unikat.configure.choice import Choice, choose, complete, open_choice
from unikat.configure.variant import derive_variant
from unikat.errors import InvalidChoice, UnknownFeature
from unikat.family.model import Family, Feature
from unikat.floor.model import Route

MOST_CHOICES = 2_000
NAME = re.compile(r'"([^"]+)"|([^\W\d]\w*)')
LOGIC = re.compile(r"<?=>")
LETTER = "A"


@dataclass(frozen=True, slots=True)
class Routes:
    """The routes found; `is_complete` is False if some may be missing."""

    routes: tuple[Route, ...]
    is_complete: bool


def family_routes(family: Family, *, most: int = MOST_CHOICES) -> Routes:
    """Find the distinct routes by deciding, one by one, every option that routing conditions name.

    Complete unless a condition compares numbers or texts, which are left as completion sets them,
    or there are more than `most` ways to decide.
    """
    conditions = [step.when.text for step in family.routing]
    named = dict.fromkeys(name for text in conditions for name in _names(text))
    options = [family.feature(name) for name in named if name in family.index]
    routes: dict[Route, None] = {}
    num_ways = 0
    for choice in _decide(open_choice(family), options):
        num_ways += 1
        if num_ways > most:
            break
        variant = derive_variant(family, complete(choice))
        routes[tuple(step.capability for step in variant.steps)] = None
    has_comparison = any(set("<>=") & set(LOGIC.sub("", text)) for text in conditions)
    is_complete = num_ways <= most and not has_comparison
    return Routes(tuple(route for route in routes if route), is_complete)


def _names(text: str) -> Iterator[str]:
    for quoted, plain in NAME.findall(text):
        yield quoted or plain


def _decide(choice: Choice, options: Sequence[Feature]) -> Iterator[Choice]:
    """Yield every valid choice in which all options are decided, a text by one letter.

    An option that cannot be picked (a number) is left open.
    """
    if not options:
        yield choice
        return
    option, is_open = options[0], True
    for value in (LETTER if option.kind == "String" else True, False):
        try:
            chosen = choose(choice, option.name, value)
        except (InvalidChoice, UnknownFeature):
            continue
        is_open = False
        yield from _decide(chosen, options[1:])
    if is_open:
        yield from _decide(choice, options[1:])
