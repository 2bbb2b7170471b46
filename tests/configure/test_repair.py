"""The repair of a saved choice is the nearest configuration to all its picks, told beforehand."""

from reference.configure_golden import UVL
from unikat.configure.choice import choose_all
from unikat.configure.repair import repair
from unikat.configure.saved import reopen, save_choice
from unikat.family.load import load_family

CUP = "            HeelCup {price 600}\n"
CUP_RULE = "    HeelCup => Thickness >= 3       // R2: a heel cup needs at least 3 mm under it\n"


def version(number, *changes):
    """Load a version of the small insole family: each change is a text and what replaces it."""
    uvl = UVL
    for before, after in changes:
        assert before in uvl
        uvl = uvl.replace(before, after)
    return load_family(uvl, f'family = {{ id = "insole", version = {number} }}')


FAMILY = version(3)


def test_the_repair_drops_as_few_picks_as_can_be():
    picks = {"Foam": True, "Length": 250, "HeelCup": True, "Engraving": False}
    saved = save_choice(choose_all(FAMILY, picks))
    rule = (
        "    !(HeelCup & Foam) // R9: foam has no edge\n    !(Foam & Length < 260) // R10: long\n"
    )
    found = reopen(version(4, (CUP_RULE, CUP_RULE + rule)), saved)
    assert [each.feature for each in found.lost] == ["Length", "HeelCup"]
    found = repair(found)
    assert found.dropped == (("Foam", True),)
    assert dict(found.choice.picks) == {"Length": 250, "HeelCup": True, "Engraving": False}
    assert found.is_optimal


def test_a_repair_takes_the_number_that_is_nearest():
    saved = save_choice(choose_all(FAMILY, {"Foam": True, "Length": 297}))
    found = reopen(version(4, ("Foam => Length <= 300", "Foam => Length <= 290")), saved)
    assert dict(repair(found).choice.picks) == {"Foam": True, "Length": 290}
    saved = save_choice(choose_all(FAMILY, {"Length": 318}))
    found = reopen(version(4, ("max 320", "max 310")), saved)
    assert dict(repair(found).choice.picks) == {"Length": 310}


def test_nothing_is_to_be_repaired_where_every_feature_left_is_kept():
    saved = save_choice(choose_all(FAMILY, {"HeelCup": True, "Foam": True}))
    assert repair(reopen(version(4, (CUP, ""), (CUP_RULE, "")), saved)) is None
    assert repair(reopen(FAMILY, saved)) is None
