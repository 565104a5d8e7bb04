"""A plan as somebody asks for it at the desk: of a draft, of an earlier version, or of an end; read again when it is made."""

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from engine.authoring.drafts import draft_file
from engine.deployment import Deployment
from engine.planning.change import Change, ProposedDays, read_change
from engine.planning.rollback import rolled_back
from store.audit_chain import JSON


class Way(StrEnum):
    """What is proposed."""

    DRAFT = "draft"
    ROLLBACK = "rollback"
    REPEAL = "repeal"


@dataclass(frozen=True, slots=True)
class AskedPlan:
    """Which policy is to be changed in which way, on which days, and over how many months its effect is counted.

    Nulls: `version` of a repeal; `digest`, of the draft's text, of anything else.
    """

    policy: str
    way: Way
    months: int
    version: int | None = None
    days: ProposedDays = field(default_factory=ProposedDays)
    digest: str | None = None

    def wanted(self) -> dict[str, JSON]:
        """Return it as it is kept."""
        first, through = self.days.valid_from, self.days.valid_through
        return {
            "policy": self.policy,
            "way": self.way.value,
            "months": self.months,
            "version": self.version,
            "first": None if first is None else first.isoformat(),
            "through": None if through is None else through.isoformat(),
            "clears": self.days.clears,
            "shadow_nights": self.days.shadow_nights,
            "digest": self.digest,
        }

    @classmethod
    def of_wanted(cls, wanted: Mapping[str, JSON]) -> "AskedPlan":
        """Return it as it was asked."""
        days = ProposedDays(
            _day(wanted["first"]),
            _day(wanted["through"]),
            bool(wanted["clears"]),
            _number(wanted["shadow_nights"]) or 0,
        )
        way, version = Way(str(wanted["way"])), _number(wanted["version"])
        digest = None if wanted["digest"] is None else str(wanted["digest"])
        return cls(str(wanted["policy"]), way, _number(wanted["months"]) or 1, version, days, digest)


def change_asked(deployment: Deployment, asked: AskedPlan) -> Change:
    """Return the change that is asked for, by the texts as they stand now.

    Fails: as `draft_file`, `read_change` and `rolled_back`.
    """
    match asked.way:
        case Way.DRAFT:
            assert asked.version is not None
            draft = draft_file(deployment, asked.policy, asked.version)
            return read_change(deployment.catalogue, [draft.path], days=asked.days)
        case Way.ROLLBACK:
            with deployment.store.reading() as rx:
                return rolled_back(rx, deployment.catalogue, asked.policy, to=asked.version, days=asked.days)
        case Way.REPEAL:
            return read_change(deployment.catalogue, [], retired=[asked.policy], days=asked.days)


def _day(word: JSON) -> dt.date | None:
    return None if word is None else dt.date.fromisoformat(str(word))


def _number(word: JSON) -> int | None:
    return word if isinstance(word, int) else None
