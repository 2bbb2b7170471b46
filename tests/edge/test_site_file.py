"""site.toml: every fault at once with its line, and the values as written."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sites import FOLDER
from unikat.edge.site_file import KEYS, load_site_file
from unikat.errors import InvalidSite

TEXT = (FOLDER / "site.toml").read_text("utf-8")


def faults_of(text: str) -> dict[str, object]:
    with pytest.raises(InvalidSite) as caught:
        load_site_file(text)
    return {fault.key: fault for fault in caught.value.faults}


def test_the_example_is_read_as_written() -> None:
    file = load_site_file(TEXT)
    assert file.policy.slack.slacks == (14_400,)
    assert file.policy.slack.confidence == 0.95
    assert file.epoch.isoformat() == "2026-01-05T00:00:00+01:00"
    assert file.demo.traffic.orders_per_day == 26.0


def test_several_faults_come_at_once_each_with_its_line() -> None:
    text = TEXT.replace("confidence    = 0.95", "confidence    = 7").replace(
        "wip_limit       = 80", 'wip_limit       = "many"'
    )
    text = text.replace('time_zone = "Europe/Berlin"', 'time_zone = "Europe/Atlantis"')
    faults = faults_of(text)
    assert set(faults) == {"promise.confidence", "shop.wip_limit", "time_zone"}
    assert all(fault.line > 0 for fault in faults.values())


def test_an_epoch_that_is_no_monday_is_refused() -> None:
    assert "epoch" in faults_of(TEXT.replace("2026-01-05", "2026-01-06"))
    assert "epoch" in faults_of(TEXT.replace("2026-01-05", "soon"))


def test_unknown_and_missing_keys_are_named() -> None:
    faults = faults_of(TEXT.replace("currency  =", "curency  ="))
    assert set(faults) == {"curency", "currency"}
    assert "nonsense" in faults_of(TEXT + "\n[nonsense]\nx = 1\n")


def test_malformed_toml_is_one_fault_with_its_place() -> None:
    (fault,) = faults_of("name = \n").values()
    assert fault.line == 1


@given(st.sampled_from([(t, k) for t, keys in KEYS.items() for k in keys]), st.booleans())
def test_a_value_of_the_wrong_type_is_a_fault_for_every_key(where, value) -> None:
    table, key = where
    lines = [line for line in TEXT.splitlines() if not line.replace(" ", "").startswith(f"{key}=")]
    literal = str(value).lower()
    if not table:
        lines.insert(0, f"{key} = {literal}")
    elif at := [k for k, line in enumerate(lines) if line.startswith(f"[{table}]")]:
        lines.insert(at[0] + 1, f"{key} = {literal}")
    else:
        lines += [f"[{table}]", f"{key} = {literal}"]
    found = faults_of("\n".join(lines))
    assert f"{table}.{key}".lstrip(".") in found
