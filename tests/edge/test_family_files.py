"""Families are read with what they import from their own folder, and from nowhere else."""

import subprocess
import sys

import pytest

from unikat.edge import family_files
from unikat.edge.family_files import load_family_file, read_imports
from unikat.errors import InvalidFamily
from unikat.family import lexis

MAIN = (
    "imports\n\tsub.part\n\tlone as l\nfeatures\n\tA\n\t\toptional\n\t\t\tsub.part.P\n\t\t\tl.L\n"
)
PART = "imports\n\tlone as x\nfeatures\n\tP\n\t\toptional\n\t\t\tx.L\n"
LONE = "\ufefffeatures\n\tL\n"


def written(folder, **texts):
    """Write UVL files; `sub__part` is sub/part.uvl."""
    for name, text in texts.items():
        path = folder / (name.replace("__", "/") + ".uvl")
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    return folder


def test_imports_are_read_from_beside_the_file(tmp_path):
    written(tmp_path, main=MAIN, sub__part=PART, lone=LONE)
    assert set(read_imports(tmp_path, MAIN)) == {"sub.part", "lone"}
    family = load_family_file(tmp_path / "main.uvl")
    assert [each.name for each in family.features] == ["A", "sub.part.P", "sub.part.x.L", "l.L"]


def test_what_lies_outside_of_the_folder_is_not_read(tmp_path):
    inside = written(tmp_path / "inside", main=MAIN, sub__part=PART)
    written(tmp_path, lone=LONE)
    (inside / "lone.uvl").symlink_to(tmp_path / "lone.uvl")
    with pytest.raises(InvalidFamily) as caught:
        load_family_file(inside / "main.uvl")
    assert [(each.file, each.line) for each in caught.value.faults] == [
        ("family.uvl", 3),
        ("sub/part.uvl", 2),
    ]


def test_no_file_and_too_long_a_file_are_faults(tmp_path, monkeypatch):
    with pytest.raises(InvalidFamily, match="cannot be read"):
        load_family_file(tmp_path / "main.uvl")
    monkeypatch.setattr(lexis, "MAX_LETTERS", 100)
    with (tmp_path / "main.uvl").open("w") as file:
        file.write(MAIN * 10)
    assert len(family_files.read_family_text(tmp_path / "main.uvl")) == 101
    with pytest.raises(InvalidFamily, match="more than 100 letters; at most 100 are read"):
        load_family_file(tmp_path / "main.uvl")


PROGRAM = """
import resource, sys
from pathlib import Path
from unikat.edge.family_files import load_family_file
from unikat.errors import InvalidFamily
before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
try:
    load_family_file(Path(sys.argv[1]))
except InvalidFamily as invalid:
    print(invalid.faults[0].message)
print((resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) // 1024)
"""


def test_a_file_of_100_mb_is_refused_in_bounded_memory(tmp_path):
    with (tmp_path / "big.uvl").open("w") as file:
        for _ in range(100):
            file.write("\t\tF1 => F2\n" * 90_910)
    command = [sys.executable, "-c", PROGRAM, str(tmp_path / "big.uvl")]
    told, megabytes = subprocess.check_output(command, text=True).splitlines()
    assert "letters; at most" in told
    assert int(megabytes) < 200
