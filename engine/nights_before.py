"""The night that a policy goes on from: the last published one, or, once somebody resumed it, the last one before.

While something of a policy was suspended, nights passed it by as if they had not run: what was learned, and which pay days
came, is looked at again by the first night that may.
"""

import datetime as dt
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from store.activation_steps import ActivationRecord
from store.opening import Reading
from store.runs import published_nights


@dataclass(frozen=True, slots=True)
class NightBefore:
    """The date of a published night, and what it knew; None, None before the first."""

    business_date: dt.date | None = None
    known_at: dt.datetime | None = None


def nights_before(
    rx: Reading, job: str, records: Iterable[ActivationRecord], *, known_at: dt.datetime, through: dt.date
) -> Mapping[str, NightBefore]:
    """Return, for each policy that was resumed since the last published night, the night that it goes on from.

    Source: the newest published night, not after `through`, in which nothing was held back that is decided now.
    """
    by_policy: dict[str, list[ActivationRecord]] = {}
    for record in records:
        if any(step.suspended_from for step in record.steps):
            by_policy.setdefault(record.activation.policy, []).append(record.as_of(known_at))
    if not by_policy:
        return {}
    nights = [NightBefore(*night) for night in published_nights(rx, job, through=through)]
    found = {}
    for policy, own in by_policy.items():
        before = next((night for night in nights if not _held_back_more(own, night.known_at)), NightBefore())
        if nights and before != nights[0]:
            found[policy] = before
    return found


def _held_back_more(records: Iterable[ActivationRecord], at: dt.datetime | None) -> bool:
    """Say whether anything was suspended at an instant that the records, as they are known now, let decide."""
    assert at is not None
    for record in records:
        then, now = _suspended_from(record.as_of(at)), _suspended_from(record)
        if then is not None and (now is None or now > then):
            return True
    return False


def _suspended_from(record: ActivationRecord) -> dt.date | None:
    return record.suspension.suspended_from if record.suspension and record.decides else None
