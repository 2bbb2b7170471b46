"""A rough world for the demo: what goes wrong on a real floor, so that one sees what follows."""

from unikat.edge.main import Models
from unikat.floor.model import Process, World
from unikat.terms import DAY, HOUR


def rough_world(models: Models) -> World:
    """Return a world of flaws, scrap, a drifting process and a bad line.

    Of each capability's steps 2 % must be repeated and 0.5 % ruin their part; from the third day on
    every characteristic is off by one sigma; units name the day's lot of their material; messages
    come twice, late and in the wrong sequence, and for ten minutes a day not at all.
    """
    capabilities = {c for center in models.plant.work_centers.values() for c in center.capabilities}
    return World(
        processes={
            each.id: Process(bias=each.sigma, since=2 * DAY)
            for each in models.family.characteristics
        },
        flawed=dict.fromkeys(sorted(capabilities), 0.02),
        scrapped=dict.fromkeys(sorted(capabilities), 0.005),
        duplicated=0.02,
        swapped=0.05,
        late=0.02,
        lost=0.01,
        outage_s=HOUR // 6,
        outage_every_s=DAY,
        lot_s=DAY,
    )
