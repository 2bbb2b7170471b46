"""Run the shop one turn: expire holds, learn, repair or renew, foresee, release.

Each part acts only when the policy says it is due, so `operate` may be called as often as one
likes. Beyond that a repaired schedule is foreseen at once: the forecasts of the one it replaces say
nothing of it.
"""

from collections.abc import Callable

from unikat.errors import InfeasibleSchedule, NoCapacity, UnikatError
from unikat.events import HoldDropped, OrderReleased
from unikat.floor.model import Close, Command, Dispatch, Release
from unikat.flow import foresee, optimise, repair, reschedule
from unikat.learn import learn_promise_slack, watch_for_drift
from unikat.order.release import orders_to_release
from unikat.site import Site, append_to_book
from unikat.terms import Instant, OrderId


def stop_the_shop(fault: UnikatError) -> None:
    """Raise a fault: what a rehearsal does when no schedule can be published."""
    raise fault


def operate(
    site: Site,
    *,
    seconds: float = 0.0,
    on_fault: Callable[[UnikatError], None] = stop_the_shop,
) -> tuple[Command, ...]:
    """Run the shop one turn, and return what the floor must be told.

    Parameters
    ----------
    seconds
        Wall time a new schedule may take at most; 0: the policy's rounds alone, the same on any
        machine.
    on_fault
        Told when no new schedule could be published (it violates the plant, or a step fits into
        no window): the old one stays. If it does not raise, the rest of the turn is done all the
        same.
    """
    expire_holds(site)
    learn_promise_slack(site)
    watch_for_drift(site)
    before, now = site.live.catch_up(), site.clock.now()
    try:
        renew(site, seconds=seconds)
    except (InfeasibleSchedule, NoCapacity) as fault:
        on_fault(fault)
    is_moved = site.state().published_at != before.published_at
    is_due = now - before.forecast_at >= site.policy.forecast_s
    if before.orders and (is_due or (is_moved and before.disturbed)):
        foresee(site)
    released = release(site)
    after = site.state()
    if not released and after.published_at == before.published_at:
        return ()
    return (Close(after.closed), *released, Dispatch(tuple(after.bookings.values())))


def renew(site: Site, *, seconds: float) -> None:
    """Repair a disturbed schedule and look for a better one; renew one that is old.

    The seed is the instant, so that what is decided depends on what happened, not on how many
    messages told it.
    """
    state, now = site.state(), site.clock.now()
    if not state.orders:
        return
    if state.disturbed:
        cause = state.disturbed
        repair(site, seconds=seconds, seed=now, cause=cause)
        optimise(site, seconds=seconds, seed=now, cause=f"better than the repair: {cause}")
    elif now - state.published_at >= site.policy.reschedule_s:
        reschedule(site, seconds=seconds, seed=now, cause="regular renewal")


def expire_holds(site: Site) -> None:
    """Give back the seconds of holds whose time ran out."""
    with site.live.lock:
        state, now = site.live.catch_up(), site.clock.now()
        expired = [hold for hold in state.holds.values() if hold.until < now]
        if expired:
            append_to_book(site, state, *(HoldDropped(now, hold.id, "expired") for hold in expired))


def release(site: Site) -> tuple[Release, ...]:
    """Release the orders that are due to be, and return their steps for the floor."""
    with site.live.lock:
        state, now = site.live.catch_up(), site.clock.now()
        starts: dict[OrderId, Instant] = {}
        for (order_id, _), booking in state.bookings.items():
            starts[order_id] = min(booking.start, starts.get(order_id, booking.start))
        order_ids = orders_to_release(
            state.orders.values(),
            starts,
            now=now,
            ahead_s=site.policy.release_ahead_s,
            wip_limit=site.policy.wip_limit,
        )
        if order_ids:
            append_to_book(site, state, *(OrderReleased(now, order_id) for order_id in order_ids))
        return tuple(Release(o, state.orders[o].variant.steps) for o in order_ids)
