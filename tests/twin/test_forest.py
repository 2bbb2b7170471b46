import numpy as np

from unikat.twin.forest import find_quantiles, grow_forest, weigh_rows


def grown(seed=1, *, n=200, least=5):
    rng = np.random.default_rng(0)
    inputs = rng.uniform(0, 1, (n, 3))
    answers = np.where(inputs[:, 0] > 0.5, 10.0, 0.0) + rng.normal(0, 0.1, n)
    groups = np.repeat(np.arange(n // 4), 4)
    forest = grow_forest(inputs, answers, groups, num_trees=30, least=least, num_tried=2, seed=seed)
    return inputs, answers, groups, forest


def test_a_step_is_found_and_the_same_seed_grows_the_same_forest():
    _, answers, _, forest = grown()
    asked = np.array([[0.1, 0.5, 0.5], [0.9, 0.5, 0.5]])
    weights = weigh_rows(forest, asked)
    assert np.allclose(weights.sum(axis=1), 1.0)
    low, high = find_quantiles(weights, answers, (0.5,))[:, 0]
    assert abs(low) < 0.3
    assert abs(high - 10) < 0.3
    assert (weigh_rows(grown()[3], asked) == weights).all()
    assert (weigh_rows(grown(2)[3], asked) != weights).any()


def test_leaves_hold_at_least_as_many_rows_as_asked_and_every_row_is_in_one():
    *_, forest = grown(least=20)
    for tree in forest:
        leaves = [tree.rows[k] for k in np.flatnonzero(tree.columns < 0)]
        assert all(tree.counts[rows].sum() >= 20 for rows in leaves)
        assert sorted(np.concatenate(leaves)) == np.flatnonzero(tree.counts).tolist()


def test_out_of_the_bag_no_row_speaks_for_its_own_group():
    inputs, _, groups, forest = grown()
    weights = weigh_rows(forest, inputs, is_out=True)
    for group in range(groups.max() + 1):
        inside = groups == group
        assert weights[np.ix_(inside, inside)].sum() == 0


def test_quantiles_are_the_smallest_answers_that_reach_the_level():
    answers = np.array([3.0, 1.0, 2.0, 4.0])
    weights = np.array([[0.25, 0.25, 0.25, 0.25], [0.0, 1.0, 0.0, 0.0], [0.1, 0.0, 0.0, 0.9]])
    found = find_quantiles(weights, answers, (0.05, 0.5, 0.95))
    assert found.tolist() == [[1.0, 2.0, 4.0], [1.0, 1.0, 1.0], [3.0, 4.0, 4.0]]
