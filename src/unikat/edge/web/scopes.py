"""Who may call what: scopes, and what a caller has."""

from dataclasses import dataclass
from enum import StrEnum


class Scope(StrEnum):
    """What a key allows; an admin key allows everything, `public` needs no key."""

    PUBLIC = "public"
    PLANNER = "planner"
    FLOOR = "floor"
    ADMIN = "admin"


@dataclass(frozen=True, slots=True)
class Caller:
    """Who calls: the name of the key, and its scopes."""

    name: str
    scopes: frozenset[str] = frozenset()

    def may(self, *scopes: Scope) -> bool:
        """Say whether the caller has one of the scopes."""
        return (
            Scope.PUBLIC in scopes
            or Scope.ADMIN in self.scopes
            or any(scope.value in self.scopes for scope in scopes)
        )


NOBODY = Caller("nobody")
