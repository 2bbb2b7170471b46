"""The example site for tests: compiled once, opened in memory or on a database of its own."""

from collections.abc import Mapping
from functools import cache
from pathlib import Path

from unikat.configure.choice import choose_all, complete
from unikat.configure.variant import measured_picks
from unikat.edge.folders import examples_folder
from unikat.edge.ids import CountedIds
from unikat.edge.main import Models, OpenSite, load_models, open_site, read_persons
from unikat.flow import quote
from unikat.order.model import Quote
from unikat.rehearse import VirtualClock
from unikat.site import Site
from unikat.terms import HOUR

MONDAY_6 = 6 * HOUR
FOLDER = examples_folder() / "insoles"


@cache
def models() -> Models:
    return load_models(FOLDER)


@cache
def persons() -> tuple[Mapping[str, float], ...]:
    return tuple(read_persons(FOLDER / "feet.csv"))


def open_example(
    *, clock: VirtualClock | None = None, database: str = "memory:", folder: Path = FOLDER
) -> OpenSite:
    return open_site(
        folder,
        models=models(),
        database=database,
        clock=clock or VirtualClock(MONDAY_6),
        ids=CountedIds(),
    )


def quote_for(site: Site, person: int = 0, **picks: object) -> Quote:
    """Quote the person of a row with some picks on top of her measures."""
    measurements = persons()[person]
    wanted = {**measured_picks(site.family, measurements), **picks}
    configuration = complete(choose_all(site.family, wanted))
    return quote(site, configuration, measurements, picks=wanted)
