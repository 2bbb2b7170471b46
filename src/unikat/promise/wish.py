"""Promise a date a customer wishes: as late as is safe, so that nothing is made too early."""

from dataclasses import replace
from typing import Final

from unikat.capacity.timeline import Capacity
from unikat.configure.model import Variant
from unikat.errors import NoCapacity
from unikat.promise.model import Promise, Reason, Slack
from unikat.promise.promise import promise_due_date
from unikat.terms import Instant, OrderId

HALVINGS: Final = 14
"""How often the search halves: a wish 60 days ahead is met within about five minutes."""


def promise_wished(
    variant: Variant, capacity: Capacity, wished: Instant, *, slack: Slack, order: OrderId
) -> Promise:
    """Promise the wished instant, or the earliest due date if that is later.

    No step begins before a release that is as late as it can be found by bisection such that finish
    plus slack still meet the wish: material is bought and machines are taken no sooner than
    needed. The slack is that of the whole lead time, so a wished date is as sure as any other.

    Raises
    ------
    NoCapacity
        As `promise_due_date`.
    """
    best = promise_due_date(variant, capacity, slack=slack, order=order)
    if best.due >= wished:
        return best
    first, now = best, capacity.now
    low, high = now, wished
    for _ in range(HALVINGS):
        release = (low + high) // 2
        try:
            made = _from(release, variant, capacity, slack, order)
        except NoCapacity:
            high = release
            continue
        if made.due <= wished:
            best, low = made, release
        else:
            high = release
    waited = wished - now - sum(reason.seconds for reason in best.reasons)
    return replace(
        best,
        due=wished,
        confidence=first.confidence,
        revision=first.revision,
        reasons=(Reason("wish", "", waited), *best.reasons) if waited else best.reasons,
    )


def _from(
    release: Instant, variant: Variant, capacity: Capacity, slack: Slack, order: OrderId
) -> Promise:
    """Promise from a release on, with the slack of the lead time from now on."""
    waits = release - capacity.now
    shifted = replace(slack, leads=tuple(lead - waits for lead in slack.leads))
    return promise_due_date(variant, replace(capacity, now=release), slack=shifted, order=order)
