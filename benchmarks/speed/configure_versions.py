"""Seconds to open 1,000 saved choices again, in the same family and in one that has changed.

Changed: a share of the features is gone, with the rules that name them, and there are more rules.
Whatever is told of a choice is proven by SAT on its own: it is valid, each kept pick is possible
with the others, each lost pick is not, and no member of its conflict could be left out.

`reopen_s` is of the model named busybox if there is one, else of the smallest; the rest by model.
"""

import time
from itertools import chain
from random import Random

from _models import SHEET, load, parser_of, read_models, report, shop, warm_up
from configure_explain import is_minimal
from pysat.solvers import Solver

from unikat.configure import complete
from unikat.configure.repair import repair
from unikat.configure.saved import reopen, save_choice
from unikat.errors import InvalidFamily
from unikat.family.expression import Call, Chain, Name, Unary
from unikat.family.lexis import Faults
from unikat.family.load import load_family
from unikat.family.syntax import parse_tree
from unikat.family.write import write_uvl

SECOND = SHEET.replace("version = 1", "version = 2")
ATTEMPTS = 20
REPAIRED = 10
"""Choices whose nearest repair is looked for, of each model."""


def main():
    parser = parser_of(__doc__)
    parser.add_argument("--choices", type=int, default=1_000, help="saved, of each model")
    parser.add_argument("--gone", type=float, default=0.05, help="share of the features gone")
    parser.add_argument("--rules", type=int, default=10, help="rules more")
    options = parser.parse_args()
    warm_up()
    measures = {"reopen_wrong": 0}
    for name, text in read_models(options).items():
        found = measure(text, options)
        measures["reopen_wrong"] += found["wrong"]
        measures.update({f"{name}_{key}": value for key, value in found.items()})
        print(name, *(f"{key}={value:.4g}" for key, value in found.items()), flush=True)
    names = [each.removesuffix("_changed_s") for each in measures if each.endswith("_changed_s")]
    first = "busybox" if "busybox" in names else names[0]
    measures["reopen_s"] = max(measures[f"{first}_same_s"], measures[f"{first}_changed_s"])
    report("configure_versions", options, measures)


def measure(text, options):
    """Save choices in one family; open them in a copy of it, and in one that has changed."""
    rng = Random(options.seed)
    old, same = load(text), load(text)
    saved = [save_choice(last(old, rng)) for _ in range(options.choices)]
    new = changed(text, saved, options, rng)
    for family in (old, same, new):  # what a server has: each was used before
        complete(last(family, rng))
    wrong, same_s = 0, 0.0
    for each in saved:
        start = time.process_time()
        found = reopen(same, each)
        same_s += time.process_time() - start
        is_same = not found.lost and not found.changed and not found.price_difference
        wrong += not (is_same and complete(found.choice).key == each.key)
    changed_s, reopened = 0.0, []
    for each in saved:
        start = time.process_time()
        reopened.append(reopen(new, each, before=old))
        changed_s += time.process_time() - start
    proof = Proof(new)
    wrong += sum(proof.is_wrong(each, found) for each, found in zip(saved, reopened, strict=True))
    repair_s, num_unproven = repairs(proof, reopened)
    proof.close()
    lost = [each for found in reopened for each in found.lost]
    return {
        "same_s": same_s,
        "changed_s": changed_s,
        "wrong": wrong,
        "losing_percent": 100 * sum(bool(found.lost) for found in reopened) / len(reopened),
        "picks_lost": len(lost),
        "picks_lost_by_rules": sum(each.reason == "rules" for each in lost),
        "repair_ms": 1e3 * repair_s,
        "repairs_unproven": num_unproven,
    }


def last(family, rng):
    """Return the choice a shopper ends with."""
    *_, (_, choice, _) = shop(family, rng)
    return choice


# -- another version -------------------------------------------------------------------------------


def changed(text, saved, options, rng):
    """Return a version without some features and with more rules; half forbid what was picked."""
    for _ in range(ATTEMPTS):
        tree = parse_tree(text, Faults("model.uvl"))
        drop_features(tree, options.gone, rng)
        left = {feature.name for feature in below(tree.root)}
        pairs = [(each, rng) for each in rng.sample(saved, min(len(saved), options.rules // 2))]
        more = [rule for rule in (against(*pair, left) for pair in pairs) if rule]
        more += [any_rule(rng, sorted(left)) for _ in range(options.rules - len(more))]
        lines = "".join(f"\t{each} // NEW{k}: added\n" for k, each in enumerate(more))
        written = write_uvl(tree)
        head = "" if tree.rules else "constraints\n"
        try:
            return load_family(written + head + lines, SECOND)
        except InvalidFamily as invalid:
            if "void" not in str(invalid):  # else draw other rules
                raise
    raise SystemExit("every version drawn is void; take fewer --rules")


def against(saved, rng, left):
    """Return a rule that forbids two picks of a saved choice together; None if it has too few."""
    picks = [(name, value) for name, value in saved.picks if name in left]
    if len(picks) < 2:
        return None
    return " | ".join(f"!{name}" if value else name for name, value in rng.sample(picks, 2))


def any_rule(rng, names):
    a, b = rng.sample(names, 2)
    return rng.choice((f"!{a} | !{b}", f"{a} => {b}", f"{a} | {b}"))


def below(root):
    yield root
    for group in root.groups:
        for member in group.members:
            yield from below(member)


def drop_features(tree, share, rng):
    """Remove features without features below them, and the rules that name them."""
    left = sum(1 for _ in below(tree.root))
    wanted, gone = int(share * left), set()
    while len(gone) < wanted:
        leaves = [
            (parent, group, member)
            for parent in below(tree.root)
            for group in parent.groups
            for member in group.members
            if not member.groups
        ]
        for parent, group, member in rng.sample(leaves, min(len(leaves), wanted - len(gone))):
            group.members.remove(member)
            gone.add(member.name)
            if not group.members:
                parent.groups.remove(group)
            elif group.kind == "cardinality":
                group.least = min(group.least, len(group.members))
                group.most = None if group.most is None else max(group.least, group.most)
    tree.rules = [each for each in tree.rules if gone.isdisjoint(names_of(each.node))]


def names_of(node):
    if isinstance(node, Name):
        return {".".join(node.parts), *node.parts}
    inner = ()
    if isinstance(node, Unary):
        inner = (node.item,)
    elif isinstance(node, Chain):
        inner = node.items
    elif isinstance(node, Call):
        inner = node.arguments
    return set().union(*map(names_of, inner)) if inner else set()


# -- proof -----------------------------------------------------------------------------------------


class Proof:
    """Checks what is told of a choice by SAT on the clauses of its family."""

    def __init__(self, family):
        self.family = family
        clauses = chain(family.clauses.hard, *(part.clauses for part in family.clauses.parts))
        self.solver = Solver(name="cadical153", bootstrap_with=clauses)

    def close(self):
        self.solver.delete()

    def holds(self, picks):
        """Whether some configuration has all these picks."""
        return self.solver.solve(assumptions=list(map(self.literal, picks)))

    def literal(self, pick):
        name, value = pick
        variable = self.family.index[name] + 1
        return variable if value else -variable

    def is_wrong(self, saved, found):
        """Whether anything told of a choice is not so."""
        kept, lost = list(found.kept), [(each.feature, each.value) for each in found.lost]
        if sorted([*kept, *lost]) != sorted(saved.picks) or not self.is_valid(found.choice, kept):
            return True
        return any(self.is_lost_wrongly(each, found.choice) for each in found.lost)

    def is_valid(self, choice, kept):
        """Whether the completion is a configuration of the family, with all picks."""
        on = complete(choice).selected
        every = [(feature.name, feature.name in on) for feature in self.family.features]
        return self.holds(every) and all((name in on) == value for name, value in kept)

    def is_lost_wrongly(self, lost, choice):
        """Whether a lost pick is possible, or a member of its conflict could be left out."""
        if lost.feature not in self.family.index:
            return lost.reason != "gone"
        if lost.conflict is None or self.holds([*choice.picks, (lost.feature, lost.value)]):
            return True
        kept = {name for name, _ in choice.picks}
        return not kept.issuperset(lost.conflict.picks) or not is_minimal(
            self.family, choice, lost.conflict
        )


def repairs(proof, reopened):
    """Return the mean seconds of a repair, and how many were not proven to be the nearest.

    A repair that keeps fewer picks than what was opened is no nearest one.
    """
    losing = [each for each in reopened if any(lost.reason == "rules" for lost in each.lost)]
    seconds, num_unproven = 0.0, 0
    for each in losing[:REPAIRED]:
        start = time.process_time()
        found = repair(each)
        seconds += time.process_time() - start
        num_lost = sum(lost.reason == "rules" for lost in each.lost)
        assert proof.is_valid(found.choice, found.choice.picks)
        assert len(found.dropped) <= num_lost
        num_unproven += not found.is_optimal
    return seconds / max(1, len(losing[:REPAIRED])), num_unproven


if __name__ == "__main__":
    main()
