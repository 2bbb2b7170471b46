import json
from pathlib import Path

import pytest

from unikat.edge.net_file import read_net
from unikat.errors import InvalidNet
from unikat.floor.banker import find_drained, look_ahead, read_walks
from unikat.floor.explore import (
    admitted_states,
    explore,
    find_bad,
    find_dead,
    find_legal,
    maximal_legal,
    minimal_bad,
)

NET = Path(__file__).parents[1] / "floor/data/ezpeleta1995.json"


def changed(**keys):
    return json.dumps(json.loads(NET.read_text("utf-8")) | keys)


def test_the_net_of_ezpeleta_has_the_counts_of_the_literature():
    reach = explore(read_net(NET.read_text("utf-8")))
    is_legal = find_legal(reach)
    is_bad = find_bad(reach, is_legal)
    assert (reach.num_states, int(is_legal.sum())) == (26_750, 21_581)
    assert (int(find_dead(reach).sum()), int(is_bad.sum())) == (120, 4_211)
    assert len(minimal_bad(reach, is_bad)) == 34
    assert len(maximal_legal(reach, is_legal)) == 393


@pytest.mark.parametrize(("ahead", "percent"), [(0, 80.8), (1, 98.4), (2, 99.2), (4, 99.8)])
def test_the_banker_admits_of_it_what_was_published_for_it(ahead, percent):
    reach = explore(read_net(NET.read_text("utf-8")))
    is_safe = find_drained(read_walks(reach.system), reach.states)
    met = admitted_states(reach, look_ahead(reach, is_safe, ahead))
    assert round(100 * int(met.sum()) / 21_581, 1) == percent


def test_all_faults_come_at_once():
    text = changed(
        activity_places={"p2": "R9"}, m0={"p1": 3, "nowhere": 1}, resource_places=["R2", "R2"]
    )
    with pytest.raises(InvalidNet) as found:
        read_net(text)
    told = str(found.value)
    assert "R9 is no resource place" in told
    assert "[m0.nowhere]: is no place" in told
    assert "R2" in told
    assert "p3 is no place" in told


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("{", "not valid JSON"),
        ("[]", "net.json"),
        ("{}", "transitions"),
        ("[" * 100_000, "not valid JSON"),
        (changed(m0={"p1": -1}), "greater than or equal to 0"),
        (changed(m0={"p2": 1}), "an activity place holds parts in the empty floor"),
        (
            changed(transitions={"t1": {"in": ["p1"], "out": ["p2"]}}),
            "0 of R2 before and 1 after",
        ),
    ],
)
def test_what_is_no_net_is_refused_in_words(text, told):
    with pytest.raises(InvalidNet, match=told):
        read_net(text)
