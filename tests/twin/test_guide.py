"""The program of docs/guides/twin.md runs as it stands there."""

import re
import runpy
from pathlib import Path

GUIDE = Path(__file__).parents[2] / "docs" / "guides" / "twin.md"


def test_the_program_of_the_guide_runs(tmp_path, capsys):
    program = re.search(r"```python\n(.*?)```", GUIDE.read_text(encoding="utf-8"), re.DOTALL)
    path = tmp_path / "program.py"
    path.write_text(program.group(1), encoding="utf-8")
    runpy.run_path(str(path))
    hours, stuck = map(float, capsys.readouterr().out.split())
    assert 100 < hours < 200  # two units of an hour a job that block each other now and then
    assert stuck == 0
