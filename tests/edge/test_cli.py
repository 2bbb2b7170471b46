"""The command line: a newcomer's way through it, and a clear word for every wrong input."""

import contextlib
import csv
import io
import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import urllib.request
from pathlib import Path
from types import SimpleNamespace

import pytest

from sites import FOLDER
from unikat.edge import cli
from unikat.edge.clock import SystemClock
from unikat.edge.warmup import warm_up_kernels

HEAVY = ("numba", "ortools", "pysat", "scipy", "fastapi", "uvicorn", "alembic", "manifold3d")


@pytest.fixture
def unikat(monkeypatch, capsys):
    """Run the command line in this process, as the program does: arguments in, texts and exit
    code out.
    """

    def run(*arguments: object) -> SimpleNamespace:
        monkeypatch.setattr(sys, "argv", ["unikat", *map(str, arguments)])
        monkeypatch.setenv("COLUMNS", "200")
        capsys.readouterr()
        with pytest.raises(SystemExit) as ended:
            cli.main()
        told = capsys.readouterr()
        assert "Traceback" not in told.err
        return SimpleNamespace(code=ended.value.code or 0, out=told.out, err=told.err)

    return run


@pytest.fixture(scope="module")
def made(tmp_path_factory) -> Path:
    """A site made once by the program itself."""
    folder = tmp_path_factory.mktemp("made") / "site"
    command = [sys.executable, "-m", "unikat.edge.cli", "init", folder]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    assert "Key for planner, floor and admin (shown only now" in done.stdout
    return folder


@pytest.fixture
def site(made, tmp_path) -> Path:
    """A fresh copy of that site."""
    return Path(shutil.copytree(made, tmp_path / "site"))


def picture(folder: Path) -> dict[str, object]:
    """Return what a refused command may not change: the files, and the events of the log."""
    return {
        path.name: path.read_bytes() for path in sorted(folder.iterdir()) if ".db" not in path.name
    }


def json_of(reply) -> object:
    assert (reply.code, reply.err) == (0, "")
    return json.loads(reply.out)


def events_of(unikat, site) -> list:
    return json_of(unikat("export", site, "events"))


def test_help_loads_nothing_heavy() -> None:
    script = (
        "import sys\nfrom unikat.edge import cli\nsys.argv = ['unikat', '--help']\n"
        f"try: cli.main()\nfinally: print([m for m in {HEAVY} if m in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True)
    assert "Quote a valid choice for one person" in done.stdout
    assert done.stdout.splitlines()[-1] == "[]"


def test_a_newcomer_goes_from_a_quote_to_an_order_and_its_export(unikat, site) -> None:
    shown = unikat("quote", site, "--person", 3, "--pick", "Foam")
    assert (shown.code, shown.err) == (0, "")
    assert "due (95% sure)" in shown.out
    assert f"To order it: unikat order {site} Q-" in shown.out.replace("\n", "")

    offer = json_of(unikat("quote", site, "--person", 3, "--pick", "Foam", "--json"))
    assert offer["total_cents"] == sum(line["cents"] for line in offer["price"]) > 0

    placed = json_of(unikat("order", site, offer["quote"], "--customer", "Anna", "--json"))
    assert (placed["state"], placed["due"]) == ("placed", offer["due"])
    again = json_of(unikat("order", site, offer["quote"], "--customer", "Anna", "--json"))
    assert again == placed

    sooner = json_of(unikat("hurry", site, offer["quote"], "--rush", "--json"))
    later = json_of(unikat("quote", site, "--person", 3, "--pick", "Foam", "--json"))
    assert sooner["due"] <= later["due"]
    assert sooner["was_due"] == offer["due"]
    assert {delay["order"] for delay in sooner["delays"]} <= {placed["order"]}
    assert "To order it: unikat order" in unikat("hurry", site, offer["quote"]).out

    assert json_of(unikat("status", site, "--json")) == [placed]
    assert json_of(unikat("status", site, placed["order"], "--json")) == placed
    assert placed["order"] in unikat("status", site).out
    assert "EUR" in unikat("status", site, placed["order"]).out
    assert [event["type"] for event in events_of(unikat, site)] == ["OrderPlaced"]
    rows = list(
        csv.DictReader(io.StringIO(unikat("export", site, "schedule", "--format", "csv").out))
    )
    assert {row["order"] for row in rows} == {placed["order"]}


def test_a_backup_brings_back_what_was_there(unikat, site, tmp_path) -> None:
    offer = json_of(unikat("quote", site, "--person", 1, "--pick", "Foam", "--json"))
    unikat("order", site, offer["quote"], "--customer", "Anna")
    file = tmp_path / "backup.db"
    assert unikat("backup", site, file).code == 0
    assert unikat("backup", site, file).code == 1
    assert unikat("backup", site, file, "--overwrite").code == 0
    offer = json_of(unikat("quote", site, "--person", 2, "--pick", "Foam", "--json"))
    unikat("order", site, offer["quote"], "--customer", "Bert")
    assert len(json_of(unikat("status", site, "--json"))) == 2

    refused = unikat("restore", file, site)
    assert (refused.code, "exists" in refused.err) == (1, True)
    assert len(json_of(unikat("status", site, "--json"))) == 2
    assert "1 events" in unikat("restore", file, site, "--overwrite").out
    assert [o["customer"] for o in json_of(unikat("status", site, "--json"))] == ["Anna"]


def test_keys_are_made_for_known_scopes_only(unikat, site) -> None:
    assert unikat("keys", "create", site, "gateway", "--scopes", "floor").out.startswith("uk_")
    refused = unikat("keys", "create", site, "gateway", "--scopes", "root")
    assert (refused.code, "known: planner,floor,admin" in refused.err) == (2, True)


def test_keys_are_listed_without_their_secret_and_revoked_by_name(unikat, site) -> None:
    secret = unikat("keys", "create", site, "gateway", "--scopes", "floor, planner").out.strip()
    listed = unikat("keys", "list", site).out
    assert "gateway  (floor, planner)" in listed
    assert "first  (admin, floor, planner)" in listed
    assert secret not in listed
    assert "Revoked keys named gateway: 1" in unikat("keys", "revoke", site, "gateway").out
    assert "gateway" not in unikat("keys", "list", site).out
    refused = unikat("keys", "revoke", site, "gateway")
    assert (refused.code, "no key is named 'gateway'" in refused.err) == (1, True)


def test_check_counts_what_it_checked(unikat, site) -> None:
    told = unikat("check", site)
    assert (told.code, "no faults" in told.out, "500 measured in feet.csv" in told.out) == (
        0,
        True,
        True,
    )


QUOTE = ("quote", "SITE", "--person", "1")
WRONG = {
    "no such folder": (("check", "nowhere"), 2, "nowhere: there is no such folder"),
    "quote without a site": (("quote", "nowhere"), 2, "unikat init nowhere"),
    "backup without a site": (("backup", "nowhere", "x.db"), 2, "there is no such folder"),
    "restore of nothing": (("restore", "x.db", "SITE", "--overwrite"), 1, "no store at x.db"),
    "serve without a site": (("serve", "nowhere"), 2, "there is no such folder"),
    "port beyond all": (("serve", "SITE", "--port", "99999"), 2, "65535"),
    "init where something is": (("init", "SITE"), 2, "the folder is not empty"),
    "init on a file": (("init", "SITE/site.toml"), 2, "there is a file of this name"),
    "unknown example": (("init", "new", "--example", "shoes"), 2, "Known: cabinet, insoles"),
    "unknown demo": (("demo", "--site", "../shoes"), 2, "Known: cabinet, insoles"),
    "unknown demo, once": (("demo", "--once", "--site", "shoes"), 2, "Known: cabinet, insoles"),
    "unknown option": ((*QUOTE, "--pick", "Wood"), 2, "'Wood' is no option"),
    "value out of range": ((*QUOTE, "--pick", "HeelCupDepth=99"), 2, "HeelCupDepth"),
    "broken rule": ((*QUOTE, "--pick", "Foam", "--pick", "Powder"), 2, "Foam, Filament, Powder"),
    "foot out of range": ((*QUOTE, "--measure", "foot_length=900"), 2, "200 to 330 mm"),
    "NaN measure": ((*QUOTE, "--measure", "foot_length=nan"), 2, "foot_length = nan"),
    "endless measure": ((*QUOTE, "--measure", "foot_length=inf"), 2, "foot_length = inf"),
    "measure without number": ((*QUOTE, "--measure", "foot_length"), 2, "write name=number"),
    "unknown measure": ((*QUOTE, "--measure", "hat=60"), 2, "the measures are foot_length"),
    "nobody's foot": (("quote", "SITE"), 2, "foot_length is missing"),
    "unknown person": (("quote", "SITE", "--person", "501"), 2, "from 1 to 500"),
    "unknown quote": (("order", "SITE", "Q-1", "--customer", "Anna"), 1, "'Q-1'"),
    "nameless customer": (("order", "SITE", "Q-1", "--customer", " "), 2, "give a name"),
    "unknown order": (("status", "SITE", "O-1"), 1, "no order O-1"),
    "unknown export": (("export", "SITE", "hats"), 2, "orders, schedule, events"),
    "unknown format": (("export", "SITE", "orders", "--format", "xml"), 2, "json or csv"),
    "no place for an export": (("export", "SITE", "orders", "--to", "no/x"), 1, "No such file"),
    "nameless key": (("keys", "create", "SITE", " "), 2, "give a name"),
    "unknown command": (("sell",), 2, "No such command"),
}


@pytest.mark.parametrize(("arguments", "code", "word"), WRONG.values(), ids=WRONG.keys())
def test_wrong_input_gets_a_clear_word_and_changes_nothing(
    unikat, site, tmp_path, monkeypatch, arguments, code, word
) -> None:
    monkeypatch.chdir(tmp_path)
    before, beside = picture(site), sorted(tmp_path.iterdir())
    reply = unikat(*(each.replace("SITE", str(site)) for each in arguments))
    assert reply.code == code
    assert word in " ".join(reply.err.split())
    assert reply.out == ""
    assert picture(site) == before
    assert sorted(tmp_path.iterdir()) == beside
    assert events_of(unikat, site) == []


def test_an_expired_quote_is_refused(unikat, site, monkeypatch) -> None:
    offer = json_of(unikat("quote", site, "--person", 1, "--pick", "Foam", "--json"))
    now = SystemClock.now
    monkeypatch.setattr(SystemClock, "now", lambda clock: now(clock) + 1_801)
    reply = unikat("order", site, offer["quote"], "--customer", "Anna")
    assert (reply.code, "ask for a new quote" in reply.err) == (1, True)
    assert events_of(unikat, site) == []


def test_all_faults_of_all_texts_are_told_at_once_with_their_place(unikat, site) -> None:
    texts = {name: (site / name).read_text() for name in ("family.uvl", "plant.toml", "site.toml")}
    (site / "family.uvl").write_text(texts["family.uvl"] + "\n  this is no rule\n")
    (site / "plant.toml").write_text(texts["plant.toml"] + "\n[broken\n")
    (site / "site.toml").write_text(texts["site.toml"].replace("wip_limit", "wip_limits"))
    for command in (("check", site), ("quote", site, "--person", 1), ("status", site)):
        reply = unikat(*command)
        assert reply.code == 2
        lines = reply.err.splitlines()
        assert lines[0] == "Invalid site:"
        files = {
            line.partition(":")[0] for line in lines[1:] if ".uvl:" in line or ".toml:" in line
        }
        assert files == {"family.uvl", "plant.toml", "site.toml"}
        assert reply.out == ""


@pytest.mark.parametrize(
    ("content", "word"),
    [("", "has no rows"), ("foot_length\nlong\n", "a row is faulty"), (None, "No such file")],
)
def test_a_faulty_persons_file_is_named(unikat, site, content, word) -> None:
    with contextlib.suppress(FileNotFoundError):
        (site / "feet.csv").unlink()
    if content is not None:
        (site / "feet.csv").write_text(content)
    reply = unikat("check", site)
    assert (reply.code, "feet.csv" in reply.err, word in reply.err) == (2, True, True)


def test_the_example_itself_is_never_written_to(unikat) -> None:
    assert not list(FOLDER.glob("*.db*"))


def test_a_taken_port_is_told_and_the_site_can_be_served_elsewhere(unikat, site) -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        reply = unikat("serve", site, "--port", other.getsockname()[1])
    assert reply.code == 1
    assert "take another --port" in reply.err
    assert events_of(unikat, site) == []


@pytest.mark.skipif(os.name == "nt", reason="signals are of POSIX")
@pytest.mark.parametrize("end", [signal.SIGINT, signal.SIGTERM])
def test_a_server_says_where_it_is_and_ends_in_order_when_it_is_told_to(site, end) -> None:
    warm_up_kernels(str)  # else it says how that goes
    command = [sys.executable, "-m", "unikat.edge.cli", "serve", site, "--port", "0"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as server:
        address = server.stdout.readline().decode().strip()
        assert address.startswith("http://127.0.0.1:")
        with contextlib.suppress(OSError), urllib.request.urlopen(f"{address}readyz") as reply:
            assert reply.status == 200
        server.send_signal(end)
        _, said = server.communicate(timeout=60)
    assert said == b""
    assert server.returncode == 0
