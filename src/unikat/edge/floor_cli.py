"""The floor on the command line: `unikat floor analyse SITE`, `unikat floor play SITE`."""

import json
import re
from collections.abc import Collection, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from unikat.floor.analyse import Analysis, Circle, Gain
    from unikat.terms import Seconds, UnitId

LARGEST_LIMIT = 5_000_000
COUNTED = ("routes", "resources")
RULES = {
    "exact": "The floor is controlled by the exact rule: whatever can still end well is admitted.",
    "banker": "The floor is controlled by the banker's rule: a circle is too large for the exact"
    " one, or passes a work center of builds.",
}
floor_app = typer.Typer(help="The floor: deadlocks and buffers, a virtual one, what it said.")


@floor_app.command()
def analyse(
    site: Annotated[Path, typer.Argument(help="A site's folder, or a net as .json.")],
    limit: Annotated[
        int, typer.Option(min=1_000, max=LARGEST_LIMIT, help="Most states explored of a circle.")
    ] = 1_000_000,
    seed: Annotated[int, typer.Option(min=1, max=2**31, help="Of the sampled estimates.")] = 1,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object.")] = False,
) -> None:
    """Tell whether parts can block each other, what the supervisor admits, which buffer to enlarge.

    Units and buffer places that parts hold while they wait for the next one may form circles; only
    there can a deadlock be. Of each circle every state is counted: *legal* are those from which all
    parts can still leave, *deadlocks* those without any move. The exact rule admits all legal
    states and no other; the banker's rule, which needs no exploration, the percent shown for
    look-ahead 0, 1 and 2. A circle with more than --limit states is controlled by the banker, and
    what it refuses is sampled by random walks. Last, each buffer is tried with one more place: how
    the admitted share changes, of all states or, where sampled, of all moves asked for.
    """
    from unikat.edge.show import print_table

    if site.suffix == ".json":
        facts, found = _analyse_net(site, limit, seed)
    else:
        facts, found = _analyse_site(site, limit, seed)
    if as_json:
        typer.echo(json.dumps({**facts, **_facts(found)}))
        return
    counted = ", ".join(f"{facts[name]} {name}" for name in COUNTED if name in facts)
    heading = f"The floor of {site}: {counted}"
    rows = [("places, moves", f"{found.num_places:,}, {found.num_transitions:,}")]
    for circle in found.circles:
        rows += _rows(circle)
    rows += [(f"one more: {gain.resource}", _changed(gain)) for gain in found.gains]
    print_table(heading, rows)
    typer.echo(_verdict(found))
    if rule := facts.get("rule"):
        typer.echo(RULES[str(rule)])
    if not facts.get("complete", True):
        typer.echo(
            "Conditions of the routing compare numbers or texts: some routes may be missing."
        )


@floor_app.command()
def play(
    site: Annotated[Path, typer.Argument(help="The site's folder: its plant is played.")],
    mqtt: Annotated[str | None, typer.Option(help="The broker, if not that of site.toml.")] = None,
    seed: Annotated[int, typer.Option(min=0, help="Of durations and breakdowns.")] = 1,
    calm: Annotated[bool, typer.Option("--calm", help="Nothing breaks down.")] = False,
    skew: Annotated[
        list[str] | None,
        typer.Option(help="A unit whose clock is wrong: UNIT=SECONDS fast, negative: slow."),
    ] = None,
) -> None:
    """Stand for the equipment of a site: obey the commands of its broker, say what happens there.

    A process of its own, beside `unikat serve` or `unikat demo` with the same broker. It plays in
    the time of the site's clock, until it is ended with Ctrl+C.
    """
    import signal
    import threading

    from unikat.edge.bus.broker import read_broker
    from unikat.edge.bus.player import FloorPlayer
    from unikat.edge.equipment import plant_time, site_topic
    from unikat.edge.main import load_models
    from unikat.floor.model import World

    models = load_models(site)
    address = mqtt or models.file.mqtt.broker
    if not address:
        raise typer.BadParameter("--mqtt: name a broker, as mqtt://localhost, here or in site.toml")
    broker = read_broker(address)
    player = FloorPlayer(
        models.plant,
        plant_time(models),
        broker,
        site_topic(models),
        World(has_breakdowns=not calm, clock_skew=_skews(skew or (), models.plant.units)),
        seed,
        lambda fault: typer.echo(fault, err=True),
    )
    stop = threading.Event()
    for each in (signal.SIGINT, signal.SIGTERM):
        signal.signal(each, lambda *_: stop.set())
    typer.echo(f"Playing {len(models.plant.units)} units behind {broker}.")
    player.play(stop)
    typer.echo(f"Said {player.num_said} messages.")


def _skews(texts: Sequence[str], units: "Collection[UnitId]") -> "Mapping[UnitId, Seconds]":
    """Read `UNIT=SECONDS`, several of them."""
    from unikat.terms import UnitId

    found: dict[UnitId, Seconds] = {}
    for text in texts:
        unit, _, seconds = text.partition("=")
        if unit not in units or re.fullmatch(r"[+-]?[0-9]{1,6}", seconds) is None:
            raise typer.BadParameter(
                f"--skew {text!r}: write UNIT=SECONDS with a unit of {', '.join(units)}"
            )
        found[UnitId(unit)] = int(seconds)
    return found


Address = Annotated[str, typer.Option(help="Where the site is served.")]
Key = Annotated[str, typer.Option(envvar="UNIKAT_KEY", help="A key of scope planner.")]
LOCAL = "http://127.0.0.1:8000"


@floor_app.command("break")
def break_unit(
    unit: Annotated[str, typer.Argument(help="A unit of a virtual floor.")],
    key: Key,
    hours: Annotated[
        float | None,
        typer.Option(help="Until it is back, in plant time. Without it: until it is mended."),
    ] = None,
    address: Address = LOCAL,
) -> None:
    """Let a unit of a running demo break down now, and see what moves on the planner page.

    It says so over the bus as a machine would. Real machines are not to be broken from here.
    """
    from unikat.edge.calling import call_site

    wish: dict[str, str | float] = {"unit": unit}
    if hours is not None:
        wish["hours"] = hours
    told = call_site("POST", f"{address}/api/v1/breakdowns", key, wish)
    typer.echo(f"{unit} is down, and expected back {told['until']}.")
    if hours is None:
        typer.echo(f"It stays down until it is mended: unikat floor mend {unit}")


@floor_app.command("mend")
def mend_unit(
    unit: Annotated[str, typer.Argument(help="A unit of a virtual floor that is down.")],
    key: Key,
    address: Address = LOCAL,
) -> None:
    """Let a broken unit of a running demo go on now."""
    from urllib.parse import quote

    from unikat.edge.calling import call_site

    call_site("DELETE", f"{address}/api/v1/breakdowns/{quote(unit, safe='')}", key)
    typer.echo(f"{unit} is mended.")


@floor_app.command()
def quarantine(
    site: Annotated[Path, typer.Argument(help="The site's folder.")],
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object.")] = False,
) -> None:
    """Show the messages that could not be recorded, oldest first, each with its reason."""
    from unikat.edge.main import attach_site

    opened = attach_site(site)
    kept = opened.site.quarantine.list()
    opened.close()
    if as_json:
        messages = [
            {"id": each.id, "at": each.at, "body": dict(each.body), "fault": fault}
            for each, fault in kept
        ]
        typer.echo(json.dumps({"messages": messages}))
    elif not kept:
        typer.echo("Nothing is in quarantine.")
    for each, fault in () if as_json else kept:
        typer.echo(f"{each.id}: {fault}\n    {json.dumps(dict(each.body))[:200]}")


def _analyse_site(folder: Path, limit: int, seed: int) -> "tuple[dict[str, object], Analysis]":
    from unikat.edge.main import load_models
    from unikat.floor.analyse import analyse_plant
    from unikat.floor.model import World
    from unikat.floor.policy import compile_exact
    from unikat.floor.routes import family_routes

    models = load_models(folder)
    routes = family_routes(models.family)
    found = analyse_plant(models.plant, routes.routes, limit=limit, seed=seed)
    exact = compile_exact(models.plant, routes.routes, limit=min(limit, World().states))
    rule = "banker" if exact is None else "exact"
    return {"routes": len(routes.routes), "complete": routes.is_complete, "rule": rule}, found


def _analyse_net(file: Path, limit: int, seed: int) -> "tuple[dict[str, object], Analysis]":
    from unikat.edge.net_file import read_net
    from unikat.floor.analyse import analyse
    from unikat.floor.ras import enlarge

    system = read_net(file.read_text("utf-8", errors="replace"))
    larger = {name: enlarge(system, name) for name in system.resources}
    found = analyse(system, larger, limit=limit, seed=seed)
    return {"resources": len(system.resources)}, found


def _rows(circle: "Circle") -> list[tuple[str, str]]:
    """Return the lines of a circle."""
    from unikat.floor.analyse import Exact

    found = circle.found
    title = ("circle of", _shortened(circle.resources))
    if isinstance(found, Exact):
        banker = " / ".join(f"{percent:.1f}" for percent in found.banker) or "does not apply"
        return [
            title,
            ("  states, legal", f"{found.states:,}, {found.legal:,}"),
            ("  deadlocks", f"{found.dead:,}"),
            ("  exact rule: admits, vectors", f"100 %, {found.vectors:,}"),
            ("  banker, look-ahead 0 / 1 / 2: admits", f"{banker} %"),
        ]
    return [
        title,
        ("  states", f"more than {found.explored:,}: the banker's rule applies"),
        ("  refused, sampled", f"{_percent(1 - found.share, found.error)} of {found.asked:,}"),
    ]


def _changed(gain: "Gain") -> str:
    return f"{100 * gain.before:.2f} -> {_percent(gain.after, gain.error)}"


def _percent(share: float, error: float) -> str:
    spread = f" ± {100 * error:.2f}" if error else ""
    return f"{100 * share:.2f}{spread} %"


def _shortened(names: tuple[str, ...]) -> str:
    most = 8
    more = f" and {len(names) - most} more" if len(names) > most else ""
    return ", ".join(names[:most]) + more


def _verdict(found: "Analysis") -> str:
    if not found.circles:
        return "No circle: parts cannot block each other, and no move is ever refused."
    best = _best(found)
    if best is None:
        return "No single place more admits a share that is surely larger."
    return f"Enlarge {best} first: it raises the admitted share most."


def _best(found: "Analysis") -> str | None:
    return next((gain.resource for gain in found.gains if gain.is_certain), None)


def _facts(found: "Analysis") -> Mapping[str, object]:
    """Return the analysis as plain values."""
    return {
        "places": found.num_places,
        "moves": found.num_transitions,
        "circles": [_circle_facts(circle) for circle in found.circles],
        "gains": [
            {
                "resource": gain.resource,
                "before_percent": 100 * gain.before,
                "after_percent": 100 * gain.after,
                "error_percent": 100 * gain.error,
            }
            for gain in found.gains
        ],
        "enlarge": _best(found),
    }


def _circle_facts(circle: "Circle") -> Mapping[str, object]:
    from unikat.floor.analyse import Exact

    found = circle.found
    head = {"resources": list(circle.resources), "places": circle.num_places}
    if isinstance(found, Exact):
        return {
            **head,
            "is_exact": True,
            "states": found.states,
            "legal": found.legal,
            "deadlocks": found.dead,
            "bad": found.bad,
            "vectors": found.vectors,
            "exact_admits_percent": 100.0,
            "banker_admits_percent": list(found.banker),
        }
    return {
        **head,
        "is_exact": False,
        "explored": found.explored,
        "sampled_moves": found.asked,
        "refused_percent": 100 * (1 - found.share),
        "error_percent": 100 * found.error,
    }
