"""Does what a machine says name only what the site has? Else it waits in quarantine for a fix."""

from collections.abc import Callable

from unikat.errors import BadMessage
from unikat.events import (
    Event,
    LoadMoved,
    MaterialUsed,
    PartMeasured,
    PartScrapped,
    ReworkOrdered,
    SetupStarted,
    StepFinished,
    StepStarted,
    WorkUnitRestarted,
    WorkUnitStopped,
)
from unikat.order.model import Order
from unikat.plant.model import Plant
from unikat.terms import Capability, ItemId, OrderId, SetupFamily, StepId, UnitId


def check_known(plant: Plant, find_order: Callable[[OrderId], Order], event: Event) -> None:
    """Check that unit, order, step and setup family of a floor event are of this site.

    Parameters
    ----------
    find_order
        Returns an order by its id, ended ones too.

    Raises
    ------
    BadMessage
        If one of them is unknown, or the unit cannot do the step.
    UnknownOrder
        If `find_order` raises it.
    """
    match event:
        case WorkUnitStopped() | WorkUnitRestarted():
            _check_unit(plant, event.unit)
        case LoadMoved():
            find_order(event.order_id)
        case StepStarted() | StepFinished() | PartMeasured() | PartScrapped():
            _check_step(plant, find_order(event.order_id), event.unit, event.step)
        case ReworkOrdered():
            order = find_order(event.order_id)
            _check_step(plant, order, event.unit, event.step)
            for step in event.again:
                _check_has(order, step)
        case MaterialUsed():
            order = find_order(event.order_id)
            _check_step(plant, order, event.unit, event.step)
            _check_item(order, event.step, event.item)
        case SetupStarted():
            _check_step(plant, find_order(event.order_id), event.unit, event.step)
            _check_family(plant, event.unit, event.family)
        case _:
            pass


def _check_unit(plant: Plant, unit: UnitId) -> None:
    if unit not in plant.units:
        raise BadMessage(f"unit={unit} is none of plant.toml; add it there, or correct the name")


def _check_step(plant: Plant, order: Order, unit: UnitId, step: StepId) -> None:
    _check_unit(plant, unit)
    capability = _check_has(order, step)
    if unit not in plant.eligible_units(capability):
        raise BadMessage(
            f"unit={unit} cannot {capability} (step {step} of order {order.id});"
            " correct the message, or the capabilities in plant.toml"
        )


def _check_has(order: Order, step: StepId) -> Capability:
    """Return the capability of a step that the order must have."""
    capabilities = {each.step: each.capability for each in order.variant.steps}
    if step not in capabilities:
        known = ", ".join(capabilities)
        raise BadMessage(f"step={step} is none of order {order.id}, which has: {known}")
    return capabilities[step]


def _check_item(order: Order, step: StepId, item: ItemId) -> None:
    items = next(each.items for each in order.variant.steps if each.step == step)
    if item not in items:
        raise BadMessage(
            f"item={item} is not used by step {step} of order {order.id}, which uses:"
            f" {', '.join(items) or 'none'}"
        )


def _check_family(plant: Plant, unit: UnitId, family: SetupFamily) -> None:
    matrix = plant.center_of(unit).setup
    known = plant.setups[matrix].families if matrix is not None else ()
    if family not in known:
        raise BadMessage(
            f"family={family} is not in the setup matrix of {unit}, which has:"
            f" {', '.join(known) or 'none'}"
        )
