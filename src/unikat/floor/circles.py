"""The circles of a resource allocation system: where alone parts can wait for each other for ever.

Draw an arrow from each resource to what a part that holds it may need next. Resources that lie on
no circle of arrows always come free again. So a state is legal if and only if it is legal in each
*circle* (strongly connected component) by itself: let the parts of the last circle leave first, as
nothing they need beyond it is taken for ever, then those of the one before. That makes large plants
small: what lies on no circle need not be explored. It holds where a part alone can walk to its end
from every place, and without joins.
"""

from collections.abc import Iterator, Mapping

from unikat.floor.banker import find_drained, read_walks
from unikat.floor.explore import words_of
from unikat.floor.ras import System, Transition, build_system

OUTSIDE = "outside"


def find_circles(system: System) -> tuple[System, ...]:
    """Return the system of each circle, with all other places as its outside; largest first.

    A system whose resources all lie on one circle is returned as it is, and so is one of which the
    argument above does not hold.
    """
    if not _is_every_way_open(system):
        return (system,)
    reach = _reached(system)
    groups = {
        frozenset(s for s in range(len(system.resources)) if reach[r] >> s & reach[s] >> r & 1)
        for r in range(len(system.resources))
    }
    circles = sorted((g for g in groups if g), key=lambda group: (-len(group), min(group)))
    return tuple(_cut_out(system, circle) for circle in circles)


def _is_every_way_open(system: System) -> bool:
    """Return whether a part alone can walk to its end from every place."""
    if system.has_joins:
        return False
    alone = words_of(system, [1 << f.shift for f in system.fields[: len(system.activities)]])
    return bool(find_drained(read_walks(system), alone).all())


def _reached(system: System) -> list[int]:
    """Return for each resource, as bits, the resources that arrows lead to from it."""
    first = len(system.activities) + len(system.idles)
    reach = [0] * len(system.resources)
    for transition in system.transitions:
        wanted = sum(1 << place - first for place, _ in transition.takes if place >= first)
        for resource in _held(system, transition):
            reach[resource] |= wanted
    for middle in range(len(reach)):
        for resource in range(len(reach)):
            if reach[resource] >> middle & 1:
                reach[resource] |= reach[middle]
    return reach


def _held(system: System, transition: Transition) -> Iterator[int]:
    """Yield the resources that the parts a transition moves hold before."""
    for place, _ in transition.takes:
        if place < len(system.activities):
            yield from (r for r, count in enumerate(system.uses[place]) if count)


def _cut_out(system: System, circle: frozenset[int]) -> System:
    """Return the system of some resources; parts that hold none of them are outside."""
    if len(circle) == len(system.resources):
        return system
    first = len(system.activities) + len(system.idles)
    activities: dict[str, Mapping[str, int]] = {}
    for name, use in zip(system.activities, system.uses, strict=True):
        if held := {system.resources[r]: use[r] for r in sorted(circle) if use[r]}:
            activities[name] = held
    resources = [system.resources[r] for r in sorted(circle)]
    start = {system.resources[r]: system.start[first + r] for r in circle}
    inside = {*activities, *resources}
    return build_system(
        activities=activities,
        idles=[OUTSIDE],
        transitions=_within(system, inside),
        start=start | {OUTSIDE: sum(start.values())},
        resources=resources,
    )


def _within(
    system: System, inside: set[str]
) -> Mapping[str, tuple[Mapping[str, int], Mapping[str, int]]]:
    """Return the transitions that change something inside, each once."""
    found: dict[str, tuple[Mapping[str, int], Mapping[str, int]]] = {}
    seen: set[tuple[frozenset[tuple[str, int]], ...]] = set()
    for transition in system.transitions:
        takes = _named(system, transition.takes, inside)
        gives = _named(system, transition.gives, inside)
        key = (frozenset(takes.items()), frozenset(gives.items()))
        if takes != gives and key not in seen:
            seen.add(key)
            found[transition.name] = (takes, gives)
    return found


def _named(
    system: System, counts: tuple[tuple[int, int], ...], inside: set[str]
) -> Mapping[str, int]:
    """Return counts by place; a part elsewhere is outside, tokens elsewhere do not matter."""
    first_resource = len(system.activities) + len(system.idles)
    found: dict[str, int] = {}
    for place, count in counts:
        name = system.places[place]
        if name in inside:
            found[name] = count
        elif place < first_resource:
            found[OUTSIDE] = found.get(OUTSIDE, 0) + count
    return found
