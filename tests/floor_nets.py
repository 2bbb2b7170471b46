"""Small resource allocation systems for the tests of `floor`."""

from itertools import pairwise

from hypothesis import strategies as st

from unikat.floor.ras import build_system


def system_of(capacities, routes, *, idle=3):
    """A system of routes, each a sequence of stages, each a tuple of resources of which one does.

    A part that moves takes its next resource before it frees its own.
    """
    activities, transitions = {}, {}
    for name, route in routes.items():
        before = [(name, None)]
        for stage, resources in enumerate(route):
            here = [(f"{name}{stage}:{r}", r) for r in resources]
            for place, resource in here:
                activities[place] = {resource: 1}
                for last, held in before:
                    takes = {last: 1, resource: 1}
                    gives = {place: 1} | ({held: 1} if held else {})
                    transitions[f"t{len(transitions)}"] = (takes, gives)
            before = here
        for last, held in before:
            transitions[f"t{len(transitions)}"] = ({last: 1}, {name: 1, held: 1})
    start = dict(capacities) | dict.fromkeys(routes, idle)
    return build_system(
        activities=activities,
        idles=tuple(routes),
        transitions=transitions,
        start=start,
        resources=tuple(capacities),
    )


def small_plant(*, has_buffer):
    """The plant of two printers P, trimmer T1, bench A1 and robot R1: A = print > trim > glue,
    B = disassemble > regrind, the robot a resource of its own; on its way to A1 it may put a part
    into the one buffer place B1.
    """
    activities = {
        "A:P": {"P": 1}, "A:R1>T1": {"R1": 1}, "A:T1": {"T1": 1},
        "A:R1>A1": {"R1": 1}, "A:A1": {"A1": 1},
        "B:A1": {"A1": 1}, "B:R1>T1": {"R1": 1}, "B:T1": {"T1": 1},
    }  # fmt: skip
    ways = [
        ["A", "A:P", "A:R1>T1", "A:T1", "A:R1>A1", "A:A1", "A"],
        ["B", "B:A1", "B:R1>T1", "B:T1", "B"],
    ]
    capacity = {"P": 2, "T1": 1, "A1": 1, "R1": 1}
    if has_buffer:
        activities |= {"A:B1": {"B1": 1}, "A:B1>A1": {"R1": 1}}
        ways.append(["A:R1>A1", "A:B1", "A:B1>A1", "A:A1"])
        capacity["B1"] = 1
    transitions = {}
    for way in ways:
        for one, other in pairwise(way):
            takes = {one: 1} | activities.get(other, {})
            transitions[f"{one} > {other}"] = (takes, {other: 1} | activities.get(one, {}))
    return build_system(
        activities=activities,
        idles=("A", "B"),
        transitions=transitions,
        start=capacity | {"A": 9, "B": 9},
        resources=tuple(capacity),
    )


@st.composite
def systems(draw):
    """Random systems of two or three routes over up to four resources, alternatives included."""
    names = "KLMN"[: draw(st.integers(2, 4))]
    stage = st.lists(st.sampled_from(names), min_size=1, max_size=2, unique=True).map(tuple)
    routes = draw(st.lists(st.lists(stage, min_size=1, max_size=4), min_size=1, max_size=3))
    capacities = {name: draw(st.integers(1, 2)) for name in names}
    named = {chr(ord("a") + idx): route for idx, route in enumerate(routes)}
    return system_of(capacities, named, idle=draw(st.integers(1, 3)))


def assembly():
    """Two kinds of parts are joined on M; each also needs robot R, and they share a buffer B."""
    transitions = {
        "a in": ({"a": 1, "B": 1}, {"a:B": 1}),
        "b in": ({"b": 1, "B": 1}, {"b:B": 1}),
        "join": ({"a:B": 1, "b:B": 1, "M": 1}, {"ab:M": 1, "B": 2}),
        "out": ({"ab:M": 1}, {"a": 1, "b": 1, "M": 1}),
    }
    return build_system(
        activities={"a:B": {"B": 1}, "b:B": {"B": 1}, "ab:M": {"M": 1}},
        idles=("a", "b"),
        transitions=transitions,
        start={"a": 4, "b": 4, "B": 2, "M": 1},
        resources=("B", "M"),
    )
