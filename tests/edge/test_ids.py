"""Ids are new, and counted ones the same in every run."""

import re
from concurrent.futures import ThreadPoolExecutor

from unikat.edge.ids import CountedIds, RandomIds


def test_random_ids_are_all_different_and_hard_to_misread():
    ids = RandomIds()
    made = {ids.new("Q") for _ in range(20_000)}
    assert len(made) == 20_000
    assert all(re.fullmatch("Q-[0-9A-HJKMNP-TV-Z]{10}", one) for one in made)


def test_counted_ids_are_different_over_threads_and_the_same_in_every_run():
    ids = CountedIds()
    with ThreadPoolExecutor(4) as pool:
        made = list(pool.map(lambda _: ids.new("O"), range(1_000)))
    assert sorted(made) == [f"O-{count:06d}" for count in range(1, 1_001)]
