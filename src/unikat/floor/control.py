"""The supervisor of a running floor: the net, where each part is, and whether a move may begin."""

from unikat.floor.model import Marking, Move, Route
from unikat.floor.net import build_net
from unikat.floor.supervisor import allowed_moves, make_move, remove_part
from unikat.plant.model import Plant
from unikat.terms import OrderId


class Control:
    """Keeps the marking and asks the supervisor; with `look_ahead` None there is none, and every
    move may begin.
    """

    def __init__(self, plant: Plant, look_ahead: int | None) -> None:
        self._plant, self._look_ahead = plant, look_ahead
        self._net = build_net(plant, ())
        self._marking = Marking({})

    def admit(self, route: Route) -> None:
        """Let parts of a route come."""
        if route not in self._net.stages:
            self._net = build_net(self._plant, (*self._net.stages, route))

    def begin(self, move: Move) -> bool:
        """Note a move in the marking if it may begin, and return whether it may."""
        if self._look_ahead is None:
            self._marking = make_move(self._net, self._marking, move)
            return True
        allowed = allowed_moves(self._net, self._marking, (move,), look_ahead=self._look_ahead)
        self._marking = allowed.marking
        return bool(allowed.moves)

    def leave(self, order: OrderId) -> None:
        """Note that a part has left by the dock."""
        self._marking = remove_part(self._marking, order)
