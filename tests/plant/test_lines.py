"""The line of a key is found in every way TOML writes it."""

from unikat.plant.lines import find_lines, line_of

TEXT = """# site = "no"
site = "x # y"
[unit]
P1 = { pace = 3, note = "a = 1" }
"P 2" = {
  pace = 4,
  rows = [
    [0],
    [1]
  ],
}
[process.print]  # comment
layer = 2
"""


def test_keys_of_tables_inline_tables_and_long_values_are_found():
    lines = find_lines(TEXT)
    assert line_of(lines, ("site",)) == 2
    assert line_of(lines, ("unit", "P1", "pace")) == 4
    assert line_of(lines, ("unit", "P 2", "rows")) == 7
    assert line_of(lines, ("process", "print", "layer")) == 13
    assert line_of(lines, ("process", "print", "unknown")) == 12
    assert line_of(lines, ("unknown",)) == 0
