"""`unikat family recheck` and `versions`: what a new version would do, and what was published."""

import json

import pytest
from typer.testing import CliRunner

from sites import MONDAY_6, quote_for
from unikat.configure import choose_all
from unikat.configure.saved import save_choice
from unikat.edge.cli import app
from unikat.edge.main import attach_site
from unikat.edge.store.choices import SavedChoice
from unikat.errors import InvalidSite, UnknownVersion
from unikat.flow import accept
from unikat.terms import CustomerId
from version_sites import change_text, copy_site, opened_site, second_version, write_version

PICKS = {"Hiking": True, "Powder": True}


def run(*arguments):
    result = CliRunner().invoke(app, ["family", *map(str, arguments)])
    if result.exception is not None and not isinstance(result.exception, SystemExit):
        raise result.exception
    return result.output


@pytest.fixture
def folder(tmp_path):
    """A site with a saved choice, a quote and an order that version 2 breaks, and one it keeps."""
    folder = copy_site(tmp_path / "site")
    with opened_site(folder) as opened:
        family = opened.models.family
        for name, picks in (("C-1", PICKS), ("C-2", {"Leather": True}), ("C-3", {"Cork": True})):
            saved = save_choice(choose_all(family, picks))
            opened.store.choices.save(SavedChoice(name, saved, {}, MONDAY_6))
        order = accept(opened.site, quote_for(opened.site, 1, **PICKS).id, CustomerId("anna"))
        quote = quote_for(opened.site, 2, **PICKS)
    folder.joinpath("ids.json").write_text(json.dumps([order.id, quote.id]))
    return folder


def test_recheck_counts_what_loses_a_pick_by_rule_and_says_the_nearest(folder, tmp_path):
    order_id, quote_id = json.loads(folder.joinpath("ids.json").read_text())
    second_version(folder)
    found = json.loads(run("recheck", folder, "--json"))
    assert (found["version"], found["published_version"]) == (2, 1)
    numbers = {
        kind: (each["number"], each["lose_a_pick"]) for kind, each in found["choices"].items()
    }
    # The clock of the command is the system's: the quote of that Monday has long expired.
    assert numbers == {"saved_choices": (3, 1), "open_orders": (1, 1)}
    assert found["causes"] == {"R99: polyamide is too stiff for slopes": 2}
    assert [each["id"] for each in found["losing"]] == ["C-1", order_id]
    [lost] = found["losing"][0]["lost"]
    assert (lost["feature"], lost["picks"], lost["rules"]) == ("Powder", ["Hiking"], ["R99"])
    assert len(found["losing"][0]["repair"]["dropped"]) == 1
    shown = run("recheck", folder)
    assert "2 of 4 lose a pick" in shown
    assert "R99: polyamide is too stiff for slopes" in shown
    assert quote_id not in shown


def test_nothing_is_published_by_asking(folder):
    second_version(folder)
    run("recheck", folder)
    [listed] = json.loads(run("versions", folder, "--json"))["versions"]
    assert listed["version"] == 1
    assert [listed[each] for each in ("open_orders", "ended_orders", "saved_choices")] == [1, 0, 3]
    assert listed["sha256"][:10] in run("versions", folder)


def test_recheck_against_a_file_needs_its_sheet_beside_it(folder, tmp_path):
    other = copy_site(tmp_path / "other")
    second_version(other)
    found = json.loads(run("recheck", folder, "--against", other / "family.uvl", "--json"))
    assert len(found["losing"]) == 2
    assert json.loads(run("recheck", folder, "--json"))["losing"] == []
    (other / "family.toml").unlink()
    with pytest.raises(InvalidSite, match="Put the new version's sheet beside it"):
        run("recheck", folder, "--against", other / "family.uvl")


def test_a_site_that_published_nothing_says_so(tmp_path):
    folder = copy_site(tmp_path / "site")
    attach_site(folder).close()
    with pytest.raises(UnknownVersion, match="published yet"):
        run("recheck", folder)


def test_another_text_of_the_same_version_is_refused_at_its_first_line(folder):
    change_text(folder / "family.toml", ('name     = "Custom insole"', 'name     = "Insole"'))
    with pytest.raises(InvalidSite) as refused, opened_site(folder):
        pass
    [fault] = refused.value.faults
    assert (fault.file, fault.line) == ("family.toml", 7)
    assert "published as version 1" in fault.message
    assert "version = 2" in fault.remedy
    write_version(folder, 2)
    with opened_site(folder) as opened:
        assert [each.version for each in opened.store.versions.list("insole")] == [1, 2]


def test_an_older_version_is_refused_once_a_later_one_is_published(folder, tmp_path):
    second_version(folder)
    with opened_site(folder):
        pass
    run("versions", folder, "--get", 1, "--to", tmp_path / "old")
    for name in ("family.uvl", "family.toml"):
        old = (tmp_path / "old" / name).read_text("utf-8")
        (folder / name).write_text(old, "utf-8")
    with pytest.raises(InvalidSite, match="older than 2"), opened_site(folder):
        pass
    write_version(folder, 3)
    with opened_site(folder) as opened:
        assert opened.site.family.version == 3


def test_get_and_to_belong_together_and_overwrite_nothing(folder, tmp_path):
    assert "belong together" in run("versions", folder, "--get", 1)
    assert "empty folder" in run("versions", folder, "--get", 1, "--to", folder)
    with pytest.raises(UnknownVersion, match="version 7"):
        run("versions", folder, "--get", 7, "--to", tmp_path / "seven")
