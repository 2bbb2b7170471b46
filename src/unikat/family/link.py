"""Imported models put into the tree that imports them, as often as it does; names get the alias.

A rule of an imported model speaks of its own features only, so `Width` becomes `left.Width`, and
`sum(price)` becomes `sum(left.Root, price)`.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from types import MappingProxyType
from typing import Final

from unikat.family.expression import Call, Chain, Name, Node, Unary
from unikat.family.lexis import Faults, TooManyFaults
from unikat.family.spell import spell
from unikat.family.syntax import parse_tree
from unikat.family.tree import FeatureNode, GroupNode, ImportNode, RuleNode, Tree, import_file

NOTHING: Final[Mapping[str, str]] = MappingProxyType({})
MAX_LINKED: Final = 100_000
"""Most features and rules after copying; imports of imports of imports grow fast."""
MAX_CHAIN: Final = 40
"""Longest chain of imports."""


def read_linked(text: str, faults: Faults, imported: Mapping[str, str] = NOTHING) -> Tree:
    """Read a family.uvl and put in what it imports; `imported` maps names to UVL texts.

    Faults of an imported text name its file, and come once however often it is imported.
    """
    tree = parse_tree(text, faults)
    if tree.imports:
        linker = _Linker(imported, faults)
        linker.join(linker.open(tree))
    return tree


@dataclass(slots=True)
class _Model:
    """One text with what it imports, by alias; `size` counts features and rules after joining."""

    tree: Tree
    parts: dict[str, "_Model | None"] = field(default_factory=dict)
    size: int = 0
    is_joined: bool = False


@dataclass(slots=True)
class _Linker:
    """Reads every imported text once; `chain` holds the names that are being read."""

    texts: Mapping[str, str]
    faults: Faults
    done: dict[str, _Model] = field(default_factory=dict)
    chain: list[str] = field(default_factory=list)
    num_letters: int = 0

    def open(self, tree: Tree) -> _Model:
        """Read all that a tree imports, and refuse too much of it before anything is copied."""
        model = _Model(tree)
        model.parts = {each.alias: self._imported(each, tree) for each in tree.imports}
        model.size = len(tree.rules)
        for node in _features(tree.root):
            part = model.parts.get(_alias(node.name, model.parts))
            model.size += part.size if part else 1
            if model.size > MAX_LINKED and part:
                message = f"with its imports the family has more than {MAX_LINKED} features"
                self.faults.at(node.at, message, "Import fewer copies")
                raise TooManyFaults
        return model

    def join(self, model: _Model) -> None:
        """Replace every reference to an imported root by a copy of the imported tree."""
        tree = model.tree
        own_rules, tree.rules = tree.rules, []
        placed: dict[str, FeatureNode] = {}
        for node in _features(tree.root):
            alias = _alias(node.name, model.parts)
            part = model.parts.get(alias)
            if part is None or part.tree.root is None:
                continue
            if not part.is_joined:
                self.join(part)
            if self._is_right(node, alias, part.tree.root, placed):
                _place(node, alias, part.tree.root)
                tree.rules += _qualified_rules(part.tree, alias)
            placed.setdefault(alias, node)
        tree.rules += own_rules
        self._check_placed(model, placed)
        tree.imports = []
        model.is_joined = True

    def _imported(self, wanted: ImportNode, importing: Tree) -> _Model | None:
        """Return what is imported; None, with a fault, when there is none."""
        model = None
        if wanted.name in self.chain or len(self.chain) >= MAX_CHAIN:
            files = " -> ".join(import_file(each) for each in (*self.chain, wanted.name)[-5:])
            message = f"imports go in a circle: {files}"
            self.faults.at(wanted.at, message, "Remove one of these imports")
        elif wanted.name not in self.texts:
            message = f"there is no {wanted.file!r} to import"
            self.faults.at(wanted.at, message, "Put it into the folder of the family")
        else:
            model = self._read(wanted.name)
        importing.is_whole &= model is not None and model.tree.is_whole
        return model

    def _read(self, name: str) -> _Model:
        if name not in self.done:
            faults = Faults(import_file(name), self.faults.found)
            self.num_letters += len(self.texts[name])
            faults.check_length(self.num_letters)
            tree = parse_tree(self.texts[name], faults, faults.file)
            self.chain.append(name)
            self.done[name] = self.open(tree)
            self.chain.pop()
            tree.is_whole &= tree.root is not None
        return self.done[name]

    def _is_right(
        self, node: FeatureNode, alias: str, root: FeatureNode, placed: Mapping[str, FeatureNode]
    ) -> bool:
        right = f"{alias}.{root.name}"
        if node.name != right:
            message = f"{node.name!r} is not the root of what is imported as {alias!r}"
            self.faults.at(node.at, message, f"Write {right}")
        elif alias in placed:
            message = f"{right!r} has its place in line {placed[alias].at.line} already"
            self.faults.at(node.at, message, "Import the model a second time under another name")
        elif node.kind not in ("Boolean", root.kind):
            message = f"{right!r} is a {root.kind} feature, not {node.kind}"
            self.faults.at(node.at, message, "Remove the type: the imported model says it")
        else:
            return True
        return False

    def _check_placed(self, model: _Model, placed: Mapping[str, FeatureNode]) -> None:
        for each in model.tree.imports:
            part = model.parts[each.alias]
            root = part.tree.root if part else None
            if model.tree.is_whole and root and each.alias not in placed:
                message = f"what is imported as {each.alias!r} has no place among the features"
                remedy = f"Write {each.alias}.{root.name} where it belongs"
                self.faults.at(each.at, message, remedy)


def _alias(name: str, parts: Iterable[str]) -> str:
    """Return the longest alias a name begins with, or an empty text."""
    return max((each for each in parts if name.startswith(f"{each}.")), key=len, default="")


def _features(root: FeatureNode | None) -> Iterator[FeatureNode]:
    """Yield a feature and all below it, in declared sequence."""
    waiting = [root] if root else []
    while waiting:
        node = waiting.pop()
        below = [each for group in node.groups for each in group.members]
        yield node
        waiting += reversed(below)


def _place(node: FeatureNode, alias: str, root: FeatureNode) -> None:
    """Make a reference the copy of a tree; attributes written at the reference win."""
    node.kind = root.kind
    node.attributes = root.attributes | node.attributes
    own_groups, node.groups = node.groups, []
    waiting = [(root, node)]
    while waiting:
        original, copy = waiting.pop()
        for group in original.groups:
            members = [
                FeatureNode(f"{alias}.{each.name}", each.kind, each.attributes, each.at)
                for each in group.members
            ]
            copy.groups.append(GroupNode(group.kind, group.least, group.most, group.at, members))
            waiting += zip(group.members, members, strict=True)
    node.groups += own_groups


def _qualified_rules(part: Tree, alias: str) -> list[RuleNode]:
    prefix = tuple(alias.split(".")) if '"' not in alias else (alias,)
    names = {node.name for node in _features(part.root)}
    qualify = _Qualifier(prefix, part.root.name if part.root else "", names)
    return [
        RuleNode(
            f"{alias}.{rule.id}", rule.text, spell(node := qualify.of(rule.node)), node, rule.at
        )
        for rule in part.rules
    ]


@dataclass(frozen=True, slots=True)
class _Qualifier:
    """Puts the alias before the names of an imported model's rules."""

    prefix: tuple[str, ...]
    root: str
    names: set[str]

    def of(self, node: Node) -> Node:
        """Return a rule or number with qualified names."""
        if isinstance(node, Name):
            return self._name(node)
        if isinstance(node, Unary):
            return replace(node, item=self.of(node.item))
        if isinstance(node, Chain):
            return replace(node, items=tuple(map(self.of, node.items)))
        if isinstance(node, Call) and node.function in ("sum", "avg"):
            return self._aggregate(node)
        if isinstance(node, Call):
            return replace(node, arguments=tuple(map(self.of, node.arguments)))
        return node

    def _name(self, node: Name) -> Name:
        is_constant = node.parts in (("true",), ("false",)) and node.parts[0] not in self.names
        return node if is_constant else replace(node, parts=(*self.prefix, *node.parts))

    def _aggregate(self, node: Call) -> Call:
        """Let sum(attribute) count what the imported model owns, not the whole family."""
        arguments = tuple(
            self.of(each) if self._is_feature(each) else each for each in node.arguments
        )
        if len(arguments) == 1 and arguments == node.arguments:
            arguments = (self._name(Name((self.root,), node.at)), *arguments)
        return replace(node, arguments=arguments)

    def _is_feature(self, node: Node) -> bool:
        return isinstance(node, Name) and ".".join(node.parts) in self.names
