from floor_strategies import CenterSpec, make_plant, make_steps
from unikat.capacity.model import Booking
from unikat.floor.dispatch import Queues, Waiting, wanted_moves
from unikat.terms import HOUR

PLANT = make_plant([CenterSpec("c", units=2, batch=2)])


def test_a_part_is_wanted_now_though_the_build_of_its_later_step_is_not_complete():
    steps = make_steps(PLANT, "cc", [HOUR, HOUR])
    queues = Queues(PLANT)
    for order, step, unit, build in (
        ("O-1", "s0", "c1", "later"),  # waits for O-2, which has another step to pass first
        ("O-2", "s0", "c2", "now"),
        ("O-2", "s1", "c1", "later"),
    ):
        queues.book(Booking(order, step, unit, 0, 0, HOUR, None, (), build, 0))
    for order in ("O-1", "O-2"):
        queues.add(Waiting(order, ("c", "c"), steps[0], "store", 0))
    queues.loosen(queues.parts["O-2"])
    moves = list(wanted_moves(queues, "c1", down=(), now=0))
    assert [(move.orders, move.target) for move in moves] == [(("O-2",), "c1")]
