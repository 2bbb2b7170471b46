"""A net of places and transitions as JSON -> a resource allocation system; all faults at once.

`idle_places` hold the parts outside, `activity_places` maps each place of a part inside to the
resource it holds (a name, or `{name: count}`), `resource_places` hold the free tokens;
`transitions` take tokens from their `in` places and give them to their `out` places (lists, a place
named twice counts twice); `m0` is the marking when nobody is inside.
"""

import json
from collections import Counter
from collections.abc import Iterator, Mapping
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from unikat.errors import Fault, InvalidNet
from unikat.floor.ras import System, build_system

FILE = "net.json"
MOST_PLACES, MOST_TOKENS = 10_000, 1_000_000
Count = Annotated[int, Field(strict=True, ge=0, le=MOST_TOKENS)]


class _Transition(BaseModel):
    """What a transition takes and gives."""

    takes: list[str] = Field(alias="in", min_length=1)
    gives: list[str] = Field(alias="out", min_length=1)


class _Net(BaseModel):
    """The keys read; others (name, source, expected) may stand beside them."""

    model_config = ConfigDict(extra="ignore")
    idle_places: list[str] = Field(max_length=MOST_PLACES)
    activity_places: dict[str, str | dict[str, Annotated[Count, Field(ge=1)]]]
    resource_places: list[str] = Field(max_length=MOST_PLACES)
    transitions: dict[str, _Transition]
    m0: dict[str, Count]

    def uses(self) -> Mapping[str, Mapping[str, int]]:
        """Return what a part in each activity holds."""
        return {
            place: {use: 1} if isinstance(use, str) else use
            for place, use in self.activity_places.items()
        }


def read_net(text: str) -> System:
    """Read the text of a net.

    Raises
    ------
    InvalidNet
        With all faults: no JSON, keys missing or of another type, unknown places, or a transition
        that does not free or take what its parts hold.
    """
    try:
        net = _Net.model_validate(json.loads(text))
    except ValidationError as error:
        raise InvalidNet([_wrong(each["loc"], each["msg"]) for each in error.errors()]) from error
    except (ValueError, RecursionError) as error:
        raise InvalidNet([_wrong((), f"not valid JSON: {error}")]) from error
    if faults := [*_unknown(net), *_twice(net)]:
        raise InvalidNet(faults)
    if faults := list(_unbalanced(net)):
        raise InvalidNet(faults)
    return build_system(
        activities=net.uses(),
        idles=net.idle_places,
        resources=net.resource_places,
        transitions={
            name: (Counter(each.takes), Counter(each.gives))
            for name, each in net.transitions.items()
        },
        start=net.m0,
    )


def _places(net: _Net) -> list[str]:
    return [*net.activity_places, *net.idle_places, *net.resource_places]


def _unknown(net: _Net) -> Iterator[Fault]:
    """Yield the names that are no place, by where they stand."""
    places, resources = set(_places(net)), set(net.resource_places)
    for place, use in net.uses().items():
        for name in sorted(set(use) - resources):
            yield _wrong(("activity_places", place), f"{name} is no resource place")
    for name, each in net.transitions.items():
        for place in sorted({*each.takes, *each.gives} - places):
            yield _wrong(("transitions", name), f"{place} is no place")
    for place in sorted(set(net.m0) - places):
        yield _wrong(("m0", place), "is no place")
    for place in net.activity_places:
        if net.m0.get(place):
            yield _wrong(("m0", place), "an activity place holds parts in the empty floor")


def _twice(net: _Net) -> Iterator[Fault]:
    for place, count in Counter(_places(net)).items():
        if count > 1:
            yield _wrong((place,), f"stands {count} times among the places")


def _unbalanced(net: _Net) -> Iterator[Fault]:
    """Yield the transitions that lose or make tokens of a resource."""
    uses = net.uses()
    for name, each in net.transitions.items():
        for resource in net.resource_places:
            before, after = (
                sum(1 if place == resource else uses.get(place, {}).get(resource, 0) for place in s)
                for s in (each.takes, each.gives)
            )
            if before != after:
                message = f"{before} of {resource} before and {after} after, parts inside included"
                yield _wrong(("transitions", name), message)


def _wrong(place: tuple[str | int, ...], message: str) -> Fault:
    remedy = "A net has idle_places, activity_places, resource_places, transitions {in, out} and m0"
    return Fault(FILE, 0, 0, ".".join(map(str, place)), message, remedy)
