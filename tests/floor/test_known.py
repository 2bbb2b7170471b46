"""A message that names what the site does not have waits in quarantine and harms nothing."""

import pytest

from sites import MONDAY_6, open_example, quote_for
from unikat.events import Message
from unikat.flow import accept, record, reschedule
from unikat.order.model import OrderState
from unikat.terms import CustomerId

WORK = {"attempt": 1, "build": None, "until": MONDAY_6 + 60}
MILL = {"unit": "M1", "order": "O-000001", "step": "mill_firm", **WORK}


def ordered_site():
    site = open_example().site
    offer = quote_for(site, Foam=True, FoamFirm=True)
    accept(site, offer.id, CustomerId("anna"))
    return site


def say(site, seq: int = 1, **body) -> str:
    return record(site, (Message("edge-1", 1, seq, MONDAY_6, body),))[0]


@pytest.mark.parametrize(
    ("body", "fault"),
    [
        ({"type": "unit_restarted", "unit": "ZZ"}, "unit=ZZ is none of plant.toml"),
        ({"type": "unit_stopped", "unit": "ZZ", "reason": "", "until": MONDAY_6}, "unit=ZZ"),
        ({"type": "step_started", **MILL, "unit": "ZZ"}, "unit=ZZ is none of plant.toml"),
        ({"type": "step_started", **MILL, "order": "O-1"}, "no order O-1"),
        ({"type": "step_started", **MILL, "step": "sew"}, "step=sew is none of order O-000001"),
        ({"type": "step_started", **MILL, "unit": "P1"}, "unit=P1 cannot mill"),
        ({"type": "step_finished", **MILL, "unit": "P1"}, "unit=P1 cannot mill"),
        (
            {"type": "material_used", **MILL, "item": "gold", "lot": "L1"},
            "item=gold is not used by step mill_firm",
        ),
        (
            {"type": "material_used", **MILL, "item": "gold", "lot": "L1", "quantity": -1},
            "quantity=-1 must be >= 0",
        ),
        ({"type": "setup_started", **MILL, "family": "oak"}, "family=oak is not in the setup"),
        (
            {
                "type": "load_moved",
                "transporter": "T1",
                "order": "O-1",
                "from": "store",
                "to": "M1",
            },
            "no order O-1",
        ),
    ],
)
def test_what_the_site_does_not_have_is_quarantined_and_the_shop_goes_on(body, fault) -> None:
    site = ordered_site()
    before = site.log.head()
    result = say(site, **body)
    assert result.startswith("quarantined: ")
    assert fault in result
    assert site.log.head() == before
    assert len(site.quarantine.list()) == 1
    reschedule(site, seconds=1.0, seed=1, cause="test")


def test_what_the_floor_does_is_true_even_before_its_release_or_without_its_start() -> None:
    early, lost = ordered_site(), ordered_site()
    assert say(early, type="step_started", **MILL) == "recorded"
    assert say(lost, type="step_finished", **MILL) == "recorded"
    for site in (early, lost):
        assert [o.state for o in site.state().orders.values()] == [OrderState.STARTED]
        reschedule(site, seconds=1.0, seed=1, cause="test")
