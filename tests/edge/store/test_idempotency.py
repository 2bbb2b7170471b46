"""One Idempotency-Key, one request, one answer."""

import pytest

from store_fixtures import STORES, opened
from unikat.edge.store.idempotency import Answer
from unikat.errors import IdempotencyConflict
from unikat.rehearse import VirtualClock
from unikat.terms import DAY

ANSWER = Answer(201, b'{"id":"O-1"}')


@pytest.fixture
def clock():
    return VirtualClock()


@pytest.fixture(params=STORES)
def idempotency(request, tmp_path, clock):
    with opened(request.param, tmp_path, clock) as store:
        yield store.idempotency


def test_a_finished_request_gets_its_answer_again(idempotency):
    assert idempotency.claim("anna", "k1", "aa") is None
    idempotency.finish("anna", "k1", ANSWER)
    assert idempotency.claim("anna", "k1", "aa") == ANSWER


def test_another_request_under_the_same_key_is_refused(idempotency):
    idempotency.claim("anna", "k1", "aa")
    with pytest.raises(IdempotencyConflict, match="new key"):
        idempotency.claim("anna", "k1", "bb")
    idempotency.finish("anna", "k1", ANSWER)
    with pytest.raises(IdempotencyConflict, match="new key"):
        idempotency.claim("anna", "k1", "bb")


def test_keys_of_different_principals_have_nothing_to_do_with_each_other(idempotency):
    idempotency.claim("anna", "k1", "aa")
    idempotency.finish("anna", "k1", ANSWER)
    assert idempotency.claim("bert", "k1", "bb") is None


def test_a_request_that_never_ended_may_be_done_again(idempotency):
    assert idempotency.claim("anna", "k1", "aa") is None
    assert idempotency.claim("anna", "k1", "aa") is None


def test_after_a_day_a_key_is_new(idempotency, clock):
    idempotency.claim("anna", "k1", "aa")
    idempotency.finish("anna", "k1", ANSWER)
    clock.instant = DAY
    assert idempotency.claim("anna", "k1", "bb") is None
    assert idempotency.claim("anna", "k1", "bb") is None


def test_an_answer_on_disk_is_there_after_the_store_was_closed(tmp_path, clock):
    with opened("sqlite", tmp_path, clock) as store:
        store.idempotency.claim("anna", "k1", "aa")
        store.idempotency.finish("anna", "k1", ANSWER)
    with opened("sqlite", tmp_path, clock) as store:
        assert store.idempotency.claim("anna", "k1", "aa") == ANSWER
