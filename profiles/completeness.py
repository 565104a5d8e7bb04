"""Whether a load may speak of absence: enough rows, no sudden drop, few unreadable keys, every region.

An incomplete load still answers for those whom it lists.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from core.loads import LoadInfo
from profiles.catalogue import Delivery, Resource
from profiles.row_findings import row_words

HUNDRED = 100  # per cent


@dataclass(frozen=True, slots=True)
class Completeness:
    """What a load lacks; `because` is None where it is complete."""

    because: str | None
    regions_missing: tuple[str, ...]


def assess_completeness(
    resource: Resource,
    *,
    row_count: int,
    unreadable_count: int,
    regions_seen: Iterable[str],
    before: LoadInfo | None,
) -> Completeness:
    """Say whether a load is complete.

    `before` is the last complete load for an earlier or the same day, or None where a drop does not matter.
    """
    return Completeness(
        _because(resource, row_count, unreadable_count, before), _missing(resource.regions.expects, regions_seen)
    )


def _because(resource: Resource, row_count: int, unreadable_count: int, before: LoadInfo | None) -> str | None:
    if unreadable_count * HUNDRED > row_count * resource.quarantine_most_percent:
        return f"{unreadable_count:,} of {row_count:,} rows have no readable number"
    if resource.delivery is Delivery.INCREMENT:
        return None
    if row_count < resource.rows_least:
        return f"{row_words(row_count)}, expected at least {resource.rows_least:,}"
    least = HUNDRED - resource.drop_most_percent
    if before is not None and row_count * HUNDRED < before.row_count * least:
        return f"{row_words(row_count)} after {before.row_count:,} on {before.data_date}"
    return None


def _missing(expected: Sequence[str], seen: Iterable[str]) -> tuple[str, ...]:
    found = sorted(set(seen))
    return tuple(code for code in expected if not any(region.startswith(code) for region in found))
