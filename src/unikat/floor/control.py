"""The supervisor of a running floor: the net, where each part is, and whether a move may begin."""

from collections.abc import Set as AbstractSet

from unikat.floor.model import Marking, Move, Route
from unikat.floor.net import build_net
from unikat.floor.policy import ExactRule, compile_exact
from unikat.floor.supervisor import (
    allowed_moves,
    is_place_free,
    is_robust,
    is_safe,
    make_move,
    remove_part,
)
from unikat.plant.model import Plant
from unikat.terms import OrderId, UnitId


class Control:
    """Keeps the marking and asks the rule; with `look_ahead` None there is none, and every move may
    begin.

    The rule is the exact one while every circle of the plant has at most `states` states, else the
    banker's. Where a new route makes a circle too large, its parts wait until the banker can take
    over, in a state he calls safe.
    """

    def __init__(self, plant: Plant, look_ahead: int | None, states: int) -> None:
        self._plant, self._look_ahead, self._states = plant, look_ahead, states
        self._net = build_net(plant, ())
        self._marking = Marking({})
        is_exact = look_ahead is not None and states > 0
        self._exact = compile_exact(plant, (), limit=states) if is_exact else None
        self._is_too_large = False

    @property
    def rule(self) -> str:
        """Return the name of the rule in force: exact, banker or none."""
        if self._look_ahead is None:
            return "none"
        return "banker" if self._exact is None else "exact"

    def admit(self, route: Route) -> None:
        """Let parts of a route come."""
        if route not in self._net.stages:
            self._net = build_net(self._plant, (*self._net.stages, route))

    def begin(self, move: Move, *, down: AbstractSet[UnitId] = frozenset()) -> bool:
        """Note a move in the marking if it may begin, and return whether it may.

        While units are `down`, no part may enter that would keep others in which do not need them.
        """
        after = make_move(self._net, self._marking, move)
        if self._look_ahead is not None:
            is_entering = any(order not in self._marking.parts for order in move.orders)
            if not self._is_admitted(move, after, self._look_ahead):
                return False
            if is_entering and down and not is_robust(self._net, after, down):
                return False
        self._marking = after
        return True

    def leave(self, order: OrderId) -> None:
        """Note that a part has left, by the dock or back to the store."""
        self._marking = remove_part(self._marking, order)

    def _is_admitted(self, move: Move, after: Marking, look_ahead: int) -> bool:
        exact = self._exact_for(move)
        if exact is None:
            allowed = allowed_moves(self._net, self._marking, (move,), look_ahead=look_ahead)
            return bool(allowed.moves)
        is_known = exact.routes.issuperset(move.routes)
        return is_known and is_place_free(self._net, self._marking, move) and exact.admits(after)

    def _exact_for(self, move: Move) -> ExactRule | None:
        """Return the exact rule, compiled anew if the move's routes are new; None: the banker's."""
        if self._exact is None or self._exact.routes.issuperset(move.routes):
            return self._exact
        if not self._is_too_large:
            larger = compile_exact(self._plant, self._net.stages, limit=self._states)
            self._exact, self._is_too_large = larger or self._exact, larger is None
        if self._is_too_large and is_safe(self._net, self._marking):
            self._exact = None
        return self._exact
