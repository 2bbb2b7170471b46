"""A minimal set of rules, groups and tree edges that forbid some literals together."""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from typing import TypeAlias

from unikat.configure.workspace import Workspace, workspace_of
from unikat.family.model import Family
from unikat.family.proof import minimal_core

Edge: TypeAlias = tuple[int, int]
"""Variables of which the first implies the second: child and parent, or parent and mandatory child.
"""


def minimal_reasons(
    space: Workspace, family: Family, fixed: Sequence[int]
) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Return the ids of rules and the words for tree relations that forbid `fixed` together.

    Without any one of them `fixed` would be possible. As few cross-tree rules as dropping one after
    the other leaves come first, then groups, then edges of the tree. Only the first call asks about
    the whole family: what it needs is small enough to be looked at anew.
    """
    solver, parts = space.selecting()
    by_tree = sorted(parts, key=lambda each: space.clauses.parts[parts[each]].is_rule)
    if solver.solve(assumptions=[*fixed, *by_tree]):
        return (), ()
    core = set(solver.get_core() or ())
    rules, groups = _split(space, parts, (each for each in by_tree if each in core))
    if space.fine() is not None:
        rules = minimal_core(solver, [*fixed, *groups], rules)
        groups = minimal_core(solver, [*fixed, *rules], groups)
        edges: Sequence[Edge] = ()
    else:
        rules, groups, edges = _minimal(space, family, fixed, (parts, rules, groups))
    named = space.clauses.parts
    return (
        tuple(named[parts[each]].id for each in rules),
        (
            *(named[parts[each]].text for each in groups),
            *(_told(family, edge) for edge in edges),
        ),
    )


def prepare_reasons(family: Family) -> None:
    """Load what the first explanation in a thread waits for: 150 ms at 14,010 features."""
    space = workspace_of(family)
    space.selecting()
    if family.fine is None:
        _all_definitions(space, family)


def _split(
    space: Workspace, parts: dict[int, int], selectors: Iterable[int]
) -> tuple[Sequence[int], Sequence[int]]:
    rules: list[int] = []
    groups: list[int] = []
    for each in selectors:
        (rules if space.clauses.parts[parts[each]].is_rule else groups).append(each)
    return rules, groups


def _minimal(
    space: Workspace,
    family: Family,
    fixed: Sequence[int],
    needed: tuple[dict[int, int], Sequence[int], Sequence[int]],
) -> tuple[Sequence[int], Sequence[int], Sequence[Edge]]:
    """Drop rules, then groups, then edges, in a solver that has no others."""
    from pysat.solvers import Solver

    parts, rules, groups = needed
    definitions = _all_definitions(space, family)
    clauses = [
        (-each, *clause)
        for each in (*rules, *groups)
        for clause in space.clauses.parts[parts[each]].clauses
    ]
    used = {abs(literal) for clause in (*clauses, *definitions, fixed) for literal in clause}
    first = space.clauses.num_vars + len(space.clauses.parts) + 1
    edges = dict(enumerate(_edges_above(family, used), start=first))
    groups = [each for each in groups if not _is_mandatory(space, family, parts[each])]
    with Solver(name="glucose4", bootstrap_with=(*definitions, *clauses)) as solver:
        solver.append_formula([(-each, -a, b) for each, (a, b) in edges.items()], no_return=True)
        rules = minimal_core(solver, [*fixed, *groups, *edges], rules)
        groups = minimal_core(solver, [*fixed, *rules, *edges], groups)
        lines = minimal_core(solver, [*fixed, *rules, *groups], list(edges))
    return rules, groups, joined(family, [edges[each] for each in lines])


def _is_mandatory(space: Workspace, family: Family, part: int) -> bool:
    """Whether a group only says that its parent has all of it, which edges say."""
    member = space.clauses.parts[part].clauses[0][-1]
    return 0 < member <= len(family.features) and family.features[member - 1].group == "mandatory"


def _all_definitions(space: Workspace, family: Family) -> tuple[tuple[int, ...], ...]:
    return space.remember("definitions", lambda: _definitions(space, family), tuple)


def _definitions(space: Workspace, family: Family) -> tuple[tuple[int, ...], ...]:
    """Return the clauses that no conflict names: all but rules, groups and edges."""
    edges = set(_edges_above(family, set(range(1, len(family.features) + 1))))
    return tuple(
        tuple(clause)
        for clause in space.clauses.hard
        if len(clause) != 2 or (-clause[0], clause[1]) not in edges
    )


def _edges_above(family: Family, used: set[int]) -> Iterator[Edge]:
    """Yield the edges between these features (other variables are left out) and the root."""
    done = set[int]()
    for variable in sorted(used):
        child = variable
        while child <= len(family.features) and child not in done:
            done.add(child)
            feature = family.features[child - 1]
            if feature.parent is None:
                break
            parent = family.index[feature.parent] + 1
            yield child, parent
            if feature.group == "mandatory":
                yield parent, child
            child = parent


def joined(family: Family, edges: Sequence[Edge]) -> list[Edge]:
    """Join edges that go on in one another in the same direction, unless they branch there."""
    after = {edge: [other for other in edges if other[0] == edge[1]] for edge in edges}
    num_before = Counter(end for _, end in edges)

    def next_of(edge: Edge) -> Edge | None:
        follows = after[edge]
        if len(follows) != 1 or num_before[edge[1]] != 1:
            return None
        return follows[0] if _is_up(family, edge) is _is_up(family, follows[0]) else None

    inner = {next_of(edge) for edge in edges}
    found = []
    for edge in edges:
        if edge in inner:
            continue
        last = edge
        while (following := next_of(last)) is not None:
            last = following
        found.append((edge[0], last[1]))
    return found


def _is_up(family: Family, edge: Edge) -> bool:
    return family.features[edge[0] - 1].parent == family.features[edge[1] - 1].name


def _told(family: Family, edge: Edge) -> str:
    """Say a chain of edges in words."""
    first, last = (family.features[each - 1] for each in edge)
    above = last.parent
    while above is not None and above != first.name:
        above = family.feature(above).parent
    verb = "belongs to" if above is None else "always has"
    return " ".join((first.name.strip('"'), verb, last.name.strip('"')))
