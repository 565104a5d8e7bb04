"""What a plan has to say: counts and money only, the summary first; the JSON form has stable keys."""

import dataclasses
import datetime as dt
import json
from dataclasses import dataclass
from typing import Any

from core.findings import Finding
from engine.planning.breakdown import Alike, BandTable
from engine.planning.change import Proof
from engine.planning.classify import ChangeKind, together
from engine.planning.disclosure import K_LEAST
from engine.planning.expectations import BudgetYear
from engine.planning.months import MonthEffect, difference_fen
from engine.planning.moves import CHANGED, KEPT, Move, MoveCount
from engine.planning.plan_file import ProposedActivation
from engine.planning.retroactive import LedgerEffect
from rules.readiness import Readiness

FORMAT_VERSION = 2  # of the JSON form; readers may rely on its keys


@dataclass(frozen=True, slots=True)
class PolicyEffect:
    """What a change does to one policy's subjects.

    `counts` are on `measured_on`, facts as on the plan's day. `change` is what was observed, `proved` what the solver can say
    of all possible subjects (`rules.diff`), None where it cannot; both by the policy's own rule. `ties` hold it together with
    other benefits, which `months` are net of. `beyond` says what goes beyond the guard of the new version; `readiness` how
    ready the newest proposed version is, None where none is.
    """

    policy: str
    title: str
    kind: str
    lane: str
    benefit: str
    period: str
    version_before: int | None
    version_after: int | None
    measured_on: dt.date
    change: ChangeKind
    proved: str | None
    counts: dict[Move, MoveCount]
    unknown_before: int
    unknown_after: int
    months: tuple[MonthEffect, ...]
    budgets: tuple[BudgetYear, ...]
    tables: tuple[BandTable, ...]
    alike: tuple[Alike, ...]
    ties: tuple[str, ...]
    beyond: tuple[Finding, ...]
    readiness: Readiness | None

    @property
    def met_before(self) -> int:
        """Return how many are met before."""
        return sum(self.counts[move].people for move in (*KEPT, Move.LOST, Move.IN_DOUBT))

    @property
    def met_after(self) -> int:
        """Return how many are met after."""
        return sum(self.counts[move].people for move in (*KEPT, Move.GAINED))

    @property
    def difference_fen(self) -> int:
        """Return what the months cost more, or less."""
        return difference_fen(self.months)

    @property
    def earlier_fen(self) -> int:
        """Return what is due more, or less, for everything before the months."""
        return difference_fen(self.months, earlier=True)

    @property
    def is_moved(self) -> bool:
        """Say whether anybody is moved, now or in the months."""
        now = any(self.counts[move].people for move in CHANGED)
        return now or any(month.is_changed for month in self.months)


@dataclass(frozen=True, slots=True)
class TiedEffect:
    """What a change does under a policy that it does not name: one that is bound with it, or reads its outcome as a fact."""

    policy: str
    title: str
    ties: tuple[str, ...]
    months: tuple[MonthEffect, ...]

    @property
    def difference_fen(self) -> int:
        """Return what the months cost more, or less."""
        return difference_fen(self.months)

    @property
    def earlier_fen(self) -> int:
        """Return what is due more, or less, for everything before the months."""
        return difference_fen(self.months, earlier=True)

    @property
    def is_moved(self) -> bool:
        """Say whether anybody is moved, or any money."""
        return any(month.is_changed for month in self.months)


@dataclass(frozen=True, slots=True)
class PolicyLedger:
    """What the next night writes more or less under one policy, which may be one that a bond ties to it."""

    policy: str
    title: str
    effect: LedgerEffect


@dataclass(frozen=True, slots=True)
class Plan:
    """The effect of a change on everyone, against the state that is published.

    Of the policies in `suspended`, by title, both sides are what they come to once they go on.
    """

    day: dt.date
    months: int
    known_at: dt.datetime
    made_by: str
    activations: tuple[ProposedActivation, ...]
    proofs: tuple[Proof, ...]
    policies: tuple[PolicyEffect, ...]
    tied: tuple[TiedEffect, ...]
    ledger: tuple[PolicyLedger, ...]
    depends_on: dict[str, str]
    suspended: tuple[str, ...] = ()

    @property
    def change(self) -> ChangeKind:
        """Return what kind of change it is, all policies together."""
        return together(policy.change for policy in self.policies)

    @property
    def is_change(self) -> bool:
        """Say whether anybody's entitlement, or anything on the ledger, would be another."""
        is_moved = any(each.is_moved for each in self.policies) or any(each.is_moved for each in self.tied)
        return is_moved or bool(self.ledger)

    @property
    def difference_fen(self) -> int:
        """Return what the months cost more, or less, under all policies together: what people really get."""
        return sum(difference_fen(months) for months in self._months)

    @property
    def earlier_fen(self) -> int:
        """Return what is due more, or less, for everything before the months."""
        return sum(difference_fen(months, earlier=True) for months in self._months)

    @property
    def _months(self) -> list[tuple[MonthEffect, ...]]:
        return [*(each.months for each in self.policies), *(each.months for each in self.tied)]

    def as_tree(self) -> dict[str, Any]:
        """Return it for programs: plain values, days and instants in ISO form."""
        tree = {
            "format_version": FORMAT_VERSION,
            "change": {"kind": self.change.value, "basis": "observed"},
            "is_change": self.is_change,
            "k_least": K_LEAST,
            "difference_fen": self.difference_fen,
            "earlier_fen": self.earlier_fen,
            **_plain(self),
        }
        for policy, each in zip(tree["policies"], self.policies, strict=True):
            policy |= {"met_before": each.met_before, "met_after": each.met_after}
            policy |= {"difference_fen": each.difference_fen, "earlier_fen": each.earlier_fen}
            if each.readiness is not None:
                policy["readiness"] |= {"verdict": each.readiness.verdict, "is_ready": each.readiness.is_ready}
        for policy, other in zip(tree["tied"], self.tied, strict=True):
            policy |= {"difference_fen": other.difference_fen, "earlier_fen": other.earlier_fen}
        return tree

    def as_json(self) -> str:
        """Return it as JSON; the same plan gives the same bytes."""
        return json.dumps(self.as_tree(), ensure_ascii=False, indent=2, sort_keys=True)


def _plain(value: Any) -> Any:  # noqa: ANN401  # any part of a plan
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return {field.name: _plain(getattr(value, field.name)) for field in dataclasses.fields(value)}
    if isinstance(value, ProposedActivation):
        return value.model_dump(mode="json")
    if isinstance(value, dict):
        return {str(key): _plain(each) for key, each in value.items()}
    if isinstance(value, tuple):
        return [_plain(each) for each in value]
    return value.isoformat() if isinstance(value, dt.date) else value
