"""Which options a completion would like to have, by the declared defaults."""

from collections.abc import Iterator

from unikat.family.model import Family, Feature


def wanted_children(family: Family, parent: Feature) -> Iterator[int]:
    """Return the wanted literals of a selected feature's children, the most wanted first.

    Optional: `default`, else not. Other groups: those with `default true`, then as few as possible
    of the others, the first ones (the last are refused first).
    """
    for first in (family.feature(name) for name in parent.children):
        if first.name != first.siblings[0] or first.group == "mandatory":
            continue
        members = [family.feature(name) for name in first.siblings]
        yield from (family.index[each.name] + 1 for each in members if each.default is True)
        yield from (
            -(family.index[each.name] + 1) for each in reversed(members) if each.default is not True
        )
