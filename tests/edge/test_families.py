"""Versions of a family are compiled when one is needed; an order finds the one it is of."""

from dataclasses import replace

import pytest

from reference.configure_golden import UVL
from sites import open_example, quote_for
from unikat.configure import choose_all
from unikat.configure.saved import save_choice
from unikat.edge.families import KEPT, compiled, configuration_of, family_of, reopen_in
from unikat.edge.store.versions import MemoryVersions, Version
from unikat.errors import IllegalState, UnknownVersion
from unikat.flow import accept
from unikat.rehearse import VirtualClock
from unikat.terms import CustomerId


def sheet(number, renamed=""):
    return f'family = {{ id = "insole", version = {number} }}\nrenamed = {{ {renamed} }}'


@pytest.fixture
def versions():
    """Three versions: foam is called Cork from version 2 on, and Eva from version 3 on."""
    kept = MemoryVersions(VirtualClock())
    names = (("Foam", ""), ("Cork", 'Foam = "Cork"'), ("Eva", 'Cork = "Eva"'))
    for number, (name, renamed) in enumerate(names, start=1):
        new = Version(
            "insole",
            number,
            UVL.replace("Foam", name),
            sheet(number, renamed),
            renamed=dict([renamed.replace('"', "").split(" = ")] if renamed else []),
        )
        kept.publish(new)
    return kept


def saved_in(versions, number, **picks):
    return save_choice(choose_all(compiled(versions.find("insole", number)), picks))


def test_a_version_is_compiled_once_and_few_are_kept(versions):
    present = compiled(versions.find("insole", 3))
    assert family_of(present, versions, 3) is present
    assert family_of(present, versions, 1) is family_of(present, versions, 1)
    before = family_of(present, versions, 1)
    for number in range(KEPT):
        compiled(Version("insole", 9, UVL, sheet(9) + "\n" * number))
    assert family_of(present, versions, 1) is not before
    with pytest.raises(UnknownVersion):
        family_of(present, versions, 4)


def test_names_are_followed_forwards_and_never_backwards(versions):
    present = compiled(versions.find("insole", 3))
    found = reopen_in(present, present, versions, saved_in(versions, 1, Foam=True))
    assert (found.kept, found.lost, found.changed) == ((("Eva", True),), (), ())
    older = compiled(versions.find("insole", 2))
    found = reopen_in(older, older, versions, saved_in(versions, 3, Eva=True, HeelCup=True))
    assert [name for name, _ in found.kept] == ["HeelCup"]
    assert [each.feature for each in found.lost] == ["Eva"]


def test_a_choice_of_another_family_names_both(versions):
    saved = replace(saved_in(versions, 1, Foam=True), family_id="bicycle")
    present = compiled(versions.find("insole", 3))
    with pytest.raises(UnknownVersion, match=r"bicycle.*insole"):
        reopen_in(present, present, versions, saved)


def test_an_order_no_version_gives_says_so():
    opened = open_example()
    order = accept(opened.site, quote_for(opened.site).id, CustomerId("anna"))
    family, configuration = configuration_of(opened.site.family, opened.store.versions, order)
    assert (family.version, configuration.key) == (1, order.configuration_key)
    strange = replace(order, configuration_key="0" * 64, family_version=0)
    with pytest.raises(IllegalState, match=order.id):
        configuration_of(opened.site.family, opened.store.versions, strange)
