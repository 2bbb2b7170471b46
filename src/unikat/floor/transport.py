"""The transporters of a virtual floor: finite robots that travel empty to a load, then with it to
its place.
"""

from collections import deque
from collections.abc import Callable
from functools import partial

from unikat.events import LoadMoved
from unikat.floor.agenda import Agenda
from unikat.floor.link import Link
from unikat.floor.machine import Machine, Part
from unikat.floor.model import STORE, Place, buffer_of
from unikat.plant.model import Plant
from unikat.terms import Seconds, WorkCenterId


class Transport:
    """Carries parts whose destination is claimed already, and frees their places when it picks them
    up.

    `slots` counts the parts that claimed or hold a place of each buffer.
    """

    def __init__(
        self,
        plant: Plant,
        agenda: Agenda,
        link: Link,
        machines: dict[Place, Machine],
        on_arrival: Callable[[Part, Place], None],
    ) -> None:
        self._plant, self._agenda, self._link = plant, agenda, link
        self._machines, self._on_arrival = machines, on_arrival
        self.slots = dict.fromkeys((buffer_of(center) for center in plant.work_centers), 0)
        self._free = set(plant.transporters)
        self._at: dict[str, WorkCenterId] = {}
        self._waiting: deque[tuple[Part, Place]] = deque()

    def is_lacking(self, source: Place, target: Place) -> bool:
        """Return whether a robot is needed and none is free."""
        is_busy = bool(self._plant.transporters) and not self._free
        return is_busy and self._travel(source, target) > 0

    def carry(self, part: Part, target: Place) -> None:
        """Bring a part to the place it has claimed: at once where no travel is needed, else by the
        next robot.
        """
        if part.place == target or not self._travel(part.place, target):
            self._pick_up(part)
            self._put_down(part, target, "")
        else:
            self._waiting.append((part, target))
            self._send()

    def take_out(self, part: Part) -> None:
        """Take a part off the floor."""
        self._pick_up(part)

    def center_at(self, place: Place) -> WorkCenterId:
        """Return the work center of a unit or buffer."""
        if place in self._machines:
            return self._machines[place].center.id
        return WorkCenterId(place.removeprefix("buffer/"))

    def _send(self) -> None:
        """Give each waiting load the nearest free robot; a plant without robots moves its loads all
        the same.
        """
        while self._waiting and (self._free or not self._plant.transporters):
            part, target = self._waiting.popleft()
            robot, empty = self._take(self.center_at(part.place))
            pick_up = self._agenda.now + empty
            loaded = self._travel(part.place, target)
            if empty:
                self._agenda.plan(pick_up, partial(self._pick_up, part))
            else:
                self._pick_up(part)
            self._agenda.plan(pick_up + loaded, partial(self._deliver, part, target, robot))

    def _take(self, source: WorkCenterId) -> tuple[str, Seconds]:
        empty = {name: self._empty(name, source) for name in sorted(self._free)}
        name = min(empty, key=lambda name: empty[name], default="")
        self._free.discard(name)
        return name, empty.get(name, 0)

    def _empty(self, robot: str, source: WorkCenterId) -> Seconds:
        at = self._at.get(robot, source)
        return 0 if at == source else self._plant.travel.get(at, {}).get(source, 0)

    def _pick_up(self, part: Part) -> None:
        """Free the place a part is taken from, unless it stays there."""
        place = part.place
        if place == STORE:
            return
        if place in self.slots:
            self.slots[place] -= 1
        elif part.order not in self._machines[place].claimed:
            del self._machines[place].inside[part.order]
        self._agenda.dirty.add(self.center_at(place))
        self._agenda.rouse()

    def _deliver(self, part: Part, target: Place, robot: str) -> None:
        if robot:
            self._at[robot] = self.center_at(target)
            self._free.add(robot)
        self._put_down(part, target, robot)
        self._send()
        self._agenda.rouse()

    def _put_down(self, part: Part, target: Place, robot: str) -> None:
        source, part.place = part.place, target
        if source != target:
            now = self._agenda.now
            self._link.say(LoadMoved(now, robot, part.order, source, target))
        self._on_arrival(part, target)

    def _travel(self, source: Place, target: Place) -> Seconds:
        if source == STORE:
            return 0
        row = self._plant.travel.get(self.center_at(source), {})
        return row.get(self.center_at(target), 0)
