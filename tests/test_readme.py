"""What the README shows is what the product does."""

import importlib.util
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]


def test_the_readmes_table_is_what_the_demo_prints() -> None:
    spec = importlib.util.spec_from_file_location("table", ROOT / "docs/table.py")
    table = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(table)
    readme = (ROOT / "README.md").read_text("utf-8")
    assert table.table_text() in readme, "run .venv/bin/python docs/table.py"
