"""Errors by who can mend them; each carries findings with place and remedy.

MianshenError
├── ProfileError      the data steward    P…
├── RuleError         the policy officer  R…
├── RunError          the operator        E…
│   └── RefusedError  already done, inputs changed, not allowed
└── DeliveryError     the paymaster       D…
"""

from collections.abc import Iterable
from typing import ClassVar, Self

from core.findings import Code, Finding, Place, sort_findings

EXIT_DONE = 0
EXIT_FINDINGS = 1
EXIT_USAGE = 2
EXIT_REFUSED = 3
EXIT_UNKNOWN = 4
EXIT_CHANGES = 5


class MianshenError(Exception):
    """Something that a person outside the code can mend; `findings` say what and where."""

    exit_code: ClassVar[int] = EXIT_FINDINGS

    def __init__(self, findings: Iterable[Finding]) -> None:
        """Keep the findings in reading order."""
        self.findings = sort_findings(findings)
        super().__init__("\n".join(str(finding) for finding in self.findings))

    @classmethod
    def one(cls, code: Code, place: str | Place, message: str, help: str | None = None) -> Self:  # noqa: A002  # the field is called so in every message
        """Return the error for a single fault."""
        where = place if isinstance(place, Place) else Place(place)
        return cls([Finding(code, where, message, help)])


class ProfileError(MianshenError):
    """The data steward mends it: a catalogue, a delivered file, a resource."""


class RuleError(MianshenError):
    """The policy officer mends it: a rule version or its examples."""


class RunError(MianshenError):
    """The operator mends it: settings, workspace, a night."""


class RefusedError(RunError):
    """Nothing is wrong, but it may not be done: already done, inputs changed, not allowed."""

    exit_code: ClassVar[int] = EXIT_REFUSED


class DeliveryError(MianshenError):
    """The paymaster mends it: a batch, an account, a channel."""
