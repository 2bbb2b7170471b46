"""Wiring: read a site's folder, make its adapters in plain calls, hand them over in one `Site`."""

import csv
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TypeVar

from unikat.design.recipes import RECIPES
from unikat.edge.clock import SystemClock
from unikat.edge.family_files import read_imports
from unikat.edge.ids import RandomIds
from unikat.edge.site_file import SiteFile, load_site_file
from unikat.edge.store.open import Store, open_store, sqlite_path
from unikat.edge.store.versions import Version
from unikat.errors import Fault, InvalidSite, InvalidText, UnikatError
from unikat.family.lexis import MAX_LETTERS
from unikat.family.load import load_family
from unikat.family.model import Family
from unikat.plant.load import load_plant
from unikat.plant.model import Plant
from unikat.ports import Clock, Ids
from unikat.printing.model import Process
from unikat.printing.process import read_process
from unikat.site import Live, Site
from unikat.state import open_state
from unikat.terms import Capability, SetupFamily

Loaded = TypeVar("Loaded")
TEXTS = ("family.uvl", "family.toml", "plant.toml", "site.toml")


@dataclass(frozen=True, slots=True)
class Models:
    """All that a site's four texts say, compiled; `source` is the family as it is written."""

    family: Family
    plant: Plant
    processes: Mapping[Capability, Process]
    file: SiteFile
    source: Version


@dataclass(frozen=True, slots=True)
class OpenSite:
    """A site with its store and its file; close it when done."""

    site: Site
    store: Store
    models: Models
    folder: Path

    def close(self) -> None:
        """Write what is written behind, and close the store."""
        self.store.close()


def load_models(folder: Path) -> Models:
    """Read the four texts of a site's folder.

    Raises
    ------
    InvalidSite
        With all faults of all files at once, and of the fit of family, plant and recipes.
    """
    texts, faults = _read_texts(folder)
    if faults:
        raise InvalidSite(faults)
    imported = read_imports(folder, texts["family.uvl"])
    family = _load(
        lambda: load_family(texts["family.uvl"], texts["family.toml"], imported=imported), faults
    )
    plant = _load(lambda: load_plant(texts["plant.toml"]), faults)
    file = _load(lambda: load_site_file(texts["site.toml"]), faults)
    processes = _load(lambda: _read_processes(plant) if plant else {}, faults)
    if family and plant:
        faults.extend(_misfits(family, plant))
    if faults or family is None or plant is None or file is None or processes is None:
        raise InvalidSite(faults)
    source = Version(
        family.id,
        family.version,
        texts["family.uvl"],
        texts["family.toml"],
        imported,
        family.renamed,
    )
    return Models(family, plant, processes, file, source)


def open_site(
    folder: Path,
    *,
    models: Models | None = None,
    database: str | None = None,
    clock: Clock | None = None,
    ids: Ids | None = None,
) -> OpenSite:
    """Open a site's folder to sell from it: as `attach_site`, and publish its family's version.

    Raises
    ------
    InvalidSite, StoreFailure
        As `attach_site`; or the family is not the text that was published as this version.
    """
    opened = attach_site(folder, models=models, database=database, clock=clock, ids=ids)
    try:
        opened.store.versions.publish(opened.models.source)
    except UnikatError:
        opened.close()
        raise
    return opened


def attach_site(
    folder: Path,
    *,
    models: Models | None = None,
    database: str | None = None,
    clock: Clock | None = None,
    ids: Ids | None = None,
) -> OpenSite:
    """Open a site's folder: models, store, and the state folded from its log; publish nothing.

    Parameters
    ----------
    models
        The compiled texts, if they were loaded before.
    database
        Overrides the address in site.toml; a relative SQLite path is taken from the folder.
    clock, ids
        The system's clock and random ids by default.

    Raises
    ------
    InvalidSite, StoreFailure
        If the texts have faults, or the database cannot be opened.
    """
    models = models or load_models(folder)
    clock = clock or SystemClock(models.file.epoch)
    store = open_store(_address(database or models.file.database, folder), clock=clock)
    live = Live(models.plant, store.log, open_state(models.plant, models.file.policy.slack))
    live.catch_up()
    site = Site(
        family=models.family,
        plant=models.plant,
        processes=models.processes,
        policy=models.file.policy,
        log=store.log,
        quotes=store.quotes,
        quarantine=store.quarantine,
        clock=clock,
        ids=ids or RandomIds(),
        live=live,
    )
    return OpenSite(site, store, models, folder)


def database_path(folder: Path) -> Path:
    """Return the SQLite file of a site's folder.

    Raises
    ------
    InvalidSite, StoreFailure
        If site.toml has faults, or names a database that is no SQLite file.
    """
    texts, faults = _read_texts(folder, ("site.toml",))
    if faults:
        raise InvalidSite(faults)
    file = load_site_file(texts["site.toml"])
    return sqlite_path(_address(file.database, folder))


def read_persons(path: Path) -> Sequence[Mapping[str, float]]:
    """Read measured persons from a CSV file: one a row, lengths in mm; texts are left out.

    Raises
    ------
    InvalidSite
        If the file is missing, has no rows, or a measure is no number.
    """
    try:
        lines = [line for line in path.read_text("utf-8").splitlines() if line and line[0] != "#"]
    except (OSError, UnicodeDecodeError) as error:
        raise InvalidSite([Fault(path.name, 0, 0, "", str(error), "Give a CSV file")]) from error
    words = ("person", "sex")
    try:
        persons = [
            {name: float(value) for name, value in row.items() if name not in words}
            for row in csv.DictReader(lines)
        ]
    except (TypeError, ValueError) as error:
        fault = Fault(path.name, 0, 0, "", f"a row is faulty: {error}", "Give numbers in mm")
        raise InvalidSite([fault]) from error
    if not persons:
        raise InvalidSite([Fault(path.name, 0, 0, "", "has no rows", "Give at least one person")])
    return persons


def _read_texts(
    folder: Path, names: Sequence[str] = TEXTS
) -> tuple[Mapping[str, str], list[Fault]]:
    texts: dict[str, str] = {}
    if not folder.is_dir():
        remedy = f"Name a site's folder, or make one: unikat init {folder}"
        return texts, [Fault(str(folder), 0, 0, "", "there is no such folder", remedy)]
    faults: list[Fault] = []
    for name in names:
        try:
            with (folder / name).open(encoding="utf-8") as file:
                texts[name] = file.read(MAX_LETTERS + 1)
        except (OSError, UnicodeDecodeError) as error:
            reason = getattr(error, "strerror", None) or str(error)
            remedy = f"Put a UTF-8 text {name} into {folder}, or run `unikat init`"
            faults.append(Fault(name, 0, 0, "", f"cannot be read: {reason}", remedy))
    return texts, faults


def _load(load: Callable[[], Loaded], faults: list[Fault]) -> Loaded | None:
    try:
        return load()
    except InvalidText as error:
        faults.extend(error.faults)
        return None


def _read_processes(plant: Plant) -> Mapping[Capability, Process]:
    """Read every print process of the plant; the faults of all of them come together."""
    faults: list[Fault] = []
    read = {
        capability: _load(partial(read_process, table, name=capability), faults)
        for capability, table in plant.processes.items()
    }
    if faults:
        raise InvalidSite(faults)
    return {capability: process for capability, process in read.items() if process is not None}


def _misfits(family: Family, plant: Plant) -> list[Fault]:
    """Return what family, plant and recipes do not agree on: the links between the files."""
    offered = {c for center in plant.work_centers.values() for c in center.capabilities}
    faults = [
        Fault(
            "family.toml",
            0,
            0,
            f"routing.{step.id}.capability",
            f"no work center of plant.toml offers {step.capability!r}",
            f"Offered: {', '.join(sorted(offered))}",
        )
        for step in family.routing
        if step.capability not in offered
    ]
    faults += [
        Fault(
            "family.toml",
            0,
            0,
            f"routing.{step.id}.setup",
            f"the setup matrix of {step.capability!r} in plant.toml has no family {step.setup!r}",
            "Add it to the matrix, or take a family that is there",
        )
        for step in family.routing
        if step.setup is not None and not _has_setup(plant, step.capability, step.setup)
    ]
    faults += [
        Fault(
            "family.toml",
            0,
            0,
            f"recipe.{recipe.id}",
            f"there is no recipe {recipe.id!r} version {recipe.version}",
            f"Known: {', '.join(f'{name} {version}' for name, version in RECIPES)}",
        )
        for recipe in family.recipes
        if (recipe.id, recipe.version) not in RECIPES
    ]
    return faults


def _has_setup(plant: Plant, capability: Capability, family: SetupFamily) -> bool:
    names = [
        center.setup for center in plant.work_centers.values() if capability in center.capabilities
    ]
    return all(name is not None and family in plant.setups[name].families for name in names)


def _address(database: str, folder: Path) -> str:
    """Return the database's address with a relative SQLite path taken from the site's folder."""
    prefix = "sqlite:///"
    if database.startswith(prefix):
        return prefix + str(folder / database.removeprefix(prefix))
    return database
