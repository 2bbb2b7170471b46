"""The guide to versions shows what the code does, and names every field of the answers."""

import doctest
from pathlib import Path

import msgspec

from unikat.edge.web.api.choices import SavedReply
from unikat.edge.web.reopening import ReopenedReply

GUIDE = Path(__file__).parents[2] / "docs/guides/versions.md"


def test_the_guides_examples_run_as_shown():
    ran = doctest.testfile(str(GUIDE), module_relative=False)
    assert (ran.failed, ran.attempted > 10) == (0, True)


def test_the_guide_names_every_field_of_the_answers():
    text = GUIDE.read_text("utf-8")
    shapes = (SavedReply, ReopenedReply)
    names = {field.name for shape in shapes for field in msgspec.structs.fields(shape)}
    assert [name for name in sorted(names) if f"`{name}`" not in text] == []
