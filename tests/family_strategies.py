"""Random small families, as `reference.configure_brute` tells them."""

from fractions import Fraction

from hypothesis import strategies as st

from reference.configure_brute import Option, Spec

WORDS = ("optional", "mandatory", "or", "alternative", "cardinality", "optional")
GRIDS = (
    (Fraction(0), Fraction(3), Fraction(1)),
    (Fraction(2), Fraction(6), Fraction(2)),
    (Fraction(1), Fraction(2), Fraction(1, 2)),
    (Fraction(-2), Fraction(1), Fraction(1)),
)


@st.composite
def specs(draw, max_options=8, max_rules=4, means=False):
    """Draw a family with a few numbers and texts, and rules over them, with means if wanted."""
    options = [Option("F0", "Boolean", None, None)]
    num_values = 0
    group = 0
    while len(options) < draw(st.integers(2, max_options)):
        parent = draw(st.sampled_from(options)).name
        size = draw(st.integers(1, 3))
        word = draw(st.sampled_from(WORDS))
        least = draw(st.integers(0, size))
        most = draw(st.integers(max(least, 1), size))
        group += 1
        for _ in range(size):
            kind = draw(st.sampled_from(("Boolean", "Boolean", "Integer", "Real", "String")))
            kind = kind if num_values < 2 else "Boolean"
            num_values += kind != "Boolean"
            options.append(_option(draw, len(options), kind, parent, (group, word, least, most)))
    rules = draw(st.lists(_rules(options, means), max_size=max_rules))
    return Spec(tuple(options), tuple(rules))


def _option(draw, at, kind, parent, group):
    grid = None
    if kind in ("Integer", "Real"):
        whole = [each for each in GRIDS if all(part.denominator == 1 for part in each)]
        grid = draw(st.sampled_from(whole if kind == "Integer" else GRIDS))
    return Option(
        name=f"F{at}",
        kind=kind,
        parent=parent,
        group=group,
        default=draw(st.sampled_from((None, None, True, False))) if kind == "Boolean" else None,
        grid=grid,
        max_length=2 if kind == "String" else 0,
        weight=draw(st.sampled_from((None, 1, 3, -2))),
    )


def _rules(options, means=False):
    names = [option.name for option in options]
    leaf = st.tuples(st.just("is"), st.sampled_from(names))
    comparison = st.tuples(
        st.sampled_from(("==", "!=", "<", "<=", ">", ">=")),
        _numbers(options, means),
        _numbers(options, means),
    )
    texts = [option.name for option in options if option.kind == "String"]
    leaves = leaf | comparison
    if texts:
        words = st.sampled_from(("", "x", "y", "xx", "xxx"))
        leaves |= st.tuples(st.just("text"), st.sampled_from(texts), words)
    return st.recursive(
        leaves,
        lambda rule: (
            st.tuples(st.just("!"), rule)
            | st.tuples(st.sampled_from(("&", "|", "=>", "<=>")), rule, rule)
        ),
        max_leaves=4,
    )


def _numbers(options, means=False):
    leaves = st.tuples(st.just("const"), st.integers(0, 5).map(Fraction))
    values = [option for option in options if option.grid]
    if values:
        leaves |= st.tuples(st.just("num"), st.sampled_from([option.name for option in values]))
    texts = [option.name for option in options if option.kind == "String"]
    if texts:
        leaves |= st.tuples(st.just("len"), st.sampled_from(texts))
    weights = [option.name for option in options if option.weight is not None]
    if weights:
        leaves |= st.tuples(st.just("weight"), st.sampled_from(weights)) | st.just(("sum",))
        leaves |= st.just(("avg",)) if means else st.nothing()
    positive = [option.name for option in values if option.grid[0] >= 0]
    sums = st.tuples(st.sampled_from(("+", "-")), leaves, leaves)
    if positive:
        factor = st.tuples(st.just("num"), st.sampled_from(positive))
        sums |= st.tuples(st.just("*"), factor, factor)
    scaled = st.tuples(st.just("*"), st.tuples(st.just("const"), st.just(Fraction(2))), leaves)
    rounded = st.tuples(st.sampled_from(("floor", "ceil")), sums)
    return leaves | sums | scaled | rounded
