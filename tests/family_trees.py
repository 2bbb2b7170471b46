"""Random UVL trees with every construct of the language, as reading them would give."""

import string
from fractions import Fraction
from random import Random

from unikat.family.expression import Call, Chain, Name, Number, Text, Unary
from unikat.family.lexis import Token
from unikat.family.preamble import LEVELS
from unikat.family.tree import FeatureNode, GroupNode, ImportNode, RuleNode, Tree

AT = Token("end", "", 0, 0)
GROUPS = {"mandatory": (1, None), "optional": (0, None), "or": (1, None), "alternative": (1, 1)}
RESERVED = {*GROUPS, "constraint", "constraints"}
SIGNS = (
    (("<=>",), 3),
    (("=>",), 1),
    (("|",), 4),
    (("&",), 4),
    (("==", "!=", "<", "<=", ">", ">="), 1),
    (("+", "-"), 3),
    (("*", "/"), 3),
)
"""The signs of each level, and how many may follow each other."""
LETTERS = string.ascii_letters + "äß_"
SIGNS_OF_TEXTS = string.ascii_letters + string.digits + " ./*{}[](),:<=>!&|-+\\\täß€\u2028"
LEVEL_NAMES = [*LEVELS, *(f"{level}.{each}" for level in LEVELS for each in (*LEVELS[level], "*"))]


class Trees:
    """Draws parts of a tree from one seed."""

    def __init__(self, seed):
        self.rng = Random(seed)

    def tree(self):
        rng = self.rng
        rules = [self.rule(f"R.{i}") for i in range(rng.randrange(4))]
        aliases = list(dict.fromkeys(self.name() for _ in range(rng.randrange(3))))
        return Tree(
            root=self.feature(0),
            rules=rules,
            namespace=rng.choice(("", ".".join(self.names()))),
            levels=rng.sample(LEVEL_NAMES, rng.randrange(3)),
            imports=[ImportNode(self.file(), alias, AT) for alias in aliases],
        )

    def feature(self, depth):
        kind = self.rng.choice(("Boolean", "Boolean", "Integer", "Real", "String"))
        name = ".".join(self.names())
        num_groups = self.rng.randrange(3) if depth < 3 else 0
        groups = [self.group(depth) for _ in range(num_groups)]
        return FeatureNode(name, kind, self.attributes(), AT, groups)

    def group(self, depth):
        kind = self.rng.choice((*GROUPS, "cardinality"))
        least = self.rng.randrange(3)
        bounds = GROUPS.get(kind, (least, self.rng.choice((None, least, least + 2))))
        members = [self.feature(depth + 1) for _ in range(self.rng.randint(1, 3))]
        return GroupNode(kind, *bounds, AT, members)

    def attributes(self):
        names = {self.name() for _ in range(self.rng.choice((0, 0, 1, 3)))}
        return {
            name: (self.value(0), Token("quoted" if name[0] == '"' else "name", name, 0, 0))
            for name in sorted(names)
        }

    def value(self, depth):
        drawn = self.rng.randrange(7 if depth < 3 else 5)
        if drawn == 0:
            return self.rng.random() < 0.5
        if drawn <= 2:
            return self.number() * self.rng.choice((1, -1))
        if drawn <= 4:
            return self.text() + self.rng.choice(("", "'", '"'))
        inner = [self.value(depth + 1) for _ in range(self.rng.randrange(3))]
        return tuple(inner) if drawn == 5 else {self.name(): each for each in inner}

    def rule(self, own):
        reason = self.rng.choice(("", self.text().replace("\u2028", "").strip()))
        return RuleNode(own, reason, "", self.node(0), AT)

    def node(self, depth):
        drawn = self.rng.randrange(4) if depth < 4 else 3
        if drawn == 0:
            return Unary(self.rng.choice("!-"), self.node(depth + 1), AT)
        if drawn == 1:
            signs, most = self.rng.choice(SIGNS)
            used = [self.rng.choice(signs) for _ in range(self.rng.randint(1, most))]
            items = [self.node(depth + 1) for _ in range(len(used) + 1)]
            return Chain(tuple(used), tuple(items), AT)
        if drawn == 2:
            function = self.rng.choice(("sum", "avg", "len", "floor", "ceil"))
            arguments = [self.node(depth + 1) for _ in range(self.rng.randint(1, 2))]
            return Call(function, tuple(arguments), AT)
        leaf = self.rng.randrange(4)
        if leaf == 0:
            return Number(self.number(), AT)
        return Text(self.text(), AT) if leaf == 1 else Name(self.names(), AT)

    def number(self):
        return Fraction(self.rng.randrange(10**6), self.rng.choice((1, 4, 10, 1000)))

    def text(self):
        return "".join(self.rng.choices(SIGNS_OF_TEXTS, k=self.rng.randrange(8)))

    def names(self):
        return tuple(self.name() for _ in range(self.rng.choice((1, 1, 1, 2, 3))))

    def name(self):
        if self.rng.random() < 0.25:
            return f'"{self.text()}"'
        more = self.rng.choices(LETTERS + string.digits + "#§%?;", k=self.rng.randrange(5))
        name = self.rng.choice(LETTERS) + "".join(more)
        return f"{name}_" if name in RESERVED else name

    def file(self):
        signs = string.ascii_letters + string.digits + "_-"
        parts = ("".join(self.rng.choices(signs, k=3)) for _ in range(self.rng.randint(1, 2)))
        return ".".join(parts)
