"""Take in what came from the floor by any way: recorded once each, or quarantined with a reason."""

import logging
from collections.abc import Sequence

from unikat.edge.bus.ndjson import Reading, Unreadable
from unikat.errors import StoreFailure, VersionConflict
from unikat.events import Message
from unikat.flow import record
from unikat.site import Site
from unikat.terms import MINUTE, Seconds

AHEAD: Seconds = 5 * MINUTE
"""A message from later than this is from a clock that is wrong."""
_log = logging.getLogger(__name__)


def take_in(site: Site, readings: Sequence[Reading]) -> tuple[str, ...]:
    """Record messages and quarantine what is none.

    Returns
    -------
    tuple of str
        "recorded", "duplicate" or "quarantined: <fault>" for each, after all is durable.

    Raises
    ------
    StoreFailure, VersionConflict
        If nothing can be stored now; the same readings may be taken in again.
    """
    latest = site.clock.now() + AHEAD
    good: dict[int, Message] = {}
    bad: dict[int, Unreadable] = {}
    for k, reading in enumerate(readings):
        if isinstance(reading, Unreadable):
            bad[k] = reading
        elif reading.at > latest:
            ahead = reading.at - latest + AHEAD
            fault = f"at lies {ahead} s ahead of the site's clock; set the clock of the source"
            bad[k] = Unreadable(reading, fault)
        else:
            good[k] = reading
    results = dict(zip(good, _record(site, tuple(good.values())), strict=True))
    results.update({k: _keep(site, each.message, each.fault) for k, each in bad.items()})
    return tuple(results[k] for k in range(len(readings)))


def _record(site: Site, messages: tuple[Message, ...]) -> tuple[str, ...]:
    """Record all at once; should one of them break the fold, the others are recorded all the
    same.
    """
    try:
        return record(site, messages) if messages else ()
    except (StoreFailure, VersionConflict):
        raise
    except Exception as fault:
        if len(messages) == 1:
            _log.exception("message %s could not be recorded", messages[0].id)
            return (_keep(site, messages[0], f"could not be recorded: {fault!r}"),)
        return tuple(result for each in messages for result in _record(site, (each,)))


def _keep(site: Site, message: Message, fault: str) -> str:
    site.quarantine.keep(message, fault)
    return f"quarantined: {fault}"
