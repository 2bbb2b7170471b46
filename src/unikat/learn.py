"""What the shop learns as it runs: the slack of its promises, and the model of its twin.

A model changes in three steps, each in the log: a drift is detected, a version is proposed with its
score before and after, and a person (or the site's policy) accepts it.
"""

from collections.abc import Sequence

from unikat.errors import UnknownModel
from unikat.events import (
    DriftDetected,
    Event,
    ModelAccepted,
    ModelProposed,
    NewEvent,
    SlackLearnt,
)
from unikat.site import Site, append_to_book
from unikat.state import SiteState
from unikat.terms import EventId
from unikat.twin.drift import detect_drift
from unikat.twin.recalibrate import is_refuted, propose_model
from unikat.twin.slack import WINDOW, learn_slack

NEW_SCORES = 10
"""The slack is learnt anew after this many newly scored promises."""
AFTER_DRIFT = 300
"""So many promises count after a new model was accepted, and all that are scored later."""
MORE_STEPS = 25
"""A drift that nobody answered is told, and a model proposed, again after so many more steps."""
POLICY = "policy: unless worse"


def learn_promise_slack(site: Site) -> None:
    """Learn the promise slack from the scored promises once enough new ones are there."""
    with site.live.lock:
        state = site.live.catch_up()
        if state.num_scored < state.slack.num_scores + NEW_SCORES:
            return
        slack = learn_slack(
            state.scores,
            confidence=site.policy.slack.confidence,
            fallback=site.policy.slack,
            window=_slack_window(state),
        )
        if slack.basis == "learnt":
            learnt = SlackLearnt(
                site.clock.now(), slack.leads, slack.slacks, slack.confidence, state.num_scored
            )
            append_to_book(site, state, learnt)


def _slack_window(state: SiteState) -> int:
    """Return how many of the last promises count: fewer after a drift that was accepted."""
    model = state.learning.model
    if model.changed_at == 0:
        return WINDOW
    later = sum(score.quoted_at >= model.accepted_at for score in state.scores)
    return min(WINDOW, AFTER_DRIFT + later)


def watch_for_drift(site: Site) -> None:
    """Log a drift that is new or was not answered, and propose a model; accept it if the policy
    says so and forecasts played again do not speak against it.
    """
    with site.live.lock:
        learning = site.live.catch_up().learning
        if not any(watch.is_alarmed for watch in learning.watches.values()):
            return
        now = site.clock.now()
        drifts = detect_drift(site.plant, learning.model, learning.watches, now)
        told = {key: drift.num_steps for key, drift in learning.drifts.items()}
        if all(d.num_steps < told.get((d.capability, d.unit), -99) + MORE_STEPS for d in drifts):
            return
        proposed = _propose(site, drifts)
        if site.policy.accept_models == "unless_worse" and not is_refuted(proposed):
            accept_model(site, proposed.version, by=POLICY)


def propose(site: Site) -> ModelProposed:
    """Propose a model fitted to what was measured: to the drifts there are, else to all of it.

    Raises
    ------
    NothingToPropose
        If too few steps were measured.
    """
    with site.live.lock:
        learning = site.live.catch_up().learning
        now = site.clock.now()
        return _propose(site, detect_drift(site.plant, learning.model, learning.watches, now))


def _propose(site: Site, drifts: Sequence[DriftDetected]) -> ModelProposed:
    policy, learning = site.policy, site.state().learning
    proposed = propose_model(
        site.plant,
        learning,
        drifts,
        site.clock.now(),
        replications=policy.replications,
        release_ahead_s=policy.release_ahead_s,
    )
    _append(site, *drifts, proposed)
    return proposed


def accept_model(site: Site, version: int, *, by: str) -> ModelAccepted:
    """Put a proposed version of the twin's model to use.

    Raises
    ------
    UnknownModel
        If there is no open proposal of this version.
    """
    with site.live.lock:
        learning = site.live.catch_up().learning
        if version not in learning.proposals:
            known = ", ".join(map(str, learning.proposals)) or "none"
            raise UnknownModel(
                f"no open proposal has version {version}; open: {known}; in use:"
                f" {learning.model.version}"
            )
        accepted = ModelAccepted(site.clock.now(), version, by)
        _append(site, accepted)
        return accepted


def _append(site: Site, *events: Event) -> None:
    seq = site.state().seq
    site.live.append(
        tuple(
            NewEvent(EventId(f"learn:{seq}:{k}"), "twin", event) for k, event in enumerate(events)
        )
    )
