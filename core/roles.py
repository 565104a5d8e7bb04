"""The roles that people have, and over what: everything, one department's policies, one region's, or one policy."""

from dataclasses import dataclass
from enum import StrEnum


class Role(StrEnum):
    """What somebody may do; who has several may do what any of them allows, and is still one person."""

    STEWARD = "steward"  # loads shared data and looks after it
    OFFICER = "officer"  # writes rules, plans, submits, draws samples, opens rounds
    APPROVER = "approver"  # signs what another submitted, opened or suspended
    PAYMASTER = "paymaster"  # approves, exports and reconciles batches
    SUPERVISOR = "supervisor"  # watches what is overdue and held, and may stop a policy
    AUDITOR = "auditor"  # verifies and exports the audit chain
    OPERATOR = "operator"  # runs nights, and gives and takes roles


class ScopeKind(StrEnum):
    """What a scope is measured by."""

    EVERYTHING = "everything"
    DEPARTMENT = "department"
    REGION = "region"
    POLICY = "policy"


@dataclass(frozen=True, slots=True, order=True)
class Scope:
    """Over what somebody has a role; written `everything`, `policy:CODE`, `department:NAME` or `region:CODE`."""

    kind: ScopeKind = ScopeKind.EVERYTHING
    name: str = ""

    def __str__(self) -> str:
        """Write it as it is read."""
        return f"{self.kind}:{self.name}" if self.name else str(self.kind)

    @classmethod
    def parse(cls, text: str) -> "Scope | None":
        """Return the scope that is written, or None where it is none."""
        word, _, name = text.partition(":")
        if word not in set(ScopeKind) or (word == ScopeKind.EVERYTHING) != (not name.strip()):
            return None
        return cls(ScopeKind(word), name.strip())


EVERYTHING = Scope()


class Machine(str):
    """The name under which the product acts by itself; one that a person types is never of this type."""

    __slots__ = ()


NIGHT = Machine("night")
