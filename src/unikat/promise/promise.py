"""Promise a due date from finite capacity (capable-to-promise)."""

from bisect import bisect_right
from collections.abc import Mapping, Sequence
from types import MappingProxyType

from unikat.capacity.model import Booking
from unikat.capacity.timeline import Capacity
from unikat.configure.model import Variant
from unikat.promise.model import Promise, Reason, Slack
from unikat.promise.place import place_steps
from unikat.terms import Instant, OrderId, Seconds, StepId


def promise_due_date(
    variant: Variant,
    capacity: Capacity,
    *,
    slack: Slack,
    order: OrderId,
    work: Mapping[StepId, Seconds] = MappingProxyType({}),
) -> Promise:
    """Promise the earliest date at which nothing that is booked has to move, plus slack.

    The slack is working time of the unit on the order's way that is open least: an hour's delay
    over a night is an hour. `order` is the id the bookings get; `work` holds print estimates that
    replace `step.work`.

    Raises
    ------
    NoCapacity
        Naming what is missing, if the order cannot finish within the plant's horizon.
    """
    bookings, reasons = place_steps(variant.steps, capacity, order, work)
    finish = max((booking.finish for booking in bookings), default=capacity.now)
    due = _add_slack(capacity, bookings, finish, slack_for(slack, finish - capacity.now))
    return Promise(
        due=due,
        finish=finish,
        confidence=slack.confidence,
        bookings=bookings,
        revision=capacity.revision,
        reasons=(*reasons, Reason("slack", "", due - finish)) if due > finish else reasons,
    )


def _add_slack(
    capacity: Capacity, bookings: Sequence[Booking], finish: Instant, slack: Seconds
) -> Instant:
    """Return `finish` plus slack in the working time of the unit that is open least.

    What works round the clock waits for what does not: a delay over a weekend that came from a
    unit of two shifts is none of that unit's hours, but days of an oven's.
    """
    hours = {
        id(each): each
        for booking in bookings
        for each in (capacity.lanes[booking.unit].hours_of(booking.resources),)
    }
    return max((each.add(finish, slack) for each in hours.values()), default=finish + slack)


def slack_for(slack: Slack, lead: Seconds) -> Seconds:
    """Return the slack of a lead time: linear between the knots, flat outside, rounded up.

    >>> from unikat.promise.model import Slack
    >>> learnt = Slack((3_600, 7_200), (600, 1_201), 0.95, 40, "learnt")
    >>> [slack_for(learnt, lead) for lead in (0, 3_600, 5_400, 7_200, 9_000)]
    [600, 600, 901, 1201, 1201]
    """
    if not slack.leads:
        return 0
    k = bisect_right(slack.leads, lead)
    if k in {0, len(slack.leads)}:
        return slack.slacks[max(k - 1, 0)]
    low, high = slack.leads[k - 1], slack.leads[k]
    first, last = slack.slacks[k - 1], slack.slacks[k]
    return first - (first - last) * (lead - low) // (high - low)
