"""What a night has to say: the summary first, one line of counts and money per policy, then what needs a person.

Counts and amounts only; subjects appear nowhere but in the run's own frames.
"""

import dataclasses
import datetime as dt
import json
from dataclasses import dataclass
from enum import StrEnum

from core.findings import Finding
from profiles.codes import ProfileCode

FORMAT_VERSION = 1  # of the JSON form; readers may rely on its keys


class NightState(StrEnum):
    """How a night ended."""

    PUBLISHED = "published"
    DRY_RUN = "dry_run"
    STOPPED = "stopped"  # by a guard: a person has to look


@dataclass(frozen=True, slots=True)
class MissingFact:
    """An attribute that keeps outcomes unknown, and who owes it."""

    attribute: str
    label: str
    owner: str
    subject_count: int


@dataclass(frozen=True, slots=True)
class PolicyTally:
    """One policy's night.

    Units: amounts in fen. `due_fen` is what is certainly due for the current period; `opened_fen`,
    `cancelled_fen` and `case_fen` are what this night changed; `held_count` obligations wait for a fact, or for the end of
    a suspension.
    """

    policy: str
    title: str
    lane: str
    version: int | None
    is_suspended: bool = False  # on the business date: everyone is decided, and nothing follows
    met_count: int = 0
    not_met_count: int = 0
    unknown_count: int = 0
    near_miss_count: int = 0
    new_count: int = 0
    ended_count: int = 0
    changed_count: int = 0
    held_count: int = 0
    due_fen: int = 0
    opened_count: int = 0
    opened_fen: int = 0
    cancelled_count: int = 0
    cancelled_fen: int = 0
    case_count: int = 0
    case_fen: int = 0
    missing: tuple[MissingFact, ...] = ()


@dataclass(frozen=True, slots=True)
class BatchTally:
    """One payout batch that the night froze."""

    batch_id: str
    policy: str
    payer: str
    pay_day: dt.date
    item_count: int
    total_fen: int
    content_hash: str


@dataclass(frozen=True, slots=True)
class NightReport:
    """One pass for a business date; `shadows` say what policies in shadow would have come to."""

    business_date: dt.date
    known_at: dt.datetime
    state: NightState
    policies: tuple[PolicyTally, ...]
    batches: tuple[BatchTally, ...]
    notice_count: int
    findings: tuple[Finding, ...]
    manifest_hash: str
    shadows: tuple[PolicyTally, ...] = ()

    @property
    def unknown_count(self) -> int:
        """Return how many outcomes are unknown over all policies."""
        return sum(tally.unknown_count for tally in self.policies)

    @property
    def is_clean(self) -> bool:
        """Say whether nothing stopped the night or what follows from it; data that is late or missing does not."""
        return not any(each.is_error and not isinstance(each.code, ProfileCode) for each in self.findings)

    def as_json(self) -> str:
        """Return the report for programs: stable keys, days and instants in ISO form."""
        tree = {"format_version": FORMAT_VERSION, **dataclasses.asdict(self)}
        return json.dumps(tree, ensure_ascii=False, indent=2, default=_plain, sort_keys=True)


def _plain(value: object) -> str:
    assert isinstance(value, dt.date)
    return value.isoformat()
