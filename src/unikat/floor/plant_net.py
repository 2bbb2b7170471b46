"""A plant and its routes as a resource allocation system.

The units of a work center are one resource, its buffer places another; a part is in a unit or a
buffer with the rest of its route, so that routes with the same end share their places. A build
counts as one part: it holds its unit until its last member has left. Transporters claim their
destination first, so they are no resources (see `net`).
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from unikat.floor.model import STORE, Route, buffer_of
from unikat.floor.ras import System, build_system
from unikat.plant.model import Plant
from unikat.terms import Capability, WorkCenterId


def plant_system(plant: Plant, routes: Iterable[Route]) -> System:
    """Return the resource allocation system of a plant and the routes of its parts."""
    draft = _Draft(plant, {}, {})
    for route in dict.fromkeys(routes):
        draft.add_route(route)
    centers = plant.work_centers.values()
    start = {str(center.id): len(center.units) for center in centers}
    start |= {buffer_of(center.id): center.buffer for center in centers if center.buffer}
    return build_system(
        activities=draft.activities,
        idles=[STORE],
        transitions=draft.transitions,
        start=start | {STORE: sum(start.values())},
        resources=list(start),
    )


def place_name(resource: str, rest: Route) -> str:
    """Return the name of the place of parts that hold a resource and have yet to enter `rest`."""
    return f"{resource}: {' > '.join(rest)}" if rest else f"{resource}:"


@dataclass(slots=True)
class _Draft:
    """The net while routes are added: places by their name, transitions by what they move."""

    plant: Plant
    activities: dict[str, Mapping[str, int]]
    transitions: dict[str, tuple[Mapping[str, int], Mapping[str, int]]]

    def add_route(self, route: Route) -> None:
        for center in self._able(route[0]):
            self._connect(STORE, None, self._place(center, route[1:]), center)
        for step in range(len(route)):
            self._add_step(route[step], route[step + 1 :])

    def _add_step(self, capability: Capability, rest: Route) -> None:
        """Add the ways on from every unit that can do a step."""
        for center in self._able(capability):
            here = self._place(center, rest)
            if not rest:
                self._connect(here, center, STORE, None)
                continue
            for following in self._able(rest[0]):
                there = self._place(following, rest[1:])
                self._connect(here, center, there, following)
                if self.plant.work_centers[WorkCenterId(following)].buffer:
                    aside = self._place(buffer_of(WorkCenterId(following)), rest)
                    self._connect(here, center, aside, buffer_of(WorkCenterId(following)))
                    for next_center in self._able(rest[0]):
                        beyond = self._place(next_center, rest[1:])
                        self._connect(
                            aside, buffer_of(WorkCenterId(following)), beyond, next_center
                        )

    def _able(self, capability: Capability) -> list[str]:
        centers = self.plant.work_centers.values()
        return [str(center.id) for center in centers if capability in center.capabilities]

    def _place(self, resource: str, rest: Route) -> str:
        """Return the place of a part that holds a resource and has yet to enter `rest`."""
        name = place_name(resource, rest)
        self.activities.setdefault(name, {resource: 1})
        return name

    def _connect(self, here: str, held: str | None, there: str, wanted: str | None) -> None:
        """Add a move; a part that stays in its unit takes and frees nothing."""
        takes, gives = {here: 1}, {there: 1}
        if held != wanted:
            takes |= {wanted: 1} if wanted else {}
            gives |= {held: 1} if held else {}
        self.transitions[f"{here} -> {there}"] = (takes, gives)
