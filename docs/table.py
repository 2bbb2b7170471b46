"""Write the table of `demo --once` into the README: `.venv/bin/python docs/table.py`."""

from pathlib import Path

from unikat.edge.folders import examples_folder
from unikat.edge.once import run_once, table_of

README = Path(__file__).resolve().parents[1] / "README.md"
BEGIN, END = "<!-- table:begin -->\n", "<!-- table:end -->"
NOT_SHOWN = ("wall time",)


def table_text() -> str:
    """Return the table as Markdown, without what differs from machine to machine."""
    outcome = run_once(examples_folder() / "insoles", num_orders=500, seed=1)
    rows = [row for row in table_of(outcome) if row[0] not in NOT_SHOWN]
    lines = [f"| {name.strip()} | {value} |" for name, value in rows]
    return "\n".join(["| 500 orders of insoles, seed 1 | |", "|---|---|", *lines, ""])


def main() -> None:
    """Replace the table between the marks."""
    text = README.read_text("utf-8")
    before, rest = text.split(BEGIN)
    README.write_text(before + BEGIN + table_text() + END + rest.split(END)[1], "utf-8")


if __name__ == "__main__":
    main()
