"""The command line: one verb a use case, with help a planner understands.

Nothing heavy is imported until a command needs it, so that `unikat --help` answers at once. Exit
code 0: done; 1: it could not be done; 2: the input has faults.
"""

import json
import sys
from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager, nullcontext
from pathlib import Path
from typing import IO, TYPE_CHECKING, Annotated, NoReturn

import typer

from unikat.edge.complete_cli import complete
from unikat.edge.deadlock_cli import deadlock
from unikat.edge.family_cli import family_app
from unikat.edge.floor_cli import floor_app
from unikat.edge.genealogy_cli import genealogy
from unikat.edge.keys_cli import LONGEST_NAME, SCOPES, keys_app
from unikat.edge.log_cli import remaining, show_log
from unikat.edge.plant_cli import plant_app
from unikat.edge.quality_cli import spc
from unikat.edge.schedule_cli import schedule_app
from unikat.edge.sources_cli import sources
from unikat.edge.twin_cli import twin_app
from unikat.edge.whatif_cli import whatif
from unikat.errors import InvalidText, StoreFailure, UnikatError

if TYPE_CHECKING:
    from fractions import Fraction

    from unikat.edge.main import OpenSite
    from unikat.events import Pick
    from unikat.order.model import Quote

app = typer.Typer(
    name="unikat",
    help="Sell, plan and make products in lot size one: from a valid choice to a kept date.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)
app.add_typer(keys_app, name="keys")
app.add_typer(schedule_app, name="schedule")
app.command()(whatif)
floor_app.command()(spc)
floor_app.command()(deadlock)
floor_app.command()(genealogy)
floor_app.command()(sources)
app.add_typer(floor_app, name="floor")
app.add_typer(plant_app, name="plant")
twin_app.command()(remaining)
twin_app.command("log")(show_log)
app.add_typer(twin_app, name="twin")
family_app.command()(complete)
app.add_typer(family_app, name="family")

Folder = Annotated[Path, typer.Argument(help="The site's folder (see `unikat init`).")]
Json = Annotated[bool, typer.Option("--json", help="Print one JSON object instead of a table.")]
Port = Annotated[
    int, typer.Option(min=0, max=65_535, help="Port to listen on; 0 takes a free one.")
]
Mqtt = Annotated[
    str | None,
    typer.Option(help="The broker of the floor: mqtt://HOST, mqtts://... or embedded."),
]
Overwrite = Annotated[bool, typer.Option("--overwrite", help="Replace the file that is there.")]
INVALID_INPUT = 422


@app.command()
def init(
    folder: Annotated[Path, typer.Argument(help="A new or empty folder.")],
    example: Annotated[str, typer.Option(help="The example site to begin with.")] = "insoles",
) -> None:
    """Make a site: copy an example, create its database, and show its first key once."""
    from unikat.edge.folders import copy_example
    from unikat.edge.main import attach_site
    from unikat.edge.store.keys import create_key

    copy_example(example, folder)
    opened = attach_site(folder)
    secret = create_key(opened.store.keys, "first", SCOPES.split(","))
    opened.close()
    typer.echo(f"The site is in {folder}. Edit its four texts, then: unikat check {folder}")
    typer.echo(f"Key for planner, floor and admin (shown only now, stored as a hash): {secret}")


@app.command()
def check(folder: Folder) -> None:
    """Check family, plant and site: all faults of all files at once, with place and remedy."""
    from unikat.edge.main import load_models, read_persons

    models = load_models(folder)
    persons = read_persons(folder / models.file.demo.persons)
    family, plant = models.family, models.plant
    typer.echo(
        f"{folder}: no faults. {len(family.features)} features, {len(family.rules)} rules,"
        f" {len(family.routing)} routing lines; {len(plant.work_centers)} work centers,"
        f" {len(plant.units)} units; {len(persons)} measured in {models.file.demo.persons}."
    )
    for remark in family.remarks:
        typer.echo(f"remark: {remark}")


@app.command()
def warmup(
    others: Annotated[
        bool, typer.Option("--all", help="Also those that a start does not wait for.")
    ] = False,
) -> None:
    """Compile the kernels now, so that nobody waits for them later."""
    from unikat.edge.warmup import warm_up_kernels

    if not warm_up_kernels(_say, others=others):
        typer.echo("All kernels are compiled already.")


def _say(line: str) -> None:
    """Tell how something goes, beside what a command prints."""
    typer.echo(line, err=True)


@app.command()
def serve(
    folder: Folder,
    host: Annotated[str, typer.Option(help="Address to listen on.")] = "127.0.0.1",
    port: Port = 8000,
    mqtt: Mqtt = None,
    standby: Annotated[
        bool,
        typer.Option("--standby", help="If another process serves the site so, wait for its end."),
    ] = False,
) -> None:
    """Serve the shop, planner and floor pages and the API of a site.

    With a broker (--mqtt, or [mqtt] of site.toml) the floor is told its work there, and what it
    says there is recorded; `unikat floor play` can stand for the equipment.

    Start it twice with --standby: one process serves, the other is ready, and takes over at once
    when the first ends, however it ends.
    """
    from unikat.edge.equipment import remote_floor
    from unikat.edge.live import ShopThread
    from unikat.edge.main import open_site
    from unikat.edge.server import run_server
    from unikat.edge.warmup import warm_up_kernels

    opened = open_site(folder)
    warm_up_kernels(_say)
    wait = _wait_for_turn(opened, mqtt) if standby else _free_turn(opened)
    with remote_floor(opened, mqtt) as remote:
        shop = ShopThread(opened.site, remote=remote)
        run_server(opened, shop, host=host, port=port, wait=wait)


def _free_turn(opened: "OpenSite") -> Callable[[], AbstractContextManager[object]]:
    """Return what takes the turn to serve, or refuses while another process serves the site."""
    from functools import partial

    from unikat.edge.main import database_path
    from unikat.edge.standby import lease_path, take_free_turn

    try:
        return partial(take_free_turn, lease_path(database_path(opened.folder)))
    except StoreFailure:  # a database in memory is nobody else's
        return nullcontext


def _wait_for_turn(opened: "OpenSite", mqtt: str | None) -> Callable[[], IO[bytes]]:
    """Return what waits until no other process serves the site."""
    from functools import partial

    from unikat.edge.bus.broker import read_broker
    from unikat.edge.main import database_path
    from unikat.edge.standby import lease_path, take_turn
    from unikat.edge.tune import tune_process

    def wait() -> None:
        tune_process()
        _say("Another process serves this site; standing by.")

    address = mqtt or opened.models.file.mqtt.broker
    if address and read_broker(address).is_embedded:
        raise typer.BadParameter(
            "--standby: an embedded broker ends with its server; name one that runs by itself"
        )
    lease = lease_path(database_path(opened.folder))
    return partial(take_turn, lease, opened.site.live.catch_up, on_wait=wait)


@app.command()
def demo(  # noqa: PLR0917 - the options of a command
    once: Annotated[bool, typer.Option("--once", help="Run to the end, print, exit.")] = False,
    orders: Annotated[int, typer.Option(min=1, help="Orders of `--once`.")] = 500,
    seed: Annotated[int, typer.Option(min=0, help="Same seed, same table.")] = 1,
    as_json: Json = False,
    rough: Annotated[
        bool, typer.Option("--rough", help="Spoil parts, let processes drift, garble messages.")
    ] = False,
    site: Annotated[str, typer.Option(help="An example site, or a site's folder.")] = "insoles",
    port: Port = 8000,
    speed: Annotated[
        float | None, typer.Option(min=0.001, max=1e6, help="Plant seconds a real second.")
    ] = None,
    mqtt: Mqtt = None,
) -> None:
    """Show it all: simulated shoppers, and a plant that makes what they order.

    With --mqtt the plant is not played here: start `unikat floor play .demo/SITE --mqtt BROKER`
    beside it.
    """
    from unikat.edge.warmup import warm_up_kernels

    warm_up_kernels(_say)
    if once:
        _demo_once(site, orders, seed, as_json=as_json, is_rough=rough)
    else:
        from unikat.edge.demo import run_demo
        from unikat.edge.folders import example_folder

        copy = Path(".demo") / example_folder(site).name  # never the folder itself: it is replaced
        run_demo(site, copy, seed=seed, port=port, speed=speed, mqtt=mqtt, is_rough=rough)


def _demo_once(
    site: str, num_orders: int, seed: int, *, as_json: bool, is_rough: bool = False
) -> None:
    from unikat.edge.folders import example_folder
    from unikat.edge.once import run_once, table_of
    from unikat.edge.show import print_table, progress_bar

    with progress_bar("orders delivered", is_shown=not as_json) as progress:
        outcome = run_once(
            example_folder(site),
            num_orders=num_orders,
            seed=seed,
            is_rough=is_rough,
            progress=progress,
        )
    if as_json:
        typer.echo(json.dumps(outcome.as_json()))
    else:
        print_table(f"{num_orders} orders of {site}, seed {seed}", table_of(outcome))


@app.command()
def quote(
    folder: Folder,
    pick: Annotated[list[str] | None, typer.Option(help="An option: Name or Name=value.")] = None,
    measure: Annotated[
        list[str] | None,
        typer.Option(help="A measure of the family: NAME=number, as foot_length=265 (mm)."),
    ] = None,
    person: Annotated[
        int | None,
        typer.Option(help="Take the measures of this row of the demo's file of measures."),
    ] = None,
    as_json: Json = False,
) -> None:
    """Quote a valid choice for one person: price, date and why it is that date."""
    from unikat.edge.main import open_site
    from unikat.edge.show import print_quote

    opened = open_site(folder)
    try:
        measurements = _measurements(opened, person, measure or [])
        offer = _quote(opened, pick or [], measurements)
        print_quote(offer, opened.models.file, as_json=as_json)
        if not as_json:
            typer.echo(f"To order it: unikat order {folder} {offer.id} --customer NAME")
    finally:
        opened.close()


@app.command()
def hurry(
    folder: Folder,
    quote_id: Annotated[str, typer.Argument(help="The id `unikat quote` printed.")],
    rush: Annotated[
        bool, typer.Option(help="Let other orders break their promised dates.")
    ] = False,
    as_json: Json = False,
) -> None:
    """Quote the same again, sooner, by moving other orders: each with its old and new finish.

    Nothing moves until the new quote is ordered. Without `--rush` every promised date is kept.
    """
    from unikat.edge.main import open_site
    from unikat.edge.show import print_hurry
    from unikat.flow import hurry as offer_sooner
    from unikat.terms import QuoteId

    opened = open_site(folder)
    try:
        before = opened.site.quotes.find(QuoteId(quote_id))
        offer = offer_sooner(opened.site, QuoteId(quote_id), may_break=rush)
        print_hurry(before, offer, opened.models.file, as_json=as_json)
        if not as_json:
            typer.echo(f"To order it: unikat order {folder} {offer.id} --customer NAME")
    finally:
        opened.close()


@app.command()
def order(
    folder: Folder,
    quote_id: Annotated[str, typer.Argument(help="The id `unikat quote` printed.")],
    customer: Annotated[str, typer.Option(help="Who orders.")],
    as_json: Json = False,
) -> None:
    """Accept a quote: book its capacity and place the order."""
    from unikat.edge.main import open_site
    from unikat.edge.show import print_order
    from unikat.flow import accept
    from unikat.terms import CustomerId, QuoteId

    name = customer.strip()
    if not name.isprintable() or not 1 <= len(name) <= LONGEST_NAME:
        raise typer.BadParameter(
            f"--customer: give a name of 1 to {LONGEST_NAME} printable letters"
        )
    opened = open_site(folder)
    try:
        placed = accept(opened.site, QuoteId(quote_id), CustomerId(name))
        print_order(placed, opened.site.state(), opened.models.file, as_json=as_json)
    finally:
        opened.close()


@app.command()
def status(
    folder: Folder,
    order_id: Annotated[str | None, typer.Argument(help="An order; all if left out.")] = None,
    as_json: Json = False,
) -> None:
    """Show where an order stands, its promised date and its forecast; or all open orders."""
    from unikat.edge.main import attach_site
    from unikat.edge.show import print_order, print_orders
    from unikat.state import find_order
    from unikat.terms import OrderId

    opened = attach_site(folder)
    try:
        state, file = opened.site.state(), opened.models.file
        if order_id is None:
            print_orders(state, file, as_json=as_json)
        else:
            print_order(find_order(state, OrderId(order_id)), state, file, as_json=as_json)
    finally:
        opened.close()


@app.command()
def export(
    folder: Folder,
    what: Annotated[
        str | None,
        typer.Argument(help="orders, schedule, events, activities or assets."),
    ] = None,
    form: Annotated[str, typer.Option("--format", help="json, csv, epcis, xes or aasx.")] = "json",
    to: Annotated[Path | None, typer.Option(help="A file; standard output if left out.")] = None,
) -> None:
    """Export orders, the published schedule, the whole event log, or the log by a standard.

    epcis: what happened to each part, EPCIS 2.0 in JSON-LD. xes: which step of which order when on
    which unit, IEEE 1849 (as csv: activities). aasx: the plant and its products as Asset
    Administration Shells.
    """
    from unikat.edge.export import export as written
    from unikat.edge.main import attach_site

    if form == "aasx" and to is None:
        raise typer.BadParameter("aasx is no text: name a file, --to site.aasx")
    opened = attach_site(folder)
    try:
        content = written(opened, what, form)
    finally:
        opened.close()
    if to is None:
        typer.echo(content.decode(), nl=False)
    else:
        to.write_bytes(content)


@app.command()
def backup(
    folder: Folder,
    to: Annotated[Path, typer.Argument(help="The backup file.")],
    overwrite: Overwrite = False,
) -> None:
    """Back the database up while it is in use, with a check sum beside it."""
    from unikat.edge.main import database_path
    from unikat.edge.store.backup import backup as back_up

    back_up(database_path(folder), to, is_replacing=overwrite)
    typer.echo(f"{to} is complete and checked.")


@app.command()
def restore(
    source: Annotated[Path, typer.Argument(help="A file `unikat backup` wrote.")],
    folder: Folder,
    overwrite: Overwrite = False,
) -> None:
    """Restore a backup after checking its sum and reading every event."""
    from unikat.edge.main import database_path
    from unikat.edge.store.backup import restore as put_back

    num_events = put_back(source, database_path(folder), is_replacing=overwrite)
    typer.echo(f"{folder} holds the {num_events} events of {source} again.")


def _measurements(
    opened: "OpenSite", person: int | None, measures: Sequence[str]
) -> Mapping[str, float]:
    """Return the measures of a person of the file, overridden by those given one by one."""
    from unikat.edge.main import read_persons

    found: dict[str, float] = {}
    if person is not None:
        persons = read_persons(opened.folder / opened.models.file.demo.persons)
        if not 1 <= person <= len(persons):
            raise typer.BadParameter(f"person {person}: give a row from 1 to {len(persons)}")
        found.update(persons[person - 1])
    for text in measures:
        name, _, value = text.partition("=")
        if name.strip() not in (known := _measure_names(opened)):
            raise typer.BadParameter(f"measure {text!r}: the measures are {', '.join(known)}")
        try:
            found[name.strip()] = float(value)
        except ValueError:
            raise typer.BadParameter(f"measure {text!r}: write name=number, in mm") from None
    return found


def _measure_names(opened: "OpenSite") -> Sequence[str]:
    """Return the measures the family's options and recipes read."""
    family = opened.site.family
    parameters = (p for recipe in family.recipes for p in recipe.parameters if p.value is None)
    asked = (*(m.source for m in family.measured), *(p.measured or p.name for p in parameters))
    return tuple(dict.fromkeys(asked))


def _quote(opened: "OpenSite", texts: Sequence[str], measurements: Mapping[str, float]) -> "Quote":
    from unikat.configure.choice import choose_all, complete
    from unikat.configure.picks import parse_pick
    from unikat.configure.variant import measured_picks
    from unikat.flow import quote as offer

    family = opened.site.family
    picks: dict[str, Pick | Fraction] = {}
    picks.update(measured_picks(family, measurements).items())
    picks.update(parse_pick(family, text) for text in texts)
    configuration = complete(choose_all(family, picks))
    return offer(opened.site, configuration, measurements, picks=picks)


def main() -> NoReturn:
    """Run the command line; a fault is told in its own words, without a traceback."""
    try:
        app()
    except UnikatError as error:
        between = ":\n" if isinstance(error, InvalidText) else ": "
        typer.echo(f"{error.title}{between}{error}", err=True)
        sys.exit(2 if error.status == INVALID_INPUT else 1)
    except OSError as error:
        typer.echo(f"{error.strerror or error}: {error.filename or 'no file'}", err=True)
        sys.exit(1)
    sys.exit(0)


if __name__ == "__main__":
    main()
