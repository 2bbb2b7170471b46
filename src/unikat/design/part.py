"""Shape one part: check its parameters, build it, prove it."""

import hashlib
import math
from functools import lru_cache

import numpy as np

from unikat.design.model import Grid, Ints, Mesh, Parameter, Parameters, Part, Recipe, Topology
from unikat.design.proof import check_mesh, check_topology
from unikat.errors import InvalidMeasurements, Unprintable


def shape_part(recipe: Recipe, parameters: Parameters) -> Part:
    """Build the part of these parameters and prove that it can be printed.

    Raises
    ------
    InvalidMeasurements
        A parameter is missing, unknown, not finite or out of bounds; the message names them all.
    Unprintable
        The proof failed; the message names every fault.
    """
    check_parameters(recipe, parameters)
    mesh = recipe.build(parameters, recipe.grid)
    wall = recipe.measure_wall(mesh)
    report = check_mesh(mesh, wall=wall, topology=_topology_of(recipe, mesh))
    if report.faults:
        faults = "; ".join(report.faults)
        raise Unprintable(
            f"recipe {recipe.name} version {recipe.version}: {faults}; change its parameters"
        )
    return Part(
        recipe=recipe.name,
        recipe_key=recipe_key(recipe, parameters),
        mesh=mesh,
        report=report,
        volume_mm3=report.volume_mm3,
        area_mm2=report.area_mm2,
        density=float(parameters.get("density", 1.0)),
    )


def check_parameters(recipe: Recipe, parameters: Parameters) -> None:
    """Check names, finiteness and bounds of all parameters; raise once with every fault."""
    names = {parameter.name for parameter in recipe.parameters}
    faults = [fault for parameter in recipe.parameters if (fault := _fault(parameter, parameters))]
    faults += [f"{name} is not a parameter" for name in sorted(set(parameters) - names)]
    if faults:
        raise InvalidMeasurements(
            f"recipe {recipe.name} version {recipe.version}: {'; '.join(faults)}"
        )


def recipe_key(recipe: Recipe, parameters: Parameters) -> str:
    """Return the sha256 of recipe, version and parameters: equal keys are equal parts."""
    values = ",".join(f"{name}={float(parameters[name])!r}" for name in sorted(parameters))
    return hashlib.sha256(f"{recipe.name}:{recipe.version}:{values}".encode()).hexdigest()


def mesh_hash(part: Part) -> str:
    """Return the sha256 of the mesh, vertices rounded to 1 um as in its 3MF."""
    microns = np.rint(part.mesh.vertices * 1_000.0).astype("<i4")
    digest = hashlib.sha256(microns.tobytes())
    digest.update(part.mesh.faces.astype("<i4").tobytes())
    return digest.hexdigest()


def _fault(parameter: Parameter, parameters: Parameters) -> str | None:
    unit = f" {parameter.unit}" if parameter.unit else ""
    allowed = f"give {parameter.low:g} to {parameter.high:g}{unit}"
    value = parameters.get(parameter.name)
    if value is None:
        return f"{parameter.name} is missing, {allowed}"
    if not math.isfinite(value) or not parameter.low <= value <= parameter.high:
        return f"{parameter.name} is {value:g}{unit}, {allowed}"
    return None


@lru_cache(maxsize=32)
def _prove_grid(recipe: Recipe, grid: Grid) -> tuple[Ints, Topology]:
    """Prove the faces of a grid once; the cache keeps them alive, so identity proves equality."""
    mesh = recipe.build(
        {parameter.name: parameter.default for parameter in recipe.parameters}, grid
    )
    return mesh.faces, check_topology(mesh.faces, len(mesh.vertices))


def _topology_of(recipe: Recipe, mesh: Mesh) -> Topology:
    faces, topology = _prove_grid(recipe, recipe.grid)
    if mesh.faces is faces:
        return topology
    return check_topology(mesh.faces, len(mesh.vertices))
