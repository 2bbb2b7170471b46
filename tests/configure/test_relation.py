"""What two random families allow over their common options is compared as brute force does."""

from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from family_strategies import specs
from reference import configure_brute as brute
from unikat.configure.relation import compare
from unikat.errors import InvalidFamily
from unikat.family.load import load_family

SHEET = brute.SHEET


def load_or_skip(spec):
    try:
        return load_family(brute.print_uvl(spec), SHEET)
    except InvalidFamily:
        assume(False)


def seen_by(spec, common):
    """All that a family allows of the common options; texts as brute force knows them."""
    return {
        frozenset((name, value) for name, value in each.items() if name in common)
        for each in brute.valid_configurations(spec)
    }


def relation_of(before, after):
    if before == after:
        return "refactoring"
    if after < before:
        return "specialisation"
    return "generalisation" if before < after else "arbitrary edit"


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(specs(), specs(), st.integers(0, 15))
def test_edits_are_classified_as_by_brute_force(spec, other, kept):
    old = load_or_skip(spec)
    rules = tuple(rule for i, rule in enumerate(spec.rules) if kept >> i & 1)
    for changed in (brute.Spec(spec.options, rules), other):
        new = load_or_skip(changed)
        names = {
            a.name: b.name
            for a in spec.options
            for b in changed.options
            if (a.name, a.kind, a.max_length) == (b.name, b.kind, b.max_length)
        }
        found = compare(old, new, names)
        before, after = seen_by(spec, names), seen_by(changed, names)
        assert found.relation == relation_of(before, after)
        assert (found.only_old is not None) is bool(before - after)
        assert (found.only_new is not None) is bool(after - before)
        check_example(found.only_old, before - after, names)
        check_example(found.only_new, after - before, names)


def check_example(example, only_here, names):
    if example is not None:
        values = dict.fromkeys(example.configuration.selected, True)
        values |= {**dict(example.configuration.numbers), **dict(example.configuration.texts)}
        assert frozenset((k, v) for k, v in values.items() if k in names) in only_here
        assert set(example.picks)
