"""Plant time and ISO 8601 say the same."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from unikat.edge.times import from_iso, to_iso
from unikat.errors import InvalidText

BERLIN = ZoneInfo("Europe/Berlin")
EPOCH = datetime(2026, 1, 5, tzinfo=BERLIN)
YEARS = 20 * 366 * 86_400


@given(st.integers(-YEARS, YEARS), st.timezones(), st.timezones())
def test_an_instant_reads_back_in_any_zone(instant, zone, other):
    epoch = datetime(2026, 1, 5, tzinfo=zone)
    assert from_iso(to_iso(instant, epoch, other), epoch, zone) == instant


@given(st.integers(0, YEARS), st.integers(0, YEARS))
def test_instants_keep_their_distance_over_the_change_of_summer_time(first, second):
    moments = [datetime.fromisoformat(to_iso(one, EPOCH, BERLIN)) for one in (first, second)]
    distance = moments[1].astimezone(UTC) - moments[0].astimezone(UTC)
    assert distance == timedelta(seconds=second - first)


def test_a_text_without_offset_is_read_in_the_zone():
    assert from_iso("2026-01-05T01:00:00", EPOCH, BERLIN) == 3_600
    assert from_iso("2026-01-05T01:00:00", EPOCH, UTC) == 7_200
    assert from_iso("2026-01-05T00:00:01.999+01:00", EPOCH, UTC) == 1


@pytest.mark.parametrize("text", ["", "soon", "2026-13-01T00:00:00", "12:00", "0001-01-01T00:00"])
def test_what_is_no_time_is_refused_with_an_example(text):
    east = ZoneInfo("Asia/Tokyo")
    if text.startswith("0001"):
        assert from_iso(text, EPOCH, east) < 0
        return
    with pytest.raises(InvalidText, match="Write it like 2026"):
        from_iso(text, EPOCH, east)
