import io
from datetime import UTC, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from process_logs import MONDAY, OFFSETS, logs
from unikat.edge.formats.xes import read_xes, write_xes
from unikat.errors import InvalidLog
from unikat.twin.process_log import Activity


def event(name: str, at: str, transition: str = "", resource: str = "") -> str:
    facts = [("string", "concept:name", name), ("date", "time:timestamp", at)]
    facts += [("string", "lifecycle:transition", transition)] if transition else []
    facts += [("string", "org:resource", resource)] if resource else []
    inside = "".join(f'<{kind} key="{key}" value="{value}"/>' for kind, key, value in facts)
    return f"<event>{inside}</event>"


OTHERS = f"""<?xml version="1.0"?>
<log xmlns="http://www.xes-standard.org/">
 <global scope="event"><string key="concept:name" value="x"/></global>
 <trace><string key="concept:name" value="Case1"/>
  {event("turn", "2026-01-05T01:00:00.250Z", "START", "M1")}
  {event("turn", "2026-01-05T02:00:00Z", "start")}
  {event("turn", "2026-01-05T03:00:00Z", "complete")}
  {event("turn", "2026-01-05T04:00:00Z", "complete")}
  {event("idle", "", "schedule")}
 </trace>
 <trace>{event("done", "2026-01-05T00:00:00")}</trace>
</log>""".encode()
EPOCH = datetime(2026, 1, 5, tzinfo=UTC)


@given(logs, st.sampled_from(OFFSETS))
@settings(max_examples=40)
def test_what_is_written_reads_back_as_the_same_log(log, zone):
    text = write_xes(log, epoch=MONDAY, zone=zone)
    assert read_xes(text.encode(), epoch=MONDAY) == log
    assert write_xes(log, epoch=MONDAY, zone=zone) == text


def test_starts_and_ends_of_others_meet_first_in_first_out():
    log = read_xes(io.BytesIO(OTHERS), epoch=EPOCH)
    assert log.activities == (
        Activity("Case1", "turn", 3_600, 3 * 3_600, "M1"),
        Activity("Case1", "turn", 2 * 3_600, 4 * 3_600, ""),
        Activity("trace 2", "done", 0, 0, ""),
    )


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (b"", "no element found"),
        (b"<html/>", "begins with <html>"),
        (b"<log><trace>", "log.xes:1:"),
        (b"<log><trace><event/></trace></log>", "has no concept:name"),
        (
            b'<log><trace><event><string key="concept:name" value="a"/></event></trace></log>',
            "time:timestamp ''",
        ),
        (b'<!DOCTYPE log [<!ENTITY a "b">]><log/>', "is refused"),
    ],
)
def test_what_is_no_xes_is_refused(text, said):
    with pytest.raises(InvalidLog, match=said):
        read_xes(text)
