"""What can make it: work centers and units, capabilities, resources, calendars, transport and
rates.
"""

from unikat.plant.load import load_plant
from unikat.plant.model import (
    Batch,
    Calendar,
    Material,
    Plant,
    Reliability,
    Resource,
    SetupMatrix,
    WorkCenter,
    WorkUnit,
)

__all__ = [
    "Batch",
    "Calendar",
    "Material",
    "Plant",
    "Reliability",
    "Resource",
    "SetupMatrix",
    "WorkCenter",
    "WorkUnit",
    "load_plant",
]
