"""Over which policies somebody looks: what lists, counts and sums are cut down to before anybody sees them."""

from collections.abc import Iterable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Remit:
    """What somebody's roles reach: some policies and whatever belongs to them, or the whole.

    Nulls: `policies` None is the whole; what belongs to no policy lies within the whole alone.
    """

    policies: frozenset[str] | None = frozenset()
    departments: frozenset[str] = frozenset()  # whose resources they see to, beside those that the policies read

    @property
    def is_whole(self) -> bool:
        """Say whether nothing lies outside."""
        return self.policies is None

    def covers(self, *policies: str | None) -> bool:
        """Say whether all of what something belongs to lies within."""
        return self.policies is None or (bool(policies) and self.policies.issuperset(policies))

    def within(self, policies: Iterable[str]) -> list[str]:
        """Return those of some policies that lie within, in their order."""
        return [each for each in policies if self.covers(each)]


WHOLE = Remit(None)
"""Of roles over everything, and of everybody while roles are open."""
