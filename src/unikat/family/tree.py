"""A UVL text as written: features, groups, rules; equal trees mean the same, wherever they stand.

Places (`at`) and the spelling of rules (`source`) do not count for equality.
"""

from dataclasses import dataclass, field

from unikat.family.attributes import Attributes
from unikat.family.expression import Node
from unikat.family.lexis import Token


@dataclass(slots=True)
class FeatureNode:
    """A feature as written."""

    name: str
    kind: str
    attributes: Attributes
    at: Token = field(compare=False)
    groups: list["GroupNode"] = field(default_factory=list)


@dataclass(slots=True)
class GroupNode:
    """A group as written; `most` is None for `*`."""

    kind: str
    least: int
    most: int | None
    at: Token = field(compare=False)
    members: list[FeatureNode] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class RuleNode:
    """A rule as written; `id` is "line 42" when no comment names it."""

    id: str
    text: str
    source: str = field(compare=False)
    node: Node
    at: Token = field(compare=False)


@dataclass(frozen=True, slots=True)
class ImportNode:
    """A model imported by `name` (`sub.part` is the file sub/part.uvl), known here as `alias`."""

    name: str
    alias: str
    at: Token = field(compare=False)

    @property
    def file(self) -> str:
        """The imported file, as seen from the folder of the family."""
        return import_file(self.name)

    @property
    def written(self) -> str:
        """The name as UVL writes it: what is no plain name stands in quotes."""
        parts = self.name.split(".")
        return ".".join(each if each.isidentifier() else f'"{each}"' for each in parts)


def import_file(name: str) -> str:
    """Return the file of an imported model: `sub.part` stands in sub/part.uvl."""
    return name.replace(".", "/") + ".uvl"


@dataclass(slots=True)
class Tree:
    """A UVL text as written; `is_whole` is False when a feature line could not be read."""

    root: FeatureNode | None = None
    rules: list[RuleNode] = field(default_factory=list)
    is_whole: bool = True
    namespace: str = ""
    levels: list[str] = field(default_factory=list)
    imports: list[ImportNode] = field(default_factory=list)
