"""Keys are shown once, kept as a hash, and found by their secret alone."""

import pytest

from store_fixtures import STORES, opened
from unikat.edge.store.keys import create_key
from unikat.rehearse import VirtualClock


@pytest.fixture
def clock():
    return VirtualClock()


@pytest.fixture(params=STORES)
def keys(request, tmp_path, clock):
    with opened(request.param, tmp_path, clock) as store:
        yield store.keys


def test_a_key_is_found_by_its_secret_with_its_scopes(keys):
    secret = create_key(keys, "planner", ["plan", "read"])
    assert secret.startswith("uk_")
    assert len(secret) >= 3 + 43
    key = keys.find_key(secret)
    assert (key.name, key.scopes) == ("planner", frozenset({"plan", "read"}))


@pytest.mark.parametrize("secret", ["", "uk_", "uk_wrong", "\ud800", "' OR 1=1 --"])
def test_a_wrong_secret_finds_nothing(keys, secret):
    create_key(keys, "planner", ["plan"])
    assert keys.find_key(secret) is None


def test_a_revoked_key_is_gone_and_the_others_stay(keys):
    first, second, other = (create_key(keys, name, []) for name in ("old", "old", "new"))
    assert keys.revoke("old") == 2
    assert keys.revoke("old") == 0
    assert keys.find_key(first) is keys.find_key(second) is None
    assert [key.name for key in keys.list()] == ["new"]
    assert keys.find_key(other).scopes == frozenset()


def test_the_secret_is_nowhere_in_the_file_and_the_use_is_noted(tmp_path, clock):
    with opened("sqlite", tmp_path, clock) as store:
        secret = create_key(store.keys, "planner", ["plan"])
        clock.instant = 500
        assert store.keys.find_key(secret).last_used is None
    with opened("sqlite", tmp_path, clock) as store:
        assert store.keys.list()[0].last_used == 500
        assert store.keys.find_key(secret) is not None
    written = b"".join(file.read_bytes() for file in tmp_path.iterdir())
    assert secret.encode() not in written
