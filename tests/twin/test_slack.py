import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from unikat.promise.model import Slack
from unikat.terms import HOUR
from unikat.twin.slack import PromiseScore, followed_level, learn_slack

CONFIGURED = Slack((0,), (HOUR,), 0.9, 0, "configured")
SCORES = st.builds(
    lambda i, lead, delay: PromiseScore(f"O-{i}", 0, lead, delay),
    st.integers(0, 999),
    st.integers(0, 10**6),
    st.integers(-(10**5), 10**5),
)


def score(i, lead, delay):
    return PromiseScore(f"O-{i}", 0, lead, delay)


@pytest.mark.parametrize(("confidence", "needed"), [(0.9, 9), (0.95, 19), (0.99, 99)])
def test_below_the_needed_count_the_configured_slack_holds(confidence, needed):
    scores = [score(i, 100, i) for i in range(needed)]
    assert learn_slack(scores[:-1], confidence=confidence, fallback=CONFIGURED) == CONFIGURED
    learnt = learn_slack(scores, confidence=confidence, fallback=CONFIGURED)
    assert learnt == Slack((100,), (needed - 1,), confidence, needed, "learnt")


def test_the_slack_is_the_conformal_rank_of_each_bucket_of_a_hundred():
    scores = [score(i, 100 * (1 + i // 100), (i % 100) * (1 + i // 100)) for i in range(400)]
    learnt = learn_slack(scores, confidence=0.9, fallback=CONFIGURED)
    assert (learnt.leads, learnt.slacks) == ((100, 200, 300, 400), (90, 180, 270, 360))
    assert learn_slack(scores[:199], confidence=0.9, fallback=CONFIGURED).leads == (100,)


@given(st.lists(SCORES, max_size=80), st.sampled_from((0.5, 0.8, 0.9)))
def test_slack_is_never_negative_and_never_falls_with_the_lead(scores, confidence):
    learnt = learn_slack(scores, confidence=confidence, fallback=CONFIGURED)
    assert list(learnt.slacks) == sorted(learnt.slacks)
    assert list(learnt.leads) == sorted(set(learnt.leads))
    assert learnt.slacks[0] >= 0


@given(st.lists(SCORES, min_size=9, max_size=40), st.integers(1, 10**4))
def test_later_finishes_never_shorten_the_slack(scores, shift):
    later = [PromiseScore(s.order, s.quoted_at, s.finish, s.delay + shift) for s in scores]
    before = learn_slack(scores, confidence=0.9, fallback=CONFIGURED)
    after = learn_slack(later, confidence=0.9, fallback=CONFIGURED)
    assert all(a <= b for a, b in zip(before.slacks, after.slacks, strict=True))


def test_the_stated_confidence_is_kept_on_orders_like_the_last_ones():
    rng = random.Random(1)
    kept = 0
    for _ in range(300):
        delays = [round(rng.expovariate(1 / HOUR)) - 600 for _ in range(101)]
        past = [score(i, HOUR, delay) for i, delay in enumerate(delays[:-1])]
        learnt = learn_slack(past, confidence=0.9, fallback=CONFIGURED, num_buckets=1)
        kept += delays[-1] <= learnt.slacks[0]
    assert kept / 300 > 0.9 - 4 * 0.018  # sd of a share of 300 at 0.9: 0.018


def test_only_the_window_counts():
    old = [score(i, 100, 10**6) for i in range(50)]
    new = [score(i, 100, 5) for i in range(20)]
    learnt = learn_slack(old + new, confidence=0.9, fallback=CONFIGURED, window=20)
    assert learnt.slacks[-1] == 5


def test_broken_promises_raise_the_level_and_kept_ones_lower_it_again_never_below_the_stated():
    kept = [score(i, 100, 0) for i in range(30)]
    broken = [PromiseScore(f"B-{i}", 0, 100, 9, is_late=True) for i in range(12)]
    assert followed_level(kept, 0.95) == pytest.approx(0.95)
    after = followed_level(kept + broken, 0.95)
    assert after > 0.99
    assert 0.95 <= followed_level(kept + broken + kept * 20, 0.95) < after
