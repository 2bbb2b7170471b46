"""The plant and its products as Asset Administration Shells (IDTA 01001, metamodel 3.0).

One shell for the plant, one for each order. Submodels: Nameplate (IDTA 02006-2-0), Hierarchical-
Structures (IDTA 02011-1-1: units of the plant, bill of material of a product), OperationalData and
Simulation (our own: how it stands now, and where its simulation is asked). Only elements that 3.0
and 3.1 have in common.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from unikat.edge.formats.aasx import Environment
from unikat.edge.formats.epcis_site import Teller
from unikat.edge.json import Json
from unikat.order.model import Order
from unikat.plant.model import Plant
from unikat.state import SiteState

IDTA = "https://admin-shell.io/idta/HierarchicalStructures"
NAMEPLATE = "https://admin-shell.io/zvei/nameplate/2/0/Nameplate"
CONTACT = "https://admin-shell.io/zvei/nameplate/1/0/ContactInformations/ContactInformation"
OWN = "urn:unikat:aas"
Element = dict[str, Json]


@dataclass(frozen=True, slots=True)
class Part:
    """A node of a bill of material: how many, of what unit ("": pieces), and what is inside."""

    name: str
    quantity: float = 1.0
    unit: str = ""
    inside: tuple["Part", ...] = ()


def describe_site(
    name: str, family: str, plant: Plant, state: SiteState, teller: Teller
) -> Environment:
    """Return the environment of a plant and of all its orders, as they stand in `state`.

    `name` is the maker's, `family` that of the product family.
    """
    orders = sorted((*state.ended.values(), *state.orders.values()), key=lambda o: o.id)
    shells: list[Json] = []
    submodels: list[Json] = []
    assets = [
        _plant(name, plant, state, teller),
        *(_product(name, family, o, teller) for o in orders),
    ]
    for shell, inside in assets:
        shells.append(shell)
        submodels += inside
    return {"assetAdministrationShells": shells, "submodels": submodels}


def _plant(name: str, plant: Plant, state: SiteState, teller: Teller) -> tuple[Json, list[Json]]:
    asset = teller.urn("plant", plant.site)
    centers = tuple(
        Part(center.id, inside=tuple(Part(unit) for unit in center.units))
        for center in plant.work_centers.values()
    )
    floor = state.floor.units
    units = [
        _collection(
            unit,
            [
                _property("WorkCenter", plant.units[unit].work_center),
                _property("PacePermille", plant.units[unit].pace_permille),
                *([_property("LastActivity", floor[unit].work.kind)] if unit in floor else []),
            ],
        )
        for unit in plant.units
    ]
    operational = [
        _property("Newest", teller.iso(state.floor.newest)),
        _property("OpenOrders", len(state.orders)),
        _collection("Units", _distinct(units)),
    ]
    return _shell(
        asset,
        f"Plant_{plant.site}",
        [
            _nameplate(asset, name, "Plant", plant.site, year=teller.epoch.year),  # in use since
            _structure(asset, Part(plant.site, inside=centers)),
            _submodel(asset, "OperationalData", f"{OWN}:operational-data:1", operational),
            _simulation(asset),
        ],
    )


def _product(name: str, family: str, order: Order, teller: Teller) -> tuple[Json, list[Json]]:
    asset = teller.urn("part", order.id)
    parts = tuple(Part(line.item, line.quantity, line.unit) for line in order.variant.bom)
    ended = [] if order.ended_at is None else [_property("Ended", teller.iso(order.ended_at))]
    operational = [
        _property("State", order.state.value),
        _property("Placed", teller.iso(order.placed_at)),
        _property("Due", teller.iso(order.due)),
        *ended,
        _collection(
            "Configuration",
            _distinct([_property(pick, value) for pick, value in sorted(order.picks.items())]),
        ),
        _collection(
            "Measurements",
            _distinct([_property(each, v) for each, v in sorted(order.measurements.items())]),
        ),
        _collection(
            "Steps",
            _distinct([_property(step.step, step.capability) for step in order.variant.steps]),
        ),
    ]
    year = int(teller.iso(order.placed_at)[:4])
    return _shell(
        asset,
        f"Product_{order.id}",
        [
            _nameplate(asset, name, family, order.id, year=year),
            _structure(asset, Part(order.id, inside=parts)),
            _submodel(asset, "OperationalData", f"{OWN}:operational-data:1", operational),
            _simulation(asset),
        ],
    )


def _shell(asset: str, name: str, submodels: list[Element]) -> tuple[Json, list[Json]]:
    references: list[Json] = [_reference(("Submodel", str(each["id"]))) for each in submodels]
    shell: Element = {
        "modelType": "AssetAdministrationShell",
        "id": f"{asset}:shell",
        "idShort": id_short(name),
        "assetInformation": {"assetKind": "Instance", "globalAssetId": asset},
        "submodels": references,
    }
    return shell, list(submodels)


def _nameplate(asset: str, maker: str, what: str, serial: str, *, year: int) -> Element:
    return _submodel(
        asset,
        "Nameplate",
        NAMEPLATE,
        [
            _meaning(_property("URIOfTheProduct", asset), "0173-1#02-AAY811#001"),
            _meaning(_text("ManufacturerName", maker), "0173-1#02-AAO677#002"),
            _meaning(_text("ManufacturerProductDesignation", what), "0173-1#02-AAW338#001"),
            _meaning(_text("ManufacturerProductFamily", what), "0173-1#02-AAU731#001"),
            _meaning(
                _collection(
                    "ContactInformation",
                    [_meaning(_text("Company", maker), "0173-1#02-AAW001#001")],
                ),
                CONTACT,
            ),
            _meaning(_property("SerialNumber", serial), "0173-1#02-AAM556#002"),
            _meaning(_property("YearOfConstruction", str(year)), "0173-1#02-AAP906#001"),
        ],
    )


def _structure(asset: str, whole: Part) -> Element:
    """Return what a thing is made of: an entry node with its nodes, and who has which part."""
    place = f"{asset}:HierarchicalStructures"
    nodes, links = _nodes(whole.inside, (("Submodel", place), ("Entity", "EntryNode")))
    entry = _meaning(
        {
            "modelType": "Entity",
            "idShort": "EntryNode",
            "entityType": "SelfManagedEntity",
            "globalAssetId": asset,
            **({"statements": [*nodes, *links]} if nodes else {}),
        },
        f"{IDTA}/EntryNode/1/0",
    )
    kind = _meaning(_property("ArcheType", "Full"), f"{IDTA}/ArcheType/1/0")
    return _submodel(asset, "HierarchicalStructures", f"{IDTA}/1/1/Submodel", [kind, entry])


def _nodes(
    parts: Sequence[Part], above: tuple[tuple[str, str], ...]
) -> tuple[list[Element], list[Element]]:
    """Return the nodes of parts, and the links to them from the node above."""
    nodes: list[Element] = []
    links: list[Element] = []
    for name, part in zip(_names([part.name for part in parts]), parts, strict=True):
        here = (*above, ("Entity", name))
        inside, below = _nodes(part.inside, here)
        facts: list[Json] = [_property("Name", part.name)]
        if part.unit:
            facts += [_property("Quantity", part.quantity), _property("Unit", part.unit)]
        node: Element = {
            "modelType": "Entity",
            "idShort": name,
            "entityType": "CoManagedEntity",
            "statements": [*facts, *inside, *below],
        }
        link: Element = {
            "modelType": "RelationshipElement",
            "idShort": f"HasPart_{name}",
            "first": _reference(*above),
            "second": _reference(*here),
        }
        nodes.append(_meaning(node, f"{IDTA}/Node/1/0"))
        links.append(_meaning(link, f"{IDTA}/HasPart/1/0"))
    return nodes, links


def _simulation(asset: str) -> Element:
    """Return where the simulation of a thing is asked: by the site's API, not in this file."""
    facts = [
        _property("Kind", "discrete-event simulation from the state of the floor"),
        _property("Forecast", "GET /api/v1/orders"),
        _property("WhatIf", "POST /api/v1/what-if"),
        _property("Description", "GET /api/v1/openapi.json"),
    ]
    return _submodel(asset, "Simulation", f"{OWN}:simulation:1", facts)


def _submodel(asset: str, name: str, meaning: str, elements: Sequence[Json]) -> Element:
    model: Element = {
        "modelType": "Submodel",
        "kind": "Instance",
        "id": f"{asset}:{name}",
        "idShort": name,
        "submodelElements": list(elements),
    }
    return _meaning(model, meaning)


def _collection(name: str, values: Sequence[Json]) -> Element:
    inside: Element = {"value": list(values)} if values else {}
    return {"modelType": "SubmodelElementCollection", "idShort": id_short(name), **inside}


def _property(name: str, value: str | float | bool) -> Element:
    kinds = {bool: "xs:boolean", int: "xs:integer", float: "xs:double", str: "xs:string"}
    text = str(value).lower() if isinstance(value, bool) else str(value)
    return {
        "modelType": "Property",
        "idShort": id_short(name),
        "valueType": kinds[type(value)],
        "value": text,
    }


def _text(name: str, value: str) -> Element:
    return {
        "modelType": "MultiLanguageProperty",
        "idShort": name,
        "value": [{"language": "en", "text": value}],
    }


def _meaning(element: Element, meaning: str) -> Element:
    keys: Json = [{"type": "GlobalReference", "value": meaning}]
    return {**element, "semanticId": {"type": "ExternalReference", "keys": keys}}


def _reference(*keys: tuple[str, str]) -> Json:
    listed: Json = [{"type": kind, "value": value} for kind, value in keys]
    return {"type": "ModelReference", "keys": listed}


def id_short(name: str) -> str:
    """Return a name as an idShort: letters, digits and _, a letter first.

    Examples
    --------
    >>> id_short("3 d-print")
    'x3_d_print'
    """
    text = re.sub(r"[^A-Za-z0-9_]", "_", name) or "x"
    return text[:120] if text[0].isalpha() else f"x{text[:119]}"


def _names(names: Iterable[str]) -> list[str]:
    """Return names as distinct idShorts."""
    found: dict[str, None] = {}
    for name in names:
        short = base = id_short(name)
        number = 2
        while short in found:
            short, number = f"{base}_{number}", number + 1
        found[short] = None
    return list(found)


def _distinct(elements: Sequence[Element]) -> list[Json]:
    """Return elements whose idShorts differ; what they stood for is not lost by a second one."""
    names = _names(str(each["idShort"]) for each in elements)
    pairs = zip(elements, names, strict=True)
    return [{**each, "idShort": name} for each, name in pairs]


def count_assets(environment: Mapping[str, Json]) -> Mapping[str, int]:
    """Return how many shells, submodels and concept descriptions an environment holds."""
    names = ("assetAdministrationShells", "submodels", "conceptDescriptions")
    found = {name: environment.get(name) for name in names}
    return {name: len(v) if isinstance(v, Sequence) else 0 for name, v in found.items()}
