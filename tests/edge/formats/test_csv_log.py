from datetime import UTC, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from process_logs import MONDAY, OFFSETS, logs
from unikat.edge.formats.csv_log import read_columns, read_csv_log, write_csv_log
from unikat.errors import InvalidLog
from unikat.twin.process_log import Activity

COLUMNS = """
job = "caseid"
step = "task"
start = "start_timestamp"
finish = "end_timestamp"
resource = "user"
time = "%Y/%m/%d %H:%M:%S"
"""
ROWS = (
    "caseid,task,user,start_timestamp,end_timestamp\n"
    "Case1,SETUP     Turning,ID1,2012/01/30 06:24:00,2012/01/30 12:43:00\n"
    "Case1,SETUP Turning,ID1,2012/01/30 06:24:00,2012/01/30 12:43:00\n"
)


@given(logs, st.sampled_from(OFFSETS))
@settings(max_examples=40)
def test_what_is_written_reads_back_as_the_same_log(log, zone):
    text = write_csv_log(log, epoch=MONDAY, zone=zone)
    assert read_csv_log(text, epoch=MONDAY) == log
    assert write_csv_log(read_csv_log(text, epoch=MONDAY), epoch=MONDAY, zone=zone) == text


def test_columns_and_times_are_named_by_a_table():
    log = read_csv_log(ROWS, read_columns(COLUMNS), epoch=datetime(2012, 1, 30, tzinfo=UTC))
    assert log.activities == (Activity("Case1", "SETUP Turning", 23_040, 45_780, "ID1"),)
    berlin = read_columns(COLUMNS + 'zone = "Europe/Berlin"')
    local = read_csv_log(ROWS, berlin, epoch=datetime(2012, 1, 30, tzinfo=UTC))
    assert local.activities[0].start == 23_040 - 3_600


@pytest.mark.parametrize(
    ("table", "said"),
    [
        ("job = ", "Correct the TOML"),
        ('job = "a"\nstep = "b"', "finish"),
        ('job = "a"\nstep = "b"\nfinish = "c"\ncolour = "d"', "is no known key"),
        ('job = "a"\nstep = "b"\nfinish = 3', "Give a text"),
        ('job = "a"\nstep = "b"\nfinish = "c"\nzone = "Mars"', "'Mars' is unknown"),
        ('job = "a"\nstep = "b"\nfinish = "c"\nzone = ["Mars"]', "Give a text"),
        ('job = "a"\nstep = "b"\nfinish = "c"\nseparator = ""', "not one letter"),
    ],
)
def test_a_faulty_table_is_told(table, said):
    with pytest.raises(InvalidLog, match=said):
        read_columns(table)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "is no column; there are: none"),
        ("a,b\n1,2\n", "is no column; there are: a, b"),
        ("job,step,start,finish\nJ,,2026-01-05,\n", "step.*is empty"),
        ("job,step,start,finish\nJ,s,yesterday,\n", "'yesterday' is no time"),
        ("job,step,start,finish\nJ,s,,\n", "Give a start or a finish"),
        ("job,step,start,finish\nJ,s,2026-01-06,2026-01-05\n", "is before its start"),
    ],
)
def test_faulty_rows_are_told_with_their_line(text, said):
    with pytest.raises(InvalidLog, match=said):
        read_csv_log(text)
