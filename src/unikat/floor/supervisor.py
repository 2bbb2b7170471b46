"""Refuse each move that could end in a standstill: banker's avoidance, place by place.

A marking is safe if all parts inside can leave one after the other. A part leaves by walking its
remaining steps, which takes one free unit of each next work center at a time and frees the place
before; where none can walk to the end, one may step aside into a buffer. From a safe marking the
first move of that sequence leads to a safe marking again, so that something is always allowed.
Repairs end, so a unit that is down still counts as a place.
"""

from collections.abc import Iterator, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass

from unikat.floor.model import Allowed, Marking, Move, Need, Net, Refused, Token
from unikat.terms import OrderId, UnitId


def allowed_moves(
    net: Net, marking: Marking, wanted: Sequence[Move], *, look_ahead: int = 0
) -> Allowed:
    """Return which of the wanted moves may begin, one after the other in the wanted sequence.

    With `look_ahead` 1 a move is also allowed if one further move of a part then inside leads to a
    safe marking: more is allowed, and as that further move is then allowed itself, nothing gets
    stuck.
    """
    moves: list[Move] = []
    refused: list[Refused] = []
    for move in wanted:
        if not is_place_free(net, marking, move):
            refused.append(Refused(move, "taken"))
            continue
        after = make_move(net, marking, move)
        if is_safe(net, after) or (look_ahead and _is_safe_soon(net, after)):
            moves.append(move)
            marking = after
        else:
            refused.append(Refused(move, "not safe"))
    return Allowed(tuple(moves), tuple(refused), marking)


def make_move(net: Net, marking: Marking, move: Move) -> Marking:
    """Return the marking after a move; entering a unit enters the next step, entering a buffer does
    not.
    """
    parts = dict(marking.parts)
    step = 1 if move.target in net.units else 0
    for order, route in zip(move.orders, move.routes, strict=True):
        token = parts.get(order)
        entered = step + (token.entered if token else 0)
        parts[order] = Token(move.target, route, entered)
    return Marking(parts)


def remove_part(marking: Marking, order: OrderId) -> Marking:
    """Return the marking after a part has left for the dock."""
    return Marking({key: token for key, token in marking.parts.items() if key != order})


def is_safe(net: Net, marking: Marking) -> bool:
    """Return whether all parts inside can leave one after the other."""
    draft = _Draft.open(net, marking)
    while True:
        draft.let_leave()
        if not draft.waiting:
            return True
        if not draft.step_aside():
            return False


def is_robust(net: Net, marking: Marking, down: AbstractSet[UnitId]) -> bool:
    """Return whether all parts that need none of the units that are down can leave all the same.

    Robust supervision (Lawley and Sulistyono 2002): what waits for a repair holds up nothing else.
    """
    draft = _Draft.open(net, marking, down)
    dead = draft.dead()
    while True:
        draft.let_leave()
        if all(token.place in down or _needs_any(net, token, dead) for _, token in draft.waiting):
            return True
        if not draft.step_aside():
            return False


@dataclass(slots=True)
class _Draft:
    """The private copy the check empties: who still waits, how many share a unit, which centers
    have a free unit. A part in a unit that is `down` stays there.
    """

    net: Net
    waiting: list[tuple[OrderId, Token]]
    load: dict[str, int]
    free: int
    down: AbstractSet[UnitId] = frozenset()

    @classmethod
    def open(cls, net: Net, marking: Marking, down: AbstractSet[UnitId] = frozenset()) -> "_Draft":
        load: dict[str, int] = {}
        for token in marking.parts.values():
            load[token.place] = load.get(token.place, 0) + 1
        left = list(net.num_units)
        for place in {*load, *down}:
            if place in net.units:
                left[net.center_of[place]] -= 1
        free = sum(1 << idx for idx, count in enumerate(left) if count > 0)
        return cls(net, list(marking.parts.items()), load, free, down)

    def dead(self) -> int:
        """Return the centers (bits) all of whose units are down."""
        left = list(self.net.num_units)
        for unit in self.down:
            left[self.net.center_of[unit]] -= 1
        return sum(1 << idx for idx, count in enumerate(left) if count <= 0)

    def let_leave(self) -> None:
        """Take out all that can walk to the end, until nobody can."""
        before = -1
        while before != len(self.waiting):
            before = len(self.waiting)
            self.waiting = [part for part in self.waiting if not self._leaves(part[1])]

    def _leaves(self, token: Token) -> bool:
        place, free = token.place, self.free
        if place in self.down:
            return False
        own = 0
        if place in self.net.units and self.load[place] == 1:
            own = 1 << self.net.center_of[place]
        if not _has_all(self.net.needs[token.route][token.entered], free | own):
            return False
        self._free_place(place)
        return True

    def _free_place(self, place: str) -> None:
        self.load[place] -= 1
        if self.load[place] == 0 and place in self.net.units:
            self.free |= 1 << self.net.center_of[place]

    def step_aside(self) -> bool:
        """Move one part out of its unit into a free buffer of its next step; the first by id, so
        that it is repeatable.
        """
        for order, token in sorted(self.waiting, key=lambda part: part[0]):
            if token.place not in self.net.units or token.place in self.down:
                continue
            for buffer in _buffers_ahead(self.net, token, self.load):
                self._free_place(token.place)
                self.load[buffer] = self.load.get(buffer, 0) + 1
                aside = Token(buffer, token.route, token.entered)
                self.waiting = [part for part in self.waiting if part[0] != order]
                self.waiting.append((order, aside))
                return True
        return False


def _needs_any(net: Net, token: Token, centers: int) -> bool:
    need = net.needs[token.route][token.entered]
    return bool(need.only & centers) or not all(choice & ~centers for choice in need.choices)


def _has_all(need: Need, free: int) -> bool:
    return not need.only & ~free and all(choice & free for choice in need.choices)


def _buffers_ahead(net: Net, token: Token, load: dict[str, int]) -> Iterator[str]:
    """Yield the buffers with a free place before the next step's work centers."""
    stage = net.stages[token.route][token.entered]
    for place, idx in net.center_of.items():
        is_next = place not in net.units and stage >> idx & 1
        if is_next and load.get(place, 0) < net.num_slots[idx]:
            yield place


def is_place_free(net: Net, marking: Marking, move: Move) -> bool:
    """Return whether the target has room; a part may stay in its own unit for its next step."""
    others = sum(
        1
        for order, token in marking.parts.items()
        if token.place == move.target and order not in move.orders
    )
    if move.target in net.units:
        return others == 0
    return others < net.num_slots[net.center_of[move.target]]


def _is_safe_soon(net: Net, marking: Marking) -> bool:
    """Return whether one move of a part inside leads to a safe marking."""
    moves = (
        Move((order,), (token.route,), place)
        for order, token in marking.parts.items()
        if token.entered < len(token.route)
        for place, idx in net.center_of.items()
        if net.stages[token.route][token.entered] >> idx & 1 and place != token.place
    )
    return any(
        is_safe(net, make_move(net, marking, move))
        for move in moves
        if is_place_free(net, marking, move)
    )
