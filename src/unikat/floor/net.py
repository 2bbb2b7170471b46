"""Build the net of a plant: its places, and what each route needs of them."""

from collections.abc import Iterable, Mapping

from unikat.floor.model import Need, Net, Place, Route, buffer_of
from unikat.plant.model import Plant
from unikat.terms import Capability


def build_net(plant: Plant, routes: Iterable[Route]) -> Net:
    """Build the net for the routes that may be on the floor.

    Units and buffer places are its resources. Operators, fixtures and tools are not: they are freed
    when the work ends. Transporters are not either: they move only with their destination claimed
    beforehand, so they never wait with a load, and close no circle.
    """
    centers = tuple(plant.work_centers.values())
    center_of: dict[Place, int] = {}
    bits: dict[Capability, int] = {}
    for idx, center in enumerate(centers):
        center_of.update(dict.fromkeys(center.units, idx))
        center_of[buffer_of(center.id)] = idx
        for capability in center.capabilities:
            bits[capability] = bits.get(capability, 0) | 1 << idx
    distinct = set(routes)
    return Net(
        num_units=tuple(len(center.units) for center in centers),
        num_slots=tuple(center.buffer for center in centers),
        center_of=center_of,
        units=frozenset(plant.units),
        stages={route: tuple(bits[capability] for capability in route) for route in distinct},
        needs={route: _needs(route, bits) for route in distinct},
    )


def _needs(route: Route, bits: Mapping[Capability, int]) -> tuple[Need, ...]:
    needs = [Need(0, ())]
    for capability in reversed(route):
        need, mask = needs[-1], bits[capability]
        if mask & (mask - 1):
            needs.append(Need(need.only, tuple(dict.fromkeys((mask, *need.choices)))))
        else:
            needs.append(Need(need.only | mask, need.choices))
    return tuple(reversed(needs))
