"""The earliest finish of a chain of steps by trying every unit and every second."""

from reference.capacity_naive import NaiveShop


def earliest_finish(shop: NaiveShop, steps, work=None) -> int | None:
    """Return the earliest finish, or None if there is none before the shop's end.

    Exact for chains in which no unit serves two steps: then each step's spots depend on the earlier
    ones only through when the part arrives.
    """
    plant = shop.plant
    finishes = {None: shop.now}
    for step in steps:
        seconds = (work or {}).get(step.step, step.work)
        needs = plant.needs_of(step.capability)
        reached = {}
        for unit in plant.eligible_units(step.capability):
            ready = min(
                finish + (plant.travel_s(before, unit) if before else 0)
                for before, finish in finishes.items()
            )
            spots = shop.spots(unit, needs, seconds, step.setup, ready)
            finish = min((finish for _, _, finish in spots), default=None)
            if finish is not None:
                reached[unit] = finish
        if not reached:
            return None
        finishes = reached
    return min(finishes.values())
