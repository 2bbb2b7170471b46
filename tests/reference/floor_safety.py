"""The naive twin of the supervisor: search all sequences of moves for one by which all parts
leave.
"""

from unikat.floor.model import Move
from unikat.floor.supervisor import make_move, remove_part


def can_all_leave(net, capacity, marking, _seen=None):
    """Depth-first search over every move of every part; `capacity` maps a place to how many
    parts it holds.
    """
    seen = set() if _seen is None else _seen
    state = frozenset((o, t.place, t.entered) for o, t in marking.parts.items())
    if not state:
        return True
    if state in seen:
        return False
    seen.add(state)
    for order, token in marking.parts.items():
        if token.entered == len(token.route):
            if can_all_leave(net, capacity, remove_part(marking, order), seen):
                return True
            continue
        stage = net.stages[token.route][token.entered]
        for place, idx in net.center_of.items():
            used = sum(1 for o, t in marking.parts.items() if t.place == place and o != order)
            stays_in_buffer = place not in net.units and place == token.place
            if not stage >> idx & 1 or used >= capacity[place] or stays_in_buffer:
                continue
            after = make_move(net, marking, Move((order,), (token.route,), place))
            if can_all_leave(net, capacity, after, seen):
                return True
    return False
